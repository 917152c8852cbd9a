"""Which evidence could a hidden region compute without the student's answer?

Code of a student's that reads the region while it runs can emit whatever the region itself holds. So a region is run on
the reference with a patched ``evidence`` that also emits every value the region made alone, and those values, as they are
and in simple formulas, are judged as if they were the answer. What passes is no evidence.
"""

from __future__ import annotations

import ast
import builtins
import copy
import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from coursegrader.course.cells import GradedCell
from coursegrader.course.course import Notebook
from coursegrader.course.syntax import tree_of
from coursegrader.engine.execute import run_notebook
from coursegrader.errors import EvidenceError
from coursegrader.evidence import MAX_ENTRIES
from coursegrader.grading.cache import Cache, content_key
from coursegrader.grading.reference import execution, staged
from coursegrader.judging.judge import judge_value
from coursegrader.judging.judges.builtin import Expectation
from coursegrader.judging.values.decoding import decode
from coursegrader.judging.values.kinds import Frame, Series
from coursegrader.judging.values.likeness import unlike
from coursegrader.model import NotebookRun, encoded, restored

_BETWEEN = "\x1f"  # stands in no name of an author's
_MOST_BYTES = 400_000  # of one value, so that the evidence of a notebook has room for all
_LONGEST = 12  # entries of a value that is put together from others

#: Stands before a region: emits, with each piece of evidence, what the region holds under the names it made alone.
_PATCH = """\
def evidence(_name, _value, _names={names!r}, _cell=__import__("coursegrader.evidence").evidence, **_terms):
    import sys
    _cell.evidence(_name, _value)
    frame, seen = sys._getframe(1), {{}}
    while frame is not None and "IPython" not in frame.f_code.co_filename:
        for key in _names:
            if key in frame.f_locals and key not in seen:
                seen[key] = frame.f_locals[key]
        frame = frame.f_back
    for key, held in seen.items():
        try:
            small = len(str(_cell.encode(held))) < {most}
        except Exception:
            continue
        if small:
            _cell.evidence(f"{{_name}}{between}{{key}}", held)
"""


def spying(notebook: Notebook) -> Notebook:
    """Return the notebook with regions that also emit what they hold themselves."""
    twin = copy.copy(notebook)
    twin.__dict__["graded"] = {name: replace(cell, hidden=_spy(cell)) for name, cell in notebook.graded.items()}
    return twin


def _spy(cell: GradedCell) -> str | None:
    if cell.hidden is None:
        return None
    try:
        tree = tree_of(cell.hidden)
    except SyntaxError:
        return cell.hidden
    for node in ast.walk(tree):  # the patched evidence must not be imported away
        if isinstance(node, ast.ImportFrom) and node.module == "coursegrader.evidence":
            node.names = [alias for alias in node.names if alias.name != "evidence"] or [ast.alias("rng")]
    region = Region(tree)
    patch = _PATCH.format(names=sorted(region.own - region.students), most=_MOST_BYTES, between=_BETWEEN)
    return f"{patch}\n{ast.unparse(tree)}"


class Region:
    """Which names of a region hold what the student's code made, and which the region made alone?

    Attributes:
        own: Names that the region gives to values.
        students: Names whose values came out of the student's code, in any way.
        touched: The region's own names whose values were handed to the student's code.
    """

    def __init__(self, tree: ast.Module) -> None:
        """Follow every value of a region from name to name until nothing is new."""
        self._functions = {
            node.name: node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        }
        self._tree = tree
        self.own = {
            node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        self.own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        imported = {(a.asname or a.name).partition(".")[0] for a in ast.walk(tree) if isinstance(a, ast.alias)}
        known = self.own | imported | set(self._functions) | set(vars(builtins)) | {"evidence", "rng"}
        loads = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        self.students = loads - known
        self.touched: set[str] = set()
        before = -1
        while before != len(self.students):
            before = len(self.students)
            self._spread()
        for call in self._calls():
            if self._from_student(call.func):
                self.touched |= {name for argument in call.args for name in _names(argument)}

    def _calls(self) -> list[ast.Call]:
        return [node for node in ast.walk(self._tree) if isinstance(node, ast.Call)]

    def _spread(self) -> None:
        for node in ast.walk(self._tree):
            if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr)):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if node.value is not None and self._from_student(node.value):
                    self.students |= {name for target in targets for name in _names(target)}
            elif isinstance(node, (ast.For, ast.comprehension)) and self._from_student(node.iter):
                self.students |= _names(node.target)
            elif isinstance(node, ast.withitem) and node.optional_vars and self._from_student(node.context_expr):
                self.students |= _names(node.optional_vars)
        for name, function in self._functions.items():
            if isinstance(function, ast.FunctionDef) and any(map(self._from_student, function.body)):
                self.students.add(name)
        for call in self._calls():
            given = any(map(self._from_student, call.args))
            own = self._functions.get(call.func.id) if isinstance(call.func, ast.Name) else None
            if isinstance(call.func, ast.Attribute) and given:  # as used.append(answer)
                self.students |= _names(call.func) & self.own
            if isinstance(own, ast.FunctionDef) and given:
                self.students |= {argument.arg for argument in ast.walk(own.args) if isinstance(argument, ast.arg)}

    def _from_student(self, node: ast.AST) -> bool:
        return bool(_names(node) & self.students)

    def alone(self) -> Iterator[ast.Call]:
        """Yield the calls of ``evidence`` whose value holds nothing that ever met the student's code."""
        for call in self._calls():
            if isinstance(call.func, ast.Name) and call.func.id == "evidence":
                values = call.args[1:2] + [keyword.value for keyword in call.keywords if keyword.arg == "value"]
                if not any(_names(value) & (self.students | self.touched) for value in values):
                    yield call


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def spied(notebook: Notebook, seed: str, cache: Cache) -> NotebookRun:
    """Run the instructor's notebook with its regions spying, or take the run from the cache."""
    key = content_key(kind="echo", solutions=notebook.solutions, **execution(notebook, seed))
    data = cache.get(key)
    if data is None or (run := restored(NotebookRun, data)) is None:
        with staged(notebook.assignment, {}, reference=True) as files:
            run = run_notebook(spying(notebook), copy.deepcopy(notebook.source), files=files, seed=seed)
        cache.put(key, encoded(run), accident=run.accidental)
    return run


def computed_alone(cell: GradedCell) -> list[str]:
    """Return the source of each value that a region emits without asking the student's code for anything."""
    try:
        region = Region(tree_of(cell.hidden or ""))
    except SyntaxError:
        return []
    return [ast.unparse(call.args[1] if len(call.args) > 1 else call) for call in region.alone()]


def echoes(expected: list[Expectation], records: list[dict[str, Any]]) -> dict[str, str]:
    """Return the evidence that is passed by what the region holds, with the formula that passes.

    Args:
        expected: The reference's evidence of one grade cell.
        records: What a spying run of the same cell emitted.
    """
    held: dict[str, dict[str, Any]] = {}
    for record in records:
        name, between, key = str(record.get("name")).partition(_BETWEEN)
        try:
            if between:
                held.setdefault(name, {})[key] = decode(record["value"])
        except (EvidenceError, KeyError):
            continue
    found: dict[str, str] = {}
    for want in expected:
        if want.weight > 0 and want.terms["judge"] != "accuracy":
            formula = next(
                (text for text, value in _formulas(held.get(want.name, {}), want) if _passes(want, value)), ""
            )
            found |= {want.name: formula} if formula else {}
    return found


def _passes(want: Expectation, value: Any) -> bool:
    wanted = want.value if want.target is None else want.target
    value = np.asarray(value) if isinstance(value, np.generic) else value
    return not unlike(wanted, value) and judge_value(want, value).fraction == 1


def _formulas(held: dict[str, Any], want: Expectation) -> Iterator[tuple[str, Any]]:
    """Yield what can be made of the region's values, simplest first."""
    wanted = want.value if want.target is None else want.target
    simple = [pair for key, value in held.items() for pair in _as_it_is(key, value)]
    yield from simple
    for key, value in held.items():
        if isinstance(value, np.ndarray) and isinstance(wanted, np.ndarray) and value.dtype.kind in "iufc":
            yield from _reworked(key, value, wanted)
    if isinstance(wanted, np.ndarray) and 1 < wanted.size <= _LONGEST and len(wanted.shape):
        part = wanted.shape[1:]
        fitting = [(text, value) for text, value in simple if isinstance(value, np.ndarray) and value.shape == part]
        for parts in itertools.islice(itertools.permutations(fitting, wanted.shape[0]), MAX_ENTRIES):
            yield "[" + ", ".join(text for text, _ in parts) + "]", np.stack([value for _, value in parts])


def _as_it_is(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    yield key, value
    if isinstance(value, list):
        yield from ((f"{key}[{index}]", item) for index, item in enumerate(value[:_LONGEST]))
    elif isinstance(value, dict):
        yield from ((f"{key}[{name!r}]", item) for name, item in itertools.islice(value.items(), _LONGEST))
    elif isinstance(value, frozenset):
        yield from _sorted(key, value)
    elif isinstance(value, Frame):
        for label, column in zip(value.columns.labels()[:_LONGEST], value.data, strict=False):
            yield f"{key}[{label!r}]", Series(value.index, column)
            yield f"values of {key}[{label!r}]", column.values
    elif isinstance(value, Series):
        yield f"values of {key}", value.values.values
    elif isinstance(value, np.ndarray) and value.dtype.kind in "iufc":
        yield f"-{key}", -(value.astype(float) if value.dtype.kind == "u" else value)


def _sorted(key: str, value: frozenset[Any]) -> Iterator[tuple[str, Any]]:
    """Yield the members in order, if they have one."""
    if all(isinstance(item, str) for item in value):
        yield f"sorted({key})", sorted(value)
    elif value and all(isinstance(item, (int, float)) for item in value):
        yield f"sorted({key})", np.array(sorted(value))


def _reworked(key: str, value: np.ndarray, wanted: np.ndarray) -> Iterator[tuple[str, Any]]:
    if not value.shape:
        return
    yield f"{key}.T", value.T
    yield f"sorted {key}", np.sort(value, axis=None)
    if len(value) > len(wanted if wanted.shape else [0]) and wanted.shape:
        yield f"the end of {key}", value[-len(wanted) :]
        yield f"the beginning of {key}", value[: len(wanted)]
    if 0 < value.size <= wanted.size <= MAX_ENTRIES and len(value.shape) == len(wanted.shape):
        times = [-(-a // b) for a, b in zip(wanted.shape, value.shape, strict=True)]
        yield f"tiles of {key}", np.tile(value, times)[tuple(slice(n) for n in wanted.shape)]
    if len(value.shape) == 2 and value.shape[0] == value.shape[1] <= 100 and np.isfinite(value).all():
        yield f"magnitudes of the eigenvalues of {key}", np.sort(np.abs(np.linalg.eigvals(value)))
    for text, function in (
        ("sum", np.sum),
        ("mean", np.mean),
        ("product", np.prod),
        ("maximum", np.max),
        ("size", np.size),
    ):
        if value.size:
            with np.errstate(all="ignore"):
                yield f"{text} of {key}", np.asarray(function(value))
