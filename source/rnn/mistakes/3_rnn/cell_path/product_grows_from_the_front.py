"""Your product grows from the front: at timestep t it holds f_1 to f_{t+1}, the gates that were passed already.

A gradient comes from the end: at timestep t, multiply the gates that are still to come, f_{t+1} to f_T.
"""
# loses: test_cell_path
# category: direction of time


def cell_path(forget_gates):
    path = torch.ones_like(forget_gates)
    passed = forget_gates[:, 0]
    for t in range(1, forget_gates.shape[1]):
        passed = passed * forget_gates[:, t]
        path[:, t - 1] = passed
    return path
