"""Whose is each file of a download, and where does it belong in the submission?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from nbgrader.api import Gradebook
from nbgrader.plugins import FileNameCollectorPlugin
from nbgrader.utils import parse_utc

from coursegrader.collecting.roster import Roster, safe_id

MAX_METADATA = 20 << 20
_CANVAS = re.compile(r"(?P<name>[^_/]+)_(?:LATE_)?(?P<user>\d+)_(?P<submission>\d+)_(?P<file>.+)", re.DOTALL)
_MOODLE = re.compile(r"(?P<name>[^/]+)_(?P<user>\d+)_assignsubmission_file_?/?(?P<file>.*)", re.DOTALL)
_GRADESCOPE = re.compile(r"(?:.*/)?(?P<submission>submission_\d+)/(?P<file>.+)", re.DOTALL)
_METADATA = "submission_metadata.yml"


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
            gradebook = Gradebook(app.coursedir.db_url, app.coursedir.course_id)
            try:
                roster = Roster(gradebook.students)
            finally:
                gradebook.close()
                gradebook.engine.dispose()
            release = app.coursedir.format_path(app.coursedir.source_directory, ".", app.coursedir.assignment_id)
            notebooks = {path.name for path in Path(release).glob("*.ipynb")}
            self._plan = plan(folder, roster, notebooks, self.notes)
        return self._plan


def plan(folder: Path, roster: Roster, notebooks: set[str], notes: list[str]) -> dict[str, Owned]:
    """Return the owner of every file of an unpacked download, by path; what is left out is noted."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    metadata = _gradescope_metadata(files, notes)
    mine: dict[str, list[tuple[Path, str, str]]] = {}
    strangers: list[str] = []
    for path in files:
        if path.name == _METADATA:
            continue
        inside = path.relative_to(folder).as_posix()
        owner, rest, time = _owner(inside, roster, metadata)
        if owner is None:
            strangers.append(inside)
        else:
            mine.setdefault(owner, []).append((path, rest, time))
    if strangers:
        notes.append(f"{len(strangers)} files are nobody's and were left out, e.g. {strangers[0]!r}")
    unknown = sorted(set(mine) - roster.ids)
    if unknown:
        notes.append(f"{len(unknown)} students are not on the roster: {', '.join(unknown[:5])}")
    found: dict[str, Owned] = {}
    for student, handed_in in mine.items():
        found.update(_places(student, handed_in, notebooks, notes))
    return found


def _owner(inside: str, roster: Roster, metadata: dict[str, Any]) -> tuple[str | None, str, str]:
    """Return whose a file is, its path within the submission, and when it was handed in."""
    if (match := _GRADESCOPE.fullmatch(inside)) and match["submission"] in metadata:
        entry = metadata[match["submission"]]
        return _gradescope_student(entry, roster), match["file"], _time(entry.get(":created_at"))
    if match := _MOODLE.fullmatch(inside) or _MOODLE.fullmatch(inside.partition("/")[2]):
        name, user = match["name"], match["user"]
        return roster.find(user, name) or safe_id(f"{name}_{user}"), match["file"] or "unnamed", ""
    if match := _CANVAS.fullmatch(inside):
        name, user = match["name"], match["user"]
        rest = match["file"].partition("/")
        return roster.find(user, name) or safe_id(f"{name}_{user}"), rest[2] or rest[0], ""
    parts = inside.split("/")
    for depth, part in enumerate(parts[:-1]):
        if part in roster.ids:
            return part, "/".join(parts[depth + 1 :]), ""
    return None, inside, ""


def _gradescope_metadata(files: list[Path], notes: list[str]) -> dict[str, Any]:
    """Read who handed in what from a Gradescope export."""
    merged: dict[str, Any] = {}
    for path in files:
        if path.name != _METADATA or path.stat().st_size > MAX_METADATA:
            continue
        try:
            data = yaml.load(path.read_text("utf-8"), Loader=_RubyLoader)
        except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
            notes.append(f"{path.name} cannot be read ({str(error).splitlines()[0]})")
            continue
        merged |= (
            {str(key): value for key, value in data.items() if isinstance(value, dict)}
            if isinstance(data, dict)
            else {}
        )
    return merged


class _RubyLoader(yaml.SafeLoader):
    """YAML's safe loader that reads the times and objects of Ruby as plain data instead of refusing them."""


def _plain_data(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else node.value


_RubyLoader.add_multi_constructor("!", _plain_data)
_RubyLoader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: node.value)


def _gradescope_student(entry: dict[str, Any], roster: Roster) -> str | None:
    submitters = entry.get(":submitters")
    for person in submitters if isinstance(submitters, list) else []:
        if isinstance(person, dict):
            sid, mail, name = (str(person.get(key) or "") for key in (":sid", ":email", ":name"))
            found = roster.find(sid, mail, name) or safe_id(sid or mail)
            if found:
                return found
    return None


def _time(value: Any) -> str:
    """Return a time that ``zip_collect`` can read, or nothing."""
    if isinstance(value, dict):
        value = value.get("utc") or value.get("time")
    text = re.sub(r" (?=[+-]\d\d:?\d\d$|Z$)", "", str(value or ""))  # a zone that stands apart is lost in nbgrader
    try:
        return str(parse_utc(text)) if text else ""
    except (ValueError, OverflowError, TypeError, AttributeError):
        return ""


def _places(
    student: str, files: list[tuple[Path, str, str]], notebooks: set[str], notes: list[str]
) -> dict[str, Owned]:
    """Return where each file of a student goes: notebooks to the top, other files as they lay beside them."""
    base = _base([rest for _, rest, _ in files], notebooks)
    placed: dict[str, Owned] = {}
    taken: set[str] = set()
    for path, rest, time in files:
        place = original_name(rest.rpartition("/")[2], notebooks)
        if place not in notebooks:
            place = rest.removeprefix(base)
        if place in taken:
            notes.append(f"{student}: {rest!r} is a second {place!r} and was left out")
        elif place == "timestamp.txt":
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
    if name in notebooks:
        return name
    shorter = re.sub(r"(-\d+|\s*\(\d+\))+(?=\.ipynb$)", "", name)
    return shorter if shorter in notebooks else name
