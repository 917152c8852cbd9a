# right: functools.reduce over the inputs instead of six lines, no docstring left
from functools import reduce


def forward_pass(w, u1, u2, u3):
    step = lambda state, u: w * state + u
    t = reduce(step, (u1, u2, u3), 0.0)
    return (t, t * w)
