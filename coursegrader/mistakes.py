"""Which known mistake is this?

A bank is a folder of Python files, each a complete answer to one solution cell: ``mistakes/`` holds wrong ones,
``alternatives/`` right ones.
A wrong value gets a mistake's name only if the mistake, and no other, gives exactly that evidence.
"""

from __future__ import annotations

import ast
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from coursegrader.cache import Cache
from coursegrader.course import Assignment, Notebook
from coursegrader.errors import AuthoringError, EvidenceError
from coursegrader.execute import CellRun
from coursegrader.judge import Expectation, Record, compare, decode
from coursegrader.log import CellResult
from coursegrader.reference import run_source
from coursegrader.syntax import tree_of

#: Another mistake whose evidence is this many tolerances away is too near to tell the two apart.
FAR = 10.0
_SETTING = re.compile(r"^#\s*(loses|category):\s*(.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Answer:
    """One file of a bank.

    Attributes:
        notebook: Notebook name.
        cell: grade_id of the solution cell it answers.
        slug: File name without ``.py``.
        source: The complete source of the cell.
        text: Docstring: the hint of a mistake, the style of an alternative.
        loses: Grade cells that a mistake must lose points in.
        category: What kind of mistake it is, in a word or two.
    """

    notebook: str
    cell: str
    slug: str
    source: str
    text: str
    loses: tuple[str, ...] = ()
    category: str = ""


def bank(assignment: Assignment, kind: str, notebook: str) -> list[Answer]:
    """Read the bank ``mistakes`` or ``alternatives`` of one notebook.

    Raises:
        AuthoringError: A file does not parse, has no docstring, or names a cell that does not exist.
    """
    graded = assignment.notebooks[notebook].graded
    solutions = {
        cell.metadata.get("nbgrader", {}).get("grade_id") for cell in assignment.notebooks[notebook].source.cells
    }
    answers = []
    for path in sorted((assignment.folder / kind / notebook).glob("*/*.py")):
        source = path.read_text("utf-8")
        try:
            text = ast.get_docstring(tree_of(source)) or ""
        except SyntaxError as error:
            raise AuthoringError(f"{path}: line {error.lineno} is not Python; mend it") from error
        settings = dict(_SETTING.findall(source))
        loses = tuple(name.strip() for name in settings.get("loses", "").split(",") if name.strip())
        unknown = sorted({path.parent.name} - solutions) + sorted(set(loses) - set(graded))
        if unknown:
            raise AuthoringError(f"{path}: there is no cell {unknown[0]!r} in {notebook}; mend the name")
        if not text or (kind == "mistakes" and not loses):
            raise AuthoringError(
                f"{path}: needs a docstring and a line `# loses: <grade cells>`; see docs/authoring.md"
            )
        answers.append(Answer(notebook, path.parent.name, path.stem, source, text, loses, settings.get("category", "")))
    return answers


@dataclass
class KnownMistake:
    """A mistake with the evidence it gives under one seed."""

    answer: Answer
    cells: dict[str, CellRun]


class KnownMistakes:
    """The mistakes of one notebook's bank; each is run when it is first asked for, or taken from the cache."""

    def __init__(self, notebook: Notebook, seed: str, cache: Cache, workers: int = 1) -> None:
        """Read the bank; nothing is run yet."""
        self._answers = bank(notebook.assignment, "mistakes", notebook.name)
        self._notebook, self._seed, self._cache, self._workers = notebook, seed, cache, workers
        self._known: dict[str, KnownMistake] = {}

    def losing(self, grade_id: str) -> list[KnownMistake]:
        """Return the mistakes that lose a grade cell, with their evidence."""
        answers = [answer for answer in self._answers if grade_id in answer.loses]
        missing = [answer for answer in answers if f"{answer.cell}/{answer.slug}" not in self._known]
        with ThreadPoolExecutor(self._workers) as pool:
            for known in pool.map(self._run, missing):
                self._known[f"{known.answer.cell}/{known.answer.slug}"] = known
        return [self._known[f"{answer.cell}/{answer.slug}"] for answer in answers]

    def _run(self, answer: Answer) -> KnownMistake:
        return KnownMistake(
            answer, run_source(self._notebook, self._seed, self._cache, {answer.cell: answer.source}).cells
        )


def recognise(
    result: CellResult, records: list[Record], expected: list[Expectation], known: KnownMistakes
) -> Answer | None:
    """Return the one known mistake whose evidence in a cell is the student's, or None.

    Args:
        result: The judged grade cell.
        records: The student's evidence.
        expected: The reference's.
        known: Mistakes of the notebook; only those that lose this cell are considered.
    """
    mine = _values(records)
    compared = [want for want in expected if want.terms["judge"] in ("close", "equal")]
    failed = {evidence.name for evidence in result.evidence if evidence.verdict != "passed"}
    wrong = failed & {want.name for want in compared} & set(mine)
    if not wrong:
        return None  # nothing arrived that could be told from any other failure
    candidates = [
        (mistake.answer, _values(mistake.cells[result.grade_id].records)) for mistake in known.losing(result.grade_id)
    ]
    near = [(answer, values) for answer, values in candidates if _same(mine, values, compared, FAR)]
    if len(near) == 1 and _same(mine, near[0][1], compared, 1.0):
        return near[0][0]
    return None


def _values(records: list[Record]) -> dict[str, Any]:
    """Decode records by name; what cannot be decoded is left out."""
    found: dict[str, Any] = {}
    for record in records:
        try:
            found[str(record["name"])] = decode(record["value"])
        except (EvidenceError, KeyError, TypeError, RecursionError):
            continue
    return found


def _same(mine: dict[str, Any], theirs: dict[str, Any], compared: list[Expectation], scale: float) -> bool:
    """Tell whether two answers give the same evidence, and none where the other gives none."""
    for want in compared:
        if (want.name in mine) != (want.name in theirs):
            return False
        if want.name in mine:
            atol, rtol = want.terms["atol"] * scale, want.terms["rtol"] * scale
            if compare(want.name, theirs[want.name], mine[want.name], atol, rtol).verdict != "passed":
                return False
    return True
