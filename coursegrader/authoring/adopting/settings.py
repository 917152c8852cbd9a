"""What must an instructor's ``nbgrader_config.py`` and ``.gitignore`` say besides what they say? Added at their ends."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from traitlets.config import Config

from coursegrader.course.course import PRIVATE
from coursegrader.course.setup import table

BEGIN = "# -- added by `coursegrader adopt`; what stands above it is as it was --"

#: What our commands write and nobody should commit: keys, the seed, students' logs; grades.
_OURS = ("/grading/", "/exports/")


def ignored_by_git(text: str) -> str:
    """Return the text of a ``.gitignore`` with our own folders behind it; unchanged if they are in it."""
    there = {line.strip().strip("/") for line in text.splitlines()}
    if not (lines := [line for line in _OURS if line.strip("/") not in there]):
        return text
    before = f"{text.rstrip()}\n\n" if text.strip() else ""
    return before + "\n".join(["# coursegrader's: keys, the seed, logs and grades", *lines]) + "\n"


def added(text: str, config: Config, ignored: Sequence[str], released: Collection[str], forgeable: bool) -> str:
    """Return the text of a configuration with what it lacks behind it; unchanged if it lacks nothing.

    Args:
        text: The configuration as the instructor wrote it.
        config: What it says.
        ignored: What nbgrader does not copy, by these settings.
        released: Files beside the notebooks that students get.
        forgeable: Whether there are grade cells without evidence, which have to be allowed.
    """
    lines = [_kept(line, config) for line in table.to_add(table.missing(config))]
    private = [name for name in (*PRIVATE, "grading") if name not in ignored]
    if private:
        lines += ["# instructors' files, which students must not get", f"c.CourseDirectory.ignore.extend({private})"]
    allowed = config.LeakGate.get("released_files", []) if "LeakGate" in config else []
    if more := sorted(set(released) - set(allowed)):
        lines += [
            "# files beside the notebooks that students get, as they did from nbgrader",
            f"c.LeakGate.released_files = {sorted({*more, *allowed})}",
        ]
    if forgeable and ("SaveScores" not in config or "forgeable" not in config.SaveScores):
        lines += [
            "# a student's own process decides over cells without evidence, as with nbgrader; `forbid` grades none",
            'c.SaveScores.forgeable = "allow"',
        ]
    if not lines:
        return text
    return f"{text.rstrip()}\n\n{BEGIN}\n" + "\n".join(lines) + "\n"


def _kept(line: str, config: Config) -> str:
    """Return a line of the table that goes on from the instructor's own list, where there is one."""
    for entry in table.TABLE:
        name, setting = entry.converter.__name__, entry.setting
        if name in config and setting in config[name]:
            line = line.replace(f"{name}.{setting}.default()", f"c.{name}.{setting}")
    return line
