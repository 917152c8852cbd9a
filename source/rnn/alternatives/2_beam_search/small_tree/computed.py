"""Computed from the table with a few lines of NumPy."""
import numpy as np

paths = {(): 1.0}
lists = []
for _ in range(3):
    grown = {}
    for path, p in paths.items():
        for word in range(3):
            grown[(*path, word)] = p * (FOLLOWING[path[-1], word] if path else FIRST[word])
    paths = dict(sorted(grown.items(), key=lambda item: -item[1])[:2])
    lists.append([" ".join(WORDS[word] for word in path) for path in paths])
kept_1, kept_2, kept_3 = lists
