def conv1d(x, w, stride=1):
    full = np.convolve(x, w, mode="valid")
    return full[::stride]
