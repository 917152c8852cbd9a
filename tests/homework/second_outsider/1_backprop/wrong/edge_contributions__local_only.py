def edge_contributions(w, u1, u2, u3):
    p = u1
    q = w*p
    r = q+u2
    s = w*r
    t = s+u3
    # dq/dw = p, ds/dw = r, dy/dw = t
    return p, r, t, p+r+t
