"""What does a hidden region ask, and how much of it does a student's kernel get to see?

It sees everything but what only the judge needs: the keywords of ``evidence`` (tolerances, weights, bounds, and above all the
function that computes the targets, which student code could call), and the instructor's comments.
"""

from __future__ import annotations

import ast
import builtins
from functools import lru_cache

from coursegrader.course.syntax import tree_of


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


@lru_cache(1000)
def asks_for_a_value(region: str) -> bool:
    """Tell whether the region looks at values students typed, handing no input of its own to anything of theirs.

    How far off such a value is would tell the expected one.
    """
    try:
        tree = tree_of(region)
    except SyntaxError:
        return False
    own = {"evidence", "rng", *vars(builtins)}
    for node in ast.walk(tree):
        if isinstance(node, ast.alias):
            own.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            own.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            own.add(node.name)
        elif isinstance(node, ast.arg):
            own.add(node.arg)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    roots = {_root(call.func) for call in calls if call.args or call.keywords}
    theirs = roots - own - {None}
    return not theirs and not any(_name(call.func) == "rng" for call in calls)


def _root(node: ast.expr) -> str | None:
    """Return the name that a chain of attributes, items and calls begins with; None for a literal."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def _name(function: ast.expr) -> str | None:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", None)
