"""What did a grade cell hold only to say what to expect? Its hidden region runs beside student code, which could read it.

A helper that computes the answer, a list of answers, the second of each pair in ``for x, y in cases``.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection

from coursegrader.authoring.adopting.assertions import mentions
from coursegrader.course.syntax import tree_of

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def without_answers(
    lines: list[str], visible: Collection[str], made: Collection[str], elsewhere: Collection[str]
) -> list[str]:
    """Return a region without the hidden values and functions that nothing in it, and no other cell, uses.

    Args:
        lines: The region.
        visible: Lines that students see, which stay as they are.
        made: Names that the student's code gives a value: what calls it stays, too.
        elsewhere: Names that other cells use.
    """
    while True:
        body = tree_of("\n".join(lines)).body
        used = {*elsewhere, *(name.id for statement in body for name in _names(statement, ast.Load))}
        for statement in body:
            start, end = statement.lineno - 1, statement.end_lineno or statement.lineno
            alone = [other for other in body if other.lineno <= end and (other.end_lineno or 0) > start] == [statement]
            if alone and not {*lines[start:end]} <= {*visible}:
                new = _without(statement, body, used, made)
                if new != [statement]:
                    lines = [
                        *lines[:start],
                        *(line for part in new for line in ast.unparse(part).split("\n")),
                        *lines[end:],
                    ]
                    break
        else:
            return lines


def _names(node: ast.AST, context: type) -> list[ast.Name]:
    return [part for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, context)]


def _without(statement: ast.stmt, body: list[ast.stmt], used: Collection[str], made: Collection[str]) -> list[ast.stmt]:
    """Return a statement without what is not used of it; the same one if all of it is."""
    if isinstance(statement, _DEFINITIONS):
        return [statement] if statement.name in used else []
    if isinstance(statement, ast.Assign) and all(
        isinstance(target, (ast.Name, ast.Tuple)) for target in statement.targets
    ):
        names = {name.id for target in statement.targets for name in _names(target, ast.Store)}
        if not (names & {*used, *made} or mentions(statement.value, made)):
            return []
    changed = copy.deepcopy(statement)
    for loop in ast.walk(changed):
        if isinstance(loop, (ast.For, ast.comprehension)) and (shorter := _shorter(loop, body, used)):
            loop.target, loop.iter = shorter
            return [ast.fix_missing_locations(changed)]
    return [statement]


def _shorter(
    loop: ast.For | ast.comprehension, body: list[ast.stmt], used: Collection[str]
) -> tuple[ast.expr, ast.expr] | None:
    """Return target and source of a loop without the columns that nobody uses; None if there are none."""
    if not isinstance(loop.target, ast.Tuple):
        return None
    kept = [n for n, part in enumerate(loop.target.elts) if not isinstance(part, ast.Name) or part.id in used]
    if not kept or len(kept) == len(loop.target.elts):
        return None
    source = _literal(loop.iter, body)
    rows: list[ast.expr] = []
    if isinstance(source, ast.Call) and isinstance(source.func, ast.Name) and source.func.id == "zip":
        columns = source.args
        if len(columns) != len(loop.target.elts) or any(isinstance(part, ast.Starred) for part in columns):
            return None
        chosen = [columns[n] for n in kept]
        new = chosen[0] if len(chosen) == 1 else ast.Call(source.func, chosen, source.keywords)
    elif isinstance(source, ast.Dict) and None not in source.keys:  # of its items
        new = ast.List([part for part in (source.keys if kept == [0] else source.values) if part], ast.Load())
    elif isinstance(source, (ast.List, ast.Tuple)):
        for row in source.elts:
            if not isinstance(row, (ast.List, ast.Tuple)) or len(row.elts) != len(loop.target.elts):
                return None
            parts = [row.elts[n] for n in kept]
            rows.append(parts[0] if len(parts) == 1 else ast.Tuple(parts, ast.Load()))
        new = ast.List(rows, ast.Load())
    else:
        return None
    targets = [loop.target.elts[n] for n in kept]
    return (targets[0] if len(targets) == 1 else ast.Tuple(targets, ast.Store())), new


def _literal(source: ast.expr, body: list[ast.stmt]) -> ast.expr:
    """Return what a loop goes over: what was written for it where a name was given to that, and to nothing else."""
    if isinstance(source, ast.Call) and isinstance(source.func, ast.Attribute) and source.func.attr == "items":
        inner = _literal(source.func.value, body)
        return inner if isinstance(inner, ast.Dict) else source
    if isinstance(source, ast.Name):
        given = [part for part in body if source.id in {name.id for name in _names(part, ast.Store)}]
        if len(given) == 1 and isinstance(given[0], ast.Assign) and isinstance(given[0].targets[0], ast.Name):
            return given[0].value
    return source
