"""The three equations, solved by NumPy."""
import numpy as np

filter_b = np.linalg.solve(np.array([[1, 4, 0], [4, 0, -2], [0, -2, 3]]), np.array([-2, 2, 11]))
