"""Each entry passes the next gate only, not all gates up to the last timestep.

Multiply by what you found for the timestep after.
"""
# loses: test_cell_path
# category: one step


def cell_path(forget_gates):
    path = torch.ones_like(forget_gates)
    path[:, :-1] = forget_gates[:, 1:]
    return path
