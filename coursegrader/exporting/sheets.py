"""How do points get into a table: our own CSV, or the sheet that Canvas or Moodle exported?

A learning platform's sheet is filled in place: no column or row is added, and no cell but the grades is changed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from coursegrader.collecting.sheet import Rows, Sheet
from coursegrader.errors import CourseError
from coursegrader.grading.results import Results, StudentResult

#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def number(value: float) -> str:
    """Return points as a number with at most four decimals, without needless zeros."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


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


@dataclass
class _Filled:
    """What happened to a sheet: whom it has, whom it lacks."""

    matched: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    def notes(self, results: Results, label: str) -> list[str]:
        missing = [student.id for student in results.students if student.id not in self.matched]
        notes = []
        if self.unknown:
            notes.append(
                f"{len(self.unknown)} rows of the {label} sheet are nobody on the roster: {_few(self.unknown)}"
            )
        if missing:
            notes.append(f"{len(missing)} students are not in the {label} sheet: {_few(missing)}")
        if self.kept:
            notes.append(f"{len(self.kept)} cells were kept as they are: {_few(self.kept)}")
        return notes


def _few(names: list[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (" ..." if len(names) > most else "")


def write_canvas(results: Results, path: Path, sheet: Path, column: str = "") -> list[str]:
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
    filled, notes = _Filled(), []
    people = _by_key(results.students)
    for row in table.rows[1:]:
        if len(row) <= grades or not any(cell.strip() for cell in row[: keys[-1] + 1]):
            continue  # the line that says `Manual Posting`
        if "Points Possible" in row[0]:
            notes += _check_maximum(results, row[grades], header[grades])
            continue
        student = _find(people, [row[key] for key in keys])
        if student is None:
            filled.unknown.append(row[0])
        elif row[grades].strip().upper() in ("EX", "N/A"):  # excused, or not assigned
            filled.matched.add(student.id)
            filled.kept.append(f"{student.id} ({row[grades].strip()})")
        else:
            filled.matched.add(student.id)
            row[grades] = number(student.total)
    table.write(path)
    return notes + filled.notes(results, "Canvas")


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


def write_moodle(results: Results, path: Path, sheet: Path, column: str = "") -> list[str]:
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
    item = re.compile(rf"(Assignment: )?{re.escape(results.assignment)}( \((Real|Punkte)\))?", re.IGNORECASE)
    grades = table.column(
        lambda name: name.strip() in ("Grade", "Bewertung") or bool(item.fullmatch(name.strip())), column, "Grade"
    )
    maximum = next(
        (header.index(name) for name in ("Maximum grade", "Maximum Grade", "Bestwertung") if name in header), None
    )
    locked = next((header.index(name) for name in ("Grade can be changed",) if name in header), None)
    filled = _Filled()
    above: list[str] = []
    people = _by_key(results.students)
    for row in table.rows[1:]:
        if len(row) <= max(grades, *keys):
            continue
        student = _find(people, [row[key] for key in keys])
        if student is None:
            filled.unknown.append(row[keys[0]])
            continue
        filled.matched.add(student.id)
        if locked is not None and row[locked].strip().lower() == "no":
            filled.kept.append(f"{student.id} (locked in Moodle)")
            continue
        most = row[maximum] if maximum is not None else ""
        value = number(student.total)
        row[grades] = value.replace(".", ",") if "," in most else value
        if _above(student.total, most):
            above.append(student.id)
    table.write(path)
    refused = (
        [f"{len(above)} totals are above Moodle's maximum grade, which Moodle refuses: {_few(above)}"] if above else []
    )
    return refused + filled.notes(results, "Moodle")


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


def _by_key(students: Iterable[StudentResult]) -> dict[str, StudentResult | None]:
    """Return students by everything that names exactly one of them: id, address, id in the learning platform."""
    found: dict[str, StudentResult | None] = {}
    for student in students:
        for key in {student.id, student.email, student.lms_id} - {""}:
            key = key.strip().casefold()
            found[key] = None if key in found and found[key] is not student else student
    return found


def _find(people: dict[str, StudentResult | None], cells: list[str]) -> StudentResult | None:
    """Return the student that a row's cells name, or None if they name nobody or two people."""
    keys = [cell.strip().casefold() for cell in cells if cell.strip()]
    keys += [match[1] for key in keys if (match := re.fullmatch(r"\D+ (\d+)", key))]
    named = {student.id: student for key in keys if (student := people.get(key)) is not None}
    return next(iter(named.values())) if len(named) == 1 else None
