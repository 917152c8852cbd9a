# wrong: entries that were moved are never put back, so each later entry is differentiated at another point, and a float64 theta is changed for the caller as well; copy theta for each entry.
def numerical_gradient(f, theta, eps=1e-5):
    """Estimate the gradient of a function by central differences, in float64.

    Args:
        f: A function of an array with the shape of theta; returns one number.
        theta: Where to differentiate, an array of any shape (also (), integers or float32); not changed.
        eps: How far every entry is moved in each direction.

    Returns:
        The gradient, a float64 array with the shape of theta.
    """
    theta = np.asarray(theta, dtype=np.float64)
    grad = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        theta[i] += eps
        up = f(theta)
        theta[i] -= 2 * eps
        down = f(theta)
        grad[i] = (up - down) / (2 * eps)
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
    worst, worst_name = -1, None
    for name in gradients:
        err = np.max(np.abs(gradients[name](theta) - num))
        if err > worst:
            worst, worst_name = err, name
    return worst_name
