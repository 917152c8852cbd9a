"""A copy from the state dict."""


def recurrent_matrix(layer):
    return layer.state_dict()["W_h.weight"].clone()
