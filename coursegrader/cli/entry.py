"""What did the user ask, what is printed, which exit code?

Exit codes: 0 fine, 1 some submissions degraded (listed), 2 it could not be done.
Progress goes to stderr, results to stdout.
"""

from __future__ import annotations

import argparse
import gc
import io
import logging
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TextIO

from coursegrader import __version__
from coursegrader.cli.interruption import Interruption
from coursegrader.errors import FAILED, CourseGraderError
from coursegrader.files import in_words
from coursegrader.publishing.exporting import FORMATS

INIT = "Write a course with one example assignment into an empty folder: this one, or the one named with --course."

INTERRUPTED = "interrupted; the same command goes on from here"

#: jsonschema builds a grammar of IRIs with it whenever it is imported, longer than all else takes; no notebook has any,
#: and without it jsonschema leaves that one format unchecked.
_SLOW = "rfc3987_syntax"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    with redirect_stdout(Harmless(sys.stdout)), redirect_stderr(Harmless(sys.stderr)):
        return _main(argv)


def _main(argv: Sequence[str] | None) -> int:
    arguments = _parser().parse_args(argv)
    logging.basicConfig(
        level=logging.DEBUG if arguments.debug else logging.CRITICAL, format="%(levelname)s %(message)s"
    )
    interruption = Interruption()
    try:
        with interruption:
            code: int = _commands().run(arguments, interruption)
            return code
    except CourseGraderError as error:
        said = str(error)
    except KeyboardInterrupt:
        said = INTERRUPTED
    except Exception as error:  # Python itself would end with 1, which here means that everybody was graded
        if arguments.debug:
            traceback.print_exc()
        said = in_words(error)
    print(f"coursegrader {arguments.command}: {INTERRUPTED if interruption.asked else said}", file=sys.stderr)
    return FAILED


@lru_cache
def _commands() -> ModuleType:
    """Load the commands, which bring nbgrader along: who asks for help need not wait for it.

    To look for garbage among modules takes a sixth of a short command's time, and finds none.
    """
    sys.modules.setdefault(_SLOW, None)  # type: ignore[arg-type]
    gc.disable()
    from coursegrader.cli import commands

    gc.freeze()
    gc.enable()
    return commands


class Harmless(io.TextIOBase):
    """A stream on which nothing that a student chose can steer the terminal or turn the line around."""

    def __init__(self, stream: TextIO) -> None:
        """Write to another stream."""
        self.stream = stream

    def write(self, text: str) -> int:
        """Write text; signs that cannot be seen, but for line ends and tabs, are shown as what they are."""
        if not text.isprintable():
            text = "".join(sign if sign.isprintable() or sign in "\n\r\t" else _shown(sign) for sign in text)
        encoding = getattr(self.stream, "encoding", None) or "utf-8"
        self.stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        return len(text)

    def flush(self) -> None:
        """Flush the other stream."""
        self.stream.flush()

    def isatty(self) -> bool:
        """Tell whether the other stream is a terminal."""
        return self.stream.isatty()

    def fileno(self) -> int:
        """Return the other stream's descriptor."""
        return self.stream.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Return the other stream's encoding."""
        return getattr(self.stream, "encoding", None) or "utf-8"


def _shown(sign: str) -> str:
    return " " if sign.isspace() else sign.encode("unicode_escape").decode("ascii")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="coursegrader", description="Release and grade notebook assignments with nbgrader."
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--course", default=".", help="folder with nbgrader_config.py (default: this folder)")
    parser.add_argument("--debug", action="store_true", help="log what happens to stderr")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, text: str, default: str = "the only one") -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.add_argument("assignment", nargs="?", help=f"assignment (default: {default})")
        return sub

    commands.add_parser("init", help="begin a course in an empty folder", description=INIT)
    sub = command("release", "generate the student version, audit it, put it in place", default="all")
    sub.add_argument(
        "--check", action="store_true", help="change nothing; say whether release/ is what source/ generates"
    )
    sub = command("autograde", "grade what was handed in")
    sub.add_argument("--student", default="*", help="one student, or a glob")
    sub.add_argument("--notebook", default="*", help="one notebook, or a glob")
    sub.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="workers (default: one a core)")
    sub.add_argument(
        "--scheduler", metavar="ADDRESS", help="run the notebooks on this Dask cluster (tcp://... or tls://...)"
    )
    sub.add_argument("--fresh", action="store_true", help="run everything again, whatever was run before")
    sub.add_argument(
        "--rejudge",
        action="store_true",
        help="run nothing: apply today's tolerances, weights, points, hints and judges",
    )
    sub.add_argument("--dry-run", action="store_true", help="save nothing; say whose points would move, and why")
    sub.add_argument(
        "--allow-lower", action="store_true", help="also take back points that feedback has already told of"
    )
    sub.add_argument("--only-changed", action="store_true", help="leave alone what is graded and has not changed")
    sub.add_argument("--new-seed", action="store_true", help="draw new hidden inputs for this grading run")
    sub.add_argument(
        "--replay", type=Path, metavar="LOG", help="grade again what this log records and compare the scores"
    )
    sub.add_argument("--json", action="store_true", help="print the results as JSON")
    sub = command("watch", "grade what is handed in as it arrives, until it is stopped")
    sub.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="workers (default: one a core)")
    sub.add_argument("--from", dest="source", type=Path, metavar="FOLDER", help="also collect what is downloaded here")
    sub = command("feedback", "write the feedback pages")
    sub.add_argument("--student", default="*", help="one student, or a glob")
    sub = command("check", "prove that the hidden tests tell right from wrong", default="all")
    sub.add_argument("--notebook", action="append", help="one notebook, or a glob; may be given several times")
    sub.add_argument(
        "--mutants",
        nargs="?",
        const="",
        metavar="BUDGET",
        help="also try small changes of the reference solutions: all, so many (200), or for so long (90s, 10m)",
    )
    sub.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="workers (default: one a core)")
    sub.add_argument("--json", action="store_true", help="print the table as JSON")
    sub.add_argument("--output", type=Path, metavar="FILE", help="also write the table as JSON to a file")
    sub = command("report", "write the class report: what to do first, and how the class did by question")
    sub.add_argument(
        "--formgrader", default="", metavar="URL", help="nbgrader's formgrader (default: c.ClassReport.formgrader)"
    )
    sub = command("export", "write the results as another system wants them")
    sub.add_argument("--to", required=True, choices=FORMATS, help="format")
    sub.add_argument("--sheet", type=Path, metavar="FILE", help="the sheet you exported from Canvas or Moodle")
    sub.add_argument("--column", default="", help="the column of that sheet to fill, if it cannot be told")
    sub.add_argument("--student", default="*", help="one student, or a glob")
    sub.add_argument("--output", type=Path, metavar="PATH", help="file or folder (default: in exports/<assignment>/)")
    sub = command("collect", "collect submissions downloaded from Gradescope, Canvas or Moodle")
    sub.add_argument("--from", dest="source", type=Path, required=True, metavar="PATH", help="zip file or folder")
    sub.add_argument("--force", action="store_true", help="replace what was collected before")
    sub = commands.add_parser("roster", help="put everybody in a CSV file on the roster")
    sub.add_argument("file", type=Path, help="columns id, first_name, last_name, email, or a platform's export")
    command("demo", "hand in a made class, so that there is something to grade")
    sub = commands.add_parser("adopt", help="make a course that nbgrader grades one that is graded here")
    sub.add_argument(
        "--evidence", action="store_true", help="also rewrite assertions into evidence where that is possible"
    )
    return parser
