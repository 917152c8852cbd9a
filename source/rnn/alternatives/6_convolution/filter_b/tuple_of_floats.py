"""By hand, as a tuple of floats."""
x = 2.0
y = (-2 - x) / 4
z = (11 + 2 * y) / 3
filter_b = (x, y, z)
