"""Every use of w is a leaf of its own; autograd gives one contribution each."""
import torch


def edge_contributions(w, u1, u2, u3):
    uses = torch.full((3,), float(w), dtype=torch.float64, requires_grad=True)
    y = uses[2] * (uses[1] * (uses[0] * u1 + u2) + u3)
    (grads,) = torch.autograd.grad(y, uses)
    return grads[0], grads[1], grads[2], grads.sum()
