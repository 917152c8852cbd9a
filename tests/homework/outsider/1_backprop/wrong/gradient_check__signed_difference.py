# wrong: compares with the largest signed difference, so a gradient that is too small goes unnoticed; take the absolute value before the maximum.
def numerical_gradient(f, theta, eps=1e-5):
    """Estimate the gradient of a function by central differences, in float64.

    Args:
        f: A function of an array with the shape of theta; returns one number.
        theta: Where to differentiate, an array of any shape (also (), integers or float32); not changed.
        eps: How far every entry is moved in each direction.

    Returns:
        The gradient, a float64 array with the shape of theta.
    """
    theta64 = np.array(theta, dtype=np.float64)
    grad = np.empty(theta64.shape)
    for i in np.ndindex(theta64.shape):
        e = np.zeros(theta64.shape)
        e[i] = eps
        grad[i] = (f(theta64 + e) - f(theta64 - e)) / (2 * eps)
    return grad


def wrong_gradient(f, gradients, theta):
    """Find the one wrong gradient among several.

    Args:
        f: A function of an array with the shape of theta; returns one number.
        gradients: dict from a name to a function of theta that claims to return the gradient of f.
        theta: Where to compare them, an array.

    Returns:
        The name of the wrong one, a string.
    """
    num = numerical_gradient(f, theta)
    return max(gradients, key=lambda name: np.max(gradients[name](theta) - num))
