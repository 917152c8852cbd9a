def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype=np.float64)
    return (f(theta + eps) - f(theta - eps)) / (2 * eps) * np.ones(theta.shape)


def wrong_gradient(f, gradients, theta):
    num = numerical_gradient(f, theta)
    errors = {name: np.abs(np.asarray(g(theta)) - num).max() for name, g in gradients.items()}
    return max(errors, key=errors.get)
