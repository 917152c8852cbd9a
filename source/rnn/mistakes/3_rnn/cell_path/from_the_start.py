"""You multiply from the first timestep on; the gradient comes from the last one.

Entry t is the product of the gates AFTER t.
"""
# loses: test_cell_path
# category: direction of time


def cell_path(forget_gates):
    return forget_gates.cumprod(dim=1)
