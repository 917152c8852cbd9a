"""Four loops over nested lists in plain Python."""


def conv_transpose2d(x, w, stride=1):
    x, w = x.tolist(), w.tolist()
    rows = (len(x) - 1) * stride + len(w)
    columns = (len(x[0]) - 1) * stride + len(w[0])
    y = [[0.0] * columns for _ in range(rows)]
    for i, line in enumerate(x):
        for j, pixel in enumerate(line):
            for a, stamp in enumerate(w):
                for b, entry in enumerate(stamp):
                    y[i * stride + a][j * stride + b] += pixel * entry
    return y
