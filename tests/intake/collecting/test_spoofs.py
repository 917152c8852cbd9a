"""Can anybody take somebody else's place by what they hand in, or push somebody out of a download?"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from test_collect import NOTEBOOK, download, handed_in, zipped

from coursegrader.course.course import Course
from coursegrader.course.setup.gradebook import open_gradebook
from coursegrader.errors import CourseGraderError
from coursegrader.intake.collecting import unpack as unpacking
from coursegrader.intake.collecting.collect import Collected, collect
from coursegrader.intake.collecting.roster import import_roster

FORGED = b'{"cells": [], "metadata": {"forged": true}, "nbformat": 4, "nbformat_minor": 5}'


def metadata(
    ada: str = "201", bo: str = "202", *, name: str = "Bo", sid: str = "102", mail: str = "bo@example.org"
) -> bytes:
    """Return Gradescope's metadata of two submissions; what bo calls himself can be chosen."""
    entries = ((ada, "Ada Lovelace", "101", "ada@example.org"), (bo, name, sid, mail))
    lines = "submission_{}:\n  :submitters:\n  - :name: {}\n    :sid: '{}'\n    :email: {}\n"
    return "".join(lines.format(*entry) for entry in entries).encode()


STOLEN = metadata("202", "201")
#: What bo packs into the zip that he hands in, or calls the file that he hands in.
INSIDE = {
    "metadata of his own": {"submission_metadata.yml": STOLEN, "a_first.ipynb": NOTEBOOK},
    "metadata in a folder": {"assignment_1_export/submission_metadata.yml": STOLEN, "a_first.ipynb": NOTEBOOK},
    "her Gradescope folder": {"submission_201/a_first.ipynb": FORGED, "a_first.ipynb": NOTEBOOK},
    "her export": {"assignment_1_export/submission_201/a_first.ipynb": FORGED, "a_first.ipynb": NOTEBOOK},
    "her Canvas name": {"lovelaceada_101_5_a_first.ipynb": FORGED, "a_first.ipynb": NOTEBOOK},
    "her late Canvas name": {"lovelaceada_LATE_101_5_a_first.ipynb": FORGED, "a_first.ipynb": NOTEBOOK},
    "her Moodle name": {"Ada Lovelace_7701_assignsubmission_file_a_first.ipynb": FORGED, "a_first.ipynb": NOTEBOOK},
    "her Moodle folder": {"Ada Lovelace_7701_assignsubmission_file_/a_first.ipynb": FORGED, "a_first.ipynb": NOTEBOOK},
    "her folder": {"ada/a_first.ipynb": FORGED, "a_first.ipynb": NOTEBOOK},
    "her folder, deeper": {"rnn/ada/rnn/a_first.ipynb": FORGED, "a_first.ipynb": NOTEBOOK},
    "a zip of hers": {"ada.zip": zipped({"a_first.ipynb": FORGED}), "a_first.ipynb": NOTEBOOK},
}
#: What bo calls his own file; the platform puts its own part before it.
CALLED = [
    "x_201_5_a_first.ipynb", "lovelaceada_101_5_a_first.ipynb", "_LATE_101_5_a_first.ipynb", "101_5_a_first.ipynb",
    "x_101_assignsubmission_file_a_first.ipynb", "Ada Lovelace_7701_assignsubmission_file_a_first.ipynb",
    "submission_201.ipynb",
]  # fmt: skip


@dataclass
class Platform:
    """How a platform names what people hand in: ada's, bo's, and a file or a zip of bo's."""

    name: str
    ada: str
    bo: str
    more: dict[str, bytes] = field(default_factory=dict)


PLATFORMS = [
    Platform("canvas", "lovelaceada_101_11_", "bo_102_12_"),
    Platform("moodle", "Ada Lovelace_7701_assignsubmission_file_", "Bo_7702_assignsubmission_file_"),
    Platform("moodle in folders", "Ada Lovelace_7701_assignsubmission_file_/", "Bo_7702_assignsubmission_file_/"),
    Platform("gradescope", "e/submission_201/", "e/submission_202/", {"e/submission_metadata.yml": metadata()}),
]


def bos(course: Course) -> str:
    """Return the folder in which bo's work is: his own, or one made up from what the platform calls him."""
    folders = sorted(path.name for path in (course.root / "submitted").iterdir() if path.name != "ada")
    assert len(folders) == 1, folders
    return folders[0]


@pytest.mark.parametrize("spoof", INSIDE)
@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_nothing_inside_an_upload_tells_whose_it_is(
    platform: Platform,
    spoof: str,
    course: Course,
    tmp_path: Path,
) -> None:
    """Bo's zip may hold what it likes: ada's work stays hers, and bo's is all bo's."""
    for spoofer_first in (False, True):
        files = {f"{platform.ada}a_first.ipynb": NOTEBOOK, f"{platform.bo}work.zip": zipped(INSIDE[spoof])}
        ordered = dict(reversed(files.items())) if spoofer_first else files
        collect(course, "rnn", download(tmp_path, {**platform.more, **ordered}), force=True)
        own = handed_in(course, "ada")
        own.pop("timestamp.txt", None)
        assert own == {"a_first.ipynb": NOTEBOOK}
        assert handed_in(course, bos(course))["a_first.ipynb"] == NOTEBOOK


@pytest.mark.parametrize("called", CALLED)
@pytest.mark.parametrize("platform", PLATFORMS[:3], ids=lambda platform: platform.name)
def test_no_file_name_tells_whose_it_is(platform: Platform, called: str, course: Course, tmp_path: Path) -> None:
    files = {f"{platform.bo}{called}": FORGED, f"{platform.ada}a_first.ipynb": NOTEBOOK}
    collect(course, "rnn", download(tmp_path, files))
    assert handed_in(course, "ada") == {"a_first.ipynb": NOTEBOOK}
    assert FORGED in handed_in(course, bos(course)).values()


#: People who call themselves ada, or whose made-up id would be hers: the download, and whom a note must name.
PASSING: dict[str, tuple[dict[str, bytes], list[str]]] = {
    "canvas, her name and another number": (
        {"lovelaceada_101_1_a_first.ipynb": NOTEBOOK, "lovelaceada_102_2_a_first.ipynb": FORGED}, []
    ),
    "canvas, her name and nobody's number": (
        {"lovelaceada_101_1_a_first.ipynb": NOTEBOOK, "lovelaceada_999_2_a_first.ipynb": FORGED},
        ["lovelaceada_999", "lovelaceada_101", "ada"],
    ),
    "moodle, twice her name": (
        {
            "Ada Lovelace_7701_assignsubmission_file_a_first.ipynb": NOTEBOOK,
            "Ada Lovelace_7702_assignsubmission_file_a_first.ipynb": FORGED,
        },
        ["Ada Lovelace_7701", "Ada Lovelace_7702"],
    ),
    "gradescope, her name and nobody's number": (
        {
            "e/submission_metadata.yml": metadata(name="Ada Lovelace", sid="", mail="evil@example.org"),
            "e/submission_201/a_first.ipynb": NOTEBOOK,
            "e/submission_202/a_first.ipynb": FORGED,
        },
        ["evil@example.org"],
    ),
    "gradescope, a number that would become hers": (
        {
            "e/submission_metadata.yml": metadata(sid="(ada)", mail="evil@example.org"),
            "e/submission_201/a_first.ipynb": NOTEBOOK,
            "e/submission_202/a_first.ipynb": FORGED,
        },
        ["ada-2"],
    ),
    "gradescope, only a name": (
        {
            "e/submission_metadata.yml": metadata(name="Ada Lovelace", sid="", mail=""),
            "e/submission_201/a_first.ipynb": NOTEBOOK,
            "e/submission_202/a_first.ipynb": FORGED,
        },
        ["submission_202", "submission_201", "ada"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("spoof", PASSING)
def test_who_passes_for_somebody_is_named_and_replaces_nobody(spoof: str, course: Course, tmp_path: Path) -> None:
    files, named = PASSING[spoof]
    collected = collect(course, "rnn", download(tmp_path, files))
    kept = [path.read_bytes() for path in (course.root / "submitted").rglob("a_first.ipynb")]
    assert sorted(kept) == sorted([NOTEBOOK, FORGED])  # nothing is lost
    assert FORGED not in handed_in(course, "ada").values()
    assert all(any(name in note for note in collected.notes) for name in named), collected.notes


def test_a_students_zip_beside_unpacked_downloads_is_that_students(course: Course, tmp_path: Path) -> None:
    source = tmp_path / "downloads"
    source.mkdir()
    (source / "bo_102_12_work.zip").write_bytes(zipped(INSIDE["her folder"] | {"submission_metadata.yml": b"x"}))
    (source / "lovelaceada_101_11_a_first.ipynb").write_bytes(NOTEBOOK)
    collect(course, "rnn", source)
    assert handed_in(course, "ada") == {"a_first.ipynb": NOTEBOOK}


# -- pushing others out -----------------------------------------------------------------------------------------------


def collected_beside(course: Course, tmp_path: Path, hostile: dict[str, bytes]) -> Collected:
    """Collect a download in which bo does his worst; ada's and dalia's work must be there all the same."""
    files = {
        "aa_102_1_mine.txt": b"mine",
        **hostile,
        "lovelaceada_101_11_a_first.ipynb": NOTEBOOK,
        "z_103_3_a_first.ipynb": NOTEBOOK,
    }
    collected = collect(course, "rnn", download(tmp_path, files))
    assert handed_in(course, "ada") == {"a_first.ipynb": NOTEBOOK}
    assert handed_in(course, "dalia") == {"a_first.ipynb": NOTEBOOK}
    assert handed_in(course, "bo")["mine.txt"] == b"mine"
    return collected


@pytest.mark.parametrize(
    "hostile",
    [
        {"aa_102_4_work.zip": zipped({f"{number}": b"" for number in range(300)})},
        {f"aa_102_{number}_file": b"" for number in range(10, 310)},
        {"aa_102_4_big.bin": b"x" * 3_000_000},
        {"aa_102_4_bomb.zip": zipped({"bomb": bytes(9 << 20)})},
        {"aa_102_4_..\\..\\up.txt": b"up"},
        {f"aa_102_4_{'x' * 240}a": b"1", f"aa_102_4_{'x' * 240}b": b"2"},
        {f"aa_102_4_{'漢' * 200}": b"1"},
        {"aa_102_4_broken.zip": b"PK\x03\x04 no zip", "aa_102_5_a/b": b"1", "aa_102_5_a": b"2"},
        {"aa_102_4_work.zip": zipped({"x.txt": b"1"}), "aa_102_4_work/y.txt": b"2"},
    ],
    ids=[
        "files in a zip",
        "files",
        "a large file",
        "a bomb",
        "a way up",
        "names",
        "long names",
        "a broken zip",
        "a folder",
    ],
)
def test_one_student_costs_only_himself_and_is_named(
    hostile: dict[str, bytes],
    course: Course,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.setattr(unpacking, "MAX_COUNT", 100)
    monkeypatch.setattr(unpacking, "MAX_FILE", 2 << 20)
    collected = collected_beside(course, tmp_path, hostile)
    if request.node.callspec.id not in ("long names", "a folder"):  # odd, but nothing is left out
        assert any("102" in note for note in collected.notes), collected.notes


def test_a_full_disk_is_said_before_anything_is_collected(
    course: Course,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unpacking, "SPARE", 1 << 62)
    with pytest.raises(CourseGraderError, match="disk"):
        collect(course, "rnn", download(tmp_path, {"lovelaceada_101_1_a_first.ipynb": NOTEBOOK}))
    assert handed_in(course, "ada") == {}


@pytest.mark.parametrize("first", ["101", "ada", "ada@example.org"])
def test_a_name_that_is_somebodys_number_address_or_id_takes_nothing_from_them(
    first: str, course: Course, tmp_path: Path
) -> None:
    """On most platforms people choose the name that is shown; eve chooses ada's number, id or address."""
    roster = tmp_path / "names.csv"
    roster.write_text(f"id,first_name,last_name,email,lms_user_id\neve,{first},,eve@example.org,104\n", "utf-8")
    import_roster(course, roster)
    with open_gradebook(course.directory) as gradebook:
        gradebook.update_or_create_student("eve", last_name="")
    files = {"lovelaceada_101_1_a_first.ipynb": NOTEBOOK, "eve_104_2_a_first.ipynb": FORGED}
    collected = collect(course, "rnn", download(tmp_path, files))
    assert collected.notes == []
    assert handed_in(course, "ada") == {"a_first.ipynb": NOTEBOOK}
    assert handed_in(course, "eve") == {"a_first.ipynb": FORGED}
    gradescope = {"e/submission_metadata.yml": metadata(), "e/submission_201/a_first.ipynb": NOTEBOOK}
    collect(course, "rnn", download(tmp_path, gradescope), force=True)
    assert handed_in(course, "ada")["a_first.ipynb"] == NOTEBOOK
