"""NumPy scalars taken out of an array."""
import numpy as np

(baseline_seconds, baseline_accuracy), (final_seconds, final_accuracy) = np.array([[341, 94], [26, 94]])
