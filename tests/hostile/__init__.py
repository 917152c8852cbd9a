"""Submissions that cheat, sabotage, spy or are damaged, and the small course that they are handed in to."""
