"""In which order are the steps of a grading taken, and did they really succeed?

Running student code happens in parallel workers that never see the gradebook; judging and saving by one writer.
Finished runs are kept by content, so an interrupted grading goes on where it was.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from itertools import starmap
from pathlib import Path

import nbformat

from coursegrader.course.course import Course
from coursegrader.errors import GradebookError
from coursegrader.files import LOCK, only_one, write_whole
from coursegrader.grading.cache import Cache, short_hash, versions
from coursegrader.grading.gradebook.writer import Writer, open_writer
from coursegrader.grading.logs.records import previous, read_training, taken_back, write_logs
from coursegrader.grading.marking import as_good, judge_notebook, judged_by, missing, stand_in, unjudged
from coursegrader.grading.reference import Side, execution, prepare
from coursegrader.grading.runners import Job, Runner, local_runner, run_nothing
from coursegrader.grading.running import SubmissionRun, cut_short, recall, submission_key
from coursegrader.grading.saving import refuse_forgeable
from coursegrader.grading.selection import (
    Options,
    Outcome,
    selected_notebooks,
    selected_students,
    timestamp_of,
    unusable,
)
from coursegrader.intake.reading.regular import printable
from coursegrader.intake.submission import Submission, ingest
from coursegrader.judging.moves import moves
from coursegrader.model import Finding, Grading, Move, NotebookResult, encoded

Progress = Callable[[int, int], None]


@dataclass
class _Pending:
    """A student some of whose notebooks are still running.

    Attributes:
        submission: What was handed in.
        before: The grading recorded before, if there is one, and what is wrong with its record.
        waiting: Notebooks that run.
        done: Runs.
        kept: Results recorded before of which nothing has changed since.
        failed: Why a notebook could not be graded.
        ran: Whether anything was run.
    """

    submission: Submission
    before: tuple[Grading | None, list[Finding]] = (None, [])
    waiting: set[str] = field(default_factory=set)
    done: dict[str, SubmissionRun] = field(default_factory=dict)
    kept: dict[str, NotebookResult] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    ran: bool = False


def autograde(
    course: Course,
    name: str,
    *,
    student: str = "*",
    notebook: str = "*",
    options: Options = Options(),  # noqa: B008 -- frozen
    runner: Runner | None = None,
    progress: Progress = lambda done, total: None,
    tell: Callable[[str], None] = lambda sentence: None,
    doing: Callable[[str], None] = lambda text: None,
) -> Outcome:
    """Grade submissions of an assignment.

    Args:
        course: The course.
        name: Assignment.
        student: Glob that selects students.
        notebook: Glob that selects notebooks.
        options: How they are graded.
        runner: How to run the jobs; by default on all cores of this machine.
        progress: Called with the number of finished and of all notebooks.
        tell: Called with a sentence when the gradebook has gone away, and when it is back.
        doing: Called with what is done now, in a few words.

    Raises:
        CourseError: There is no such assignment, student or notebook, or somebody else works on this course.
        GradebookError: The gradebook cannot be reached; what was graded is kept.
        NoBoxError: Student code cannot be locked up on this machine; nothing ran.
    """
    assignment = course.assignment(name)
    names = selected_notebooks(assignment, notebook)
    students = selected_students(course, name, student)
    with nullcontext() if options.dry_run else only_one(course.grading / LOCK, "coursegrader autograde"):
        cache = Cache(course.grading / "cache", options.fresh)
        side = prepare(assignment, names, cache, os.cpu_count() or 1, doing)
        return grade_students(side, students, options=options, runner=runner, progress=progress, tell=tell, doing=doing)


def grade_students(
    side: Side,
    students: list[str],
    *,
    options: Options = Options(),  # noqa: B008 -- frozen
    runner: Runner | None = None,
    progress: Progress = lambda done, total: None,
    tell: Callable[[str], None] = lambda sentence: None,
    doing: Callable[[str], None] = lambda text: None,
) -> Outcome:
    """Grade some students; whoever calls this holds the course's lock. For arguments and errors see :func:`autograde`."""
    assignment, course = side.assignment, side.assignment.course
    for name, known in side.known.items():
        refuse_forgeable(assignment.notebooks[name], known)
    doing("gradebook")
    with nullcontext() if options.dry_run else open_writer(course, assignment, tell) as writer:
        run = _Grading(side, writer, options, doing)
        total, finished = len(students) * len(side.known), 0
        progress(0, total)
        runner = run_nothing if options.rejudge else runner or local_runner(os.cpu_count() or 1)
        with closing(runner(assignment, run.jobs(students), course.seed)) as runs:
            for _ in starmap(run.take, runs):  # keeps hold of no submission while the next one is read
                finished = total - run.unfinished(len(students))
                progress(finished, total)
        progress(total, total)
        return run.outcome


class _Grading:
    """The state of one grading run: who waits for what."""

    def __init__(self, side: Side, writer: Writer | None, options: Options, doing: Callable[[str], None]) -> None:
        self.course, self.assignment, self.names = side.assignment.course, side.assignment, list(side.known)
        self.known, self.mistakes, self.cache = side.known, side.mistakes, side.cache
        self.writer, self.options, self.doing = writer, options, doing
        self.versions = versions(self.assignment)
        self.hints = self.course.settings.scores.hints
        for known_mistakes in self.mistakes.values():
            known_mistakes.only_kept = options.rejudge
        self.as_good = {name: as_good(known, self.hints) for name, known in self.mistakes.items()}
        self.execution = {name: execution(self.assignment.notebooks[name], self.course.seed) for name in self.names}
        self.outcome, self.seen = Outcome(), 0
        self.pending: dict[str, _Pending] = {}

    def unfinished(self, students: int) -> int:
        """Return how many notebooks have not been run."""
        return (students - self.seen) * len(self.names) + sum(len(p.waiting) for p in self.pending.values())

    def jobs(self, students: list[str]) -> Iterator[Job]:
        """Read submissions one by one and yield what has to be run; what was run before comes from the cache."""
        for student in students:
            yield from self._jobs_of(student)

    def _jobs_of(self, student: str) -> list[Job]:
        folder = self.course.step("submitted", student, self.assignment.name)
        self.seen += 1
        if problem := unusable(student, folder):
            self.outcome.degraded[printable(student)] = problem
            return []
        submission = ingest(folder, student, self.assignment, lambda name: name in self.names)
        entry = self.pending[student] = _Pending(submission, previous(self.course, student, self.assignment.name))
        new: list[Job] = []
        for name, raw in submission.notebooks.items():
            key = submission_key(raw, submission.files, self.execution[name])
            if (same := self._same(entry, name, key)) is not None:
                entry.kept[name] = same
                continue
            found = recall(self.cache, key, accidents=self.options.rejudge)
            if found is None:
                entry.waiting.add(name)
                new.append(Job(student, name, raw, submission.files, key))
            else:
                entry.done[name] = found
        if not new:
            self._finish(student)
        return new

    def _same(self, entry: _Pending, name: str, key: str) -> NotebookResult | None:
        """Return the recorded result of a notebook if neither what was run nor what judges it has changed since."""
        old = entry.before[0].notebook(name) if entry.before[0] else None
        if old is None or not self.cache.has(key):
            return None
        now = (key, entry.submission.digests[name], self.assignment.notebooks[name].digest)
        judged = old.parts.get("judged_by") in self.as_good[name]
        if (old.key, old.submission_hash, old.source_hash) != now or not judged:
            return None
        written = self._autograded(entry.submission.student, name)
        return old if written.is_file() and short_hash(written.read_bytes()) == old.parts.get("written") else None

    def take(self, job: Job, result: SubmissionRun | Exception) -> None:
        """Keep a finished run; save the student when it was the last one."""
        entry = self.pending[job.student]
        entry.waiting.discard(job.notebook)
        if isinstance(result, Exception):
            logging.getLogger(__name__).error("%s, %s", job.student, job.notebook, exc_info=result)
            entry.failed[job.notebook] = f"{job.notebook} could not be graded ({type(result).__name__}: {result})"
        else:
            self.cache.put(job.key, encoded(result), accident=result.accidental)
            entry.done[job.notebook], entry.ran = result, True
        if not entry.waiting:
            self._finish(job.student)

    def _finish(self, student: str) -> None:
        self.doing(student)
        entry = self.pending.pop(student)
        unreadable = [graded.problem for graded in entry.done.values() if graded.problem]
        unreadable += [result.degraded for result in entry.kept.values() if result.degraded]
        stopped = [text for name, graded in entry.done.items() if (text := cut_short(name, graded.run))]
        problems = [*entry.failed.values(), *entry.submission.problems.values(), *unreadable, *stopped]
        if problems:
            self.outcome.degraded[student] = "; ".join(problems)
        try:
            if self.options.only_changed and not (entry.failed or entry.ran) and self._unchanged(student, entry):
                self.outcome.unchanged.append(student)
                return
            results = self._judge(entry)
            if failed := unjudged(results):
                self.outcome.degraded[student] = "; ".join([*problems, *failed])
            moved = moves(student, entry.before[0], results)
            if refused := self._refused(student, moved):
                self.outcome.degraded[student] = "; ".join([refused, *failed])
            else:
                self.outcome.moved += moved
                self.outcome.gradings[student] = self._save(student, entry, results, moved)
        except GradebookError:
            raise  # nobody's result could be saved
        except Exception as error:  # one student's result must not cost the class theirs
            logging.getLogger(__name__).exception("%s could not be saved", student)
            problem = f"could not be saved ({type(error).__name__}: {error}); the previous result is still in place"
            self.outcome.degraded[student] = problem

    def _unchanged(self, student: str, entry: _Pending) -> bool:
        old, _ = entry.before
        keys = {notebook.name: (notebook.key, notebook.source_hash) for notebook in old.notebooks} if old else {}
        now = {name: found.key for side in (entry.kept, entry.done) for name, found in side.items()}
        wanted = {name: (now.get(name, ""), self.assignment.notebooks[name].digest) for name in self.names}
        timestamp, _ = timestamp_of(entry.submission.files)
        same = all(keys.get(name) == value for name, value in wanted.items()) and not (old and unjudged(old.notebooks))
        return same and (self.writer is None or self.writer.in_force(student, timestamp))

    def _refused(self, student: str, moved: list[Move]) -> str:
        """Say which points would be taken back that feedback has told of; empty if none, or if that is allowed."""
        told = taken_back(self.course, student, self.assignment.name, moved)
        if not told or self.options.allow_lower:
            return ""
        cells = ", ".join(f"{move.notebook}, {move.grade_id}: {move.before:g} -> {move.after:g}" for move in told)
        return f"would lose points that feedback has told of ({cells}); left as it was, --allow-lower saves it"

    def _judge(self, entry: _Pending) -> list[NotebookResult]:
        results: list[NotebookResult] = []
        for name in self.names:
            notebook = self.assignment.notebooks[name]
            if name in entry.kept:
                results.append(entry.kept[name])
            elif name in entry.done:
                graded = entry.done[name]
                graded.submission_hash = entry.submission.digests[name]
                result = judge_notebook(notebook, graded, self.known[name], self.mistakes[name], self.hints)
                if not graded.accidental and not unjudged([result]):
                    result.parts = {**result.parts, "judged_by": judged_by(self.mistakes[name].nameable, self.hints)}
                results.append(result)
            elif name not in entry.failed:  # a failure of ours leaves the previous result in place
                results.append(missing(notebook, entry.submission.problems[name]))
        return results

    def _save(self, student: str, entry: _Pending, results: list[NotebookResult], moved: list[Move]) -> Grading:
        submission = entry.submission
        timestamp, notes = timestamp_of(submission.files)
        findings = [*submission.findings, *notes]
        grading = Grading(student, self.assignment.name, self.course.seed, self.versions, findings=findings)
        grading.moved = moved
        if self.writer is None:
            grading.notebooks = results
            return grading
        for result in results:
            if result.name not in entry.kept:
                run = entry.done[result.name].run if result.name in entry.done else None
                nb = run.notebook if run is not None else stand_in(self.assignment.notebooks[result.name], result)
                result.parts = {**result.parts, "written": self._write_notebook(student, result.name, nb)}
        self.writer.save(student, results, timestamp, entry.before[0])
        training, more = read_training(self.course.step("submitted", student, self.assignment.name))
        grading.findings += more
        return write_logs(self.course, grading, training, results, entry.before)

    def _autograded(self, student: str, name: str) -> Path:
        return self.course.step("autograded", student, self.assignment.name) / f"{name}.ipynb"

    def _write_notebook(self, student: str, name: str, nb: nbformat.NotebookNode) -> str:
        """Write what graders and feedback read and return its hash."""
        data = nbformat.versions[nb.nbformat].writes_json(nb).encode() + b"\n"  # ours: it need not be validated
        write_whole(self._autograded(student, name), data, mode=0o444)  # a grader edits scores, not answers
        return short_hash(data)
