# wrong: gives what beam search returns, not the most likely of all 27 sequences; "neural network learns" has 0.25 * 0.9 * 0.8 = 0.18.
# Set most_likely to the sequence (a string of three words) and most_likely_probability to its probability.
most_likely = "network learns neural"
most_likely_probability = 0.42 * 0.8 * 0.42
