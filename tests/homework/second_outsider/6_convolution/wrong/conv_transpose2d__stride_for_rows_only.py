def conv_transpose2d(x, w, stride=1):
    H, W = x.shape
    I, J = w.shape
    y = np.zeros(((H - 1) * stride + I, (W - 1) * stride + J))
    for i in range(H):
        for j in range(W):
            y[i*stride:i*stride+I, j:j+J] += x[i, j] * w
    return y
