"""You change forget_gates, which was given to you, so a second call with it gives another result.

Work on a copy.
"""
# loses: test_cell_path
# category: input changed in place


def cell_path(forget_gates):
    path = torch.ones_like(forget_gates)
    for t in range(forget_gates.shape[1] - 2, -1, -1):
        forget_gates[:, t + 1] *= path[:, t + 1]
        path[:, t] = forget_gates[:, t + 1]
    return path
