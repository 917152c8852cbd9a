def cell_path(forget_gates):
    B, T, H = forget_gates.shape
    padded = torch.cat([forget_gates[:, 1:], forget_gates.new_ones(B, 1, H)], dim=1)
    return padded.flip(1).cumprod(1).flip(1)
