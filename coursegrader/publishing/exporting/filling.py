"""How is the sheet of a learning platform filled in place, and whom does it lack?

No column or row is added, and no cell but the grades is changed.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from coursegrader.grading.gradebook.results import Results, StudentResult


class Notes(list[str]):
    """Sentences the instructor should know, and the students whose grade could not be put anywhere.

    Attributes:
        unplaced: Students who handed in and are in no row of the sheet.
    """

    def __init__(self, sentences: Iterable[str] = (), unplaced: Iterable[str] = ()) -> None:
        super().__init__(sentences)
        self.unplaced = list(unplaced)


@dataclass
class Filled:
    """What happened to a sheet: whom it has, whom it lacks.

    Attributes:
        matched: Students that are in the sheet.
        unknown: Rows that are nobody on the roster.
        kept: Cells that were left as they are, with the reason.
        absent: Rows of students who handed in nothing, with the cell that a 0 belongs into.
    """

    matched: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    absent: list[tuple[str, list[str], int]] = field(default_factory=list)

    def put(self, student: StudentResult, row: list[str], column: int, value: str) -> None:
        """Write a grade; a 0 for nobody's work waits until it is known that nobody's work is left over."""
        if student.handed_in:
            row[column] = value
        else:
            self.absent.append((student.id, row, column))

    def finish(self, results: Results, label: str) -> Notes:
        """Write the zeros if every submission has its row, and say what the instructor should know."""
        missing = [student for student in results.students if student.id not in self.matched]
        unplaced = [student.id for student in missing if student.handed_in]
        notes = Notes(unplaced=unplaced)
        if unplaced:
            notes.append(
                f"{len(unplaced)} students handed in and are in no row of the {label} sheet: {few(unplaced)}; "
                "mend their names, addresses or numbers on the roster"
            )
        if self.unknown:
            notes.append(f"{len(self.unknown)} rows of the {label} sheet are nobody on the roster: {few(self.unknown)}")
        if unplaced and self.absent:
            left = [student for student, _, _ in self.absent]
            notes.append(
                f"{len(left)} rows were left empty, because one of those submissions may be theirs: {few(left)}"
            )
        for _, row, column in [] if unplaced else self.absent:
            row[column] = "0"
        if len(missing) > len(unplaced):
            others = [student.id for student in missing if not student.handed_in]
            notes.append(f"{len(others)} students are not in the {label} sheet and handed in nothing: {few(others)}")
        if self.kept:
            notes.append(f"{len(self.kept)} cells were kept as they are: {few(self.kept)}")
        return notes


def few(names: list[str], most: int = 5) -> str:
    """Return the first of some names, and a sign that there are more."""
    return ", ".join(names[:most]) + (" ..." if len(names) > most else "")


class People:
    """Finds the student a row is about: by id, address or number, and only without these by a name of one person."""

    def __init__(self, students: Iterable[StudentResult], cells: Iterable[str]) -> None:
        """Index the students; a name that the sheet has in two rows names nobody."""
        self._by_key: dict[str, StudentResult | None] = {}
        self._by_name: dict[tuple[str, ...], StudentResult | None] = {}
        count = Counter(name_key(cell) for cell in cells)
        for student in students:
            for key in {k.strip().casefold() for k in (student.id, student.email, student.lms_id)} - {""}:
                self._by_key[key] = None if key in self._by_key else student
            if name := name_key(f"{student.first_name} {student.last_name}"):
                self._by_name[name] = None if name in self._by_name or count[name] > 1 else student

    def find(self, cells: list[str], names: list[str]) -> StudentResult | None:
        """Return the student that a row's cells name, or None if they name nobody or two people."""
        keys = [cell.strip().casefold() for cell in cells if cell.strip()]
        keys += [match[1] for key in keys if (match := re.fullmatch(r"\D+ (\d+)", key))]
        named = {student.id: student for key in keys if (student := self._by_key.get(key)) is not None}
        called = {s.id: s for name in names if (s := self._by_name.get(name_key(name))) is not None}
        if called and not any(key in self._by_key and not key.isdigit() for key in keys):
            # Moodle's `Participant 12` counts the rows of one assignment: as a number it can be another student's
            named |= called
        return next(iter(named.values())) if len(named) == 1 else None


def name_key(name: str) -> tuple[str, ...]:
    """Return a name's words in one order and one spelling, so that ``Last, First`` is ``First Last``."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return tuple(sorted(re.findall(r"[^\W_]+", plain)))
