def conv_transpose1d(x, w, stride=1):
    spread = np.zeros((len(x) - 1) * stride + 1)
    spread[::stride] = x
    return np.convolve(spread, w)
