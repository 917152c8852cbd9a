def node_derivatives(w, u1, u2, u3):
    grads = [w]              # t
    grads.append(grads[-1])  # s
    grads.append(grads[-1] * w)  # r
    grads.append(grads[-1])
    grads.append(grads[-1] * w)
    return tuple(grads)
