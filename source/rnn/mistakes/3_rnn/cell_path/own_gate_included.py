"""Entry t already holds its own gate f_t. From c_T back to c_t only f_{t+1} ... f_T are passed, so the last entry is 1.

Multiply by the gate of the NEXT timestep.
"""
# loses: test_cell_path
# category: off by one


def cell_path(forget_gates):
    return forget_gates.flip(1).cumprod(dim=1).flip(1)
