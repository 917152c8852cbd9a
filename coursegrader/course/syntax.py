"""What is the syntax tree of this code?"""

from __future__ import annotations

import ast
import re
import threading
import warnings

_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+(\w+)|import[ \t]+([\w., \t]+))", re.MULTILINE)
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


def imported(source: str) -> set[str]:
    """Return the top-level modules that code imports, whatever else is in it: magics, or prose that begins like an import."""
    found = set()
    for one, several in _IMPORT.findall(source):
        found |= {one} if one else {part.split()[0].partition(".")[0] for part in several.split(",") if part.strip()}
    return found - {""}
