# right: forward-mode differentiation with a small class of dual numbers of one's own instead of calculus on paper
class Dual:
    """value + slope * epsilon, where epsilon squared is 0."""

    def __init__(self, value, slope=0.0):
        self.value, self.slope = value, slope

    def __mul__(self, other):
        return Dual(self.value * other.value, self.value * other.slope + self.slope * other.value)

    def __add__(self, number):
        return Dual(self.value + number, self.slope)


def derivative(w, u1, u2, u3):
    """Compute the total derivative of y with respect to w, in closed form.

    Args:
        w: The weight, a float.
        u1, u2, u3: The inputs, three floats.

    Returns:
        dy/dw: one number.
    """
    weight = Dual(w, 1.0)
    h = Dual(u1)
    h = weight * h + u2
    h = weight * h + u3
    return (weight * h).slope
