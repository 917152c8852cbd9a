def numerical_gradient(f, theta, eps=1e-5):
    """Estimate the gradient of a function by central differences, in float64.

    Args:
        f: A function of an array with the shape of theta; returns one number.
        theta: Where to differentiate, an array of any shape (also (), integers or float32); not changed.
        eps: How far every entry is moved in each direction.

    Returns:
        The gradient, a float64 array with the shape of theta.
    """
    theta = np.array(theta, dtype=np.float64)
    gradient = np.zeros_like(theta)
    for index in np.ndindex(theta.shape):
        plus, minus = theta.copy(), theta.copy()
        plus[index] += eps
        minus[index] -= eps
        gradient[index] = (f(plus) - f(minus)) / (2 * eps)
    return gradient


def wrong_gradient(f, gradients, theta):
    """Find the one wrong gradient among several.

    Args:
        f: A function of an array with the shape of theta; returns one number.
        gradients: dict from a name to a function of theta that claims to return the gradient of f.
        theta: Where to compare them, an array.

    Returns:
        The name of the wrong one, a string.
    """
    expected = numerical_gradient(f, theta)
    errors = {name: np.abs(np.asarray(gradient(theta)) - expected).max() for name, gradient in gradients.items()}
    return max(errors, key=errors.get)
