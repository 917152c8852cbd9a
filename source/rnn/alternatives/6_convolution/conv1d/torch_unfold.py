"""Windows by Tensor.unfold, then one matrix product."""
import torch


def conv1d(x, w, stride=1):
    return torch.as_tensor(x).double().unfold(0, len(w), stride) @ torch.as_tensor(w).double()
