# right: computed in the cell with np.kron-like stamps, result an array
# Set upsampled to the output: a nested list, an array or a tensor.
picture, stamp_ = np.array([[-1, 2], [3, 1]]), np.array([[1, -1], [0, 1]])
upsampled = sum(picture[i, j] * np.pad(stamp_, ((i, 1 - i), (j, 1 - j))) for i in (0, 1) for j in (0, 1))
