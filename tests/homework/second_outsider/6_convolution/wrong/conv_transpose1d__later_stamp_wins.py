def conv_transpose1d(x, w, stride=1):
    y = np.zeros((len(x) - 1) * stride + len(w))
    for i, value in enumerate(x):
        y[i * stride : i * stride + len(w)] = value * w
    return y
