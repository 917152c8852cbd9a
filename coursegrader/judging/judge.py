"""Evidence and reference evidence in, verdicts and points out: pure functions, and no student code anywhere near.

Names, tolerances, weights and the kind of comparison always come from the reference run.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from coursegrader.course.cells import GradedCell
from coursegrader.course.region import asks_for_a_value
from coursegrader.errors import AuthoringError, EvidenceError
from coursegrader.evidence import DTYPES, MAX_BYTES, MAX_DEPTH, MAX_ENTRIES
from coursegrader.judging.own_judges import OwnJudge, unfit
from coursegrader.judging.sieve import plain_error
from coursegrader.model import CellResult, CellRun, EvidenceResult

Record = dict[str, Any]
_EXACT = 2**53  # up to which a decimal number holds every whole one


def decode(data: Any, depth: int = 0) -> Any:
    """Decode what :func:`coursegrader.evidence.encode` wrote: an array, a string, None, or a list of them.

    Raises:
        EvidenceError: The data is anything else; nothing in it is ever executed or unpickled.
    """
    if depth > MAX_DEPTH or not isinstance(data, dict) or len(data) != 1:
        raise EvidenceError("malformed record")
    ((kind, value),) = data.items()
    if kind == "none" and value is True:
        return None
    if kind == "text" and isinstance(value, str) and len(value) <= MAX_BYTES:
        return value
    if kind == "list" and isinstance(value, list) and len(value) <= MAX_ENTRIES:
        return [decode(item, depth + 1) for item in value]
    if kind == "array" and isinstance(value, dict):
        return _decode_array(value)
    raise EvidenceError("malformed record")


def _decode_array(value: dict[str, Any]) -> np.ndarray:
    dtype, shape, text = value.get("dtype"), value.get("shape"), value.get("data")
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise EvidenceError("a dtype that is not allowed")
    if not isinstance(shape, list) or len(shape) > 32 or not all(type(n) is int and 0 <= n <= MAX_BYTES for n in shape):
        raise EvidenceError("a shape that is not allowed")
    if not isinstance(text, str) or len(text) > MAX_BYTES + 4:
        raise EvidenceError("more data than allowed")
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise EvidenceError("data that is not base64") from error
    if math.prod(shape) * np.dtype(dtype).itemsize != len(raw):
        raise EvidenceError("a shape that does not match the data")
    if dtype == "|b1" and raw.strip(b"\0\1"):
        raise EvidenceError("a truth value that is neither")
    try:
        return np.frombuffer(raw, dtype=dtype).reshape(shape)
    except ValueError as error:  # NumPy refuses some shapes of no elements
        raise EvidenceError("a shape that is not allowed") from error


@dataclass(frozen=True)
class Expectation:
    """What the reference run says about one piece of evidence: its value and how to judge it.

    Attributes:
        name: Unique within its cell.
        value: The reference's own, decoded.
        terms: Judge, weight, tolerances and label.
        target: What ``mse_below`` compares with.
        own: The judge, if it is one of the course's own.
        place: Notebook and cell, for the author.
    """

    name: str
    value: Any
    terms: dict[str, Any]
    target: Any = None
    own: OwnJudge | None = None
    place: str = ""

    @property
    def weight(self) -> float:
        """Share of the cell's points, relative to the cell's other evidence."""
        return float(self.terms["weight"])

    @property
    def label(self) -> str:
        """What a student reads for this case; empty where the cases are numbered."""
        return str(self.terms.get("label", ""))


def expectations(
    records: list[Record], place: str, judges: Mapping[str, OwnJudge] = MappingProxyType({})
) -> list[Expectation]:
    """Read the evidence of the instructor's own run.

    Args:
        records: What the run emitted.
        place: Notebook and cell, for the author.
        judges: The course's own.

    Raises:
        AuthoringError: A name is used twice, a value cannot be encoded, or a judge cannot work with its terms.
    """
    found: dict[str, Expectation] = {}
    for record in records:
        name = str(record.get("name"))
        if name in found:
            raise AuthoringError(f"{place}: evidence {name!r} is emitted twice; give each piece its own name")
        if "error" in record:
            raise AuthoringError(f"{place}: evidence {name!r} cannot be emitted: {record['error']}")
        try:
            target = decode(record["target"]) if "target" in record else None
            own = judges.get(record["terms"]["judge"])
            found[name] = Expectation(name, decode(record["value"]), record["terms"], target, own, place)
        except EvidenceError as error:
            raise AuthoringError(
                f"{place}: evidence {name!r} cannot be read: {error}; emit something simpler"
            ) from error
        problem = _useless(found[name], judges)
        if problem:
            raise AuthoringError(f"{place}: evidence {name!r} {problem}")
    if found and not any(want.weight for want in found.values()):
        raise AuthoringError(f"{place}: all evidence has weight 0, so nothing can be earned; give one a weight")
    return list(found.values())


def _useless(want: Expectation, judges: Mapping[str, OwnJudge]) -> str:
    """Say why a judge could not work with what the instructor wrote, or return an empty text."""
    terms = want.terms
    if terms["judge"] not in {**JUDGES, **judges}:
        return f"names no judge {terms['judge']!r}; known: {', '.join([*JUDGES, *judges])}"
    for key in ("weight", "atol", "rtol", "bound", "zero_at", "full_at"):
        if not 0 <= terms.get(key, 0) < math.inf:
            return f"has {key}={terms[key]}; it must be a number from 0 up"
    if terms["judge"] == "mse_below" and not (isinstance(want.target, np.ndarray) and want.target.size):
        return "needs target=..., the array of values mse_below compares with"
    if terms["judge"] == "accuracy" and not terms["zero_at"] < terms["full_at"] <= 1:
        return "needs zero_at < full_at <= 1"
    if want.own is not None and _own(want, want.value).fraction != 1:
        return f"does not earn everything from its own judge {want.own.name!r} in {want.own.path}; mend one of them"
    return ""


def judge(expected: list[Expectation], records: list[Record], truth: Path | None = None) -> list[EvidenceResult]:
    """Judge the evidence of one grade cell.

    Args:
        expected: From the reference run.
        records: What the student's kernel emitted while this cell's hidden region ran.
        truth: Folder that the ``accuracy`` judge's truth paths are relative to.

    Returns:
        One result per expectation, in order; records with unknown names are ignored.
    """
    by_name: dict[str, list[Record]] = {}
    for record in records:
        if isinstance(record, dict) and isinstance(record.get("name"), str):
            by_name.setdefault(record["name"], []).append(record)
    return [_judge_one(want, by_name.get(want.name, []), truth) for want in expected]


def earned(results: list[EvidenceResult], points: float) -> float:
    """Return a cell's points: its maximum times the passed share of the weights, to two decimals.

    All of them are for those alone who passed everything: nothing less is ever rounded up to them.
    """
    heaviest = max((result.weight for result in results), default=0.0)
    if heaviest <= 0:
        return 0.0
    if passed(results):
        return points
    weights = [result.weight / heaviest for result in results]  # their sum would not be a number if they were huge
    share = sum(weight * result.fraction for weight, result in zip(weights, results, strict=True)) / sum(weights)
    rounded = round(points * share, 2)
    return rounded if rounded < points else max(0.0, round(points - 0.01, 2))


def passed(results: list[EvidenceResult]) -> bool:
    """Tell whether there is evidence that counts, and all of it was passed."""
    counting = [result for result in results if result.weight > 0]
    return bool(counting) and all(result.fraction == 1 for result in counting)


def _judge_one(want: Expectation, records: list[Record], truth: Path | None) -> EvidenceResult:
    def refuse(verdict: str, message: str) -> EvidenceResult:
        return EvidenceResult(want.name, verdict, 0.0, want.weight, judge=want.terms["judge"], message=message,
                              label=want.label)  # fmt: skip

    if not records:
        return refuse("missing", "no value arrived: the test stopped before this point")
    if len(records) > 1:
        return refuse("repeated", "the value arrived more than once, so none of them counts")
    if "error" in records[0]:
        return refuse(
            "wrong_type", "your result is not a number, a tensor, a string or a list of them, or it is far too large"
        )
    try:
        got = decode(records[0].get("value"))
    except (EvidenceError, RecursionError) as error:
        return refuse("malformed", f"the value could not be read: {error}")
    result = _own(want, got) if want.own else JUDGES[want.terms["judge"]](want, got, truth)
    result.weight, result.judge, result.label = want.weight, want.terms["judge"], want.label
    return result


def judge_cell(
    cell: GradedCell,
    run: CellRun,
    expected: list[Expectation],
    truth: Path | None = None,
    names: frozenset[str] = frozenset(),
) -> CellResult:
    """Judge one autograded cell.

    A cell without evidence keeps nbgrader's meaning of error or no error, but fails closed: it earns its points only
    if it ran to its end; what it printed never counts.
    """
    result = CellResult(cell.grade_id, 0.0, cell.points, cell.optional, seconds=run.seconds, detail=run.error)
    result.evidence = judge(expected, run.records, truth)
    if asks_for_a_value(cell.hidden or ""):
        for item in result.evidence:
            _hide_size(item)
    if expected:
        result.points, full = earned(result.evidence, cell.points), passed(result.evidence)
    else:
        result.points = _believed(cell, run)
        full = result.points == cell.points and run.verdict == run.visible == "ok"
    if full:
        result.verdict = "full"
    elif run.verdict not in ("ok", "error"):
        result.verdict = run.verdict
    else:
        result.verdict = "partial" if result.points else "wrong"
    if result.verdict != "full" and run.verdict != "ok":
        result.message = _ending(run, cell.hidden or "", names)
    return result


def _believed(cell: GradedCell, run: CellRun) -> float:
    """Return the points of a cell without evidence, as nbgrader has it: what it ended with, if that is a number of points.

    A number that can be none is worth nothing, where nbgrader stops.
    """
    if run.verdict != "ok" or run.visible != "ok":
        return 0.0
    try:
        credit = float(run.credit)
    except ValueError:
        return cell.points
    return credit if 0 < credit <= cell.points else 0.0


def _hide_size(result: EvidenceResult) -> None:
    """Keep from students how far off a value they typed is: added to it, that is the expected value."""
    if result.verdict == "wrong_value" and result.judge in ("close", "equal"):
        result.max_error, result.message = None, result.message or "another value was expected"


def judge_written(cell: GradedCell, answered: bool) -> CellResult:
    """Return the result of a written question: it waits for a grader, or earns 0 if nothing was written."""
    result = CellResult(cell.grade_id, None if answered else 0.0, cell.points, cell.optional, manual=True)
    result.verdict = "manual" if answered else "no_response"
    result.message = "waits for a grader" if answered else "no answer was written"
    return result


def _ending(run: CellRun, region: str, names: frozenset[str]) -> str:
    """Say in words how the tests of a cell ended."""
    word = run.verdict.partition(":")[0]
    if word == "error":
        return f"the tests stopped with {plain_error(run.error, region, names)}"
    return {
        "timeout": "your code ran too long and was stopped (is there a loop that never ends?)",
        "kernel_died": f"your code ended the whole Python process ({run.verdict.partition(':')[2] or 'crash'})",
        "memory_limit": "your code used more memory than allowed",
        "cpu_limit": "your code used more processor time than allowed",
        "disk_limit": "your code wrote more to disk than allowed",
        "process_limit": "your code started more processes than allowed",
        "output_limit": "your code printed more than allowed",
        "protocol_error": "your code broke the connection to the notebook's kernel",
        "not_run": "the notebook had used up its time, or its kernel had died too often, before this question",
    }.get(word, run.verdict)


# -- the judges: each takes (expectation, decoded value, truth folder) ------------------------------------------------


def _close(want: Expectation, got: Any, truth: Path | None) -> EvidenceResult:
    """Every element within ``atol + rtol * |expected|``."""
    return compare(want.name, want.value, got, want.terms["atol"], want.terms["rtol"])


def _equal(want: Expectation, got: Any, truth: Path | None) -> EvidenceResult:
    """Exactly the same values."""
    return compare(want.name, want.value, got, 0.0, 0.0)


def _mse_below(want: Expectation, got: Any, truth: Path | None) -> EvidenceResult:
    """Mean squared error against the target below the bound."""
    bound = float(want.terms["bound"])
    problem = _unlike(want.target, got)
    if problem:
        return EvidenceResult(want.name, problem[0], 0.0, message=problem[1])
    with np.errstate(all="ignore"):
        error = float(np.mean((got.astype(float) - want.target.astype(float)) ** 2))
    good = error <= bound  # nan is not
    message = f"mean squared error {_number(error)}, wanted at most {_number(bound)}"
    return EvidenceResult(
        want.name, "passed" if good else "wrong_value", float(good), max_error=error, tolerance=bound, message=message
    )


def _accuracy(want: Expectation, got: Any, truth: Path | None) -> EvidenceResult:
    """Share of right labels, linear between ``zero_at`` and ``full_at``."""
    if truth is None:
        raise AuthoringError(f"evidence {want.name!r} needs the folder of its truth file")
    try:
        labels = (truth / want.terms["truth"]).read_text("utf-8").removesuffix("\n").split("\n")
    except OSError as error:
        raise AuthoringError(
            f"evidence {want.name!r}: {error.filename}: {error.strerror}; put the labels there"
        ) from error
    if not isinstance(got, list) or not all(isinstance(item, str) for item in got):
        return EvidenceResult(want.name, "wrong_type", 0.0, message="expected a list of labels")
    if len(got) != len(labels):
        return EvidenceResult(
            want.name, "wrong_shape", 0.0, message=f"expected {len(labels)} labels, got {_count(len(labels), len(got))}"
        )
    share = sum(a == b for a, b in zip(got, labels, strict=True)) / len(labels)
    zero, full = want.terms["zero_at"], want.terms["full_at"]
    fraction = min(1.0, max(0.0, (share - zero) / (full - zero)))
    verdict = "passed" if fraction == 1 else "partial" if fraction else "wrong_value"
    message = f"accuracy {share:.1%} on names you have not seen; {zero:.0%} earns nothing, {full:.0%} earns everything"
    return EvidenceResult(want.name, verdict, fraction, max_error=1 - share, tolerance=1 - full, message=message)


def _own(want: Expectation, got: Any) -> EvidenceResult:
    """A function of ``judges.py``, on a value of the reference's own type and shape."""
    assert want.own is not None
    problem = unlike(want.value, got)
    if problem:
        return EvidenceResult(want.name, problem[0], 0.0, message=problem[1])
    if reason := unfit(got, want.value):
        return EvidenceResult(want.name, "wrong_value", 0.0, message=reason)
    share, sentence = want.own.share(f"{want.place}, evidence {want.name!r}", got, want.value)
    verdict = "passed" if share == 1 else "partial" if share else "wrong_value"
    message = sentence or (
        "" if share == 1 else f"worth {share:.0%} of this case" if share else "another value was expected"
    )
    return EvidenceResult(want.name, verdict, share, message=message)


JUDGES = {"close": _close, "equal": _equal, "mse_below": _mse_below, "accuracy": _accuracy}


def compare(name: str, want: Any, got: Any, atol: float, rtol: float) -> EvidenceResult:
    """Compare one value with the expected one: type and shape first, then every element.

    A nan or an infinity passes only where exactly that is expected, in both parts of a complex number.
    """
    problem = _unlike(want, got)
    if problem:
        return EvidenceResult(name, problem[0], 0.0, message=problem[1])
    if isinstance(want, list):
        return _compare_lists(name, want, got, atol, rtol)
    if not isinstance(want, np.ndarray):
        good = want == got
        return EvidenceResult(
            name, "passed" if good else "wrong_value", float(good), message="" if good else "another value was expected"
        )
    return _compare_arrays(name, want, got, atol, rtol)


def _compare_lists(name: str, want: list[Any], got: list[Any], atol: float, rtol: float) -> EvidenceResult:
    results = [compare(name, a, b, atol, rtol) for a, b in zip(want, got, strict=True)]
    bad = [(i, r) for i, r in enumerate(results) if r.verdict != "passed"]
    errors = [r.max_error for r in results if r.max_error is not None]
    if not bad:
        return EvidenceResult(name, "passed", 1.0, max_error=max(errors, default=None), tolerance=atol, relative=rtol)
    index, first = bad[0]
    first.where = [index, *(first.where or [])]
    first.message = first.message and f"entry {index}: {first.message}"
    return first


def _compare_arrays(name: str, want: np.ndarray, got: np.ndarray, atol: float, rtol: float) -> EvidenceResult:
    if want.size == 0:
        return EvidenceResult(name, "passed", 1.0, max_error=0.0, tolerance=atol, relative=rtol)
    kind = complex if "c" in (want.dtype.kind, got.dtype.kind) else float
    expected, value = want.astype(kind), got.astype(kind)
    with np.errstate(all="ignore"):
        error = np.abs(value - expected)
        limit = np.where(np.isfinite(expected), atol + rtol * np.abs(expected), 0.0)
    same = _same_number(value.real, expected.real) & _same_number(value.imag, expected.imag)
    error = np.where(same, 0.0, np.where(np.isfinite(error), error, np.inf))
    if kind is float:
        _correct_large_integers(error, want, got)
    outside = error > limit
    good = not outside.any()
    place = np.unravel_index(int(np.argmax(error if good else np.where(outside, error, -1.0))), error.shape)
    where = [int(i) for i in place]
    return EvidenceResult(
        name,
        "passed" if good else "wrong_value",
        float(good),
        max_error=float(error[place]),
        tolerance=atol,
        relative=rtol,
        where=where or None,
        expected=str(want[place]),
        got=str(got[place]),
    )


def _same_number(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Tell where two real arrays hold the same number; nan is the same as nan."""
    return np.asarray((a == b) | (np.isnan(a) & np.isnan(b)))


def _correct_large_integers(error: np.ndarray, want: np.ndarray, got: np.ndarray) -> None:
    """Put in the exact errors where whole numbers are so large that decimal ones cannot tell them apart."""
    large = np.zeros(error.shape, dtype=bool)
    for array in (want, got):
        if array.dtype.kind in "iu" and array.dtype.itemsize == 8:
            large |= (array > _EXACT) | (array < -_EXACT if array.dtype.kind == "i" else False)
    for place in map(tuple, np.argwhere(large & np.isfinite(error))):
        error[place] = float(abs(Fraction(got[place].item()) - Fraction(want[place].item())))


def unlike(want: Any, got: Any) -> tuple[str, str] | None:
    """Say what is wrong with the type or shape, also of the entries of a list, or return None."""
    problem = _unlike(want, got)
    if problem or not isinstance(want, list):
        return problem
    for index, (a, b) in enumerate(zip(want, got, strict=True)):
        if problem := unlike(a, b):
            return problem[0], f"entry {index}: {problem[1]}"
    return None


def _unlike(want: Any, got: Any) -> tuple[str, str] | None:
    """Say what is wrong with the type or shape of the value itself, or return None."""
    if _family(want) != _family(got):
        return "wrong_type", f"expected {_FAMILIES[_family(want)]}, got {_FAMILIES[_family(got)]}"
    if isinstance(want, np.ndarray) and want.shape != got.shape:
        return "wrong_shape", f"expected shape {_shape(want.shape)}, got {_plausible(want.shape, got.shape)}"
    if isinstance(want, list) and len(want) != len(got):
        return "wrong_shape", f"expected {len(want)} entries, got {_count(len(want), len(got))}"
    return None


_FAMILIES = {"number": "real numbers", "bool": "True or False", "complex": "complex numbers", "text": "text",
             "none": "None", "list": "a list that is no array of numbers"}  # fmt: skip


def _family(value: Any) -> str:
    """Return the family of a decoded value; whole and decimal numbers are one family."""
    if isinstance(value, np.ndarray):
        return {"b": "bool", "c": "complex"}.get(value.dtype.kind, "number")
    return "text" if isinstance(value, str) else "list" if isinstance(value, list) else "none"


def _plausible(want: tuple[int, ...], got: tuple[int, ...]) -> str:
    """Return a shape if it may come of a slip: freely chosen dimensions would carry a message."""
    near = {0, 1, math.prod(want), *(n + more for n in want for more in (-1, 0, 1)), *(2 * n for n in want)}
    near |= {a * b for a in want for b in want}
    return _shape(got) if len(got) <= 6 and set(got) <= near else "another one"


def _count(want: int, got: int) -> str:
    """Return a number of entries if it may come of a slip."""
    return str(got) if got in (0, 1, want - 1, want + 1, 2 * want) else "more" if got > want else "fewer"


def _shape(shape: tuple[int, ...]) -> str:
    if len(shape) > 8:  # no tensor of a course; a hidden test, written in numbers
        return f"one of {len(shape)} dimensions"
    return "(" + ", ".join(map(str, shape)) + ")" if shape else "() (a single number)"


def _number(value: float) -> str:
    return f"{value:.2g}"
