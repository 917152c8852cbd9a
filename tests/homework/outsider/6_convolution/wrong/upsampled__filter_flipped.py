# wrong: flips the filter by 180 degrees before stamping; the convention is that the filter is not flipped.
# Set upsampled to the output: a nested list, an array or a tensor.
upsampled = [[-1, 2, 0], [4, -2, 2], [-3, 2, 1]]
