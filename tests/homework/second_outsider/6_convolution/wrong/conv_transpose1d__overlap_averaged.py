def conv_transpose1d(x, w, stride=1):
    n = (len(x) - 1) * stride + len(w)
    y, count = np.zeros(n), np.zeros(n)
    for i in range(len(x)):
        for j in range(len(w)):
            y[i*stride+j] += x[i]*w[j]
            count[i*stride+j] += 1
    return y / np.maximum(count, 1)
