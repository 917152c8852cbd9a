"""A course with everybody on its roster."""

from __future__ import annotations

import shutil
from pathlib import Path

import people
import pytest

from coursegrader.course.course import Course
from coursegrader.intake.collecting.roster import import_roster


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    made = people.make_course(folder / "course")
    roster = folder / "roster.csv"
    lines = [
        f'{key},"{first.replace(chr(34), chr(34) * 2)}","{last}",{mail},{number}'
        for key, (first, last, mail, number) in people.PEOPLE.items()
    ]
    roster.write_text(
        "\n".join(["id,first_name,last_name,email,lms_user_id", *lines]).replace('"=HYPERLINK(""x"")"', '"Eve"') + "\n",
        "utf-8",
    )
    import_roster(made, roster)
    return made.root


@pytest.fixture
def course(template: Path, tmp_path: Path) -> Course:
    shutil.copytree(template, tmp_path / "course")
    return Course.open(tmp_path / "course")
