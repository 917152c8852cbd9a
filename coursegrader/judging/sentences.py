"""Which sentence of the instructor's did code raise, and with which values?

A sentence is known by its literal parts. What student code put into its gaps is told only where it is a small number,
a shape, a type or a word of the release: anything longer could be a hidden input.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import lru_cache

from coursegrader.course.syntax import tree_of

#: The literal parts of a sentence, with None for each gap.
Template = tuple["str | None", ...]
_SMALL = re.compile(r"-?[0-9]{1,5}|nan|-?inf|[\[(](-?[0-9]{1,4}(, ?-?[0-9]{1,4}){0,4},?)?[\])]")
_DECIMAL = re.compile(r"-?[0-9]{1,9}\.[0-9]{1,20}(e[+-]?[0-9]{1,3})?%?|-?[0-9]{1,3}e[+-]?[0-9]{1,3}")
_SHAPE = re.compile(r"torch\.Size\(\[([0-9, ]{0,30})\]\)")
_TYPES = {"str", "int", "float", "bool", "list", "tuple", "dict", "set", "NoneType", "Tensor", "ndarray", "function"}
_TYPES |= {"generator", "None", "True", "False"}


@lru_cache(2000)
def templates_in(source: str) -> tuple[Template, ...]:
    """Return the sentences that code raises, as literals with None for each gap."""
    try:
        tree = tree_of(source)
    except SyntaxError:
        return ()
    messages = [node.msg for node in ast.walk(tree) if isinstance(node, ast.Assert) and node.msg is not None]
    raised = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)]
    messages += [call.args[0] for call in raised if len(call.args) == 1]
    named = _named(tree)
    templates = (tuple(_parts(message, named)) for message in messages)
    return tuple(parts for parts in templates if sum(len(part or "") for part in parts) >= 8)


def _named(tree: ast.Module) -> dict[str, ast.expr]:
    """Return what is given to names that are given one thing only, as in ``message = f"..."``."""
    given = [(node.targets, node.value) for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    names = [name.id for name in ast.walk(tree) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)]
    return {
        targets[0].id: value
        for targets, value in given
        if len(targets) == 1 and isinstance(targets[0], ast.Name) and names.count(targets[0].id) == 1
    }


def _parts(node: ast.expr, named: dict[str, ast.expr]) -> list[str | None]:
    if isinstance(node, ast.Name) and isinstance(named.get(node.id), (ast.Constant, ast.JoinedStr, ast.BinOp)):
        return _parts(named[node.id], {name: value for name, value in named.items() if name != node.id})
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.JoinedStr):
        return [part for value in node.values for part in _parts(value, named)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_parts(node.left, named), *_parts(node.right, named)]
    return [None]


def retell(text: str, templates: Iterable[Template], known: frozenset[str], values: int) -> str:
    """Return a sentence of the instructor's with its gaps filled by small values, or nothing if it is none of them.

    Args:
        text: What was raised.
        templates: Sentences that may be told.
        known: Words that students were given.
        values: How many values may be told that are none of these words.
    """
    for parts in templates:
        gaps = _gaps(text, parts)
        if gaps is not None:
            left, filled = values, iter(gaps)
            out = []
            for part in parts:
                value = part if part is not None else _value(next(filled), known)
                if part is None and value != "…" and value not in known:
                    left -= 1
                    value = value if left >= 0 else "…"
                out.append(value)
            return "" if out[0] == "…" else "".join(out)
    return ""


def _gaps(text: str, parts: Template) -> list[str] | None:
    """Return what stands in the gaps of a template, or None if the text does not follow it; linear in the text."""
    gaps: list[str] = []
    at, opened = 0, False
    for part in parts:
        if part is None:
            gaps.append("")  # of two gaps side by side the last one gets the text
            opened = True
            continue
        found = text.find(part, at) if opened else (at if text.startswith(part, at) else -1)
        if found < 0:
            return None
        if opened:
            gaps[-1] = text[at:found]
        at, opened = found + len(part), False
    if opened:
        gaps[-1] = text[at:]
    elif at != len(text):
        return None
    return gaps


def _value(text: str, known: frozenset[str]) -> str:
    """Return a value as a short number, shape, type or word of the release, or as dots."""
    text = text.strip()
    shape = _SHAPE.fullmatch(text)
    text = f"({shape[1]})" if shape else text
    if _SMALL.fullmatch(text):
        return text
    if _DECIMAL.fullmatch(text):
        return text if text.endswith("%") else f"{float(text):.3g}"
    word = text.strip("'\"")
    return word if word in known or word in _TYPES else "…"
