most_likely = "neural network learns"
most_likely_probability = 0.9 * 0.8
