"""Does a course plug our classes into nbgrader, and if not, which line of its ``nbgrader_config.py`` is missing?

Without its line, nbgrader does by itself what we would do: it runs student code without a box, lets assertions in the
student's kernel decide, or puts what students wrote into a page as it is.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from traitlets import TraitError
from traitlets.config import Config

PLUGINS = "coursegrader.plugins"


@dataclass(frozen=True)
class Line:
    """One entry of the plug-in table.

    Attributes:
        converter: nbgrader's class that is configured.
        setting: Its trait.
        ours: Classes of ours that have to stand there, by name.
        theirs: Classes of nbgrader's that must not, by name.
        text: The line, or two.
        needs: What else it imports.
    """

    converter: type
    setting: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    text: str
    needs: tuple[str, ...] = ()

    @property
    def imports(self) -> list[str]:
        """The import statements that the line needs."""
        return [*self.needs, f"from {PLUGINS} import {', '.join(self.ours)}"]


_GENERATE, _AUTOGRADE, _FEEDBACK = GenerateAssignment, Autograde, GenerateFeedback
_CONVERTER = "from nbgrader.converters import {}".format
TABLE = (
    Line(
        _GENERATE,
        "exporter_class",
        ours=("AuditedExporter",),
        theirs=(),
        text="c.GenerateAssignment.exporter_class = AuditedExporter",
    ),
    Line(
        _GENERATE,
        "preprocessors",
        ours=("LeakGate",),
        theirs=(),
        text="c.GenerateAssignment.preprocessors = [*GenerateAssignment.preprocessors.default(), LeakGate]",
        needs=(_CONVERTER("GenerateAssignment"),),
    ),
    Line(
        _AUTOGRADE,
        "exporter_class",
        ours=("LockedExporter",),
        theirs=(),
        text="c.Autograde.exporter_class = LockedExporter",
    ),
    Line(
        _AUTOGRADE,
        "sanitize_preprocessors",
        ours=("Repair",),
        theirs=(),
        text="c.Autograde.sanitize_preprocessors = [Repair, *Autograde.sanitize_preprocessors.default()]",
        needs=(_CONVERTER("Autograde"),),
    ),
    Line(
        _AUTOGRADE,
        "autograde_preprocessors",
        ours=("Execute", "SaveScores"),
        theirs=("Execute", "SaveAutoGrades"),
        text="replaced = {NbgraderExecute: Execute, SaveAutoGrades: SaveScores}\n"
        "c.Autograde.autograde_preprocessors = "
        "[replaced.get(pp, pp) for pp in Autograde.autograde_preprocessors.default()]",
        needs=(
            _CONVERTER("Autograde"),
            "from nbgrader.preprocessors import Execute as NbgraderExecute",
            "from nbgrader.preprocessors import SaveAutoGrades",
        ),
    ),
    Line(
        _FEEDBACK,
        "preprocessors",
        ours=("Feedback",),
        theirs=("GetGrades", "CSSHTMLHeaderPreprocessor"),
        text="c.GenerateFeedback.preprocessors = [Feedback]",
    ),
    Line(
        _FEEDBACK,
        "exporter_class",
        ours=("FeedbackPage",),
        theirs=(),
        text="c.GenerateFeedback.exporter_class = FeedbackPage",
    ),
)


def missing(config: Config) -> list[Line]:
    """Return the lines of the table that a configuration lacks, or has overwritten."""
    return [line for line in TABLE if not _holds(line, config)]


def _holds(line: Line, config: Config) -> bool:
    try:
        value = getattr(line.converter(config=copy.deepcopy(config)), line.setting)
    except (TraitError, ImportError, AttributeError):  # what stands there is no class, or one that is not there
        return False
    entries = value if isinstance(value, list) else [value]
    return all(_has(entries, name, "coursegrader.") for name in line.ours) and not any(
        _has(entries, name, ("nbgrader.", "nbconvert."), exactly=True) for name in line.theirs
    )


def _has(entries: Iterable[Any], name: str, home: str | tuple[str, ...], exactly: bool = False) -> bool:
    """Tell whether one of the entries is a class of this name and home, or (unless exactly) derived from it."""
    return any(
        base.__name__ == name and f"{base.__module__}.".startswith(home)
        for entry in entries
        if isinstance(entry, type)
        for base in (entry.__mro__[:1] if exactly else entry.__mro__)
    )


def to_add(lines: Iterable[Line]) -> list[str]:
    """Return what a configuration lacks as lines of Python: imports first, each once."""
    lines = list(lines)
    imports = dict.fromkeys(statement for line in lines for statement in line.imports)
    return [*imports, *(part for line in lines for part in line.text.split("\n"))]


def lacks(config: Config) -> str:
    """Return the sentence and the lines for a configuration that would have nbgrader grade alone; else nothing."""
    if not (lacking := missing(config)):
        return ""
    places = ", ".join(f"c.{line.converter.__name__}.{line.setting}" for line in lacking)
    lines = "\n".join(f"  {line}" for line in to_add(lacking))
    return (
        f"nbgrader would grade without coursegrader, as {places} {'is' if len(lacking) == 1 else 'are'} not ours; "
        f"have `coursegrader adopt` see to it, or add these lines at its end:\n{lines}"
    )
