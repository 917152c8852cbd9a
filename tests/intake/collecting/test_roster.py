"""Whom a platform means: a key or a name that two people share means neither."""

from __future__ import annotations

import pytest
from nbgrader.api import Student

from coursegrader.intake.collecting.roster import Roster, plain, safe_id

ROSTER = Roster(
    [
        Student(id="ada", first_name="Ada", last_name="King", email="Ada@example.org", lms_user_id="101"),
        Student(id="bo", first_name="Bo", last_name="Li", email="bo@example.org", lms_user_id="7"),
        Student(id="cy", first_name="Bo", last_name="Li", email="cy@example.org", lms_user_id="7"),
    ]
)


@pytest.mark.parametrize(
    ("keys", "student"),
    [(("ada",), "ada"), (("", "101"), "ada"), (("ADA@EXAMPLE.ORG",), "ada"), (("7",), None), (("7", "cy"), "cy"),
     (("Ada King",), None), (("",), None)],
)  # fmt: skip
def test_a_key_means_who_alone_has_it(keys: tuple[str, ...], student: str | None) -> None:
    assert ROSTER.find(*keys) == student


@pytest.mark.parametrize(("name", "student"), [("Ada King", "ada"), ("kingada", "ada"), ("Bo Li", None), ("libo", None), ("", None), ("101", None)])  # fmt: skip
def test_a_name_means_who_alone_is_called_so(name: str, student: str | None) -> None:
    assert ROSTER.called(name) == student


def test_spellings_of_one_name_are_the_same_and_ids_are_names_of_folders() -> None:
    assert plain("A\u0308da  O'Neil") == plain("\u00e4DA oneil")
    assert safe_id("../a b/c") == "a-b-c"
    assert safe_id("...") is None
