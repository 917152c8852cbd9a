"""Does every student who handed in find their row, and does nobody get a 0 because a name did not match?"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from coursegrader.grading.gradebook.results import Item, Results, StudentResult
from coursegrader.publishing.exporting.canvas import write_canvas
from coursegrader.publishing.exporting.filling import name_key
from coursegrader.publishing.exporting.moodle import write_moodle

CLASS = {
    "ada": ("Ada", "Lovelace", "ada@example.org", 10.0),
    "jose": ("José María", "Núñez, Jr.", "", 8.5),
    "dalia": ("داليا", "الخوري", "", 7.0),
    "lee1": ("Wei", "Lee", "lee1@example.org", 6.0),
    "lee2": ("Wei", "Lee", "lee2@example.org", 5.0),
    "zoe": ("Zoë", "O'Brien", "", None),
}


def results(*left_out: str) -> Results:
    """Return a class; who has no points handed in nothing."""
    students = [
        StudentResult(
            name, first, last, email, handed_in=points is not None, items=[Item("a", "q", points or 0.0, 10.0)]
        )
        for name, (first, last, email, points) in CLASS.items()
        if name not in left_out
    ]
    return Results("rnn", 10.0, 0.0, ["a"], students)


def written(path: Path, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""), delimiter=delimiter))


def moodle(tmp_path: Path, header: str, *rows: str, who: Results | None = None) -> tuple[list[list[str]], list[str]]:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    notes = write_moodle(who or results(), tmp_path / "filled.csv", sheet)
    return written(tmp_path / "filled.csv")[1:], notes


OWN = "Identifier,Full name,Status,Grade,Maximum Grade,Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments"


def test_moodles_own_worksheet_has_names_only(tmp_path: Path) -> None:
    rows, notes = moodle(
        tmp_path,
        OWN,
        "Participant 501,Ada Lovelace,Submitted,,10.00,Yes,-,-,",
        'Participant 502,"José María Núñez, Jr.",Submitted,,10.00,Yes,-,-,',
        "Participant 503,الخوري داليا,Submitted,,10.00,Yes,-,-,",
        "Participant 504,ZOË O'BRIEN,No submission,,10.00,Yes,-,-,",
        who=results("lee1", "lee2"),
    )
    assert [row[3] for row in rows] == ["10", "8.5", "7", "0"]
    assert notes == []


def test_two_people_of_one_name_are_told_apart_by_their_addresses_or_not_at_all(tmp_path: Path) -> None:
    rows, notes = moodle(
        tmp_path,
        OWN.replace("Status", "Email address,Status"),
        "Participant 1,Wei Lee,lee2@example.org,Submitted,,10.00,Yes,-,-,",
        "Participant 2,Wei Lee,,Submitted,,10.00,Yes,-,-,",
        who=results("ada", "jose", "dalia", "zoe"),
    )
    assert [row[4] for row in rows] == ["5", ""]
    assert "1 students handed in and are in no row of the Moodle sheet: lee1" in notes[0]


def test_nobody_gets_a_zero_while_a_submission_has_no_row(tmp_path: Path) -> None:
    rows, notes = moodle(
        tmp_path,
        OWN,
        "Participant 501,Countess Lovelace,Submitted,,10.00,Yes,-,-,",
        "Participant 504,Zoë O'Brien,No submission,,10.00,Yes,-,-,",
        who=results("jose", "dalia", "lee1", "lee2"),
    )
    assert [row[3] for row in rows] == ["", ""]
    assert "ada" in notes[0]
    assert any("left empty" in note and "zoe" in note for note in notes)


def test_a_number_that_is_another_students_is_not_believed_against_the_name(tmp_path: Path) -> None:
    who = results("jose", "dalia", "lee1", "lee2", "zoe")
    who.students.append(
        StudentResult("bo", "Bo", "Li", lms_id="501", handed_in=True, items=[Item("a", "q", 1.0, 10.0)])
    )
    rows, _ = moodle(tmp_path, OWN, "Participant 501,Ada Lovelace,Submitted,,10.00,Yes,-,-,", who=who)
    assert rows[0][3] == ""


@pytest.mark.parametrize(
    "header",
    [
        "ID,Vollständiger Name,Status,Bewertung,Bestwertung,Bewertung kann geändert werden",
        "Identifiant,Nom complet,Statut,Note,Note maximale,La note peut être modifiée",
        "Identyfikator,Imię i nazwisko,Status,Ocena,Maksymalna ocena,Ocena może być zmieniona",
    ],
)
def test_headers_in_other_languages_are_found(tmp_path: Path, header: str) -> None:
    row = 'Teilnehmer/in 7,Ada Lovelace,Zur Bewertung abgegeben,,"100,00",Ja'
    rows, _ = moodle(tmp_path, header, row, who=results("jose", "dalia", "lee1", "lee2", "zoe"))
    assert rows[0] == ["Teilnehmer/in 7", "Ada Lovelace", "Zur Bewertung abgegeben", "10", "100,00", "Ja"]


def test_canvas_rows_without_visible_ids_are_found_by_name(tmp_path: Path) -> None:
    sheet = tmp_path / "canvas.csv"
    sheet.write_text(
        "Student,ID,Section,rnn (5)\n    Points Possible,,,10\n"
        '"Núñez, Jr., José María",17,A,\n"Lovelace, Ada",18,A,\n"O\'Brien, Zoë",19,A,\n',
        "utf-8",
    )
    notes = write_canvas(results("dalia", "lee1", "lee2"), tmp_path / "filled.csv", sheet)
    assert [row[3] for row in written(tmp_path / "filled.csv")] == ["rnn (5)", "10", "8.5", "10", "0"]
    assert notes.unplaced == []


def test_a_name_is_its_words_in_any_order_and_spelling() -> None:
    assert name_key("Núñez, Jr., José María") == name_key("jose\u0301 mari\u0301a NU\u0301N\u0303EZ Jr")
    assert name_key("Wei Lee") != name_key("Wei Li")
    assert name_key(" ,. ") == ()
