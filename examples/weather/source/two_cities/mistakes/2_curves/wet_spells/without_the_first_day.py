"""Each of your spells lacks the rain of its first day."""
# loses: test_wet_spells
# category: off by one
def wet_spells(rain):
    spells, before = [], 0.0
    for today in rain:
        if today > 0 and before == 0:
            spells.append(0.0)
        elif today > 0:
            spells[-1] += today
        before = today
    return np.array(spells)
