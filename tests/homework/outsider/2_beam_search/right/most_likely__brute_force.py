# right: brute force over itertools.product, the probability a NumPy number
# Set most_likely to the sequence (a string of three words) and most_likely_probability to its probability.
most_likely_probability, most_likely = max(
    (FIRST[a] * FOLLOWING[a, b] * FOLLOWING[b, c], f"{WORDS[a]} {WORDS[b]} {WORDS[c]}")
    for a, b, c in itertools.product(range(3), repeat=3)
)
