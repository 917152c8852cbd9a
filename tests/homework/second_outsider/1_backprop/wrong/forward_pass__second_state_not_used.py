def forward_pass(w, u1, u2, u3):
    p = u1
    q = w * p
    r = q + u2
    s = w * q
    t = s + u3
    y = w * t
    return t, y
