"""math.hypot of the norms, and copy_ under no_grad."""


import math


def clip_gradients(parameters, max_norm):
    parameters = [p for p in parameters if p.grad is not None]
    before = math.hypot(*[p.grad.norm().item() for p in parameters])
    with torch.no_grad():
        for p in parameters:
            p.grad.copy_(p.grad * min(1.0, max_norm / before))
    return before
