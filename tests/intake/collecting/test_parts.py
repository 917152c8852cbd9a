"""Whom a platform's part of a name means: who is not known for sure takes nobody's place, not even an empty one."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbgrader.api import Student

from coursegrader.intake.collecting import parts
from coursegrader.intake.collecting.parts import gradescope_metadata, owners_of, part_of
from coursegrader.intake.collecting.roster import Roster


def person(id: str, first: str, last: str, number: str = "") -> Student:
    return Student(id=id, first_name=first, last_name=last, email=f"{id}@example.org", lms_user_id=number)


ROSTER = Roster([person("ada", "Ada", "Lovelace", "101"), person("bo", "Bo", "Li", "102"), person("cy", "Cy", "Young")])


def owners(*names: str) -> tuple[list[str], list[str]]:
    """Return who owns each of these uploads, in order, and what the instructor is told."""
    claims = {found[0]: found[1] for name in names if (found := part_of(name, False, ROSTER, {}))}
    assert len(claims) == len(names)
    notes: list[str] = []
    found = owners_of(claims, ROSTER, notes)
    return [found[key] for key in claims], notes


@pytest.mark.parametrize(
    ("names", "students"),
    [
        (["lovelaceada_101_1_a.ipynb", "libo_102_2_a.ipynb"], ["ada", "bo"]),
        (["renamed_101_1_a.ipynb"], ["ada"]),  # the number is the platform's
        (["youngcy_7_1_a.ipynb"], ["cy"]),  # the roster has no number of theirs
        (["Ada Lovelace_7701_assignsubmission_file_a.ipynb"], ["ada"]),  # Moodle's number is new in every course
    ],
)
def test_who_is_known_is_taken_for_who_it_is(names: list[str], students: list[str]) -> None:
    assert owners(*names) == (students, [])


@pytest.mark.parametrize(
    ("names", "claimed"),
    [
        (["lovelaceada_999_1_a.ipynb"], "ada"),  # her name, and a number that is not hers
        (["Cy Young_1_assignsubmission_file_a.ipynb", "Cy Young_2_assignsubmission_file_a.ipynb"], "cy"),
        (["youngcy_7_1_a.ipynb", "youngcy_8_1_a.ipynb"], "cy"),
        (["Bo Li_101_assignsubmission_file_a.ipynb"], "bo"),  # his name, and a number that the roster has for her
    ],
)
def test_who_only_passes_for_somebody_gets_an_id_of_their_own(names: list[str], claimed: str) -> None:
    found, notes = owners(*names)
    assert not set(found) & ROSTER.ids
    assert len(set(found)) == len(notes) == len(names)
    assert all(f"passes for {claimed}" in note for note in notes)


def test_of_two_who_claim_somebody_the_one_with_the_number_is_it() -> None:
    found, notes = owners("lovelaceada_999_1_a.ipynb", "lovelaceada_101_1_a.ipynb")
    assert found == ["lovelaceada_999", "ada"]
    assert len(notes) == 1


def test_metadata_are_read_from_a_plain_file_of_a_sensible_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, link = tmp_path / "submission_metadata.yml", tmp_path / "link.yml"
    path.write_text("submission_201:\n  :submitters: []\n")
    link.symlink_to(path)
    assert list(gradescope_metadata(path, [])) == ["submission_201"]
    assert gradescope_metadata(link, []) == {}
    assert gradescope_metadata(tmp_path, []) == {}
    monkeypatch.setattr(parts, "MAX_METADATA", path.stat().st_size - 1)
    assert gradescope_metadata(path, []) == {}
