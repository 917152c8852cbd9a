"""By hand, as tuples of decimal numbers."""

upsampled = ((-1.0, 3.0, -2.0), (3.0, -3.0, 1.0), (0.0, 3.0, 1.0))
