def forward_pass(w,u1,u2,u3):
    t = u3 + w*(u2 + w*u1)
    y = w*t
    return y, t
