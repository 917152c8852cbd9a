"""np.correlate, which does not flip; the filter a trainable tensor that is detached at the end."""
import numpy as np
import torch


def conv1d(x, w, stride=1):
    return torch.tensor(np.correlate(x, w)[::stride].copy(), requires_grad=True)
