"""torch scalars in single precision that ask for a gradient."""
import torch


def forward_pass(w, u1, u2, u3):
    w = torch.tensor(w, requires_grad=True)
    u = torch.tensor([u1, u2, u3])
    t = (w ** torch.tensor([2.0, 1.0, 0.0]) * u).sum()
    return t, t * w
