"""Where stamps overlap you kept the last one instead of the sum.

The entry in the middle, for example, is touched by all four stamps.
"""
# loses: test_upsampled
# category: missing overlap sum
upsampled = [[-1, 2, -2], [3, 1, -1], [0, 0, 1]]
