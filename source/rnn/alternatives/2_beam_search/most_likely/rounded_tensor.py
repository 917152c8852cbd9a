"""The probability as a torch scalar in single precision."""
import torch

most_likely = "neural network learns"
most_likely_probability = torch.tensor([0.25, 0.9, 0.8]).prod()
