"""A spell that lasts to the end of the year is missing: no dry day follows that would end it."""
# loses: test_wet_spells
# category: ends
def wet_spells(rain):
    spells, fallen = [], 0.0
    for today in rain:
        if today > 0:
            fallen += today
        elif fallen:
            spells.append(fallen)
            fallen = 0.0
    return np.array(spells)
