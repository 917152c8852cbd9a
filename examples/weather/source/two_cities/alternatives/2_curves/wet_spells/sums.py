"""Cumulative sums at the ends of the spells, less those at their beginnings."""


def wet_spells(rain):
    change = np.diff(np.concatenate([[0], (rain > 0).astype(int), [0]]))
    sums = np.concatenate([[0.0], np.cumsum(rain)])
    return sums[change[:] == -1] - sums[change[:] == 1]
