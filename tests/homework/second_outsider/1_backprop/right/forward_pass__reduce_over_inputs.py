def forward_pass(w, *u):
    from functools import reduce
    t = reduce(lambda acc, nxt: w * acc + nxt, u)
    return [t, w * t]
