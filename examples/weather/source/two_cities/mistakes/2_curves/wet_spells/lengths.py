"""You return how many days each spell lasts; asked for is how much rain falls in it."""
# loses: test_wet_spells
# category: wrong quantity
def wet_spells(rain):
    wet = np.concatenate([[False], rain > 0, [False]]).astype(int)
    return np.flatnonzero(np.diff(wet) == -1) - np.flatnonzero(np.diff(wet) == 1)
