"""Whose is each file of a download, and where does it belong in the submission?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.plugins import FileNameCollectorPlugin

from coursegrader.course.setup.gradebook import open_gradebook
from coursegrader.intake.collecting.parts import METADATA, Key, Part, gradescope_metadata, owners_of, part_of
from coursegrader.intake.collecting.roster import Roster
from coursegrader.intake.collecting.unpack import ROOT, platform_part
from coursegrader.intake.submission import TIMESTAMP, without_additions

_EXPORT = re.compile(r"assignment_\d+_export")
_ADDED = re.compile(r"(-\d{1,6}|\s{0,3}\(\d{1,6}\))$")


@dataclass(frozen=True)
class Owned:
    """A file of a student: where it goes in the submission, and when it was handed in."""

    student: str
    file_id: str
    timestamp: str = ""


class LmsCollector(FileNameCollectorPlugin):
    """Tells for ``nbgrader zip_collect`` whose each file of a download is: Gradescope, Canvas, Moodle, or folders."""

    def __init__(self, **kwargs: Any) -> None:
        """Prepare; the files are looked at once, when the first is asked for."""
        super().__init__(**kwargs)
        self.notes: list[str] = []
        self.together: dict[str, list[str]] = {}
        self._plan: dict[str, Owned] | None = None

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """Return student, place and time of one file, or None if it is nobody's."""
        owned = self.plan().get(submitted_file)
        if owned is None:
            return None
        found = {"student_id": owned.student, "file_id": owned.file_id}
        return {**found, "timestamp": owned.timestamp} if owned.timestamp else found

    def plan(self) -> dict[str, Owned]:
        """Return the owner of every file, by path."""
        if self._plan is None:
            app = self.parent
            folder = Path(app._format_collect_path(app.extracted_directory))
            with open_gradebook(app.coursedir) as gradebook:
                roster = Roster(gradebook.students)
            release = app.coursedir.format_path(app.coursedir.source_directory, ".", app.coursedir.assignment_id)
            notebooks = {path.name for path in Path(release).glob("*.ipynb")}
            self._plan = plan(folder, roster, notebooks, self.notes, self.together)
        return self._plan


def plan(
    folder: Path, roster: Roster, notebooks: set[str], notes: list[str], together: dict[str, list[str]]
) -> dict[str, Owned]:
    """Return the owner of every file of an unpacked download, by path; what is left out is noted.

    Args:
        folder: The download.
        roster: The class.
        notebooks: File names of the assignment's notebooks.
        notes: What the instructor should know is appended.
        together: Who else handed in what an owner did is put here.
    """
    parts: dict[Key, Part] = {}
    strangers: list[str] = []
    downloads = sorted(path for path in folder.iterdir() if path.is_dir() and path.suffix == ROOT)
    for root in (folder, *downloads):
        _read_download(root, downloads, roster, parts, strangers, notes)
    if strangers:
        notes.append(f"{len(strangers)} files are nobody's and were left out, e.g. {strangers[0]!r}")
    owners = owners_of(parts, roster, notes)
    _add_authors(parts, owners, together, notes)
    unknown = sorted({*owners.values(), *(other for others in together.values() for other in others)} - roster.ids)
    if unknown:
        notes.append(f"{len(unknown)} students are not on the roster: {', '.join(unknown[:5])}")
    mine: dict[str, list[tuple[Path, str, str]]] = {}
    for key, part in parts.items():
        mine.setdefault(owners[key], []).extend((path, rest, part.time) for path, rest in part.files)
    found: dict[str, Owned] = {}
    for student, handed_in in mine.items():
        found.update(_places(student, handed_in, notebooks, notes))
    return found


def _add_authors(
    parts: dict[Key, Part], owners: dict[Key, str], together: dict[str, list[str]], notes: list[str]
) -> None:
    """Note who handed in together with an owner; who has handed in something alone, or with others, keeps that."""
    taken = set(owners.values())
    for key, part in parts.items():
        for other in part.others:
            if other in taken:
                notes.append(f"{other} is an author of {part.label}, too, but has something else already; that counts")
            else:
                taken.add(other)
                together.setdefault(owners[key], []).append(other)


# -- the platform's own part of a name --------------------------------------------------------------------------------


def _read_download(
    root: Path,
    others: list[Path],
    roster: Roster,
    parts: dict[Key, Part],
    strangers: list[str],
    notes: list[str],
) -> None:
    """Give every file of one download to whoever the platform's own part of its path names.

    That part is the first segment, at the top of the download or in the one folder that a download is packed in.
    Nothing behind it counts, for it was chosen by who handed in.
    """
    top = _top(root, others, roster)
    metadata = gradescope_metadata(top / METADATA, notes)
    for path in sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink()):
        if path == top / METADATA or any(path.is_relative_to(other) for other in others if other != root):
            continue
        inside = path.relative_to(root).as_posix()
        first, _, rest = path.relative_to(top).as_posix().partition("/") if path.is_relative_to(top) else ("", "", "")
        found = part_of(first, bool(rest), roster, metadata)
        if found is None:
            strangers.append(inside)
            continue
        key, part, own = found
        parts.setdefault(key, part).files.append((path, rest or own))


def _top(root: Path, others: list[Path], roster: Roster) -> Path:
    """Return where the platform's own names begin: the download itself, or the one folder that it is packed in."""
    entries = [entry for entry in root.iterdir() if entry not in others]
    if len(entries) != 1 or not entries[0].is_dir() or entries[0].is_symlink():
        return root
    (only,) = entries
    if only.name in roster.ids or platform_part(only.name):
        return root
    inner = list(only.iterdir())
    if _EXPORT.fullmatch(only.name):
        return only
    return only if inner and all(_is_platforms(entry, roster) for entry in inner) else root


def _is_platforms(entry: Path, roster: Roster) -> bool:
    return entry.name == METADATA or platform_part(entry.name) is not None or entry.name in roster.ids


def _places(
    student: str, files: list[tuple[Path, str, str]], notebooks: set[str], notes: list[str]
) -> dict[str, Owned]:
    """Return where each file of a student goes: notebooks to the top, other files as they lay beside them."""
    base = _base([rest for _, rest, _ in files], notebooks)
    placed: dict[str, Owned] = {}
    taken: set[str] = set()
    for path, rest, time in sorted(
        files, key=lambda entry: (entry[1].count("/"), entry[1])
    ):  # what a platform put there first
        place = original_name(rest.rpartition("/")[2], notebooks)
        if place not in notebooks:
            place = rest.removeprefix(base)
        if place in taken:
            notes.append(f"{student}: {rest!r} is a second {place!r} and was left out")
        elif place == TIMESTAMP:
            continue  # the platform says when, not the student
        else:
            taken.add(place)
            placed[str(path)] = Owned(student, place, time)
    return placed


def _base(paths: list[str], notebooks: set[str]) -> str:
    """Return the folder of the submission in which most of the assignment's notebooks lie."""
    folders = [
        path.rpartition("/")[0] for path in paths if original_name(path.rpartition("/")[2], notebooks) in notebooks
    ]
    base = max(sorted(set(folders)), key=folders.count, default="")
    return f"{base}/" if base else ""


def original_name(name: str, notebooks: set[str]) -> str:
    """Return a notebook's name without what a platform or a browser put behind it: ``3_rnn-1.ipynb``, ``3_rnn (2).ipynb``."""
    if name in notebooks or not name.endswith(".ipynb"):
        return name
    shorter = without_additions(name.removesuffix(".ipynb"), _ADDED) + ".ipynb"
    return shorter if shorter in notebooks else name
