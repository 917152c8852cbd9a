"""Do names come back to their own rows? Rosters in, sheets out, in the layouts that platforms document.

Canvas: `gradebook_exporter.rb` and `gradebook_importer.rb` of its source; Moodle: `gradingtable.php` and
`importgradeslib.php` of mod_assign; Gradescope: its help pages on rosters and on downloaded grades.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable
from pathlib import Path

import people
import pytest

from coursegrader.course.course import Course
from coursegrader.course.setup.gradebook import open_gradebook
from coursegrader.grading.gradebook.results import Item, Results, StudentResult
from coursegrader.intake.collecting.roster import import_roster
from coursegrader.publishing.exporting.canvas import write_canvas
from coursegrader.publishing.exporting.export import FORMATS
from coursegrader.publishing.exporting.filling import Notes
from coursegrader.publishing.exporting.moodle import write_moodle

#: Id, family's name, given name; two pairs share all of it, or all but an accent.
NAMES = [
    ("ada", "Lovelace", "Ada"),
    ("jose", "Núñez, Jr.", "José María"),
    ("john", "von Neumann", "John"),
    ("vi", "Nguyễn", "Vi"),
    ("dalia", "الخوري", "داليا"),
    ("noam", "לוי", "נועם"),
    ("hari", "शर्मा", "हरि"),
    ("anne", "O\u2019Neil-Smith", "Anne-Marie"),
    ("cher", "", "Cher"),
    ("li", "小明", "王"),
    ("lee1", "Lee", "Wei"),
    ("lee2", "Lee", "Wei"),
    ("muller", "Müller", "Jan"),
    ("mueller", "Muller", "Jan"),
]
POINTS = {student: float(number + 1) for number, (student, _, _) in enumerate(NAMES)}
TWINS = ["lee1", "lee2"]
MAIL = "{}@example.org"


def table(*rows: list[str], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def canvas_name(last: str, first: str) -> str:
    """Return Canvas's sortable name: a suffix stands at its end."""
    family, *suffix = last.split(", ")
    return ", ".join(part for part in (family, " ".join([first, *suffix])) if part)


def canvas_sheet() -> str:
    """Return an exported gradebook, with a line on manual posting and one on the test student."""
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "rnn (7)", "Current Score", "Final Score"]
    manual = ["", "", "", "", "", "Manual Posting", "", ""]
    possible = ["    Points Possible", "", "", "", "", "14.00", "(read only)", "(read only)"]
    rows = [
        [canvas_name(last, first), str(100 + n), f"S{n}", student, "A and B", "", "0", "0"]
        for n, (student, last, first) in enumerate(NAMES)
    ]
    return table(header, manual, possible, *rows, ["Student, Test", "999", "", "8f14e45f", "A", "", "", ""])


def canvas_split() -> str:
    """Return the same with the setting "split student names", without numbers of the student information system."""
    header = ["LastName", "FirstName", "ID", "SIS Login ID", "Section", "rnn (7)"]
    rows = [[last, first, str(100 + n), student, "A", ""] for n, (student, last, first) in enumerate(NAMES)]
    return table(header, ["    Points Possible", "", "", "", "", "14.00"], *rows, delimiter=";")


def moodle_sheet(*, mail: bool, language: str = "en", form: str = "NFC") -> str:
    """Return an offline grading worksheet, with or without addresses, as it is in a language."""
    words = {
        "en": "Identifier,Full name,Email address,Status,Group,Marker,Grade,Maximum grade,Marking workflow state,"
        "Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments",
        "es": "Identificador,Nombre completo,Dirección de correo,Estado,Grupo,Evaluador,Calificación,"
        "Calificación máxima,Estado,La calificación puede ser cambiada,Última modificación (entrega),"
        "Última modificación (calificación),Comentarios",
    }
    participant, most = {"en": ("Participant", "14.00"), "es": ("Participante", "14,00")}[language]
    header = words[language].split(",")
    rows = [
        [
            f"{participant} {500 + n}", unicodedata.normalize(form, f"{first} {last}".strip()), MAIL.format(student),
            "Submitted for grading", "Team, one", "", "", most, "Not marked", "Yes", "-", "-", "",
        ]
        for n, (student, last, first) in enumerate(NAMES)
    ]  # fmt: skip
    kept = [place for place in range(len(header)) if mail or place != 2]
    return table(*([row[place] for place in kept] for row in [header, *rows]))


def gradescope_roster() -> str:
    header = ["First Name", "Last Name", "SID", "Email", "Role", "Section"]
    rows = [[first, last, student, MAIL.format(student), "Student", "A"] for student, last, first in NAMES]
    return table(header, *rows, ["Ida", "Instructor", "i1", "ida@example.org", "Instructor", ""])


def gradescope_names() -> str:
    """Return a roster in which names are one column."""
    rows = [[f"{first} {last}".strip(), student, MAIL.format(student), "Student"] for student, last, first in NAMES]
    return table(["Name", "SID", "Email", "Role"], *rows)


def moodle_participants() -> str:
    rows = [[first, last, student, MAIL.format(student), ""] for student, last, first in NAMES]
    return table(["First name", "Last name", "ID number", "Email address", "Groups"], *rows)


ROSTERS = {
    "Canvas": canvas_sheet,
    "Canvas, names split": canvas_split,
    "Gradescope": gradescope_roster,
    "Gradescope, one name": gradescope_names,
    "Moodle": moodle_participants,
}


@pytest.fixture(params=ROSTERS)
def results(request: pytest.FixtureRequest, tmp_path: Path) -> Results:
    """Return what everybody on a platform's roster earned; all handed in."""
    course = people.make_course(tmp_path / "course")
    return roster(course, ROSTERS[request.param]())


def roster(course: Course, text: str) -> Results:
    path = course.root / "roster.csv"
    path.write_text("\ufeff" + text, "utf-8")
    import_roster(course, path)
    with open_gradebook(course.directory) as book:
        students = [
            StudentResult(
                row.id, row.first_name or "", row.last_name or "", row.email or "", row.lms_user_id or "",
                handed_in=True, items=[Item("a", "q", POINTS[row.id], 14.0)],
            )
            for row in book.students
            if row.id in POINTS
        ]  # fmt: skip
    assert len(students) == len(NAMES)
    return Results("rnn", 14.0, 0.0, ["a"], students)


def filled(
    write: Callable[..., Notes], results: Results, folder: Path, text: str, key: str, grade: str
) -> tuple[dict[str, str], Notes]:
    """Fill a sheet; return its grades by another column, and what is said; nothing else may have changed."""
    sheet, out = folder / "sheet.csv", folder / "filled.csv"
    sheet.write_text(text, "utf-8")
    notes = write(results, out, sheet)
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    before, after = (
        list(csv.DictReader(io.StringIO(path.read_text("utf-8"), newline=""), delimiter=delimiter))
        for path in (sheet, out)
    )
    assert [row | {grade: ""} for row in after] == [row | {grade: ""} for row in before], (
        "nothing but the grades has changed"
    )
    return {row[key]: row[grade] for row in after}, notes


def test_every_row_of_canvas_gets_its_own_students_points(results: Results, tmp_path: Path) -> None:
    for text in (canvas_sheet(), canvas_split()):
        grades, notes = filled(write_canvas, results, tmp_path, text, "SIS Login ID", "rnn (7)")
        assert {who: float(grades[who]) for who in POINTS} == POINTS
        assert notes.unplaced == []
    assert "8f14e45f" not in grades


def test_every_row_of_moodle_gets_its_own_students_points(results: Results, tmp_path: Path) -> None:
    with_mail = any(student.email for student in results.students)
    for language, grade, form in (("en", "Grade", "NFC"), ("es", "Calificación", "NFD")):
        text = moodle_sheet(mail=True, language=language, form=form)
        key = "Email address" if language == "en" else "Dirección de correo"
        grades, notes = filled(write_moodle, results, tmp_path, text, key, grade)
        wanted = {MAIL.format(who): points for who, points in POINTS.items()}
        if not with_mail:  # Canvas tells no addresses: two of one name cannot be told apart, and are not guessed
            assert sorted(notes.unplaced) == TWINS
            wanted = {mail: points for mail, points in wanted.items() if mail.partition("@")[0] not in TWINS}
        assert {mail: float(grades[mail].replace(",", ".")) for mail in wanted} == wanted
        assert all(grades[MAIL.format(who)] == "" for who in notes.unplaced)


def test_where_a_sheet_has_names_only_twins_are_listed_and_everybody_else_is_found(
    results: Results, tmp_path: Path
) -> None:
    text = moodle_sheet(mail=False)
    grades, notes = filled(write_moodle, results, tmp_path, text, "Identifier", "Grade")
    for number, (student, points) in enumerate(POINTS.items()):
        assert grades[f"Participant {500 + number}"] == ("" if student in TWINS else f"{points:g}")
    assert sorted(notes.unplaced) == TWINS
    assert "lee1, lee2" in notes[0]


def test_gradescopes_results_are_named_by_the_rosters_ids(results: Results, tmp_path: Path) -> None:
    FORMATS["gradescope"].write(results, tmp_path / "out", None, "")
    assert {path.stem for path in (tmp_path / "out").iterdir()} == set(POINTS)
