def numerical_gradient(f, theta, eps=1e-5):
    theta = np.asarray(theta).astype("float64")

    def entries():
        for i in range(theta.size):
            e = np.zeros(theta.size); e[i] = eps
            e = e.reshape(theta.shape)
            yield (f(theta + e) - f(theta - e)) / (2 * eps)

    return np.fromiter(entries(), dtype="float64", count=theta.size).reshape(theta.shape)


def wrong_gradient(f, gradients, theta):
    right = numerical_gradient(f, theta)
    worst, name = -1.0, None
    for key in gradients:
        gap = np.linalg.norm(np.ravel(np.asarray(gradients[key](theta), dtype=float) - right), ord=np.inf)
        if gap > worst:
            worst, name = gap, key
    return name
