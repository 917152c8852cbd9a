"""What does a hidden region ask of a value, and what share of its worth does a value earn?

A judge takes what the reference says, the student's decoded value, the folder of the assignment's truth files and the
names that may be said.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from coursegrader.errors import AuthoringError
from coursegrader.judging.judges.own import OwnJudge, unfit
from coursegrader.judging.values.comparing import compare
from coursegrader.judging.values.likeness import unlike, unlike_outside
from coursegrader.judging.values.tables import count
from coursegrader.model import EvidenceResult

Told = frozenset[str]  # names that students were given


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


def _close(want: Expectation, got: Any, truth: Path | None, told: Told) -> EvidenceResult:
    """Every element within ``atol + rtol * |expected|``."""
    return compare(want.name, want.value, got, want.terms["atol"], want.terms["rtol"], told)


def _equal(want: Expectation, got: Any, truth: Path | None, told: Told) -> EvidenceResult:
    """Exactly the same values."""
    return compare(want.name, want.value, got, 0.0, 0.0, told)


def _mse_below(want: Expectation, got: Any, truth: Path | None, told: Told) -> EvidenceResult:
    """Mean squared error against the target below the bound."""
    bound = float(want.terms["bound"])
    problem = unlike_outside(want.target, got)
    if problem:
        return EvidenceResult(want.name, problem[0], 0.0, message=problem[1])
    with np.errstate(all="ignore"):
        error = float(np.mean((got.astype(float) - want.target.astype(float)) ** 2))
    good = error <= bound  # nan is not
    message = f"mean squared error {_number(error)}, wanted at most {_number(bound)}"
    return EvidenceResult(
        want.name, "passed" if good else "wrong_value", float(good), max_error=error, tolerance=bound, message=message
    )


def _accuracy(want: Expectation, got: Any, truth: Path | None, told: Told) -> EvidenceResult:
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
            want.name, "wrong_shape", 0.0, message=f"expected {len(labels)} labels, got {count(len(labels), len(got))}"
        )
    share = sum(a == b for a, b in zip(got, labels, strict=True)) / len(labels)
    zero, full = want.terms["zero_at"], want.terms["full_at"]
    fraction = min(1.0, max(0.0, (share - zero) / (full - zero)))
    verdict = "passed" if fraction == 1 else "partial" if fraction else "wrong_value"
    message = (
        f"accuracy {share:.1%} on hidden inputs; points begin above {zero:.0%}, and from {full:.0%} on all are earned"
    )
    return EvidenceResult(want.name, verdict, fraction, max_error=1 - share, tolerance=1 - full, message=message)


def by_own_judge(want: Expectation, got: Any, told: Told = frozenset()) -> EvidenceResult:
    """A function of ``judges.py``, on a value of the reference's own type and shape."""
    assert want.own is not None
    problem = unlike(want.value, got, told)
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


def _number(value: float) -> str:
    return f"{value:.2g}"
