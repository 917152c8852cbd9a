"""Which answers and values compute nothing? They must pass for nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import numpy as np

from coursegrader.course.cells import Answer
from coursegrader.course.course import Notebook
from coursegrader.course.syntax import tree_of
from coursegrader.judging.judges.builtin import Expectation

_NUMBERS = {"zeros": 0.0, "ones": 1.0, "minus ones": -1.0, "nan": np.nan, "infinity": np.inf}
_TEXTS = ("", "0", "None")


def constants(want: Expectation) -> Iterator[tuple[str, Any]]:
    """Yield values of the right shape that take no computing, with what they are called."""
    value = want.target if want.target is not None else want.value
    if isinstance(value, np.ndarray) and value.dtype.kind == "b":
        yield from ((str(truth), np.full(value.shape, truth)) for truth in (True, False))
        return
    for number, label in enumerate(_NUMBERS):
        yield label, _filled(value, _NUMBERS[label], number % 2 == 0, _TEXTS[number % len(_TEXTS)])
    if isinstance(value, str):
        yield from ((repr(text), text) for text in _TEXTS)
    elif isinstance(value, list):
        yield "an empty list", []


def _filled(value: Any, number: float, truth: bool, text: str) -> Any:
    """Return a value of the same form with one number, truth value or text everywhere."""
    if isinstance(value, list):
        return [_filled(item, number, truth, text) for item in value]
    if not isinstance(value, np.ndarray):
        return text if isinstance(value, str) else value
    if value.dtype.kind == "b":
        return np.full(value.shape, truth)
    return np.full(value.shape, number, dtype=complex if value.dtype.kind == "c" else float)


def drowned(want: Expectation) -> bool:
    """Tell whether most of the values expected, zeros left out, are so small that zero passes for them."""
    if want.terms["judge"] != "close":
        return False
    sizes = np.abs(np.concatenate([np.zeros(0), *_numbers(want.value)]))
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    return bool(sizes.size) and bool(np.mean(sizes <= want.terms["atol"] + want.terms["rtol"] * sizes) >= 0.5)


def _numbers(value: Any) -> Iterator[np.ndarray]:
    if isinstance(value, np.ndarray) and value.dtype.kind != "b":
        yield value.ravel()
    elif isinstance(value, list):
        for item in value:
            yield from _numbers(item)


#: Fills an array or a tensor by its own library's function, whatever library that is; anything else is one number.
_LIKE = """import sys
like = getattr(sys.modules.get(type({{first}}).__module__.partition('.')[0]), '{name}', None)
return like({{first}}) if like else {number}"""
_CONSTANT_BODIES = {
    "returns-its-first-argument": "return {first}",
    "returns-zeros": _LIKE.format(name="zeros_like", number=0.0),
    "returns-ones": _LIKE.format(name="ones_like", number=1.0),
    "returns-none": "return None",
    "returns-true": "return True",
}


def constant_answers(notebook: Notebook) -> Iterator[Answer]:
    """Yield answers that compute nothing: every function of a solution cell returns a constant or its input."""
    for cell in notebook.source.cells:
        meta = cell.metadata.get("nbgrader", {})
        if not meta.get("solution") or cell.cell_type != "code":
            continue
        for slug, body in _CONSTANT_BODIES.items():
            source = _with_bodies(cell.source, body)
            if source is not None:
                yield Answer(notebook.name, meta["grade_id"], slug, source, "computes nothing")


def _with_bodies(source: str, body: str) -> str | None:
    """Return the source with the body of every public function and every ``forward`` replaced; None if there is none."""
    tree = tree_of(source)
    changed = False
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and (node in tree.body or node.name == "forward"):
            names = [argument.arg for argument in node.args.args if argument.arg != "self"]
            node.body = tree_of(body.format(first=names[0] if names else "0.0")).body
            changed = True
    return ast.unparse(tree) if changed else None
