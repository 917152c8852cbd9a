"""You divide products by one another, which is 0 / 0 as soon as a gate is shut.

Multiply from the last timestep backward instead.
"""
# loses: test_cell_path
# category: division by zero


def cell_path(forget_gates):
    up_to = forget_gates.cumprod(dim=1)
    return up_to[:, -1:] / up_to
