"""Whom does a platform mean by the names it gives to what people handed in, and by its metadata?

Only what the platform wrote counts; whoever is taken for somebody else gets an id of their own, and both are named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from nbgrader.utils import parse_utc

from coursegrader.intake.collecting.roster import Roster, safe_id
from coursegrader.intake.collecting.unpack import CANVAS, MOODLE, platform_part

MAX_METADATA = 20 << 20
MAX_TOGETHER = 20  # people who hand in together
METADATA = "submission_metadata.yml"
Key = tuple[str, ...]
#: How surely a student is known: by a number or an address that the platform gave out, or by a name.
_BY_NUMBER, _BY_NAME, _UNKNOWN = 2, 1, 0


@dataclass
class Part:
    """What one platform gave out under one of its own names: everything that one person handed in.

    Attributes:
        label: How the platform calls it.
        student: Who that is on the roster, or None.
        sure: How surely.
        made_up: The id if it is nobody on the roster.
        time: When it was handed in.
        files: The files, each with its path within what was handed in.
        others: Who handed it in together with this student.
    """

    label: str
    student: str | None
    sure: int
    made_up: str | None
    time: str = ""
    files: list[tuple[Path, str]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def part_of(first: str, is_folder: bool, roster: Roster, metadata: dict[str, Any]) -> tuple[Key, Part, str] | None:
    """Return what the first segment of a path says: a key, whose it is, and the name of the file if it is one."""
    platform, name, user = platform_part(first) or ("", "", "")
    if platform == "gradescope":
        entry = metadata.get(user)
        return (("gradescope", user), _gradescope_part(user, entry, roster), "") if entry and is_folder else None
    if platform == "canvas":
        match = CANVAS.fullmatch(first)
        assert match is not None
        return ("canvas", name, user), _numbered(name, user, roster, trusted=True), match["file"]
    if platform == "moodle":
        match = MOODLE.fullmatch(first)
        assert match is not None
        return ("moodle", name, user), _numbered(name, user, roster, trusted=False), match["file"] or "unnamed"
    if is_folder and first in roster.ids:
        return ("folder", first), Part(first, first, _BY_NUMBER, None), ""
    return None


def _numbered(name: str, user: str, roster: Roster, *, trusted: bool) -> Part:
    """Return whom a name and a number mean.

    Args:
        name: As the platform shows it; people may have changed it.
        user: A number that the platform gave out.
        roster: The class.
        trusted: Whether it is the number that the roster has; Moodle counts participants anew in every course.
    """
    label = f"{name}_{user}"
    by_number, by_name = roster.find(user), roster.called(name)
    if by_number and (trusted or by_name in (None, by_number)):
        return Part(label, by_number, _BY_NUMBER, safe_id(label))
    if by_number or (trusted and by_name and roster.number(by_name)):  # two people, or a number that is somebody else's
        return Part(label, by_name, _UNKNOWN, safe_id(label))
    return Part(label, by_name, _BY_NAME if by_name else _UNKNOWN, safe_id(label))


def _gradescope_part(submission: str, entry: dict[str, Any], roster: Roster) -> Part:
    """Return whom Gradescope's metadata name: by number or address, by name only where it has neither.

    The first who is on the roster stands for all who handed in together.
    """
    submitters, time = entry.get(":submitters"), _time(entry.get(":created_at"))
    people = [person for person in (submitters if isinstance(submitters, list) else []) if isinstance(person, dict)]
    named = [_submitter(submission, person, roster, time) for person in people[:MAX_TOGETHER]]
    named = [part for part in named if part.student or part.made_up]
    if not named:
        return Part(submission, None, _UNKNOWN, submission, time)
    first = next((part for part in named if part.student), named[0])
    others = [part.student or part.made_up for part in named if part is not first]
    first.others = [other for other in dict.fromkeys(others) if other and other != first.student]
    return first


def _submitter(submission: str, person: dict[str, Any], roster: Roster, time: str) -> Part:
    sid, mail, name = (str(person.get(key) or "") for key in (":sid", ":email", ":name"))
    if found := roster.find(sid, mail):
        return Part(submission, found, _BY_NUMBER, safe_id(sid or mail), time)
    if not sid and not mail and (found := roster.called(name)):
        return Part(submission, found, _BY_NAME, safe_id(name), time)
    return Part(submission, None, _UNKNOWN, safe_id(sid or mail), time)


def owners_of(parts: dict[Key, Part], roster: Roster, notes: list[str]) -> dict[Key, str]:
    """Return one student a part; who is taken for somebody else gets an id of their own, and both are named."""
    claims: dict[str, list[Key]] = {}
    for key, part in parts.items():
        if part.student is not None:
            claims.setdefault(part.student, []).append(key)
    owners: dict[Key, str] = {}
    for student, keys in claims.items():
        best = max(parts[key].sure for key in keys)
        surest = [key for key in keys if parts[key].sure == best]
        if len(surest) == 1 and best > _UNKNOWN:
            owners[surest[0]] = student
    taken = roster.ids | set(owners.values())
    for key, part in parts.items():
        if key in owners:
            continue
        owners[key] = _free(part.made_up or safe_id(part.label) or "nobody", taken)
        taken.add(owners[key])
        if part.student is not None:
            others = [parts[other].label for other in claims[part.student] if other != key]
            beside = f"; so {'does' if len(others) == 1 else 'do'} {', '.join(others)}" if others else ""
            notes.append(
                f"{part.label} passes for {part.student}, which cannot be told for sure{beside}; "
                f"it was collected as {owners[key]}: look whose it is"
            )
    return owners


def _free(wanted: str, taken: set[str]) -> str:
    """Return an id that nobody has."""
    number, found = 1, wanted
    while found in taken:
        number += 1
        found = f"{wanted}-{number}"
    return found


# -- metadata ---------------------------------------------------------------------------------------------------------


def gradescope_metadata(path: Path, notes: list[str]) -> dict[str, Any]:
    """Read who handed in what from a Gradescope export."""
    if not path.is_file() or path.is_symlink() or path.stat().st_size > MAX_METADATA:
        return {}
    try:
        data = yaml.load(path.read_text("utf-8"), Loader=_RubyLoader)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        notes.append(f"{path.name} cannot be read ({str(error).splitlines()[0]})")
        return {}
    entries = data.items() if isinstance(data, dict) else ()
    return {str(key): value for key, value in entries if isinstance(value, dict)}


class _RubyLoader(yaml.SafeLoader):
    """YAML's safe loader that reads the times and objects of Ruby as plain data instead of refusing them."""


def _plain_data(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else node.value


_RubyLoader.add_multi_constructor("!", _plain_data)
_RubyLoader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: node.value)


def _time(value: Any) -> str:
    """Return a time that ``zip_collect`` can read, or nothing."""
    if isinstance(value, dict):
        value = value.get("utc") or value.get("time")
    text = re.sub(r" (?=[+-]\d\d:?\d\d$|Z$)", "", str(value or ""))  # a zone that stands apart is lost in nbgrader
    try:
        return str(parse_utc(text)) if text else ""
    except (ValueError, OverflowError, TypeError, AttributeError):
        return ""
