"""How do points get into a table: our own CSV, or the sheet that Canvas or Moodle exported?

A learning platform's sheet is filled in place: no column or row is added, and no cell but the grades is changed.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from coursegrader.collecting.sheet import Rows, Sheet
from coursegrader.errors import CourseError
from coursegrader.grading.gradebook.results import Results, StudentResult

#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def number(value: float) -> str:
    """Return points as a number with at most four decimals, without needless zeros."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    first = next((sign for sign in text if not (sign.isspace() or unicodedata.category(sign) == "Cf")), "")
    formula = text[:1] in _FORMULA[4:] or unicodedata.normalize("NFKC", first).startswith(_FORMULA[:4])
    return f"'{text}" if text and formula else text


# -- our own CSV ------------------------------------------------------------------------------------------------------


def write_csv(results: Results, path: Path) -> list[str]:
    """Write one line a student: names, points per notebook, bonus, late penalty, total."""
    header = ["student_id", "last_name", "first_name", "email", "handed_in", "timestamp_utc", *results.notebooks]
    header += ["bonus", "raw", "late_penalty", "total", "max_points", "waiting_for_grader"]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")  # RFC 4180
    writer.writerow([harmless(name) for name in header])
    for student in results.students:
        writer.writerow(
            [
                *map(harmless, (student.id, student.last_name, student.first_name, student.email)),
                "yes" if student.handed_in else "no",
                student.timestamp.isoformat(" ", "seconds") if student.timestamp else "",
                *(number(student.notebook_points(name)) for name in results.notebooks),
                number(student.bonus),
                number(student.raw),
                number(student.penalty),
                number(student.total),
                number(results.max_points),
                student.waiting,
            ]
        )
    path.write_bytes(b"\xef\xbb\xbf" + buffer.getvalue().encode())  # with a byte order mark Excel reads UTF-8
    return []


# -- sheets of learning platforms -------------------------------------------------------------------------------------


class Notes(list[str]):
    """Sentences the instructor should know, and the students whose grade could not be put anywhere.

    Attributes:
        unplaced: Students who handed in and are in no row of the sheet.
    """

    def __init__(self, sentences: Iterable[str] = (), unplaced: Iterable[str] = ()) -> None:
        super().__init__(sentences)
        self.unplaced = list(unplaced)


@dataclass
class _Filled:
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
                f"{len(unplaced)} students handed in and are in no row of the {label} sheet: {_few(unplaced)}; "
                "mend their names, addresses or numbers on the roster"
            )
        if self.unknown:
            notes.append(
                f"{len(self.unknown)} rows of the {label} sheet are nobody on the roster: {_few(self.unknown)}"
            )
        if unplaced and self.absent:
            left = [student for student, _, _ in self.absent]
            notes.append(
                f"{len(left)} rows were left empty, because one of those submissions may be theirs: {_few(left)}"
            )
        for _, row, column in [] if unplaced else self.absent:
            row[column] = "0"
        if len(missing) > len(unplaced):
            others = [student.id for student in missing if not student.handed_in]
            notes.append(f"{len(others)} students are not in the {label} sheet and handed in nothing: {_few(others)}")
        if self.kept:
            notes.append(f"{len(self.kept)} cells were kept as they are: {_few(self.kept)}")
        return notes


def _few(names: list[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (" ..." if len(names) > most else "")


def write_canvas(results: Results, path: Path, sheet: Path, column: str = "") -> Notes:
    """Fill the assignment's column of a gradebook exported from Canvas; return what the instructor should know.

    Raises:
        CourseError: The file is no Canvas gradebook, or its column cannot be told or is read-only.
    """
    table = Sheet.read(sheet)
    header = [name.strip() for name in table.rows[0]]
    if "ID" not in header or "Section" not in header:
        raise CourseError(f"{sheet}: no gradebook exported from Canvas (it has no columns `ID` and `Section`)")
    title = re.compile(rf"{re.escape(results.assignment)}(\s*\(\d+\))?", re.IGNORECASE)  # `rnn (12345)`
    grades = table.column(lambda name: bool(title.fullmatch(name.strip())), column, results.assignment)
    keys = [header.index(name) for name in ("ID", "SIS User ID", "SIS Login ID") if name in header]
    if grades <= header.index("Section"):
        raise CourseError(f"{sheet}: the column {header[grades]!r} describes the student; name the assignment's column")
    filled, possible = _Filled(), [""]
    people = _People(results.students, [row[0] for row in table.rows[1:] if row])
    for row in table.rows[1:]:
        if len(row) <= grades or not any(cell.strip() for cell in row[: keys[-1] + 1]):
            continue  # the line that says `Manual Posting`
        if "Points Possible" in row[0]:
            possible = _check_maximum(results, row[grades], header[grades])
            continue
        student = people.find([row[key] for key in keys], [row[0]])
        if student is None:
            filled.unknown.append(row[0])
        elif row[grades].strip().upper() in ("EX", "N/A"):  # excused, or not assigned
            filled.matched.add(student.id)
            filled.kept.append(f"{student.id} ({row[grades].strip()})")
        else:
            filled.matched.add(student.id)
            filled.put(student, row, grades, number(student.total))
    notes = filled.finish(results, "Canvas")
    notes[:0] = filter(None, possible)
    table.write(path)
    return notes


def _check_maximum(results: Results, possible: str, column: str) -> list[str]:
    if "read only" in possible.lower():
        raise CourseError(
            f"the Canvas column {column!r} is computed by Canvas (read only); name the assignment's column"
        )
    try:
        value = float(possible.replace(",", "."))
    except ValueError:
        return []
    if value == results.max_points:
        return []
    return [f"{column!r} has {possible} points possible in Canvas, the assignment {number(results.max_points)}"]


def write_moodle(results: Results, path: Path, sheet: Path, column: str = "") -> Notes:
    """Fill a grading worksheet or grade export of Moodle; return what the instructor should know.

    Raises:
        CourseError: The file is no sheet of Moodle's, or its column cannot be told.
    """
    table = Sheet.read(sheet)
    header = [name.strip() for name in table.rows[0]]
    keys = _moodle_keys(table.rows, header)
    if not keys:
        raise CourseError(
            f"{sheet}: no sheet exported from Moodle (it has neither `Identifier` nor ID numbers nor e-mail addresses)"
        )
    maximum = _moodle_maximum(table.rows, header)
    grades = _moodle_grades(table, results.assignment, column, maximum)
    locked = next((header.index(name) for name in header if name in _CAN_BE_CHANGED), None)
    filled = _Filled()
    above: list[str] = []
    own = {*keys, grades}
    names = [[cell for i, cell in enumerate(row) if i not in own] for row in table.rows[1:]]
    people = _People(results.students, [cell for cells in names for cell in cells])
    for row, cells in zip(table.rows[1:], names, strict=True):
        if len(row) <= max(grades, *keys):
            continue
        student = people.find([row[key] for key in keys], cells)
        if student is None:
            filled.unknown.append(row[keys[0]])
            continue
        filled.matched.add(student.id)
        if locked is not None and row[locked].strip().casefold() in _NO:
            filled.kept.append(f"{student.id} (locked in Moodle)")
            continue
        most = row[maximum] if maximum is not None else ""
        value = number(student.total)
        filled.put(student, row, grades, value.replace(".", ",") if "," in most else value)
        if _above(student.total, most):
            above.append(student.id)
    notes = filled.finish(results, "Moodle")
    if above:
        notes.insert(0, f"{len(above)} totals are above Moodle's maximum grade, which Moodle refuses: {_few(above)}")
    table.write(path)
    return notes


#: Moodle translates its headers: what its languages call these columns, as far as they are known.
_GRADE = ("Grade", "Bewertung", "Note", "Calificación", "Valutazione", "Nota", "Cijfer", "Beoordeling", "Avaliação")
_MAXIMUM = ("Maximum grade", "Maximum Grade", "Bestwertung", "Note maximale", "Calificación máxima", "Maximale cijfer")
_CAN_BE_CHANGED = ("Grade can be changed", "Bewertung kann geändert werden", "La note peut être modifiée")
_NO = ("no", "nein", "non", "nee", "não")


def _moodle_maximum(rows: Rows, header: list[str]) -> int | None:
    """Return the column of the maximum grade: by its name, or the first in which every row has the same number."""
    named = [i for i, name in enumerate(header) if name in _MAXIMUM]
    same = [
        i
        for i in range(2, len(header))
        if len({row[i] for row in rows[1:] if len(row) > i}) == 1 and re.fullmatch(r"\d+[.,]\d\d", rows[1][i])
    ]
    return next(iter([*named, *same]), None) if len(rows) > 1 else None


def _moodle_grades(table: Sheet, assignment: str, column: str, maximum: int | None) -> int:
    """Return the column of grades: by its name in any language, or the one before the maximum."""
    item = re.compile(rf"([^:]{{1,40}}: )?{re.escape(assignment)}( \([^()]{{1,40}}\))?", re.IGNORECASE)

    def fits(name: str) -> bool:
        return name.strip() in _GRADE or bool(item.fullmatch(name.strip()))

    if not column and maximum is not None and not any(map(fits, table.rows[0])):
        return maximum - 1
    return table.column(fits, column, "Grade")


def _above(total: float, most: str) -> bool:
    try:
        return total > float(most.replace(",", "."))
    except ValueError:
        return False


def _moodle_keys(rows: Rows, header: list[str]) -> list[int]:
    """Return the columns that tell who a row is; Moodle translates its headers, so addresses are told by their look."""
    named = [i for i, name in enumerate(header) if name in ("Identifier", "ID number", "Username", "Email address")]
    mail = [i for i in range(len(header)) if any(re.fullmatch(r"\S+@\S+", row[i]) for row in rows[1:] if len(row) > i)]
    first = [0] if any(re.fullmatch(r"\D+ \d+", row[0]) for row in rows[1:] if row) else []  # `Participant 1234`
    return sorted({*named, *mail, *first})


class _People:
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
