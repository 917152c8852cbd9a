"""Reads the layer's own matrix if it is there; recurrent_matrix otherwise."""


def critical_scale(layer):
    W = layer.W_h.weight if hasattr(layer, 'W_h') else recurrent_matrix(layer)
    return float(1 / torch.linalg.eigvals(torch.as_tensor(W).detach()).abs().amax())
