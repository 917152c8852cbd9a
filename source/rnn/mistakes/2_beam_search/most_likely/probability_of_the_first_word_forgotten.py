"""The sequence is right, but its probability is a product of *three* numbers: you left out the first word's."""
# loses: test_most_likely
# category: missing factor
most_likely = "neural network learns"
most_likely_probability = 0.9 * 0.8
