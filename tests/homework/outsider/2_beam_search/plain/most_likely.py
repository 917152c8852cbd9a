# Set most_likely to the sequence (a string of three words) and most_likely_probability to its probability.
most_likely = "neural network learns"
most_likely_probability = 0.25 * 0.9 * 0.8
