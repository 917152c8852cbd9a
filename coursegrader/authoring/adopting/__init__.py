"""How does a course that nbgrader grades become one of ours, and what of it stays as it was?

Pure but for :mod:`~coursegrader.authoring.adopting.adopt`: notebooks and settings in, a plan out; only then is anything written.
"""
