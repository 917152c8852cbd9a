scores = {" ".join(WORDS[i] for i in s): float(FIRST[s[0]] * FOLLOWING[s[0], s[1]] * FOLLOWING[s[1], s[2]]) for s in np.ndindex(3, 3, 3)}
most_likely, most_likely_probability = max(scores.items(), key=lambda kv: kv[1])
