"""itertools.groupby, a list as the answer."""
from itertools import groupby


def wet_spells(rain):
    return [sum(days) for wet, days in groupby(rain, lambda day: day > 0) if wet]
