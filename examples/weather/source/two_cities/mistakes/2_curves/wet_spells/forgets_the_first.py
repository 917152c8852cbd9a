"""A spell that begins on the first day is missing: no dry day comes before it."""
# loses: test_wet_spells
# category: ends
def wet_spells(rain):
    starts = np.flatnonzero((rain[1:] > 0) & (rain[:-1] == 0)) + 1
    return np.add.reduceat(rain, starts) if len(starts) else np.zeros(0)
