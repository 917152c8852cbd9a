"""How does a gradebook that Canvas exported get its points?"""

from __future__ import annotations

import re
from pathlib import Path

from coursegrader.errors import CourseError
from coursegrader.grading.gradebook.results import Results
from coursegrader.intake.collecting.sheet import Sheet
from coursegrader.publishing.exporting.filling import Filled, Notes, People
from coursegrader.publishing.exporting.sheets import number


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
    filled, possible = Filled(), [""]
    named = header.index("ID")  # one column `Student` stands before it, or `LastName` and `FirstName`
    people = People(results.students, [" ".join(row[:named]) for row in table.rows[1:]])
    for row in table.rows[1:]:
        if len(row) <= grades or not any(cell.strip() for cell in row[: keys[-1] + 1]):
            continue  # the line that says `Manual Posting`
        if "Points Possible" in row[0]:
            possible = _check_maximum(results, row[grades], header[grades])
            continue
        name = " ".join(row[:named])
        student = people.find([row[key] for key in keys], [name])
        if student is None:
            filled.unknown.append(name)
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
