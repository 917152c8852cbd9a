# right: the three equations handed to np.linalg.solve, result an array
# Set filter_b to the three entries of the filter: a list, an array or a tensor.
windows_ = np.array([[1, 4, 0], [4, 0, -2], [0, -2, 3]])
filter_b = np.linalg.solve(windows_, [-2, 2, 11])
