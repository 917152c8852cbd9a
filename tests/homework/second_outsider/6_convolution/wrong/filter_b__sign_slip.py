# w0 + 4 w1 = -2, 4 w0 - 2 w2 = 2, -2 w1 + 3 w2 = 11
filter_b = np.array([2, 1, 3])
