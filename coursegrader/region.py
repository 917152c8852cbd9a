"""What of a hidden region does a student's kernel get to see?

Everything but what only the judge needs: the keywords of ``evidence`` (tolerances, weights, bounds, and above all the
function that computes the targets, which student code could call), and the instructor's comments.
"""

from __future__ import annotations

import ast
from functools import lru_cache

from coursegrader.syntax import tree_of


@lru_cache(1000)
def without_terms(region: str) -> str:
    """Return the source of a hidden region without comments and without the keywords of ``evidence``."""
    try:
        tree = tree_of(region)
    except SyntaxError:
        return region  # it uses IPython's own syntax, or is wrong: then the reference run says so
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) == "evidence":
            node.keywords = [keyword for keyword in node.keywords if keyword.arg in ("name", "value")]
    return ast.unparse(tree)


def _name(function: ast.expr) -> str | None:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", None)
