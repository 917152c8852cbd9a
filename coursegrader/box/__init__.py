"""How is one process started warm and locked up?

Knows no notebook, no course and no nbgrader.
"""
