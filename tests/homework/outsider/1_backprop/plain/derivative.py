def derivative(w, u1, u2, u3):
    """Compute the total derivative of y with respect to w, in closed form.

    Args:
        w: The weight, a float.
        u1, u2, u3: The inputs, three floats.

    Returns:
        dy/dw: one number.
    """
    return 3 * u1 * w**2 + 2 * u2 * w + u3
