"""How does what a plot shows differ from what it should show?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from coursegrader.judging.values.kinds import Drawn
from coursegrader.judging.values.measure import Measure, first_wrong, inside, passed, wrong
from coursegrader.judging.values.tables import count
from coursegrader.model import EvidenceResult

Differ = Callable[[Any, Any, Measure], EvidenceResult]
_WORDS = {"title": "title", "xlabel": "label of the x axis", "ylabel": "label of the y axis"}
_AXES = {"x": "the x axis", "y": "the y axis"}
_THINGS = {"lines": "line", "points": "group of points", "images": "image"}
_PAIRS = 2_500  # up to so many comparisons it does not matter in which order something was drawn


def compare_plots(want: Drawn, got: Drawn, measure: Measure, differ: Differ) -> EvidenceResult:
    """Compare words and scales first, then the number of things drawn, then their data.

    Args:
        want: The reference's plot, in the parts that are asked for.
        got: The student's.
        measure: What is asked of the data.
        differ: Compares any two values.
    """
    for part, expected in want.parts.items():
        problem = _problem(part, expected, got.parts.get(part), measure)
        if problem:
            return problem
    return first_wrong(_data(want, got, measure, differ), measure)


def _problem(part: str, want: Any, got: Any, measure: Measure) -> EvidenceResult | None:
    """Return what is wrong with a part besides its numbers."""
    if part in _WORDS and (not isinstance(got, str) or got.strip() != want.strip()):
        return wrong("wrong_value", f"the {_WORDS[part]} is {'another one' if got else 'missing'}")
    if part in ("xscale", "yscale") and got != want:
        return wrong("wrong_value", f"{_AXES[part[0]]} has another scale")
    if part in ("xnames", "ynames") and (not isinstance(got, list) or got != want):
        return wrong("wrong_value", f"other words stand at {_AXES[part[0]]}")
    if part == "legend" and (not isinstance(got, list) or Counter(map(str, got)) != Counter(want)):
        return wrong("wrong_value", "the legend has other texts" if got else "there is no legend")
    if part == "bars" and (not isinstance(got, np.ndarray) or got.shape != want.shape):
        return wrong("wrong_shape", _other_number("bar", want, got))
    if part in _THINGS and len(_things(want)) != len(_things(got)):
        return wrong("wrong_shape", _other_number(_THINGS[part].replace("group", "groups"), want, got))
    return None


def _other_number(thing: str, want: Any, got: Any) -> str:
    things = thing if thing.startswith("groups") else f"{thing}s"
    return f"expected {len(_things(want))} {things}, got {count(len(_things(want)), len(_things(got)))}"


def _things(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) or (isinstance(value, np.ndarray) and value.ndim) else []


def _data(want: Drawn, got: Drawn, measure: Measure, differ: Differ) -> Iterator[tuple[str, EvidenceResult]]:
    for part in _THINGS:
        if part in want.parts:
            labelled = "legend" in want.parts
            yield from _matched(part, _things(want.parts[part]), _things(got.parts[part]), measure, differ, labelled)
    if "bars" in want.parts and len(want.parts["bars"]):
        yield "the bars", _bars(want.parts["bars"], got.parts["bars"], measure, differ)


def _bars(want: np.ndarray, got: np.ndarray, measure: Measure, differ: Differ) -> EvidenceResult:
    """Compare bars from left to right: where they stand and how high they are; how wide is nobody's business."""
    middles = [bars[:, [0]] + bars[:, [2]] / 2 for bars in (want, got)]
    upright = _same_number(want[:, 2])
    columns = [1, 3] if upright else [0, 2]
    across = middles if upright else [bars[:, [1]] + bars[:, [3]] / 2 for bars in (want, got)]
    ours, theirs = (np.hstack([at, bars[:, columns]]) for at, bars in zip(across, (want, got), strict=True))
    result = differ(ours, theirs, measure)
    if result.verdict != "passed" and result.where:
        row = result.where[0]
        result.where, result.place = [row], f"bar {row}"
    return result


def _same_number(values: np.ndarray) -> bool:
    return bool(np.ptp(values) <= 1e-6 * np.max(np.abs(values)))


def _matched(
    part: str, want: list[Any], got: list[Any], measure: Measure, differ: Differ, labelled: bool
) -> Iterator[tuple[str, EvidenceResult]]:
    """Yield a result for each thing that should be drawn, compared with the one of the student's that is it."""
    free = list(range(len(got)))
    for number, expected in enumerate(want):
        tried = free if len(want) * len(got) <= _PAIRS else free[:1]
        results = {place: _thing(expected, got[place], measure, differ, labelled) for place in tried}
        place = next((place for place, result in results.items() if result.verdict == "passed"), None)
        if place is None:
            place = number if number in results else next(iter(results))
        free.remove(place)
        yield f"{_THINGS[part]} {number}", results[place]


def _thing(want: Any, got: Any, measure: Measure, differ: Differ, labelled: bool) -> EvidenceResult:
    if not isinstance(want, dict):
        return differ(want, got, measure)
    if not isinstance(got, dict) or set(got) != set(want):
        return wrong("malformed", "the plot could not be read")
    errors = []
    for key in ("x", "y", "xy"):
        if key in want:
            result = differ(want[key], got[key], measure)
            if result.verdict == "wrong_shape":
                return wrong("wrong_shape", f"expected {len(want[key])} points, got {_number(want[key], got[key])}")
            if result.verdict != "passed":
                return inside(0, key, result)
            errors.append(result.max_error)
    if labelled and want["label"] and want["label"] != got["label"]:
        return wrong("wrong_value", "the legend calls it by another name")
    return passed(measure, errors)


def _number(want: Any, got: Any) -> str:
    return count(len(want), len(got)) if isinstance(got, np.ndarray) and got.ndim else "none"
