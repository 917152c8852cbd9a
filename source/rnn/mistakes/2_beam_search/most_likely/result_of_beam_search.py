"""This is what beam search returns, but not the most likely of all 27 sequences.

Look at the beginnings that beam search dropped: one of them leads to a sequence that is more likely.
"""
# loses: test_most_likely
# category: search result taken for the optimum
most_likely = "network learns neural"
most_likely_probability = 0.42 * 0.8 * 0.42
