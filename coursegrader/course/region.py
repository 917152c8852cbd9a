"""What does a hidden region ask, and how much of it does a student's kernel get to see?

It sees everything but what only the judge needs: the keywords of ``evidence`` (tolerances, weights, bounds, and above all the
function that computes the targets, which student code could call), and the instructor's comments.
"""

from __future__ import annotations

import ast
import builtins
import re
import symtable
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from coursegrader.course.syntax import tree_of
from coursegrader.evidence import accuracy, mse_below, tolerance

#: What makes the terms of a judge that has some.
_MAKERS: dict[str, Callable[..., dict[str, Any]]] = {"mse_below": mse_below, "accuracy": accuracy}


#: What runs a text as code, and what finds a name by a text.
_RUNS_TEXT, _FINDS_BY_TEXT = {"eval", "exec", "get_ipython"}, {"globals", "locals", "vars"}


class Region(NamedTuple):
    """What a hidden region is to whom.

    Attributes:
        told: Its source without comments and without the keywords of ``evidence``, as a student's kernel sees it.
        reference: Its source as the instructor's own run executes it, see :func:`read_region`.
        terms: The terms that are written out in each call of ``evidence``, in the order of ``reference``.
    """

    told: str
    reference: str
    terms: tuple[dict[str, Any], ...]


@lru_cache(1000)
def read_region(region: str) -> Region:
    """Read a hidden region.

    Keywords that are written out need no run: the reference leaves them out, and each call of ``evidence`` says which
    one it is. So a changed tolerance, weight, label or bound leaves the run as it was.
    """
    try:
        tree = tree_of(region)
    except SyntaxError:  # it uses IPython's own syntax, or is wrong: then the reference run says so
        return Region(region, region, ())
    calls = list(_evidence_calls(tree))
    keywords = [call.keywords for call in calls]
    terms = [[_terms_in(keyword) for keyword in given] for given in keywords]
    for call, given in zip(calls, keywords, strict=True):
        call.keywords = [keyword for keyword in given if keyword.arg in ("name", "value")]
    told = ast.unparse(tree)
    for number, (call, given) in enumerate(zip(calls, keywords, strict=True)):
        unwritten = [keyword for keyword, known in zip(given, terms[number], strict=True) if not known]
        call.keywords = [*unwritten, ast.keyword("site", ast.Constant(number))]
    written = tuple({key: value for part in parts for key, value in part.items()} for parts in terms)
    return Region(told, ast.unparse(tree), written)


def _evidence_calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node.func) == "evidence")


def _terms_in(keyword: ast.keyword) -> dict[str, Any]:
    """Return the terms that a keyword states if it states them in so many words, else nothing."""
    try:
        if keyword.arg == "weight":
            return {keyword.arg: float(ast.literal_eval(keyword.value))}
        if keyword.arg in ("atol", "rtol"):
            return {keyword.arg: tolerance(ast.literal_eval(keyword.value))}
        if keyword.arg == "label":
            return {"label": str(ast.literal_eval(keyword.value))}
        if keyword.arg == "judge" and isinstance(keyword.value, ast.Call):
            call = keyword.value
            named = {str(part.arg): ast.literal_eval(part.value) for part in call.keywords}
            return dict(_MAKERS[ast.unparse(call.func)](*map(ast.literal_eval, call.args), **named))
        if keyword.arg == "judge":
            judge = ast.literal_eval(keyword.value)
            return {"judge": judge} if isinstance(judge, str) else {}
    except (ValueError, TypeError, KeyError, AttributeError, SyntaxError, MemoryError, RecursionError):
        pass
    return {}


@lru_cache(100)
def bound(cells: tuple[tuple[str, bool], ...]) -> tuple[str, ...] | None:
    """Return the names whose meaning answers decide, as far as the instructor's own answers show.

    That is what they bind, what any function binds with ``global``, and what they change in place though other cells bound
    it, as a table that gets a column; of these the names that the instructor uses outside of answers.

    Args:
        cells: The source of each code cell, and whether it is an answer.

    Returns:
        Names in order; None if they cannot be told, as where an answer imports ``*`` or is all in another language.
    """
    used = {word for source, answer in cells if not answer for word in re.findall(r"\w+", source)}
    found, made, changed = set[str](), set[str](), set[str]()
    for source, answer in cells:
        try:
            source, names = _read(source)
        except SyntaxError:
            if answer:
                return None
            found |= {
                name for names in re.findall(r"\bglobal +([\w, ]+)", source) for name in re.findall(r"\w+", names)
            }
            continue
        tree = tree_of(source) if answer or "global" in source else ast.Module([], [])
        found |= {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}
        if not answer:
            made |= {name.get_name() for name in names if name.is_assigned() and not name.is_imported()}
            continue
        found |= {name.get_name() for name in names if name.is_assigned() or name.is_imported()}
        found |= {name.name for node in tree.body if isinstance(node, ast.ImportFrom) for name in node.names} & {"*"}
        changed |= _changed(tree)
    return None if "*" in found else tuple(sorted((found | changed & made) & used))


def _read(source: str) -> tuple[str, list[symtable.Symbol]]:
    """Return a cell as Python, its lines in IPython's own syntax rewritten as IPython does, and the names at its top.

    Raises:
        SyntaxError: It cannot be, as where all of it is handed to another language.
    """
    try:
        return source, symtable.symtable(source, "cell", "exec").get_symbols()
    except SyntaxError:
        if source.lstrip().startswith("%%"):
            raise
        from IPython.core.inputtransformer2 import TransformerManager  # seldom wanted, and slow to load

        rewritten = TransformerManager().transform_cell(source)
        return rewritten, symtable.symtable(rewritten, "cell", "exec").get_symbols()


def _changed(tree: ast.Module) -> set[str]:
    """Return the names of what is changed in place: ``a[0] = 1``, ``a.b += 1``, ``a.append(1)``."""
    found = set[str | None]()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
            found.add(_root(node))
        elif (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Call)
            and isinstance(node.value.func, ast.Attribute)
        ):
            found.add(_root(node.value.func))
    return {name for name in found if name}


@lru_cache(100)
def lending(regions: tuple[str, ...]) -> frozenset[str]:
    """Return the regions that bind names which later ones use without binding them."""
    found = set()
    for number, region in enumerate(regions):
        mine = _assigned(region)
        for later in regions[number + 1 :]:
            if mine & (_looked_up(later) - _assigned(later)):
                found.add(region)
    return frozenset(found)


@lru_cache(1000)
def _assigned(region: str) -> frozenset[str]:
    try:
        names = symtable.symtable(region, "region", "exec").get_symbols()
    except SyntaxError:
        return frozenset()
    return frozenset(name.get_name() for name in names if name.is_assigned() or name.is_imported())


@lru_cache(1000)
def _looked_up(region: str) -> frozenset[str]:
    """Return the names that a region may ask the notebook for; every word where that cannot be told."""
    words = frozenset(re.findall(r"\w+", region))
    try:
        tables = [symtable.symtable(region, "region", "exec")]
    except SyntaxError:
        return words
    found = {name.get_name() for name in tables[0].get_symbols() if name.is_referenced()}
    for table in tables:  # it grows meanwhile
        found |= {name.get_name() for name in table.get_symbols() if name.is_global()}
        tables += table.get_children()
    if found & _FINDS_BY_TEXT:
        found.update(re.findall(r"""["'](\w+)["']""", region))
    return words if found & _RUNS_TEXT else frozenset(found)


def inseparable(lines: Sequence[str], visible: str, hidden: str) -> bool:
    """Tell whether the parts of a cell without evidence mean what they do only as one piece of code.

    That is so where visible code comes after the region, as a score that the region adds to, or where a part alone is
    no Python, as a region inside a function.

    Args:
        lines: The whole cell without markers.
        visible: Its visible part.
        hidden: Its region.
    """
    if re.search(r"\bevidence\b", hidden):
        return False
    if "\n".join(lines).rstrip() != f"{visible}\n{hidden}".strip("\n").rstrip():
        return bool(visible.strip())
    return not (_parses(visible) and _parses(hidden))


def _parses(source: str) -> bool:
    try:
        tree_of(source)
    except SyntaxError:
        return False
    return True


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
