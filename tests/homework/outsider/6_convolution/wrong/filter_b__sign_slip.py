# wrong: a slip in the sign of the last equation (0 w0 - 2 w1 + 3 w2 = 11 was solved as 2 w1 + 3 w2 = 11); put the solution into all three equations to check it.
# Set filter_b to the three entries of the filter: a list, an array or a tensor.
filter_b = np.array([2.0, -1.0, 13.0 / 3.0])
