"""How is what arrives graded at once, and each only once, whatever stops the watcher?

The folders are the truth, what the system tells about changes only wakes us: nothing is lost that nobody told us about.
A hand-in is ticked off when its page is written; before that, whoever starts the watcher again does what is missing,
and what was run before comes from the cache.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

from coursegrader.box import forkserver, isolation
from coursegrader.course.course import CONFIG_FILE, Course
from coursegrader.course.setup import folders
from coursegrader.course.setup.gradebook import open_gradebook
from coursegrader.errors import CourseBusy, CourseGraderError
from coursegrader.files import FOR_MOMENTS, LOCK, in_words, only_one, write_whole
from coursegrader.grading.cache import Cache
from coursegrader.grading.gradebook.results import Results
from coursegrader.grading.gradebook.scores import student_result
from coursegrader.grading.logs.attempts import Attempts, digest_of, folder_of
from coursegrader.grading.logs.records import previous
from coursegrader.grading.pipeline import Options, Outcome, grade_students
from coursegrader.grading.reference import Side, prepare
from coursegrader.grading.runners import local_runner
from coursegrader.grading.selection import unusable
from coursegrader.intake.collecting.collect import collect
from coursegrader.intake.submission import MAX_PATHS, printable
from coursegrader.judging.report import points
from coursegrader.model import Grading
from coursegrader.publishing import overview, pages
from coursegrader.watching import telling
from coursegrader.watching.arrivals import MAX_DOWNLOAD, Arrivals, Mark, content, mark
from coursegrader.watching.listening import LOOK, heard, listen

MAX_HAND_INS = 20_000  # students whose folders are looked at
WAITING = "waiting: "


class Watcher:
    """Grades what is handed in for one assignment, piece by piece."""

    def __init__(
        self, course: Course, name: str, workers: int, downloads: Path | None, say: Callable[[str], None]
    ) -> None:
        """Grade with this many workers and say one line an event; ``downloads`` is a folder to collect from."""
        self.course, self.name, self.workers, self.downloads, self.say = course, name, workers, downloads, say
        self.settings = course.settings.watch
        self.hand_ins = Arrivals(self.settings.settle, self.settings.patience)
        self.archives = Arrivals(self.settings.settle, self.settings.patience, most=MAX_DOWNLOAD)
        self.side: Side | None = None
        self._seen_source: tuple[Mark, Mark] | None = None
        self._told: set[str] = set()

    def prepare(self) -> Side:
        """Return the instructor's side as it is today; it is read anew when something in ``source/`` has changed."""
        seen = (mark(self.course.root / CONFIG_FILE), mark(self.course.assignment(self.name).folder))
        if self.side is None or seen != self._seen_source:
            self.course = Course.open(self.course.root)
            self.settings = self.course.settings.watch
            assignment = self.course.assignment(self.name)
            forkserver.shared(isolation.probe(self.course.settings.execute.require_rung).rung)
            cache = Cache(self.course.grading / "cache")
            self.side = prepare(assignment, list(assignment.notebooks), cache, self.workers, lambda text: None)
            self._seen_source = seen
        return self.side

    def step(self) -> float:
        """Do one piece of work; return the seconds until there may be more."""
        try:
            side = self.prepare()
            if self.downloads is not None:
                self._collect(self.downloads)
            ready = self.hand_ins.ready(self._folders())
            delays = [self.hand_ins.next]
            piece: list[tuple[str, str, Mark]] = []
            for student, seen in ready:
                digest, delay = self._due(student, seen)
                if delay:
                    delays.append(delay)
                elif digest:
                    piece.append((student, digest, seen))
                if len(piece) == 2 * self.workers:
                    break
            if piece:
                with only_one(self.course.grading / LOCK, FOR_MOMENTS):
                    self._grade(side, piece)
                return 0.0
            self._told = {about for about in self._told if not about.startswith(WAITING)}
            return min([*delays, self.archives.next, LOOK])
        except CourseBusy as error:
            self._say_once(f"{WAITING}{error}")
            return 1.0
        except (CourseGraderError, OSError) as error:
            self._say_once(f"{WAITING}{error if isinstance(error, CourseGraderError) else in_words(error)}")
        return LOOK

    def _folders(self) -> dict[str, Path]:
        found = self.course.students("submitted", self.name)
        students = [name for name in found if not name.startswith(".")]
        if len(students) > MAX_HAND_INS:
            place = folders.collection(self.course.directory, "submitted", self.name)
            self._say_once(f"{place} has {len(students)} folders; the first {MAX_HAND_INS} by name are watched")
        return {name: self.course.step("submitted", name, self.name) for name in students[:MAX_HAND_INS]}

    def _due(self, student: str, seen: Mark) -> tuple[str, float]:
        """Return the digest of a hand-in that may be graded now, or else the seconds until it may be; 0 is never."""
        folder = self.course.step("submitted", student, self.name)
        if problem := unusable(student, folder):
            return self._leave(student, seen, f"not graded: {problem}")
        if seen.cut:
            beyond = f"more than {MAX_PATHS} files and folders; a change beyond the first is not noticed"
            self._say_once(f"{printable(student)}: {beyond}", f"{student}: files")
        digest, record = content(folder), Attempts.read(self._record(student))
        if digest == record.refused or (digest == record.last and self._page(student).exists()):
            return self._leave(student, seen)
        if digest != record.last:
            if self.settings.attempts and len(record.graded) >= self.settings.attempts:
                record.refused = digest
                self._tell(student, record, telling.used_up(seen.changed / 1e9, self.settings.attempts))
                return self._leave(student, seen, f"not graded: all {self.settings.attempts} attempts are used up")
            if left := record.wait(self.settings.cool_down):
                once = f"only one hand-in is graded in {self.settings.cool_down:g} s"
                if self._say_once(f"{student}: waits {left:.0f} s, {once}", student):
                    due = record.graded[-1][1] + self.settings.cool_down
                    self._tell(student, record, telling.waits(seen.changed / 1e9, due, self.settings.cool_down))
                return "", left
        return digest, 0.0

    def _leave(self, student: str, seen: Mark, why: str = "") -> tuple[str, float]:
        self.hand_ins.done(student, seen)
        if why:
            self.say(f"{printable(student)}: {why}")
        return "", 0.0

    def _tell(self, student: str, record: Attempts, notice: str) -> None:
        """Keep what a student has to know of a hand-in that is not graded now, and write it on the first page."""
        grading, _ = previous(self.course, student, self.name)
        if grading is not None:
            record.notice, record.count, record.about = notice, "", digest_of(grading)
        record.write(self._record(student))
        if grading is not None and self._page(student).exists():
            overview.write(self.course, self._result(student, grading))

    def _grade(self, side: Side, piece: list[tuple[str, str, Mark]]) -> None:
        runner = local_runner(self.workers)
        students = [student for student, _, _ in piece]
        outcome = grade_students(side, students, options=Options(only_changed=True), runner=runner, tell=self.say)
        for student, digest, seen in piece:
            self._told.discard(student)
            self.hand_ins.done(student, seen)
            if student not in outcome.gradings and student not in outcome.unchanged:
                self.say(f"{student}: {outcome.degraded.get(student, 'not graded')}")
                continue  # it is no attempt, and is tried again when the watcher starts
            record = Attempts.read(self._record(student))
            self._count(student, record, outcome, len(record.graded) + (digest != record.last))
            try:
                pages.feedback(self.course, self.name, student)
            except CourseGraderError as error:
                self.say(f"{student}: graded, but the page could not be written: {error}")
                continue
            if digest != record.last:
                line = self._line(student, outcome)  # read before: who is killed between the next two lines has no line
                record.graded.append((digest, time.time()))
                record.write(self._record(student))
                self.say(line)

    def _count(self, student: str, record: Attempts, outcome: Outcome, number: int) -> None:
        """Keep what the page says about the attempt that it shows; whatever it said of a later one is over."""
        grading = outcome.gradings.get(student) or previous(self.course, student, self.name)[0]
        due = time.time() + self.settings.cool_down if self.settings.cool_down else None
        record.notice, record.count = "", telling.counted(number, self.settings.attempts, due)
        record.about = digest_of(grading) if grading else ""
        record.write(self._record(student))

    def _result(self, student: str, grading: Grading | None) -> Results:
        with open_gradebook(self.course.directory) as gradebook:
            return student_result(gradebook, (self.side or self.prepare()).assignment, student, grading)

    def _line(self, student: str, outcome: Outcome) -> str:
        results = self._result(student, outcome.gradings.get(student))
        total = f"{points(results.students[0].total)} of {points(results.max_points)} points"
        waiting = f", {results.waiting} answers wait for a grader" if results.waiting else ""
        problem = f"; {outcome.degraded[student]}" if student in outcome.degraded else ""
        return f"{student}: {total}{waiting}{problem}; {self._page(student)}"

    def _record(self, student: str) -> Path:
        return folder_of(self.course, student, self.name)

    def _page(self, student: str) -> Path:
        return self.course.step("feedback", student, self.name) / "index.html"

    def _say_once(self, sentence: str, about: str = "") -> bool:
        if (about or sentence) in self._told:
            return False
        self._told.add(about or sentence)
        self.say(sentence)
        return True

    def _collect(self, folder: Path) -> None:
        """Collect what has been downloaded, the oldest first; what has been collected is remembered."""
        known_as = self.course.grading / f"collected-{self.name}.json"
        try:
            known = json.loads(known_as.read_text("utf-8"))
        except (OSError, ValueError):
            known = {}
        paths = {path.name: path for path in folder.iterdir() if not path.name.startswith(".")}
        for name, seen in self.archives.ready(paths):
            if known.get(name) != str(seen.changed):
                with only_one(self.course.grading / LOCK, FOR_MOMENTS):
                    self.say(self._collected(paths[name]))
                    known[name] = str(seen.changed)
                    write_whole(known_as, json.dumps(known).encode())
            self.archives.done(name, seen)

    def _collected(self, path: Path) -> str:
        try:
            collected = collect(self.course, self.name, path, force=True)
        except CourseGraderError as error:
            return f"{path.name}: not collected: {error}"
        notes = f"; {'; '.join(collected.notes)}" if collected.notes else ""
        return f"{path.name}: {len(collected.students)} students collected{notes}"


def watch(
    course: Course,
    name: str,
    workers: int,
    downloads: Path | None,
    say: Callable[[str], None],
    ended: Callable[[], bool] = lambda: False,
) -> None:
    """Grade what is handed in until somebody stops it.

    Args:
        course: The course.
        name: Assignment.
        workers: How many notebooks run at the same time.
        downloads: Folder in which downloads of a platform appear, or None.
        say: Called with one line an event.
        ended: Says whether somebody has stopped it although no KeyboardInterrupt came of that: what it struck, in the
            middle of a piece of work, may have swallowed it.

    Raises:
        CourseError: There is no such assignment or folder, or a watcher is at work already.
    """
    submitted = folders.collection(course.directory, "submitted", name)
    submitted.mkdir(parents=True, exist_ok=True)
    watcher = Watcher(course, name, workers, downloads, lambda line: say(f"{time.strftime('%H:%M:%S')} {line}"))
    stop, changed = threading.Event(), threading.Event()
    with only_one(course.grading / f"watched-{name}", f"another watcher of {name}"):
        watcher.prepare()
        ears = threading.Thread(target=listen, args=(lambda: heard(watcher.course, name, downloads), stop, changed))
        ears.daemon = True
        ears.start()
        places = ", ".join(str(folder) for folder in (submitted, downloads) if folder is not None)
        watcher.say(f"watching {places}; stop with Ctrl-C, nothing is lost")
        try:
            while not ended():
                changed.clear()
                since = time.monotonic()
                if delay := watcher.step():
                    # who looks for long, because so much lies there, looks less often: others want the machine, too
                    time.sleep(min(LOOK, time.monotonic() - since))
                    changed.wait(delay)
                else:
                    time.sleep(0.05)  # whoever else wants to work on the course gets a turn
        finally:
            stop.set()
