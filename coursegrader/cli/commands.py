"""What does each command do, and what does it print?

Imported only when a command runs, as it brings nbgrader along.
What grading itself does not need is imported by the command that needs it: who grades one student again need not wait for it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from coursegrader.cli.interruption import Interruption
from coursegrader.course.course import Course
from coursegrader.errors import DEGRADED, FAILED, FINE, CourseGraderError
from coursegrader.files import LOCK, only_one
from coursegrader.grading import pipeline, runners, selection
from coursegrader.grading.cache import Cache
from coursegrader.grading.gradebook.scores import read_some
from coursegrader.judging.moves import moves_table
from coursegrader.model import encoded
from coursegrader.publishing.exporting.table import class_table, table_json

#: Commands that change what others read, besides `autograde`, which takes the lock itself.
CHANGING = ("release", "feedback", "collect", "roster", "demo", "adopt")
#: Commands that work on one assignment: the only one, if none is named.
ON_ONE = ("autograde", "watch", "feedback", "report", "export", "collect", "demo")


def _locked(course: Course, arguments: argparse.Namespace) -> AbstractContextManager[None]:
    """Return the lock that a command needs, if it needs one."""
    if arguments.command not in CHANGING or getattr(arguments, "check", False):
        return nullcontext()
    return only_one(course.grading / LOCK, f"coursegrader {arguments.command}")


def _init(arguments: argparse.Namespace) -> int:
    from coursegrader.authoring.starting.start import NEXT, start

    folder = Path(arguments.course).resolve()
    print(f"began:      {len(start(folder))} files in {folder}/")
    print(NEXT)
    return FINE


def _release(course: Course, arguments: argparse.Namespace) -> int:
    from coursegrader.authoring.release import check_release, release

    names = selection.chosen_assignments(course, arguments.assignment)
    if arguments.check:
        changed = [
            f"{course.step('release', '', name)}/{file}" for name in names for file in check_release(course, name)
        ]
        for file in changed:
            print(f"{file} is not what source/ generates; run `coursegrader release`")
        return FAILED if changed else FINE
    for name in names:
        files = release(course, name, jobs=os.cpu_count() or 1, tell=_tell)
        print(f"released {name}: {len(files)} files in {course.step('release', '', name)}")
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

        def doing(text: str) -> None:
            bar.set_description_str(text.ljust(20)[:40])

        outcome = pipeline.autograde(
            course,
            arguments.assignment,
            student=arguments.student,
            notebook=arguments.notebook,
            options=selection.Options(
                **{
                    name: getattr(arguments, name)
                    for name in ("only_changed", "fresh", "rejudge", "dry_run", "allow_lower")
                }
            ),
            runner=_runner(arguments),
            progress=progress,
            tell=_tell,
            doing=doing,
        )
    if arguments.json:
        print(json.dumps(_json(course, arguments.assignment, outcome), indent=1, sort_keys=True))
    else:
        _print_outcome(course, arguments.assignment, outcome, arguments.dry_run)
    return DEGRADED if outcome.degraded else FINE


def _watch(course: Course, arguments: argparse.Namespace) -> int:
    from coursegrader.watching.watch import watch

    if arguments.jobs < 1:
        raise CourseGraderError(f"--jobs {arguments.jobs}: at least one worker is needed")
    ended = partial(getattr, arguments.interruption, "asked")
    try:
        watch(course, arguments.assignment, arguments.jobs, arguments.source, partial(print, flush=True), ended)
    except (KeyboardInterrupt, Exception):  # to be ended is what a service is for, whatever that became on the way
        if not ended():
            raise
    print("stopped; the same command goes on from here")
    return FINE


def _runner(arguments: argparse.Namespace) -> runners.Runner:
    """Return what runs the notebooks; Dask is only imported when it is asked for."""
    if not arguments.scheduler:
        return runners.local_runner(arguments.jobs)
    try:
        from coursegrader.grading.cluster.runner import cluster_runner
    except ModuleNotFoundError as error:
        raise CourseGraderError(f"--scheduler needs {error.name}: pip install 'coursegrader[cluster]'") from error
    return cluster_runner(arguments.scheduler, tell=_tell)


def _tell(sentence: str) -> None:
    """Say what happens on the way, above the progress bar."""
    tqdm.write(sentence, file=sys.stderr)


def _print_outcome(course: Course, assignment: str, outcome: selection.Outcome, dry: bool) -> None:
    if not dry:
        print(class_table(read_some(course, outcome.gradings, assignment)))
    if outcome.moved:
        print(moves_table(outcome.moved))
    if outcome.unchanged:
        print(f"unchanged: {len(outcome.unchanged)} students")
    for student, sentence in sorted(outcome.degraded.items()):
        print(f"degraded: {student}: {sentence}")
    notebooks, logs = course.step("autograded", "<student>", assignment), course.grading / "<student>" / assignment
    print("nothing was saved" if dry else f"autograded: {notebooks}/\nlogs:       {logs}/submission_log.json")


def _json(course: Course, assignment: str, outcome: selection.Outcome) -> dict[str, Any]:
    return {
        "students": table_json(read_some(course, outcome.gradings, assignment)),
        "degraded": outcome.degraded,
        "unchanged": outcome.unchanged,
        "moved": encoded(outcome.moved),
    }


def _replay(course: Course, arguments: argparse.Namespace) -> int:
    from coursegrader.grading.logs.replay import replay

    differences = replay(course, arguments.replay)
    for line in differences:
        print(line)
    if not differences:
        print(f"{arguments.replay}: the signature holds and grading again gives the same scores")
    return FAILED if differences else FINE


def _feedback(course: Course, arguments: argparse.Namespace) -> int:
    from coursegrader.publishing import pages

    made = pages.feedback(course, arguments.assignment, arguments.student)
    folder = course.step("feedback", "<student>", arguments.assignment)
    print(f"feedback:   {len(made)} pages in {folder}/")
    return FINE


def _check(course: Course, arguments: argparse.Namespace) -> int:
    from coursegrader.authoring.check import check
    from coursegrader.authoring.mutants.trial import Budget
    from coursegrader.authoring.told import check_table

    names = selection.chosen_assignments(course, arguments.assignment)
    chosen = selection.notebooks_of(course, names, arguments.notebook or ["*"])
    budget = None if arguments.mutants is None else Budget.read(arguments.mutants)
    cache = Cache(course.grading / "cache")
    results = {
        name: check(course.assignment(name), course.seed, cache, arguments.jobs, notebooks, budget)
        for name, notebooks in chosen.items()
    }
    tables = {name: result.to_json() for name, result in results.items()}
    text = json.dumps(tables if len(tables) > 1 else next(iter(tables.values())), indent=1)
    if arguments.output:
        arguments.output.parent.mkdir(parents=True, exist_ok=True)
        arguments.output.write_text(text + "\n", "utf-8")
    for name, result in () if arguments.json else results.items():
        print(*([f"{name}:"] if len(results) > 1 else []), check_table(result), sep="\n")
    if arguments.json:
        print(text)
    survived = any(mutant.verdict == "survived" for result in results.values() for mutant in result.mutants)
    return DEGRADED if survived or any(result.problems for result in results.values()) else FINE


def _report(course: Course, arguments: argparse.Namespace) -> int:
    from coursegrader.publishing.classreport import write_report

    for path in write_report(course, arguments.assignment, arguments.formgrader):
        print(f"report:     {path}")
    return FINE


def _export(course: Course, arguments: argparse.Namespace) -> int:
    from coursegrader.publishing.exporting.export import export

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
    from coursegrader.intake.collecting.collect import collect

    collected = collect(course, arguments.assignment, arguments.source, force=arguments.force)
    _print_notes(collected.notes)
    print(f"collected:  {len(collected.students)} students, {sum(collected.students.values())} files")
    return DEGRADED if collected.notes else FINE


def _roster(course: Course, arguments: argparse.Namespace) -> int:
    from coursegrader.intake.collecting.roster import import_roster

    print(f"roster:     {len(import_roster(course, arguments.file))} students")
    return FINE


def _print_notes(notes: Sequence[str]) -> None:
    for note in notes:
        print(f"note: {note}", file=sys.stderr)


def _demo(course: Course, arguments: argparse.Namespace) -> int:
    from coursegrader.authoring import demo

    made = demo.fill(course, arguments.assignment)
    for member in made:
        print(f"{member.name:6} {member.about}")
    print(f"handed in:  {len(made)} submissions in {course.step('submitted', '<student>', arguments.assignment)}/")
    return FINE


def _adopt(course: Course, arguments: argparse.Namespace) -> int:
    from coursegrader.authoring.adopting.adopt import adopt
    from coursegrader.authoring.adopting.report import adopted_table

    print(adopted_table(adopt(course, arguments.evidence), arguments.evidence))
    return FINE


#: What each command of the command line does.
COMMANDS: dict[str, Callable[[Course, argparse.Namespace], int]] = {
    "release": _release,
    "autograde": _autograde,
    "watch": _watch,
    "feedback": _feedback,
    "check": _check,
    "report": _report,
    "export": _export,
    "collect": _collect,
    "roster": _roster,
    "demo": _demo,
    "adopt": _adopt,
}


def run(arguments: argparse.Namespace, interruption: Interruption) -> int:
    """Run the command that was asked for, unless somebody ends it, and return its exit code."""
    arguments.interruption = interruption
    if arguments.command == "init":
        return _init(arguments)
    with _locked(course := Course.open(arguments.course, plugged=arguments.command != "adopt"), arguments):
        if arguments.command in ON_ONE and not getattr(arguments, "replay", None):
            arguments.assignment = selection.only_assignment(course, arguments.assignment)
        return COMMANDS[arguments.command](course, arguments)
