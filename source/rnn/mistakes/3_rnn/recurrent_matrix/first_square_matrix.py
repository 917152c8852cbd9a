"""You return the first square matrix you find, which is the wrong one when D and H are equal.

Name the matrix that multiplies the hidden state.
"""
# loses: test_recurrent_matrix
# category: wrong matrix


def recurrent_matrix(layer):
    for parameter in layer.parameters():
        if parameter.dim() == 2 and parameter.shape[0] == parameter.shape[1]:
            return parameter.detach()
