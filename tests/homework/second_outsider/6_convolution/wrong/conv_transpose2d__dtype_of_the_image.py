def conv_transpose2d(x, w, stride=1):
    H, W = x.shape
    I, J = w.shape
    y = np.zeros(((H - 1) * stride + I, (W - 1) * stride + J), dtype=x.dtype)
    for i in range(H):
        for j in range(W):
            for a in range(I):
                for b in range(J):
                    y[i * stride + a, j * stride + b] += x[i, j] * w[a, b]
    return y
