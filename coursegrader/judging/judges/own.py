"""What do judges of the course's own decide? The functions of ``source/<assignment>/judges.py``.

They run on the grader's side, in a process of their own, on values that were decoded as plain data, after everything
was refused that is not of the reference's own type and shape. What one tells a student is a sentence of its author's;
any other error is the author's, said with place and cause, and costs what it was asked about.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from coursegrader.errors import AuthoringError
from coursegrader.judging.judges.apart import Court, Failed
from coursegrader.judging.sieve import plain_sentence

FILE_NAME = "judges.py"
MAX_TEXT = 10_000  # letters of one text: an author's code need not be quick on more


@dataclass(frozen=True)
class OwnJudge:
    """One function of ``judges.py``: ``function(value, expected, *, truth) -> bool | float``.

    Attributes:
        name: Its name, as ``evidence(..., judge=name)`` says it.
        path: The file it stands in.
        source: Source of that file: the sentences it raises may be told.
        truth: Folder of the assignment's truth files.
        court: Where it runs.
    """

    name: str
    path: Path
    source: str
    truth: Path
    court: Court

    def share(self, place: str, value: Any, expected: Any) -> tuple[float, str]:
        """Return the earned share, 0 to 1, and a sentence for the student, or an empty text.

        Args:
            place: Notebook, cell and evidence, for the author.
            value: The student's, of the type and shape of ``expected``.
            expected: The reference's.

        Raises:
            AuthoringError: The function failed, hung, or returned something else than a share.
        """
        try:
            share, sentence = self.court.share(self.name, value, expected, self.truth)
        except Failed as error:
            raise AuthoringError(
                f"{self.path}{error.where}: judge {self.name!r} failed on {place} ({error}); mend it"
            ) from error
        return share, sentence and (plain_sentence(sentence, self.source) or "another value was expected")


def call(folder: Path) -> None:
    """Have the judges of an assignment get ready while the grader does other things; :func:`load` says what is wrong."""
    with suppress(AuthoringError):
        if (source := _source(folder / FILE_NAME)) is not None:
            _court(folder / FILE_NAME, source).begin()


def load(folder: Path, taken: Mapping[str, Any]) -> dict[str, OwnJudge]:
    """Return the judges of an assignment by name; none if it has no ``judges.py``.

    Args:
        folder: ``source/<assignment>``.
        taken: Names that the grader's own judges have.

    Raises:
        AuthoringError: The file is no Python, fails, or has a function that can be no judge.
    """
    path = folder / FILE_NAME
    if (source := _source(path)) is None:
        return {}
    functions, court = _functions(path, source), _court(path, source)
    for name, unusable in functions.items():
        if name in taken:
            raise AuthoringError(f"{path}: {name!r} is the name of a judge that every course has; choose another")
        if unusable:
            raise AuthoringError(f"{path}: {name} must be `def {name}(value, expected, *, truth)` ({unusable})")
    return {name: OwnJudge(name, path, source, folder / "truth", court) for name in functions}


def _source(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise AuthoringError(f"{path}: cannot be read ({error}); mend it") from error


@lru_cache(4)  # each has a process
def _court(path: Path, source: str) -> Court:
    return Court(path, source)


@lru_cache(4)
def _functions(path: Path, source: str) -> dict[str, str]:
    """Run the file and return which its functions are, those that it only imports left out."""
    try:
        return _court(path, source).functions()
    except Failed as error:
        raise AuthoringError(f"{path}{error.where}: {error}; mend it") from error


def unfit(value: Any, expected: Any) -> str:
    """Say what in a value of the right type and shape no author's code should have to expect; or return nothing.

    That is nan or an infinity where the reference has none, parts of a whole number, and text without end.
    """
    if isinstance(expected, np.ndarray):
        if not _fits(value, expected):
            return "expected whole numbers"
        for test, word in ((np.isnan, "nan"), (np.isinf, "infinite numbers")):
            if expected.dtype.kind not in "Mm" and test(value).any() and not test(expected).any():
                return f"there are {word} among the values"
    if isinstance(expected, str) and len(value) > max(MAX_TEXT, 10 * len(expected)):
        return "the text is far too long"
    if isinstance(expected, list):
        return next((problem for a, b in zip(value, expected, strict=True) if (problem := unfit(a, b))), "")
    if isinstance(expected, dict):
        return next((problem for key in expected if (problem := unfit(value[key], expected[key]))), "")
    return ""


def _fits(value: np.ndarray, expected: np.ndarray) -> bool:
    """Say whether the values can be had in the reference's own kind of number."""
    if expected.dtype.kind not in "iu" or value.dtype.kind in "iub":
        return True
    return bool(np.all(np.isfinite(value) & (np.floor(value) == value) & (np.abs(value) <= 2.0**53)))
