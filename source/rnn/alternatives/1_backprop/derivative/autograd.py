"""Automatic differentiation in torch."""
import torch


def derivative(w, u1, u2, u3):
    w = torch.tensor(float(w), dtype=torch.float64, requires_grad=True)
    y = w * (w * (w * u1 + u2) + u3)
    y.backward()
    return w.grad
