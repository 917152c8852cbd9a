# right: computes the answers in the cell instead of writing them down, upper loop over timesteps
# Set kept_1, kept_2 and kept_3 to lists of two strings each.
# For example, kept_2 = ["learns learns", "neural learns"] has the right form (and the wrong sequences).
def likelihood(words):
    p = FIRST[words[0]]
    for a, b in zip(words, words[1:]):
        p *= FOLLOWING[a, b]
    return p


_level, _all = [()], []
for _ in range(3):
    _level = sorted(((*s, i) for s in _level for i in range(len(WORDS))), key=likelihood)[-2:]
    _all.append([" ".join(WORDS[i] for i in s) for s in _level])
kept_1, kept_2, kept_3 = _all
