"""You raise one gate to a power; the gates of different timesteps differ.

Multiply f_{t+1}, f_{t+2}, ... up to f_T.
"""
# loses: test_cell_path
# category: product


def cell_path(forget_gates):
    T = forget_gates.shape[1]
    steps = torch.arange(T - 1, -1, -1)[:, None]
    return forget_gates[:, -1:] ** steps
