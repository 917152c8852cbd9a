"""Two loops in plain Python, the result a list of floats."""


def conv1d(x, w, stride=1):
    y = []
    for start in range(0, len(x) - len(w) + 1, stride):
        total = 0.0
        for j in range(len(w)):
            total += w[j] * x[start + j]
        y.append(total)
    return y
