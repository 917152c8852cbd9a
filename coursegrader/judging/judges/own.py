"""What do judges of the course's own decide? The functions of ``source/<assignment>/judges.py``.

They run in the grader, on values that were decoded as plain data, after everything was refused that is not of the
reference's own type and shape. What one tells a student is a sentence of its author's; any other error is the
author's, said with place and cause.
"""

from __future__ import annotations

import copy
import inspect
import math
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from coursegrader.errors import AuthoringError
from coursegrader.evidence import Wrong
from coursegrader.judging.sieve import plain_sentence

FILE_NAME = "judges.py"
MAX_TEXT = 10_000  # letters of one text: an author's code need not be quick on more


@dataclass(frozen=True)
class OwnJudge:
    """One function of ``judges.py``.

    Attributes:
        name: Its name, as ``evidence(..., judge=name)`` says it.
        function: ``function(value, expected, *, truth) -> bool | float``.
        path: The file it stands in.
        source: Source of that file: the sentences it raises may be told.
        truth: Folder of the assignment's truth files.
    """

    name: str
    function: Callable[..., Any]
    path: Path
    source: str
    truth: Path

    def share(self, place: str, value: Any, expected: Any) -> tuple[float, str]:
        """Return the earned share, 0 to 1, and a sentence for the student, or an empty text.

        Args:
            place: Notebook, cell and evidence, for the author.
            value: The student's, of the type and shape of ``expected``.
            expected: The reference's.

        Raises:
            AuthoringError: The function failed, or returned something else than a share.
        """
        try:
            found = self.function(plain(value, expected), plain(expected, expected), truth=self.truth)
        except Wrong as error:
            return 0.0, plain_sentence(str(error), self.source) or "another value was expected"
        except Exception as error:  # an author's code can raise anything
            lines = [
                frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(self.path)
            ]
            line = f", line {lines[-1]}" if lines else ""
            raise AuthoringError(
                f"{self.path}{line}: judge {self.name!r} failed on {place} ({type(error).__name__}: {error}); mend it"
            ) from error
        good = isinstance(found, (bool, np.bool_, int, float, np.floating, np.integer)) and 0 <= found <= 1
        if not good:
            raise AuthoringError(
                f"{self.path}: judge {self.name!r} returned {str(found)[:60]!r} for {place}; "
                "it must return True, False or a share from 0 to 1"
            )
        return float(found), ""


def load(folder: Path, taken: Mapping[str, Any]) -> dict[str, OwnJudge]:
    """Return the judges of an assignment by name; none if it has no ``judges.py``.

    Args:
        folder: ``source/<assignment>``.
        taken: Names that the grader's own judges have.

    Raises:
        AuthoringError: The file is no Python, fails, or has a function that can be no judge.
    """
    path = folder / FILE_NAME
    try:
        source = path.read_text("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise AuthoringError(f"{path}: cannot be read ({error}); mend it") from error
    functions = _run(path, source)
    for name, function in functions.items():
        if name in taken:
            raise AuthoringError(f"{path}: {name!r} is the name of a judge that every course has; choose another")
        try:
            inspect.signature(function).bind(None, None, truth=folder)
        except TypeError as error:
            raise AuthoringError(f"{path}: {name} must be `def {name}(value, expected, *, truth)` ({error})") from error
    return {name: OwnJudge(name, function, path, source, folder / "truth") for name, function in functions.items()}


@lru_cache(100)
def _run(path: Path, source: str) -> dict[str, Callable[..., Any]]:
    """Run the file and return its public functions, those that it only imports left out."""
    names: dict[str, Any] = {"__name__": "judges", "__file__": str(path)}
    try:
        exec(compile(source, str(path), "exec"), names)  # the instructor's own code
    except Exception as error:
        line = getattr(error, "lineno", None) or traceback.extract_tb(error.__traceback__)[-1].lineno
        raise AuthoringError(f"{path}, line {line}: {type(error).__name__}: {error}; mend it") from error
    own = {name: value for name, value in names.items() if inspect.isfunction(value) and not name.startswith("_")}
    return {name: value for name, value in own.items() if value.__module__ == "judges"}


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


def plain(value: Any, expected: Any) -> Any:
    """Return a copy as an author expects it: Python's own numbers, and arrays that cannot be changed."""
    if isinstance(expected, list):
        return [plain(a, b) for a, b in zip(value, expected, strict=True)]
    if isinstance(expected, dict):
        return {key: plain(value[key], expected[key]) for key in expected}
    if not isinstance(expected, np.ndarray):
        return copy.copy(value)
    whole = expected.dtype.kind in "iu"
    array = value.astype(np.int64 if whole and value.dtype.kind == "f" else value.dtype if whole else expected.dtype)
    if math.prod(array.shape) == 1 and not array.shape:
        return array.item()
    array.flags.writeable = False
    return array
