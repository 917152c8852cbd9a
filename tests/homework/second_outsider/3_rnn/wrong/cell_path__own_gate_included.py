def cell_path(forget_gates):
    path = torch.ones_like(forget_gates)
    running = torch.ones_like(forget_gates[:, 0])
    for t in reversed(range(forget_gates.size(1))):
        running = running * forget_gates[:, t]
        path[:, t] = running
    return path
