# Set upsampled to the output: a nested list, an array or a tensor.
upsampled = [[-1, 3, -2], [3, -3, 1], [0, 3, 1]]
