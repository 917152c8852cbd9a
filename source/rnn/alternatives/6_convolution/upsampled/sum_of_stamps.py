"""Four stamps in NumPy, added."""
import numpy as np

stamp = np.array([[1, -1], [0, 1]])
upsampled = np.zeros((3, 3), dtype=int)
upsampled[:2, :2] += -1 * stamp
upsampled[:2, 1:] += 2 * stamp
upsampled[1:, :2] += 3 * stamp
upsampled[1:, 1:] += 1 * stamp
