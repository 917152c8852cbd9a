# wrong: differentiates y = w t as if t did not depend on w and so returns only the contribution of the last edge; use the product rule, or multiply out first.
def derivative(w, u1, u2, u3):
    """Compute the total derivative of y with respect to w, in closed form.

    Args:
        w: The weight, a float.
        u1, u2, u3: The inputs, three floats.

    Returns:
        dy/dw: one number.
    """
    # y = w * t, so dy/dw = t
    t, y = forward_pass(w, u1, u2, u3)
    return t
