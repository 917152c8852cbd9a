"""Which answers and values compute nothing? They must pass for nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from coursegrader.course.cells import Answer
from coursegrader.course.course import Notebook
from coursegrader.course.metadata import grade_id, is_solution
from coursegrader.course.syntax import tree_of
from coursegrader.judging.judge import judge_value
from coursegrader.judging.judges.builtin import Expectation
from coursegrader.judging.values.kinds import Column, Drawn, Frame, Moments, Series, arrays_in
from coursegrader.judging.values.measure import Measure

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
    elif isinstance(value, (list, dict, frozenset)):
        yield f"an empty {type(value).__name__}", type(value)()


def weakness(want: Expectation) -> str:
    """Say what earns something for a piece of evidence although it takes no computing; empty if nothing does."""
    if drowned(want):
        return "expects values smaller than its tolerance, so zero passes for them; give it a smaller atol"
    if want.terms["judge"] == "accuracy":
        return ""  # judged on labels this process may not have; the bank tries untrained weights
    passed = [label for label, value in constants(want) if judge_value(want, value).fraction > 0]
    return f"is passed by {', '.join(passed)}" if passed else ""


def _filled(value: Any, number: float, truth: bool, text: str) -> Any:
    """Return a value of the same form with one number, truth value or text everywhere."""
    if isinstance(value, list):
        return [_filled(item, number, truth, text) for item in value]
    if isinstance(value, dict):
        return {key: _filled(item, number, truth, text) for key, item in value.items()}
    if isinstance(value, frozenset):
        return frozenset()
    if isinstance(value, (Moments, Column, Series, Frame, Drawn)):
        return _filled_table(value, number, truth, text)
    if not isinstance(value, np.ndarray):
        return text if isinstance(value, str) else value
    if value.dtype.kind in "Mm":
        return np.zeros(value.shape, value.dtype)
    if value.dtype.kind == "b":
        return np.full(value.shape, truth)
    return np.full(value.shape, number, dtype=complex if value.dtype.kind == "c" else float)


def drowned(want: Expectation) -> bool:
    """Tell whether most of the values expected, zeros left out, are so small that zero passes for them."""
    if want.terms["judge"] != "close":
        return False
    measure = Measure(want.terms["atol"], want.terms["rtol"])
    drowning = np.concatenate([np.zeros(0), *_drowning(want.value, measure)])
    return bool(drowning.size) and bool(np.mean(drowning) >= 0.5)


def _drowning(value: Any, measure: Measure) -> Iterator[np.ndarray]:
    """Yield, for each array in a value, which of its numbers zero passes for; zeros and what is infinite left out."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _drowning(item, measure.of(key))
    elif isinstance(value, Frame):
        for label, column in zip(value.columns.labels(), value.data, strict=True):
            yield from _drowning(column, measure.of(label))
    else:
        for array in arrays_in(value):
            if array.dtype.kind not in "bMm":
                sizes = np.abs(array.ravel())
                sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
                yield (sizes <= measure.absolute + measure.relative * sizes).astype(float)


def _filled_table(value: Any, number: float, truth: bool, text: str) -> Any:
    """Return what pandas or a plot has with constants everywhere; labels stay as they are."""

    def filled(part: Any) -> Any:
        return _filled(part, number, truth, text)

    if isinstance(value, Moments):
        return Moments(filled(value.values))
    if isinstance(value, Drawn):
        return Drawn(filled(value.parts))
    if isinstance(value, Series):
        return replace(value, values=filled(value.values))
    if isinstance(value, Frame):
        return replace(value, data=tuple(map(filled, value.data)))
    if value.kind == "category":
        return replace(value, values=np.zeros_like(value.values) - (0 if truth else 1))
    if value.kind == "texts":
        return replace(value, values=[text] * len(value))
    values = filled(value.values)
    whole = value.kind == "numbers" and value.values.dtype.kind in "iu" and np.isfinite(number)
    return replace(value, values=values.astype(np.int64) if whole else values)


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
        if not is_solution(cell) or cell.cell_type != "code":
            continue
        for slug, body in _CONSTANT_BODIES.items():
            source = _with_bodies(cell.source, body)
            if source is not None:
                yield Answer(notebook.name, grade_id(cell), slug, source, "computes nothing")


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
