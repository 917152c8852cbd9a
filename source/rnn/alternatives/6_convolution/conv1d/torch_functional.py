"""torch.nn.functional.conv1d in single precision."""
import torch
import torch.nn.functional as F


def conv1d(x, w, stride=1):
    x, w = torch.as_tensor(x).float(), torch.as_tensor(w).float()
    return F.conv1d(x[None, None], w[None, None], stride=stride)[0, 0]
