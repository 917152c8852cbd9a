"""In which order are the steps of a course run, in parallel where that is safe, and did they really succeed?

Running student code happens in parallel workers that never see the gradebook; judging and saving by one writer.
Finished runs are kept by content, so an interrupted grading goes on where it was.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatch
from itertools import starmap
from pathlib import Path

import nbformat
from nbgrader.utils import parse_utc

from coursegrader.box import isolation
from coursegrader.course.course import Assignment, Course
from coursegrader.engine.execute import Execute
from coursegrader.errors import CourseError, GradebookError, NoBoxError
from coursegrader.files import only_one, write_whole
from coursegrader.grading import log
from coursegrader.grading.cache import Cache
from coursegrader.grading.converters import generate, refuse_changed_cells
from coursegrader.grading.grade import (
    Graded,
    SaveScores,
    assess,
    grade,
    missing,
    previous,
    read_training,
    recall,
    stand_in,
    submission_key,
    write_logs,
)
from coursegrader.grading.gradebook import Writer
from coursegrader.grading.reference import KnownMistakes, Reference, reference
from coursegrader.intake.submission import Submission, ingest, printable
from coursegrader.judging.moves import lowered, moves
from coursegrader.model import Finding, Grading, Move, NotebookResult, NotebookRun

Progress = Callable[[int, int], None]
LOCK = "lock"  # file in the grading folder that whoever changes the course holds
MAX_HELD = 16 << 20  # bytes of submissions from which on no further one is read until one is finished


# -- autograde --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """One handed-in notebook to run: everything a worker may know about it.

    Attributes:
        student: Student id.
        notebook: Notebook name.
        raw: The file as handed in.
        files: Side files by relative path.
        key: Content address of the run.
    """

    student: str
    notebook: str
    raw: bytes
    files: dict[str, bytes]
    key: str


#: What a runner gives back, one job at a time; closing it ends everything that still runs.
Runs = Generator[tuple[Job, "Graded | Exception"], None, None]
#: Runs jobs in any order; a job that could not be run comes back with the exception.
Runner = Callable[[Assignment, Iterable[Job], str], Runs]


def local_runner(workers: int) -> Runner:
    """Return a runner with that many threads; each drives its own kernel in its own box.

    One notebook that no box could be built for costs only itself; after many in a row it is the machine.
    """

    def run(assignment: Assignment, jobs: Iterable[Job], seed: str) -> Runs:
        isolation.probe(Execute(config=assignment.course.config).require_rung)
        without_box = 0
        waiting: dict[Future[Graded], Job] = {}
        with ThreadPoolExecutor(workers) as pool:
            source = iter(jobs)

            def pull() -> bool:
                job = next(source, None)
                if job is not None:
                    waiting[pool.submit(grade, assignment.notebooks[job.notebook], job.raw, job.files, seed)] = job
                return job is not None

            while True:
                while _room(waiting.values(), workers) and pull():
                    pass
                if not waiting:
                    return
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    error = future.exception()
                    without_box = without_box + 1 if isinstance(error, NoBoxError) else 0
                    if error is not None and (without_box > 2 * workers or not isinstance(error, Exception)):
                        pool.shutdown(cancel_futures=True)
                        raise error
                    yield waiting.pop(future), error or future.result()

    return run


def _room(waiting: Collection[Job], workers: int) -> bool:
    """Say whether another submission may be read while these are waiting or running."""
    held = sum(len(job.raw) + sum(map(len, job.files.values())) for job in waiting)
    return len(waiting) < 2 * workers and held < MAX_HELD


@dataclass(frozen=True)
class Options:
    """How submissions are graded.

    Attributes:
        only_changed: Leave students alone whose files, instructor's side, due date and late penalty are as they were.
        fresh: Take no run from the cache.
        rejudge: Run nothing: judge what was run before by today's tolerances, weights, points, hints and judges.
        dry_run: Save nothing; say what would move.
        allow_lower: Save also what takes points from an answer whose feedback was written.
    """

    only_changed: bool = False
    fresh: bool = False
    rejudge: bool = False
    dry_run: bool = False
    allow_lower: bool = False


def run_nothing(assignment: Assignment, jobs: Iterable[Job], seed: str) -> Runs:
    """Be the runner of a re-judging: read every submission, run none."""
    yield from ((job, CourseError("was never run with these tests; grade it without --rejudge")) for job in jobs)


@dataclass
class Outcome:
    """What a grading run came to.

    Attributes:
        gradings: One per student that was graded, by student id.
        degraded: Sentence per student whose result is less than a normal grading.
        unchanged: Students left alone because nothing had changed.
        moved: Points that are others than in the grading before.
    """

    gradings: dict[str, Grading] = field(default_factory=dict)
    degraded: dict[str, str] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)
    moved: list[Move] = field(default_factory=list)


@dataclass
class _Pending:
    """A student some of whose notebooks are still running."""

    submission: Submission
    waiting: set[str] = field(default_factory=set)
    done: dict[str, Graded] = field(default_factory=dict)
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

    Raises:
        CourseError: There is no such assignment, student or notebook, or somebody else works on this course.
        GradebookError: The gradebook cannot be reached; what was graded is kept.
        NoBoxError: Student code cannot be locked up on this machine; nothing ran.
    """
    assignment = course.assignment(name)
    names = selected_notebooks(assignment, notebook)
    students = _selected_students(course, name, student)
    with (
        nullcontext() if options.dry_run else only_one(course.grading / LOCK, "coursegrader autograde"),
        nullcontext() if options.dry_run else _open_gradebook(course, assignment, tell) as writer,
    ):
        cache = Cache(course.grading / "cache", options.fresh)
        known = {n: reference(assignment.notebooks[n], course.seed, cache) for n in names}
        run = _Grading(course, assignment, names, known, cache, writer, options)
        total, finished = len(students) * len(names), 0
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

    def __init__(
        self,
        course: Course,
        assignment: Assignment,
        names: list[str],
        known: dict[str, Reference],
        cache: Cache,
        writer: Writer | None,
        options: Options,
    ) -> None:
        self.course, self.assignment, self.names, self.known = course, assignment, names, known
        self.cache, self.writer, self.options = cache, writer, options
        self.hints = SaveScores(config=course.config).hints
        workers = os.cpu_count() or 1
        self.mistakes = {n: KnownMistakes(assignment.notebooks[n], course.seed, cache, workers) for n in names}
        for known_mistakes in self.mistakes.values():
            known_mistakes.only_kept = options.rejudge
        self.outcome = Outcome()
        self.pending: dict[str, _Pending] = {}
        self.seen = 0

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
        if problem := _unusable(student, folder):
            self.outcome.degraded[printable(student)] = problem
            return []
        submission = ingest(folder, student, self.assignment, lambda name: name in self.names)
        entry = self.pending[student] = _Pending(submission)
        new: list[Job] = []
        for name, raw in submission.notebooks.items():
            key = submission_key(self.assignment.notebooks[name], raw, submission.files, self.course.seed)
            found = recall(self.cache, key, accidents=self.options.rejudge)
            if found is None:
                entry.waiting.add(name)
                new.append(Job(student, name, raw, submission.files, key))
            else:
                entry.done[name] = found
        if not new:
            self._finish(student)
        return new

    def take(self, job: Job, result: Graded | Exception) -> None:
        """Keep a finished run; save the student when it was the last one."""
        entry = self.pending[job.student]
        entry.waiting.discard(job.notebook)
        if isinstance(result, Exception):
            logging.getLogger(__name__).error("%s, %s", job.student, job.notebook, exc_info=result)
            entry.failed[job.notebook] = f"{job.notebook} could not be graded ({type(result).__name__}: {result})"
        else:
            self.cache.put(job.key, result.to_json(), accident=result.accidental)
            entry.done[job.notebook], entry.ran = result, True
        if not entry.waiting:
            self._finish(job.student)

    def _finish(self, student: str) -> None:
        entry = self.pending.pop(student)
        unreadable = [graded.problem for graded in entry.done.values() if graded.problem]
        stopped = [text for name, graded in entry.done.items() if (text := cut_short(name, graded.run))]
        problems = [*entry.failed.values(), *entry.submission.problems.values(), *unreadable, *stopped]
        if problems:
            self.outcome.degraded[student] = "; ".join(problems)
        try:
            if self.options.only_changed and not (entry.failed or entry.ran) and self._unchanged(student, entry):
                self.outcome.unchanged.append(student)
                return
            results = self._judge(entry)
            moved = moves(student, previous(self.course, student, self.assignment.name)[0], results)
            self.outcome.moved += moved
            if refused := self._refused(student, moved):
                self.outcome.degraded[student] = refused
            else:
                self.outcome.gradings[student] = self._save(student, entry, results, moved)
        except GradebookError:
            raise  # nobody's result could be saved
        except Exception as error:  # one student's result must not cost the class theirs
            logging.getLogger(__name__).exception("%s could not be saved", student)
            self.outcome.degraded[student] = (
                f"could not be saved ({type(error).__name__}: {error}); the previous result is still in place"
            )

    def _unchanged(self, student: str, entry: _Pending) -> bool:
        old, _ = previous(self.course, student, self.assignment.name)
        keys = {notebook.name: (notebook.key, notebook.source_hash) for notebook in old.notebooks} if old else {}
        wanted = {
            name: (entry.done[name].key if name in entry.done else "", self.assignment.notebooks[name].digest)
            for name in self.names
        }
        timestamp, _ = _timestamp(entry.submission.files.get("timestamp.txt"))
        same = all(keys.get(name) == value for name, value in wanted.items())
        return same and (self.writer is None or self.writer.in_force(student, timestamp))

    def _refused(self, student: str, moved: list[Move]) -> str:
        """Say which points would be taken back that feedback has told of; empty if none, or if that is allowed."""
        pages = self.course.step("feedback", student, self.assignment.name)
        told = [move for move in lowered(moved) if (pages / f"{move.notebook}.html").exists()]
        if not told or self.options.allow_lower:
            return ""
        cells = ", ".join(f"{move.notebook}, {move.grade_id}: {move.before:g} -> {move.after:g}" for move in told)
        return f"would lose points that feedback has told of ({cells}); left as it was, --allow-lower saves it"

    def _judge(self, entry: _Pending) -> list[NotebookResult]:
        results: list[NotebookResult] = []
        for name in self.names:
            notebook = self.assignment.notebooks[name]
            if name in entry.done:
                entry.done[name].submission_hash = entry.submission.digests[name]
                results.append(assess(notebook, entry.done[name], self.known[name], self.mistakes[name], self.hints))
            elif name not in entry.failed:  # a failure of ours leaves the previous result in place
                results.append(missing(notebook, entry.submission.problems[name]))
        return results

    def _save(self, student: str, entry: _Pending, results: list[NotebookResult], moved: list[Move]) -> Grading:
        submission = entry.submission
        timestamp, notes = _timestamp(submission.files.get("timestamp.txt"))
        grading = Grading(student, self.assignment.name, self.course.seed, findings=[*submission.findings, *notes])
        grading.moved = moved
        if self.writer is None:
            grading.notebooks = results
            return grading
        for result in results:
            run = entry.done[result.name].run if result.name in entry.done else None
            nb = run.notebook if run is not None else stand_in(self.assignment.notebooks[result.name], result)
            self._write_notebook(student, result.name, nb)
        before, _ = previous(self.course, student, self.assignment.name)
        self.writer.save(student, results, timestamp, before)
        training, more = read_training(self.course.step("submitted", student, self.assignment.name))
        grading.findings += more
        return write_logs(self.course, grading, training, results)

    def _write_notebook(self, student: str, name: str, nb: nbformat.NotebookNode) -> None:
        path = self.course.step("autograded", student, self.assignment.name) / f"{name}.ipynb"
        # read-only, as nbgrader does: a grader edits scores, not answers
        write_whole(path, nbformat.writes(nb).encode() + b"\n", mode=0o444)


#: Ends of code that somebody should look at: a larger limit, or another machine, might give another result.
CUT_SHORT = ("timeout", "cpu_limit", "memory_limit", "not_run")


def cut_short(name: str, run: NotebookRun | None) -> str:
    """Say in words which cells of a notebook were stopped at a limit of time or memory; empty if none was."""
    ends = dict(run.others) if run else {}
    for grade_id, cell in run.cells.items() if run else ():
        ends[grade_id] = cell.visible if cell.visible in CUT_SHORT else cell.verdict
    parts = [
        f"{', '.join(cells)} ended with {word}"
        for word in CUT_SHORT
        if (cells := [printable(cell) for cell, end in ends.items() if end == word])
    ]
    return f"{name}: {'; '.join(parts)}" if parts else ""


def selected_notebooks(assignment: Assignment, pattern: str) -> list[str]:
    """Return the names of the notebooks that match a glob.

    Raises:
        CourseError: None does.
    """
    names = [name for name in assignment.notebooks if fnmatch(name, pattern)]
    if not names:
        raise CourseError(f"no notebook {pattern!r} in {assignment.name}; known: {', '.join(assignment.notebooks)}")
    return names


def _selected_students(course: Course, name: str, pattern: str) -> list[str]:
    folder = course.root / course.directory.submitted_directory
    known = sorted(path.name for path in folder.iterdir() if (path / name).is_dir()) if folder.is_dir() else []
    chosen = [student for student in known if fnmatch(student, pattern)]
    if not known:
        raise CourseError(f"nobody handed in {name!r}: {folder} has no <student>/{name}; collect submissions first")
    if not chosen:
        near = get_close_matches(pattern, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {len(known)} students, e.g. {known[0]!r}"
        raise CourseError(f"no student {pattern!r} handed in {name!r}; {hint}")
    return chosen


def _unusable(student: str, folder: Path) -> str:
    """Say why a folder is not read at all; empty if it is."""
    if folder.is_symlink() or folder.parent.is_symlink():
        return f"{folder} is a symbolic link and was not followed"
    if not student.isprintable() or set(student) & set("*?["):  # nbgrader could not find such a student's files
        return "the name of the folder cannot be a student id: rename it"
    return ""


def _open_gradebook(course: Course, assignment: Assignment, tell: Callable[[str], None]) -> Writer:
    """Open the gradebook; on a fresh clone it is built from the source first."""
    try:
        writer = Writer(course, assignment.name, tell)
    except CourseError:
        writer = None
    if writer is not None:
        wanted = {name: set(notebook.graded) for name, notebook in assignment.notebooks.items()}
        recorded = {name: cells & wanted.get(name, set()) for name, cells in writer.notebooks.items()}
        if recorded == wanted:
            writer.set_points(
                {(n, c.grade_id): c.points for n, book in assignment.notebooks.items() for c in book.graded.values()}
            )
            return writer
        writer.__exit__(None, None, None)
        refuse_changed_cells(course, assignment)
    with tempfile.TemporaryDirectory(prefix="coursegrader-release-") as staging:
        generate(course, assignment.name, Path(staging), database=True)
    return Writer(course, assignment.name, tell)


def _timestamp(raw: bytes | None) -> tuple[str | None, list[Finding]]:
    """Read nbgrader's timestamp file; a useless one is a finding, not a failure."""
    text = (raw or b"").decode("utf-8", "replace").strip()
    if not text:
        return None, []
    try:
        return str(parse_utc(text)), []
    except (ValueError, OverflowError, TypeError, AttributeError):
        return None, [
            Finding("bad_timestamp", "timestamp.txt", f"{text[:40]!r} is no date", "counts as handed in on time")
        ]


# -- replay -----------------------------------------------------------------------------------------------------------


def replay(course: Course, path: Path) -> list[str]:
    """Grade again what an instructor's log records, from the same inputs, and return every difference in words.

    Nothing is saved and no cache is read.

    Raises:
        LogError: The log was changed after it was signed.
    """
    old = log.verify(log.read(path), log.signing_key(course.grading), str(path))
    assignment = course.assignment(old.assignment)
    submission = ingest(course.step("submitted", old.student, old.assignment), old.student, assignment)
    differences = []
    with tempfile.TemporaryDirectory(prefix="coursegrader-replay-") as folder:
        for recorded in old.notebooks:
            if recorded.name not in assignment.notebooks:
                differences.append(f"{recorded.name}: the assignment has no such notebook any more")
                continue
            differences += _replay_notebook(assignment, submission, recorded, Cache(Path(folder)))
    return differences


def _replay_notebook(
    assignment: Assignment, submission: Submission, recorded: NotebookResult, cache: Cache
) -> list[str]:
    """Grade one recorded notebook again and return the differences."""
    name, notebook = recorded.name, assignment.notebooks[recorded.name]
    differences = []
    if notebook.digest != recorded.source_hash:
        differences.append(f"{name}: the instructor's notebook is another one than the log records")
    if name not in submission.notebooks:
        fresh = missing(notebook, submission.problems.get(name, ""))
    else:
        if submission.digests[name] != recorded.submission_hash:
            differences.append(f"{name}: the handed-in file is another one than the log records")
        seed = recorded.seed or assignment.course.seed
        graded = grade(notebook, submission.notebooks[name], submission.files, seed)
        fresh = assess(notebook, graded, reference(notebook, seed, cache))
    before = {cell.grade_id: cell.points for cell in recorded.cells}
    now = {cell.grade_id: cell.points for cell in fresh.cells}
    for grade_id in [*now, *(set(before) - set(now))]:
        then = before.get(grade_id, "no such cell")
        if then != now.get(grade_id, "no such cell"):
            differences.append(f"{name}, {grade_id}: {then} points then, {now.get(grade_id, 'no such cell')} now")
    return differences


# -- feedback ---------------------------------------------------------------------------------------------------------
