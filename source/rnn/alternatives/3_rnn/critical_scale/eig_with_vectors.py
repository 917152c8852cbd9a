"""torch.linalg.eig, whose vectors are not used; returns a tensor."""


def critical_scale(layer):
    W = torch.as_tensor(recurrent_matrix(layer)).detach()
    values, _ = torch.linalg.eig(W.double())
    return values.abs().max().reciprocal()
