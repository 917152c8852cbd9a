"""A list that grows at its front."""


def cell_path(forget_gates):
    found = [torch.ones(forget_gates.shape[0], forget_gates.shape[2], dtype=forget_gates.dtype)]
    for gate in reversed(forget_gates.unbind(1)[1:]):
        found.insert(0, found[0] * gate)
    return torch.stack(found, 1)
