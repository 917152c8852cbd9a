def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype=np.float64)
    f0 = f(theta)
    grad = np.zeros_like(theta)
    for i in np.ndindex(theta.shape):
        moved = theta.copy()
        moved[i] += eps
        grad[i] = (f(moved) - f0) / eps
    return grad


def wrong_gradient(f, gradients, theta):
    num = numerical_gradient(f, theta)
    return max(gradients, key=lambda n: np.abs(gradients[n](theta) - num).max())
