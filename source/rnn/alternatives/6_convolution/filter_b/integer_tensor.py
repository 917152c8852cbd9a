"""A torch tensor of integers."""
import torch

filter_b = torch.tensor([2, -1, 3])
