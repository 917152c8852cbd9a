"""torch.autograd.grad with respect to all nodes at once."""
import torch


def node_derivatives(w, u1, u2, u3):
    p = torch.tensor(float(u1), requires_grad=True)
    q = w * p
    r = q + u2
    s = w * r
    t = s + u3
    y = w * t
    return torch.autograd.grad(y, (p, q, r, s, t))
