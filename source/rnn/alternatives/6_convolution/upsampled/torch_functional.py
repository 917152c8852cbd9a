"""Let torch.nn.functional.conv_transpose2d do it."""
import torch
import torch.nn.functional as F

image = torch.tensor([[-1.0, 2.0], [3.0, 1.0]])
upsampled = F.conv_transpose2d(image[None, None], torch.tensor([[1.0, -1.0], [0.0, 1.0]])[None, None])[0, 0]
