"""Do downloads of learning platforms become submissions, and do bad archives stay outside?"""

from __future__ import annotations

import errno
import io
import stat
import subprocess
import sys
import unicodedata
import zipfile
from pathlib import Path

import people
import pytest
from nbgrader.apps.zipcollectapp import ZipCollectApp

from coursegrader.cli import main
from coursegrader.course.course import Course
from coursegrader.course.setup.gradebook import open_gradebook
from coursegrader.errors import CourseError, IngestError
from coursegrader.intake.collecting import unpack as unpacking
from coursegrader.intake.collecting.collect import collect
from coursegrader.intake.collecting.owners import original_name
from coursegrader.intake.collecting.roster import import_roster, plain, safe_id, split_name

NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def download(tmp_path: Path, files: dict[str, bytes]) -> Path:
    path = tmp_path / "download.zip"
    path.write_bytes(zipped(files))
    return path


def handed_in(course: Course, student: str) -> dict[str, bytes]:
    folder = course.step("submitted", student, "rnn")
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


# -- platforms --------------------------------------------------------------------------------------------------------

METADATA = """\
---
submission_11:
  :submitters:
  - :name: Ada Lovelace
    :sid: '101'
    :email: ada@example.org
  :created_at: 2026-03-01 11:30:00.000000000 +01:00
  :score: 0.0
submission_12:
  :submitters:
  - :name: Somebody New
    :sid:
    :email: new.one@example.org
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2026-03-01 12:00:00.000000000 Z
  :score:
"""


def test_gradescope_export(course: Course, tmp_path: Path) -> None:
    export = "assignment_99_export"
    path = download(
        tmp_path,
        {
            f"{export}/submission_metadata.yml": METADATA.encode(),
            f"{export}/submission_11/a_first.ipynb": NOTEBOOK,
            f"{export}/submission_11/submission_log.json": b"{}",
            f"{export}/submission_11/timestamp.txt": b"1999-01-01 00:00:00",
            f"{export}/submission_12/work/b_second.ipynb": NOTEBOOK,
            f"{export}/submission_12/work/data/mine.txt": b"mine",
            f"{export}/submission_13/a_first.ipynb": NOTEBOOK,
        },
    )
    collected = collect(course, "rnn", path)
    assert collected.students == {"ada": 2, "new.one@example.org": 2}
    assert handed_in(course, "ada") == {
        "a_first.ipynb": NOTEBOOK,
        "submission_log.json": b"{}",
        "timestamp.txt": b"2026-03-01 10:30:00",
    }
    assert set(handed_in(course, "new.one@example.org")) == {"b_second.ipynb", "data/mine.txt", "timestamp.txt"}
    assert any("not on the roster: new.one@example.org" in note for note in collected.notes)
    assert any("submission_13" in note for note in collected.notes)


def test_canvas_download_with_late_work_resubmissions_and_zips(course: Course, tmp_path: Path) -> None:
    path = download(
        tmp_path,
        {
            "lovelaceada_101_5001_a_first-2.ipynb": NOTEBOOK,
            "lovelaceada_101_5002_notes_of_mine.txt": b"notes",
            "alkhuridalia_LATE_103_5003_homework.zip": zipped(
                {
                    "rnn/a_first.ipynb": NOTEBOOK,
                    "rnn/b_second.ipynb": b"{}",
                    "rnn/last_names.pt": b"w",
                    "__MACOSX/x": b"",
                }
            ),
            "strangerx_999_5004_a_first.ipynb": NOTEBOOK,
        },
    )
    collected = collect(course, "rnn", path)
    assert handed_in(course, "ada") == {"a_first.ipynb": NOTEBOOK, "notes_of_mine.txt": b"notes"}
    assert handed_in(course, "dalia") == {"a_first.ipynb": NOTEBOOK, "b_second.ipynb": b"{}", "last_names.pt": b"w"}
    assert handed_in(course, "strangerx_999") == {"a_first.ipynb": NOTEBOOK}
    assert any("strangerx_999" in note for note in collected.notes)


def test_moodle_download_in_folders_and_flat(course: Course, tmp_path: Path) -> None:
    path = download(
        tmp_path,
        {
            "Ada Lovelace_7701_assignsubmission_file_/a_first.ipynb": NOTEBOOK,
            "Ada Lovelace_7701_assignsubmission_file_/sub/a_first (1).ipynb": b"{}",
            "داليا الخوري_7703_assignsubmission_file_b_second.ipynb": NOTEBOOK,
        },
    )
    collected = collect(course, "rnn", path)
    assert handed_in(course, "ada") == {"a_first.ipynb": NOTEBOOK}
    assert handed_in(course, "dalia") == {"b_second.ipynb": NOTEBOOK}
    assert any("second 'a_first.ipynb'" in note for note in collected.notes)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_with_accents_is_the_same_however_it_is_written(course: Course, tmp_path: Path, form: str) -> None:
    roster = tmp_path / "more.csv"
    roster.write_text("id,first_name,last_name\nzoe,Zo\u00eb,M\u00fcller\n", "utf-8")
    import_roster(course, roster)
    name = unicodedata.normalize(form, "Zo\u00eb M\u00fcller")
    like_hers = "Zo\u0451 M\u00fcller"  # a Cyrillic letter
    files = {
        f"{who}_{n}_assignsubmission_file_/a_first.ipynb": NOTEBOOK for n, who in ((7709, name), (7710, like_hers))
    }
    collected = collect(course, "rnn", download(tmp_path, files))
    assert collected.students["zoe"] == 1
    assert len(collected.students) == 2


def test_a_folder_with_one_folder_a_student(course: Course, tmp_path: Path) -> None:
    source = tmp_path / "handed in"
    (source / "ada" / "rnn").mkdir(parents=True)
    (source / "ada" / "rnn" / "a_first.ipynb").write_bytes(NOTEBOOK)
    (source / "bo").mkdir()
    (source / "bo" / "a_first.ipynb").write_bytes(NOTEBOOK)
    (source / "bo" / "secret.txt").symlink_to("/etc/hostname")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret.txt").write_text("somebody else's")
    (source / "bo" / "linked").symlink_to(tmp_path / "elsewhere")
    collected = collect(course, "rnn", source)
    assert collected.students == {"ada": 1, "bo": 1}
    assert set(handed_in(course, "bo")) == {"a_first.ipynb"}


def test_nothing_is_replaced_unless_asked(course: Course, tmp_path: Path) -> None:
    collect(course, "rnn", download(tmp_path, {"x_101_1_a_first.ipynb": NOTEBOOK, "x_101_2_old.txt": b"old"}))
    second = download(tmp_path, {"x_101_1_a_first.ipynb": b"{}"})
    with pytest.raises(CourseError, match="--force"):
        collect(course, "rnn", second)
    assert handed_in(course, "ada")["a_first.ipynb"] == NOTEBOOK
    collect(course, "rnn", second, force=True)
    assert handed_in(course, "ada") == {"a_first.ipynb": b"{}"}


def test_what_was_handed_in_before_stays_if_the_new_work_cannot_be_written(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect(course, "rnn", download(tmp_path, {"x_101_1_a_first.ipynb": NOTEBOOK}))

    def full(self: ZipCollectApp) -> None:
        folder = course.step("submitted", "ada", "rnn")
        folder.mkdir(parents=True)
        (folder / "a_first.ipynb").write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device", str(folder))

    monkeypatch.setattr(ZipCollectApp, "process_extracted_files", full)
    both = download(tmp_path, {"x_101_1_a_first.ipynb": b"{}", "y_102_1_a_first.ipynb": b"{}"})
    with pytest.raises(OSError, match="No space"):
        collect(course, "rnn", both, force=True)
    assert handed_in(course, "ada") == {"a_first.ipynb": NOTEBOOK}
    assert sorted(path.name for path in (course.root / "submitted").rglob("*")) == ["a_first.ipynb", "ada", "rnn"]


def test_a_download_without_anybodys_work_is_refused(course: Course, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="nobody's work"):
        collect(course, "rnn", download(tmp_path, {"readme.txt": b"hello"}))
    with pytest.raises(CourseError, match="no such file"):
        collect(course, "rnn", tmp_path / "missing.zip")


def test_plain_nbgrader_zip_collect_takes_the_plugins(course: Course, tmp_path: Path) -> None:
    archive = course.root / "downloaded" / "rnn" / "archive"
    archive.mkdir(parents=True)
    download(archive, {"lovelaceada_101_5001_a_first.ipynb": NOTEBOOK})
    command = [sys.executable, "-m", "nbgrader", "zip_collect", "rnn"]
    command += ["--extractor=coursegrader.plugins.SafeExtractor", "--collector=coursegrader.plugins.LmsCollector"]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert handed_in(course, "ada") == {"a_first.ipynb": NOTEBOOK}


def test_the_command_says_what_it_collected(course: Course, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    path = download(tmp_path, {"x_101_1_a_first.ipynb": NOTEBOOK})
    assert main(["--course", str(course.root), "collect", "rnn", "--from", str(path)]) == 0
    assert "1 students, 1 files" in capsys.readouterr().out


# -- bad archives -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../outside.txt", "/etc/outside.txt", "a/../../outside.txt", "..\\outside.txt", "C:\\outside.txt"]
)
def test_a_zip_that_leads_out_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    path = download(tmp_path, {"fine.txt": b"fine", name: b"bad"})
    target = tmp_path / "inside" / "deeper"
    with pytest.raises(IngestError, match="leads out"):
        unpacking.unpack(path, target)
    assert not target.exists()
    assert not list(tmp_path.rglob("*outside*"))


def test_a_zip_with_a_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("passwd.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "link.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(IngestError, match="link"):
        unpacking.unpack(path, tmp_path / "inside")
    assert not (tmp_path / "inside").exists()


def test_a_bomb_is_left_out_and_the_rest_is_unpacked(tmp_path: Path) -> None:
    path = download(tmp_path, {"bomb.bin": bytes(8 << 20), "fine.txt": b"fine"})
    budget = unpacking.Budget()
    unpacking.unpack(path, tmp_path / "inside", budget)
    assert [file.name for file in (tmp_path / "inside").rglob("*")] == ["fine.txt"]
    assert "like a bomb" in budget.notes[0]


def test_a_bomb_in_a_students_zip_costs_only_that_student(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "MAX_COUNT", 50)
    crowd = zipped({f"file{number}": b"" for number in range(60)})
    path = download(
        tmp_path,
        {"x_101_1_a_first.ipynb": NOTEBOOK, "y_102_2_work.zip": crowd, "z_103_3_broken.zip": b"PK\x03\x04 no zip"},
    )
    collected = collect(course, "rnn", path)
    assert handed_in(course, "ada") == {"a_first.ipynb": NOTEBOOK}
    assert handed_in(course, "bo") == {}
    assert any("50 files" in note and "left out" in note for note in collected.notes)


def test_folders_without_end_cost_only_the_student_who_made_them(course: Course, tmp_path: Path) -> None:
    steep = "a/" * 700  # Python makes as many, one in the other, but twice as many it cannot remove
    deep = zipped({f"{steep}one": b"", f"{steep}{steep}two": b""})
    path = download(
        tmp_path, {"x_101_1_a_first.ipynb": NOTEBOOK, "y_102_2_work.zip": deep, f"z_103_3_{steep}{steep}in": b""}
    )
    done = collect(course, "rnn", path)
    assert handed_in(course, "ada") == {"a_first.ipynb": NOTEBOOK}
    assert [note for note in done.notes if "50 folders deep" in note], done.notes


def test_limits_hold_over_all_files_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MAX_TOTAL", 1000)
    path = download(tmp_path, {f"{number}.txt": b"x" * 300 for number in range(4)})
    with pytest.raises(IngestError, match="in several parts"):
        unpacking.unpack(path, tmp_path / "inside")
    assert not (tmp_path / "inside").exists()


def test_a_file_larger_than_the_limit_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MAX_FILE", 1 << 20)
    budget = unpacking.Budget()
    unpacking.unpack(download(tmp_path, {"big.bin": bytes(2 << 20), "fine.txt": b"fine"}), tmp_path / "inside", budget)
    assert [file.name for file in (tmp_path / "inside").rglob("*")] == ["fine.txt"]
    assert "big.bin has 2 MB" in budget.notes[0]


def test_a_damaged_or_lying_zip_is_refused(tmp_path: Path) -> None:
    good = zipped({"a.txt": b"hello" * 1000})
    cut = tmp_path / "cut.zip"
    cut.write_bytes(good[: len(good) // 2])
    with pytest.raises(IngestError, match="damaged"):
        unpacking.unpack(cut, tmp_path / "one")
    lying = tmp_path / "lying.zip"
    lying.write_bytes(good.replace((5000).to_bytes(4, "little"), (100).to_bytes(4, "little")))
    with pytest.raises(IngestError, match="damaged"):
        unpacking.unpack(lying, tmp_path / "two")


def test_zips_in_zips_in_zips_stay_packed(tmp_path: Path) -> None:
    inner = zipped({"deep.txt": b"deep"})
    path = download(tmp_path, {"one.zip": zipped({"two.zip": inner, "flat.txt": b"flat"})})
    unpacking.unpack(path, tmp_path / "inside")
    found = {
        file.relative_to(tmp_path / "inside").as_posix() for file in (tmp_path / "inside").rglob("*") if file.is_file()
    }
    assert found == {"one/flat.txt", "one/two.zip"}


def test_gradescope_metadata_that_is_no_yaml_or_would_run_code_is_data(course: Course, tmp_path: Path) -> None:
    evil = "submission_1:\n  :submitters: !!python/object/apply:os.system ['touch /tmp/owned']\n"
    path = download(
        tmp_path,
        {
            "e/submission_metadata.yml": evil.encode(),
            "e/submission_1/a_first.ipynb": NOTEBOOK,
        },
    )
    with pytest.raises(CourseError, match=r"submission_metadata\.yml cannot be read"):
        collect(course, "rnn", path)
    assert not Path("/tmp/owned").exists()


# -- names and roster -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "original"),
    [
        ("3_rnn-1.ipynb", "3_rnn.ipynb"),
        ("3_rnn (2).ipynb", "3_rnn.ipynb"),
        ("3_rnn.ipynb", "3_rnn.ipynb"),
        ("x-1.ipynb", "x-1.ipynb"),
    ],
)
def test_what_platforms_put_behind_a_name_is_taken_away(name: str, original: str) -> None:
    assert original_name(name, {"3_rnn.ipynb"}) == original


@pytest.mark.parametrize(
    ("text", "safe"),
    [("../../etc", "etc"), ("Ada Lovelace_12", "Ada-Lovelace_12"), ("..", None), ("", None), ("داليا", "داليا")],
)
def test_ids_are_plain_folder_names(text: str, safe: str | None) -> None:
    assert safe_id(text) == safe


def test_roster_from_our_csv_keeps_names_of_all_kinds(course: Course) -> None:
    book = people.gradebook(course)
    found = {student.id: (student.first_name, student.last_name, student.email) for student in book.students}
    book.close()
    book.engine.dispose()
    assert found["bo"] == people.PEOPLE["bo"][:3]
    assert found["dalia"] == people.PEOPLE["dalia"][:3]


def test_roster_from_a_canvas_gradebook(course: Course, tmp_path: Path) -> None:
    sheet = tmp_path / "canvas.csv"
    sheet.write_text(
        'Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"Hopper, Grace",77,S7,ghopper,A\nCher,78,S8,cher,A\n',
        "utf-8",
    )
    assert import_roster(course, sheet) == ["ghopper", "cher"]
    book = people.gradebook(course)
    grace, cher = book.find_student("ghopper"), book.find_student("cher")
    assert (grace.first_name, grace.last_name, grace.lms_user_id) == ("Grace", "Hopper", "77")
    assert (cher.first_name, cher.last_name) == ("Cher", None)
    book.close()
    book.engine.dispose()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,first_name,last_name\n../x,A,B\n", "folder name"),
        ("id,first_name,last_name\na,A,B\na,C,D\n", "twice"),
        ("x,y,z\n1,2,3\n", "no column `id`"),
    ],
)
def test_a_bad_roster_is_refused_as_a_whole(course: Course, tmp_path: Path, text: str, words: str) -> None:
    sheet = tmp_path / "bad.csv"
    sheet.write_text(text, "utf-8")
    before = people.gradebook(course)
    count = len(before.students)
    before.close()
    before.engine.dispose()
    with pytest.raises(CourseError, match=words):
        import_roster(course, sheet)
    after = people.gradebook(course)
    assert len(after.students) == count
    after.close()
    after.engine.dispose()


def test_gradescopes_roster_brings_students_and_nobody_who_teaches(course: Course, tmp_path: Path) -> None:
    sheet = tmp_path / "roster.csv"
    sheet.write_text(
        "First Name,Last Name,SID,Email,Role,Section\n"
        'Zoë,"Núñez, Jr.",z1,zoe@example.org,Student,A\n王,小明,d1,dalia@example.org,Student,A\n'
        "Ida,Instructor,i1,ida@example.org,Instructor,\nTom,Assistant,t1,tom@example.org,TA,\n",
        "utf-8",
    )
    assert import_roster(course, sheet) == ["z1", "d1"]
    with open_gradebook(course.directory) as book:
        found = book.find_student("z1")
        assert (found.first_name, found.last_name, found.email) == ("Zoë", "Núñez, Jr.", "zoe@example.org")


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Lovelace, Ada", "Ada", "Lovelace"),
        ("Doe, John, Sr.", "John", "Doe, Sr."),  # as Canvas sorts a name with a suffix
        ("Ho, Chi, Min", "Chi Min", "Ho"),
        ("Núñez, Jr., José María", "José María", "Núñez, Jr."),
        ("John Doe, Jr.", "John Doe, Jr.", ""),
        ("Nguyễn, Vi", "Vi", "Nguyễn"),  # a given name, no number
        ("Van Dyke, V", "V", "Van Dyke"),
        ("الخوري, داليا", "داليا", "الخوري"),
        ("Cher", "Cher", ""),
        ("Cher,", "Cher", ""),
        ('="=SUM(A1), Eve"', "Eve", "=SUM(A1)"),  # so Canvas keeps spreadsheets from reading a formula
        ("", "", ""),
    ],
)
def test_names_in_one_column_are_split_where_a_comma_says_how(name: str, first: str, last: str) -> None:
    assert split_name(name) == (first, last)


def test_marks_on_letters_are_part_of_a_name() -> None:
    assert plain("शर्मा, हरि") == "शर्माहरि"  # Canvas keeps them in file names
    assert plain("O'Neil-Smith, Zoe\u0308") == "oneilsmithzoë"


@pytest.mark.parametrize("listed", [("bo", "ada"), ("ada", "bo")])
def test_who_hands_in_together_on_gradescope_has_the_same_work(
    listed: tuple[str, str], course: Course, tmp_path: Path
) -> None:
    people_of = "".join(f"  - :name: {who}\n    :sid:\n    :email: {who}@example.org\n" for who in listed)
    stranger = "  - :name: New\n    :sid:\n    :email: new.one@example.org\n"
    alone = "submission_2:\n  :submitters:\n  - :name: D\n    :email: dalia@example.org\n"
    also = "submission_3:\n  :submitters:\n  - :name: Z\n    :email: zoe@example.org\n  - :email: dalia@example.org\n"
    metadata = f"submission_1:\n  :submitters:\n{people_of}{stranger}{alone}{also}"
    files = {f"e/submission_{number}/a_first.ipynb": NOTEBOOK + b" " * number for number in (1, 2, 3)}
    collected = collect(course, "rnn", download(tmp_path, {"e/submission_metadata.yml": metadata.encode(), **files}))
    assert collected.students == dict.fromkeys(("ada", "bo", "new.one@example.org", "dalia", "zoe"), 1)
    for student in ("ada", "bo", "new.one@example.org"):
        assert handed_in(course, student) == {"a_first.ipynb": NOTEBOOK + b" "}
    assert handed_in(course, "dalia") == {"a_first.ipynb": NOTEBOOK + b"  "}, "her own work stays hers"
    assert handed_in(course, "zoe") == {"a_first.ipynb": NOTEBOOK + b"   "}
    first, second = listed
    assert f"{first} handed in together with {second}, new.one@example.org: each has a copy" in collected.notes
    assert any(note.startswith("dalia is an author of submission_3, too") for note in collected.notes)
    assert any("not on the roster: new.one@example.org" in note for note in collected.notes)
    with pytest.raises(CourseError, match="--force"):
        collect(course, "rnn", tmp_path / "download.zip")
    again = collect(course, "rnn", tmp_path / "download.zip", force=True)
    assert again.students == collected.students


def test_a_roster_needs_no_more_than_a_column_of_ids(course: Course, tmp_path: Path):
    (tmp_path / "ids.csv").write_text("id\nnew\nother\n")
    assert import_roster(course, tmp_path / "ids.csv") == ["new", "other"]


def test_a_sheet_with_a_quote_that_never_ends_is_said_with_its_line(course: Course, tmp_path: Path):
    (tmp_path / "open.csv").write_text('id,first_name,last_name\nnew,"New,Person\n' + "other,Other,Person\n" * 10_000)
    with pytest.raises(CourseError, match=r"open.csv, line \d+: field larger .*; export the sheet again"):
        import_roster(course, tmp_path / "open.csv")
    with pytest.raises(CourseError, match=r"away.csv: No such file or directory; name the CSV file"):
        import_roster(course, tmp_path / "away.csv")
