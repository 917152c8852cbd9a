# wrong: the derivative of u2 w^2 is 2 u2 w, here the factor 2 is missing; differentiate term by term.
def derivative(w, u1, u2, u3):
    """Compute the total derivative of y with respect to w, in closed form.

    Args:
        w: The weight, a float.
        u1, u2, u3: The inputs, three floats.

    Returns:
        dy/dw: one number.
    """
    # y = u1 w^3 + u2 w^2 + u3 w
    return 3*u1*w**2 + u2*w + u3
