"""What is the syntax tree of this code?"""

from __future__ import annotations

import ast
import threading
import warnings

_ONE_AT_A_TIME = threading.Lock()


def tree_of(source: str) -> ast.Module:
    """Return the syntax tree of Python source; safe to call from several threads.

    CPython 3.11 counts the depth of a tree under construction per interpreter, not per thread, and raises SystemError
    ("AST constructor recursion depth mismatch") when two threads build one at the same time.

    Raises:
        SyntaxError: It is not Python.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Python thinks of a student's strings is not the grader's to print
        return ast.parse(source)
