# right: rows of an identity matrix as directions, a one-liner over all entries, and sorted() with a helper for the wrong one
def numerical_gradient(f, theta, eps=1e-5):
    """Estimate the gradient of a function by central differences, in float64.

    Args:
        f: A function of an array with the shape of theta; returns one number.
        theta: Where to differentiate, an array of any shape (also (), integers or float32); not changed.
        eps: How far every entry is moved in each direction.

    Returns:
        The gradient, a float64 array with the shape of theta.
    """
    point = np.asarray(theta).astype(np.float64)
    directions = np.eye(max(point.size, 1)).reshape(-1, *point.shape)[: point.size]
    slopes = [(f(point + eps * d) - f(point - eps * d)) / (2.0 * eps) for d in directions]
    return np.array(slopes, dtype=np.float64).reshape(point.shape)


def wrong_gradient(f, gradients, theta):
    """Find the one wrong gradient among several.

    Args:
        f: A function of an array with the shape of theta; returns one number.
        gradients: dict from a name to a function of theta that claims to return the gradient of f.
        theta: Where to compare them, an array.

    Returns:
        The name of the wrong one, a string.
    """
    def disagreement(name):
        return float(np.linalg.norm(np.ravel(gradients[name](np.array(theta, dtype=float)) - estimate), ord=np.inf))

    estimate = numerical_gradient(f, theta)
    ranking = sorted(gradients, key=disagreement)
    return ranking[-1]
