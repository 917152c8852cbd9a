"""The probability from a sum of logarithms."""
import numpy as np

most_likely = "neural network learns"
most_likely_probability = np.exp(np.log([0.25, 0.9, 0.8]).sum())
