most_likely = "network learns neural"
most_likely_probability = 0.42 * 0.80 * 0.42
