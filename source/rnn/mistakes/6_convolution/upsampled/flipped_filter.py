"""You flipped (or transposed) the filter before stamping it.

The filter is stamped as it stands: the top left corner of your output should be the top left pixel times the filter's top row.
"""
# loses: test_upsampled
# category: flipped filter
upsampled = [[-1, 2, 0], [4, -2, 2], [-3, 2, 1]]
