"""A Python loop over complex numbers; a plain float."""


def critical_scale(layer):
    W = torch.as_tensor(recurrent_matrix(layer)).detach()
    largest = 0.0
    for value in torch.linalg.eigvals(W).tolist():
        largest = max(largest, abs(value))
    return 1 / largest
