"""An autograder for notebook courses on nbgrader: the kernel computes, the grader judges."""

__version__ = "0.1.0"
