"""What did the user ask, what is printed, which exit code?

Exit codes: 0 fine, 1 some submissions degraded (listed), 2 it could not be done.
Progress goes to stderr, results to stdout.
"""

from __future__ import annotations

import argparse
import io
import json
import logging
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, TextIO

from tqdm import tqdm

from coursegrader import __version__
from coursegrader.authoring import demo
from coursegrader.authoring.check import check, check_table
from coursegrader.authoring.release import check_release, release
from coursegrader.collecting.collect import collect
from coursegrader.collecting.roster import import_roster
from coursegrader.course.course import Course
from coursegrader.errors import CourseGraderError
from coursegrader.exporting.export import FORMATS, ZIP, export
from coursegrader.exporting.table import class_table, table_json
from coursegrader.files import in_words, only_one
from coursegrader.grading import pipeline
from coursegrader.grading.cache import Cache
from coursegrader.grading.results import read_some
from coursegrader.judging.moves import moves_table
from coursegrader.publishing import pages
from coursegrader.publishing.classreport import FORMGRADER, write_report

FINE, DEGRADED, FAILED = 0, 1, 2


#: Commands that change what others read, besides `autograde`, which takes the lock itself.
CHANGING = ("release", "feedback", "collect", "roster", "demo")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    with redirect_stdout(Harmless(sys.stdout)), redirect_stderr(Harmless(sys.stderr)):
        return _main(argv)


def _main(argv: Sequence[str] | None) -> int:
    arguments = _parser().parse_args(argv)
    logging.basicConfig(
        level=logging.DEBUG if arguments.debug else logging.CRITICAL, format="%(levelname)s %(message)s"
    )
    try:
        with _locked(course := Course.open(arguments.course), arguments):
            return int(arguments.run(course, arguments))
    except CourseGraderError as error:
        print(f"coursegrader {arguments.command}: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(f"coursegrader {arguments.command}: interrupted; the same command goes on from here", file=sys.stderr)
        return FAILED
    except Exception as error:  # Python itself would end with 1, which here means that everybody was graded
        if arguments.debug:
            traceback.print_exc()
        print(f"coursegrader {arguments.command}: {in_words(error)}", file=sys.stderr)
        return FAILED


def _locked(course: Course, arguments: argparse.Namespace) -> AbstractContextManager[None]:
    """Return the lock that a command needs, if it needs one."""
    if arguments.command not in CHANGING or getattr(arguments, "check", False):
        return nullcontext()
    return only_one(course.grading / pipeline.LOCK, f"coursegrader {arguments.command}")


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

    def command(name: str, run: Callable[[Course, argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.add_argument("assignment", nargs="?", default="rnn", help="assignment (default: rnn)")
        sub.set_defaults(run=run)
        return sub

    sub = command("release", _release, "generate the student version, audit it, put it in place")
    sub.add_argument(
        "--check", action="store_true", help="change nothing; say whether release/ is what source/ generates"
    )
    sub = command("autograde", _autograde, "grade what was handed in")
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
    sub = command("feedback", _feedback, "write the feedback pages")
    sub.add_argument("--student", default="*", help="one student, or a glob")
    sub = command("check", _check, "prove that the hidden tests tell right from wrong")
    sub.add_argument("--notebook", default="*", help="one notebook, or a glob")
    sub.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="workers (default: one a core)")
    sub.add_argument("--json", action="store_true", help="print the table as JSON")
    sub.add_argument("--output", type=Path, metavar="FILE", help="also write the table as JSON to a file")
    sub = command("report", _report, "write the class report: what to do first, and how the class did by question")
    sub.add_argument(
        "--formgrader", default=FORMGRADER, metavar="URL", help=f"nbgrader's formgrader (default: {FORMGRADER})"
    )
    sub = command("export", _export, "write the results as another system wants them")
    sub.add_argument("--to", required=True, choices=[*FORMATS, ZIP], help="format")
    sub.add_argument("--sheet", type=Path, metavar="FILE", help="the sheet you exported from Canvas or Moodle")
    sub.add_argument("--column", default="", help="the column of that sheet to fill, if it cannot be told")
    sub.add_argument("--student", default="*", help="one student, or a glob")
    sub.add_argument("--output", type=Path, metavar="PATH", help="file or folder (default: in exports/<assignment>/)")
    sub = command("collect", _collect, "collect submissions downloaded from Gradescope, Canvas or Moodle")
    sub.add_argument("--from", dest="source", type=Path, required=True, metavar="PATH", help="zip file or folder")
    sub.add_argument("--force", action="store_true", help="replace what was collected before")
    sub = commands.add_parser("roster", help="put everybody in a CSV file on the roster")
    sub.add_argument("file", type=Path, help="columns id, first_name, last_name, email, or a platform's export")
    sub.set_defaults(run=_roster)
    command("demo", _demo, "hand in a made class, so that there is something to grade")
    return parser


def _release(course: Course, arguments: argparse.Namespace) -> int:
    if arguments.check:
        changed = check_release(course, arguments.assignment)
        for file in changed:
            print(f"release/{arguments.assignment}/{file} is not what source/ generates; run `coursegrader release`")
        return FAILED if changed else FINE
    files = release(course, arguments.assignment, jobs=os.cpu_count() or 1)
    print(f"released {arguments.assignment}: {len(files)} files in {course.step('release', '', arguments.assignment)}")
    return FINE


def _autograde(course: Course, arguments: argparse.Namespace) -> int:
    if arguments.jobs < 1:
        raise CourseGraderError(f"--jobs {arguments.jobs}: at least one worker is needed")
    if arguments.replay:
        return _replay(course, arguments)
    if arguments.rejudge and (arguments.fresh or arguments.new_seed):
        raise CourseGraderError("--rejudge runs nothing, --fresh and --new-seed run everything: choose one")
    if arguments.new_seed:
        course.draw_seed()
    with tqdm(total=0, unit="notebook", file=sys.stderr, disable=None) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        outcome = pipeline.autograde(
            course,
            arguments.assignment,
            student=arguments.student,
            notebook=arguments.notebook,
            options=pipeline.Options(
                **{
                    name: getattr(arguments, name)
                    for name in ("only_changed", "fresh", "rejudge", "dry_run", "allow_lower")
                }
            ),
            runner=_runner(arguments),
            progress=progress,
            tell=_tell,
        )
    if arguments.json:
        print(json.dumps(_json(course, arguments.assignment, outcome), indent=1, sort_keys=True))
    else:
        _print_outcome(course, arguments.assignment, outcome, arguments.dry_run)
    return DEGRADED if outcome.degraded else FINE


def _runner(arguments: argparse.Namespace) -> pipeline.Runner:
    """Return what runs the notebooks; Dask is only imported when it is asked for."""
    if not arguments.scheduler:
        return pipeline.local_runner(arguments.jobs)
    try:
        from coursegrader.cluster.runner import cluster_runner
    except ModuleNotFoundError as error:
        raise CourseGraderError(f"--scheduler needs {error.name}: pip install 'coursegrader[cluster]'") from error
    return cluster_runner(arguments.scheduler, tell=_tell)


def _tell(sentence: str) -> None:
    """Say what happens on the way, above the progress bar."""
    tqdm.write(sentence, file=sys.stderr)


def _print_outcome(course: Course, assignment: str, outcome: pipeline.Outcome, dry: bool) -> None:
    if not dry:
        print(class_table(read_some(course, outcome.gradings, assignment)))
    if outcome.moved:
        print(moves_table(outcome.moved))
    if outcome.unchanged:
        print(f"unchanged: {len(outcome.unchanged)} students")
    for student, sentence in sorted(outcome.degraded.items()):
        print(f"degraded: {student}: {sentence}")
    print(f"autograded: {course.step('autograded')}/<student>/{assignment}/")
    print(f"logs:       {course.grading}/<student>/{assignment}/submission_log.json")


def _json(course: Course, assignment: str, outcome: pipeline.Outcome) -> dict[str, Any]:
    return {
        "students": table_json(read_some(course, outcome.gradings, assignment)),
        "degraded": outcome.degraded,
        "unchanged": outcome.unchanged,
        "moved": [vars(move) for move in outcome.moved],
    }


def _replay(course: Course, arguments: argparse.Namespace) -> int:
    differences = pipeline.replay(course, arguments.replay)
    for line in differences:
        print(line)
    if not differences:
        print(f"{arguments.replay}: the signature holds and grading again gives the same scores")
    return FAILED if differences else FINE


def _feedback(course: Course, arguments: argparse.Namespace) -> int:
    made = pages.feedback(course, arguments.assignment, arguments.student)
    folder = course.root / course.directory.feedback_directory
    print(f"feedback:   {len(made)} pages in {folder}/<student>/{arguments.assignment}/")
    return FINE


def _check(course: Course, arguments: argparse.Namespace) -> int:
    assignment = course.assignment(arguments.assignment)
    names = pipeline.selected_notebooks(assignment, arguments.notebook)
    result = check(assignment, course.seed, Cache(course.grading / "cache"), arguments.jobs, names)
    if arguments.output:
        arguments.output.parent.mkdir(parents=True, exist_ok=True)
        arguments.output.write_text(json.dumps(result.to_json(), indent=1) + "\n", "utf-8")
    print(json.dumps(result.to_json(), indent=1) if arguments.json else check_table(result))
    return DEGRADED if result.problems else FINE


def _report(course: Course, arguments: argparse.Namespace) -> int:
    for path in write_report(course, arguments.assignment, arguments.formgrader):
        print(f"report:     {path}")
    return FINE


def _export(course: Course, arguments: argparse.Namespace) -> int:
    path, notes = export(
        course,
        arguments.assignment,
        arguments.to,
        output=arguments.output,
        sheet=arguments.sheet,
        column=arguments.column,
        student=arguments.student,
    )
    _print_notes(notes)
    print(f"exported:   {path}")
    return DEGRADED if notes.unplaced else FINE


def _collect(course: Course, arguments: argparse.Namespace) -> int:
    collected = collect(course, arguments.assignment, arguments.source, force=arguments.force)
    _print_notes(collected.notes)
    print(f"collected:  {len(collected.students)} students, {sum(collected.students.values())} files")
    return DEGRADED if collected.notes else FINE


def _roster(course: Course, arguments: argparse.Namespace) -> int:
    print(f"roster:     {len(import_roster(course, arguments.file))} students")
    return FINE


def _print_notes(notes: Sequence[str]) -> None:
    for note in notes:
        print(f"note: {note}", file=sys.stderr)


def _demo(course: Course, arguments: argparse.Namespace) -> int:
    made = demo.fill(course, arguments.assignment)
    for member in made:
        print(f"{member.name:6} {member.about}")
    print(f"handed in:  {len(made)} submissions in {course.root / course.directory.submitted_directory}/")
    return FINE


if __name__ == "__main__":
    sys.exit(main())
