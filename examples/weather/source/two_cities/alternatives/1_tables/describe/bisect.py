"""The borders in a list, and bisect to find the word."""
from bisect import bisect


def describe(location, month, rain):
    word = ("dry", "mixed", "wet")[bisect([50, 100], rain)]
    return location + ", month " + str(month) + ": %.1f mm of rain (%s)" % (rain, word)
