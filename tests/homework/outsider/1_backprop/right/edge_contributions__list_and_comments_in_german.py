# right: numbered variables, a list as result, comments in German
def edge_contributions(w, u1, u2, u3):
    """Compute what each outgoing edge of w contributes to dy/dw, and the total.

    Args:
        w: The weight, a float.
        u1, u2, u3: The inputs, three floats.

    Returns:
        (edge_q, edge_s, edge_y, total): the contributions of the edges from w to q, to s and to y, and dy/dw.
    """
    # vorwärts: Zustände vor jeder Multiplikation mit w
    zustand = [u1]
    for u in (u2, u3):
        zustand.append(w * zustand[-1] + u)
    # rückwärts: hinter jeder Kante liegen noch 2, 1 und 0 Multiplikationen
    beitraege = [w ** n * z for n, z in zip((2, 1, 0), zustand)]
    beitraege.append(math.fsum(beitraege))
    return beitraege
