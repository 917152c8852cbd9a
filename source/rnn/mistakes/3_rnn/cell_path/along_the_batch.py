"""You multiply along the batch; timesteps are axis 1.

Use dim=1.
"""
# loses: test_cell_path
# category: axis


def cell_path(forget_gates):
    later = torch.cat([forget_gates[1:], torch.ones_like(forget_gates[:1])], dim=0)
    return later.flip(0).cumprod(dim=0).flip(0)
