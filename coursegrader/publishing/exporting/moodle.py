"""How does a sheet that Moodle exported, in any language, get its points?"""

from __future__ import annotations

import re
from pathlib import Path

from coursegrader.errors import CourseError
from coursegrader.grading.gradebook.results import Results
from coursegrader.intake.collecting.sheet import Rows, Sheet
from coursegrader.publishing.exporting.filling import Filled, Notes, People, few
from coursegrader.publishing.exporting.sheets import number


def write_moodle(results: Results, path: Path, sheet: Path, column: str = "") -> Notes:
    """Fill a grading worksheet or grade export of Moodle; return what the instructor should know.

    Raises:
        CourseError: The file is no sheet of Moodle's, or its column cannot be told.
    """
    table = Sheet.read(sheet)
    header = [name.strip() for name in table.rows[0]]
    keys = _keys(table.rows, header)
    if not keys:
        raise CourseError(
            f"{sheet}: no sheet exported from Moodle (it has neither `Identifier` nor ID numbers nor e-mail addresses)"
        )
    maximum = _maximum(table.rows, header)
    grades = _grades(table, results.assignment, column, maximum)
    locked = next((header.index(name) for name in header if name in _CAN_BE_CHANGED), None)
    filled = Filled()
    above: list[str] = []
    own = {*keys, grades}
    names = [[cell for i, cell in enumerate(row) if i not in own] for row in table.rows[1:]]
    people = People(results.students, [cell for cells in names for cell in cells])
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
    if maximum is not None and len(same := {row[maximum] for row in table.rows[1:] if len(row) > maximum}) == 1:
        notes[:0] = _other_maximum(results, same.pop())
    if above:
        notes.insert(0, f"{len(above)} totals are above Moodle's maximum grade, which Moodle refuses: {few(above)}")
    table.write(path)
    return notes


#: Moodle translates its headers: what its languages call these columns, as far as they are known.
_GRADE = ("Grade", "Bewertung", "Note", "Calificación", "Valutazione", "Nota", "Cijfer", "Beoordeling", "Avaliação")
_MAXIMUM = ("Maximum grade", "Maximum Grade", "Bestwertung", "Note maximale", "Calificación máxima", "Maximale cijfer")
_CAN_BE_CHANGED = ("Grade can be changed", "Bewertung kann geändert werden", "La note peut être modifiée")
_NO = ("no", "nein", "non", "nee", "não")


def _maximum(rows: Rows, header: list[str]) -> int | None:
    """Return the column of the maximum grade: by its name, or the first in which every row has the same number."""
    named = [i for i, name in enumerate(header) if name in _MAXIMUM]
    same = [
        i
        for i in range(2, len(header))
        if len({row[i] for row in rows[1:] if len(row) > i}) == 1 and re.fullmatch(r"\d+[.,]\d\d", rows[1][i])
    ]
    return next(iter([*named, *same]), None) if len(rows) > 1 else None


def _grades(table: Sheet, assignment: str, column: str, maximum: int | None) -> int:
    """Return the column of grades: by its name in any language, or the one before the maximum."""
    item = re.compile(rf"([^:]{{1,40}}: )?{re.escape(assignment)}( \([^()]{{1,40}}\))?", re.IGNORECASE)

    def fits(name: str) -> bool:
        return name.strip() in _GRADE or bool(item.fullmatch(name.strip()))

    if not column and maximum is not None and not any(map(fits, table.rows[0])):
        return maximum - 1
    return table.column(fits, column, "Grade")


def _other_maximum(results: Results, most: str) -> list[str]:
    try:
        same = float(most.replace(",", ".")) == results.max_points
    except ValueError:
        return []
    own = number(results.max_points)
    return [] if same else [f"the maximum grade is {most} in Moodle, the assignment's {own}; points are not scaled"]


def _above(total: float, most: str) -> bool:
    try:
        return total > float(most.replace(",", "."))
    except ValueError:
        return False


def _keys(rows: Rows, header: list[str]) -> list[int]:
    """Return the columns that tell who a row is; Moodle translates its headers, so addresses are told by their look."""
    named = [i for i, name in enumerate(header) if name in ("Identifier", "ID number", "Username", "Email address")]
    mail = [i for i in range(len(header)) if any(re.fullmatch(r"\S+@\S+", row[i]) for row in rows[1:] if len(row) > i)]
    first = [0] if any(re.fullmatch(r"\D+ \d+", row[0]) for row in rows[1:] if row) else []  # `Participant 1234`
    return sorted({*named, *mail, *first})
