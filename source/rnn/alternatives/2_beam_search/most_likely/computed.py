"""Computed by trying all 27 sequences."""
import itertools

probability = {s: FIRST[s[0]] * FOLLOWING[s[0], s[1]] * FOLLOWING[s[1], s[2]] for s in itertools.product(range(3), repeat=3)}
best = max(probability, key=probability.get)
most_likely = " ".join(WORDS[word] for word in best)
most_likely_probability = probability[best]
