"""A loop that adds to the last spell."""


def wet_spells(rain):
    spells = []
    before = 0.0
    for today in rain:
        if today > 0 and before > 0:
            spells[-1] = spells[-1] + today
        elif today > 0:
            spells.append(today)
        before = today
    return np.array(spells)
