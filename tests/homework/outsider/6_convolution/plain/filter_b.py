# Set filter_b to the three entries of the filter: a list, an array or a tensor.
filter_b = [2, -1, 3]
