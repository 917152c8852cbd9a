def conv1d(x, w, stride=1):
    n = (len(x) - len(w)) // stride
    y = np.zeros(n)
    for i in range(n):
        y[i] = np.dot(x[i*stride:i*stride+len(w)], w)
    return y
