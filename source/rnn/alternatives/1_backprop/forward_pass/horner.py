"""Horner's scheme, as a loop over the inputs."""


def forward_pass(w, u1, u2, u3):
    state = 0
    for u in (u1, u2, u3):
        state = w * state + u
    return [state, w * state]
