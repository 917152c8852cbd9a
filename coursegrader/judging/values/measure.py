"""How near is near enough, what may be called by its name, and how is a result of parts put together?"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace

from coursegrader.model import EvidenceResult

Tolerance = float | dict[str, float]
USUAL = 1e-4  # of columns and keys that a dict of tolerances does not name
OTHER = "another value was expected"


@dataclass(frozen=True)
class Measure:
    """What is asked of a value.

    Attributes:
        atol: Absolute tolerance, or one for each column or key.
        rtol: Relative tolerance, or one for each column or key.
        told: Names that students were given. Other labels of the reference stay untold: they may be the answer.
    """

    atol: Tolerance
    rtol: Tolerance
    told: frozenset[str] = frozenset()

    @property
    def absolute(self) -> float:
        """The absolute tolerance here."""
        return USUAL if isinstance(self.atol, dict) else self.atol

    @property
    def relative(self) -> float:
        """The relative tolerance here."""
        return USUAL if isinstance(self.rtol, dict) else self.rtol

    def of(self, label: Hashable) -> Measure:
        """Return what is asked of a column or key."""
        return replace(self, atol=_named(self.atol, label), rtol=_named(self.rtol, label))

    def name(self, what: str, label: Hashable, number: int) -> str:
        """Return what a column or key may be called: by its label if that was given, else by its number."""
        return name(what, label, number, self.told)


def name(what: str, label: Hashable, number: int, told: frozenset[str]) -> str:
    """Return what a column or key may be called, see :meth:`Measure.name`."""
    if isinstance(label, str) and label in told:
        return f"{what} '{label}'"
    return "one of the keys" if what == "key" else f"{what} {number}"  # a number would be taken for a key


def _named(tolerance: Tolerance, label: Hashable) -> Tolerance:
    return tolerance.get(str(label), USUAL) if isinstance(tolerance, dict) else tolerance


def scaled(tolerance: Tolerance, factor: float) -> Tolerance:
    """Return a tolerance that is so many times as large."""
    if isinstance(tolerance, dict):
        return {label: part * factor for label, part in tolerance.items()}
    return tolerance * factor


def passed(measure: Measure, errors: Iterable[float | str | None] = ()) -> EvidenceResult:
    """Return the result of something that is as expected."""
    error = max((error for error in errors if isinstance(error, float)), default=None)
    return EvidenceResult("", "passed", 1.0, max_error=error, tolerance=measure.absolute, relative=measure.relative)


def wrong(verdict: str, message: str = OTHER, where: list[int] | None = None, place: str = "") -> EvidenceResult:
    """Return the result of something that is not as expected."""
    return EvidenceResult("", verdict, 0.0, message=message, where=where, place=place)


def inside(number: int, words: str, result: EvidenceResult) -> EvidenceResult:
    """Say of a wrong part where it is in the whole."""
    deeper = result.place or (f"index {result.where}" if result.where else "")
    result.where = [number, *(result.where or [])]
    if result.verdict == "wrong_value":
        result.place = f"{words}, {deeper}" if deeper else words
    else:
        result.message = f"{words}: {result.message}"
    return result


def first_wrong(parts: Iterable[tuple[str, EvidenceResult]], measure: Measure) -> EvidenceResult:
    """Return the first wrong one of the parts, with its place; or that all of them are right."""
    results = list(parts)
    for number, (words, result) in enumerate(results):
        if result.verdict != "passed":
            return inside(number, words, result)
    return passed(measure, [result.max_error for _, result in results])
