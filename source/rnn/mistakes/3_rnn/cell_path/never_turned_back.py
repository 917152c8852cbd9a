"""Your products are in the reverse order of time: what belongs to the first timestep stands last.

After flip and cumprod comes a second flip.
"""
# loses: test_cell_path
# category: direction of time


def cell_path(forget_gates):
    later = torch.cat([forget_gates[:, 1:], torch.ones_like(forget_gates[:, :1])], dim=1)
    return later.flip(1).cumprod(dim=1)
