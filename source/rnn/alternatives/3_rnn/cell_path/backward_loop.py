"""A loop from the last timestep to the first."""


def cell_path(forget_gates):
    path = torch.ones_like(forget_gates)
    for t in reversed(range(forget_gates.size(1) - 1)):
        path[:, t] = path[:, t + 1] * forget_gates[:, t + 1]
    return path
