"""Who is in the class, and whom does a platform mean by a name, an address or a number?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from nbgrader.api import Student

from coursegrader.course.course import Course
from coursegrader.course.setup.gradebook import open_gradebook
from coursegrader.errors import CourseError
from coursegrader.intake.collecting.sheet import Sheet

_COLUMNS = {
    "id": ("student_id", "id", "sis login id", "sis user id", "username", "id number", "sid"),
    "first_name": ("first_name", "first name", "firstname"),
    "last_name": ("last_name", "last name", "lastname", "surname"),
    "name": ("student", "name", "full name", "full_name", "student name"),
    "email": ("email", "email address", "e-mail-adresse"),
    "lms_user_id": ("lms_user_id",),
}


class Roster:
    """Finds the student that a platform means by a name, an address or a number."""

    def __init__(self, students: Iterable[Student]) -> None:
        """Index the roster by everything that names exactly one student; people choose their names, not their keys."""
        students = list(students)
        self.ids = {student.id for student in students}
        self._numbers = {student.id: student.lms_user_id or "" for student in students}
        self._by_key: dict[str, str | None] = {}
        self._by_name: dict[str, str | None] = {}
        for student in students:
            first, last = student.first_name or "", student.last_name or ""
            turned = {plain(last + first), plain(_sorted_as(first, last))}  # as Canvas names files
            keys = {student.id, student.email or "", student.lms_user_id or ""}
            for found, words in ((self._by_key, keys), (self._by_name, {f"{first} {last}".strip(), *turned})):
                for word in {folded(word) for word in words} - {""}:
                    found[word] = None if found.get(word, student.id) != student.id else student.id

    def find(self, *keys: str) -> str | None:
        """Return the student that the first key with an answer stands for: an id, an address or a number."""
        return next((found for key in keys if key and (found := self._by_key.get(folded(key)))), None)

    def called(self, name: str) -> str | None:
        """Return the only student of a name."""
        return self._by_name.get(folded(name)) if name else None

    def number(self, student: str) -> str:
        """Return the number that the learning platform gave a student; empty if the roster does not know it."""
        return self._numbers.get(student, "")


def folded(name: str) -> str:
    """Return what is the same for two spellings of one name.

    Macs take letters with accents apart, and so do archives made there; look-alikes of other scripts stay others.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).strip().casefold())


def plain(name: str) -> str:
    """Return a name in lower case without anything but letters, the marks on them, and digits."""
    return "".join(sign for sign in folded(name) if sign.isalnum() or unicodedata.category(sign)[0] == "M")


def safe_id(text: str) -> str | None:
    """Return a student id that is a plain folder name, or None if nothing is left."""
    return re.sub(r"[^\w.@-]+", "-", text.strip()).strip("-.")[:100] or None


def import_roster(course: Course, path: Path) -> list[str]:
    """Add everybody in a CSV file to the gradebook and return their ids; who is there already is brought up to date.

    The header is nbgrader's own (``id,first_name,last_name,email,lms_user_id``) or that of an export of a platform.

    Raises:
        CourseError: The file has no column of ids, or an id that cannot be a folder name or comes twice.
    """
    sheet = Sheet.read(path)
    header = [name.strip().casefold() for name in sheet.rows[0]]
    columns = {
        key: next((header.index(name) for name in names if name in header), None) for key, names in _COLUMNS.items()
    }
    canvas = "sis login id" in header
    if canvas:  # Canvas calls its own number `ID`
        columns |= {"id": header.index("sis login id"), "lms_user_id": header.index("id") if "id" in header else None}
    if columns["id"] is None:
        columns["id"] = columns["email"]
    if columns["id"] is None:
        raise CourseError(f"{path}: no column `id`; its columns are {', '.join(sheet.rows[0])}")
    role = header.index("role") if "role" in header else None  # Gradescope's roster has those who teach, too
    rows = [row for row in sheet.rows[1:] if _is_person(row, columns["id"]) and _is_student(row, role)]
    people = [_person(row, columns) for row in rows]
    _check_ids(path, [person["id"] for person in people])
    with open_gradebook(course.directory) as gradebook:
        for person in people:
            known = {key: value for key, value in person.items() if key not in ("id", "name") and value}
            gradebook.update_or_create_student(person["id"], **known)
    return [person["id"] for person in people]


def _is_person(row: list[str], column: int | None) -> bool:
    return column is not None and len(row) > column and bool(row[column].strip()) and "Points Possible" not in row[0]


def _is_student(row: list[str], role: int | None) -> bool:
    return role is None or len(row) <= role or row[role].strip().casefold() in ("", "student")


def _person(row: list[str], columns: dict[str, int | None]) -> dict[str, str]:
    person = {key: row[i].strip() if i is not None and i < len(row) else "" for key, i in columns.items()}
    if person["name"] and not (person["first_name"] or person["last_name"]):
        person["first_name"], person["last_name"] = split_name(person["name"])
    return person


#: What stands behind a name and is none; Canvas knows the same ones. Short ones are given names, too.
_SUFFIX = re.compile(r"(sn?r|jn?r|esq)\.?|senior|junior|esquire|ii|iii|iv|v|vi", re.IGNORECASE)
_SURELY = re.compile(r"(sn?r|jn?r|esq)\.?|senior|junior|esquire|ii|iii|iv", re.IGNORECASE)


def split_name(name: str) -> tuple[str, str]:
    """Return first and last name of ``Last, First``, ``Last, First, Jr.``, ``Last, Jr., First`` or ``First Last, Jr.``.

    A name without a comma stays whole: which of its words is the family's, nobody can tell.
    """
    name = re.sub(r'^="(.*)"$', r"\1", name.strip())  # so Canvas keeps spreadsheets from reading a formula
    family, *given = [part.strip() for part in name.split(",") if part.strip()] or [""]
    if len(given) == 1 and " " in family and _SURELY.fullmatch(given[0]):
        return name, ""
    if not given:
        return family, ""
    if len(given) > 1 and _SUFFIX.fullmatch(given[-1]):
        return " ".join(given[:-1]), f"{family}, {given[-1]}"
    if len(given) > 1 and _SURELY.fullmatch(given[0]):
        return " ".join(given[1:]), f"{family}, {given[0]}"
    return " ".join(given), family


def _sorted_as(first: str, last: str) -> str:
    """Return a name as Canvas sorts it: the family's, the given one, and what stands behind them."""
    family, *suffixes = last.split(",", 1)
    return " ".join([family, first, *suffixes])


def _check_ids(path: Path, ids: list[str]) -> None:
    for student in ids:
        if safe_id(student) != student:
            raise CourseError(
                f"{path}: {student!r} cannot be a folder name; use letters, digits, `.`, `_`, `-` and `@`"
            )
    twice = sorted({student for student in ids if ids.count(student) > 1})
    if twice:
        raise CourseError(f"{path}: {twice[0]!r} is there twice; every student needs an id of their own")
