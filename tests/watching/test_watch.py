"""Is what arrives graded at once, in order, each only once, and is nothing lost whatever happens meanwhile?"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from small_course import hand_in
from traitlets.config import PyFileConfigLoader

from coursegrader.box import forkserver
from coursegrader.cli.entry import main
from coursegrader.course.course import Course
from coursegrader.errors import GradebookError
from coursegrader.files import LOCK, only_one
from coursegrader.grading.gradebook.scores import read_results
from coursegrader.grading.logs.attempts import Attempts
from coursegrader.grading.pipeline import autograde
from coursegrader.intake.collecting.roster import import_roster
from coursegrader.publishing import pages
from coursegrader.watching import listening
from coursegrader.watching import watch as watching
from coursegrader.watching.listening import heard, listen
from coursegrader.watching.watch import Watcher, watch

RIGHT = {
    "double": "def double(x):\n    return 2 * x",
    "best": "best = 41.5",
    "triple": "def triple(x):\n    return 3 * x",
    "shout": "def shout(word):\n    return word.upper() + '!'",
}
SOON = "\nc.Watch.settle = 0.05\nc.Watch.patience = 0.4\n"


def configure(course: Course, text: str = "") -> Course:
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(SOON + text)
    (course.root / "submitted").mkdir(exist_ok=True)
    return Course.open(course.root)


@pytest.fixture(scope="module")
def _prepared(tmp_path_factory, make_course) -> Course:
    course = configure(make_course(tmp_path_factory.mktemp("watch") / "course"))
    Watcher(course, "week", 2, None, print).prepare()  # the references' runs are then in the cache
    yield course
    forkserver.close()


@pytest.fixture
def course(_prepared: Course, tmp_path: Path) -> Course:
    shutil.copytree(_prepared.root, tmp_path / "course")
    return Course.open(tmp_path / "course")


class Watched:
    """A watcher that is driven by hand and what it has said."""

    def __init__(self, course: Course, downloads: Path | None = None) -> None:
        self.said: list[str] = []
        self.watcher = Watcher(course, "week", 2, downloads, self.said.append)

    def work(self) -> list[str]:
        """Work until nothing is left that may still come to rest; return what was said meanwhile."""
        before, look = len(self.said), self.watcher
        while (delay := look.step()) == 0 or min(look.hand_ins.next, look.archives.next) < float("inf"):
            time.sleep(min(delay, 0.05))
        return self.said[before:]


@pytest.fixture
def watched(course: Course) -> Watched:
    return Watched(course)


def page(course: Course, student: str) -> str:
    text = (course.root / "feedback" / student / "week" / "index.html").read_text("utf-8")
    return " ".join(BeautifulSoup(text, "html.parser").get_text().split())


def sentences(course: Course, student: str) -> tuple[str, str]:
    """Return what the first page says of a later hand-in, and of the attempt that it shows."""
    text = (course.root / "feedback" / student / "week" / "index.html").read_text("utf-8")
    notices, counts = (BeautifulSoup(text, "html.parser").select(f".top .{kind}") for kind in ("notice", "attempt"))
    return tuple(" ".join(tag.get_text() for tag in tags) for tags in (notices, counts))


def attempts(course: Course, student: str) -> int:
    return len(Attempts.read(course.grading / student / "week").graded)


def test_what_is_handed_in_is_graded_once_and_has_a_page(course: Course, watched: Watched):
    assert watched.work() == []
    hand_in(course, "ada", RIGHT)
    (line,) = watched.work()
    assert line.startswith("ada: 9 of ")
    assert "2 answers wait" not in line, "who wrote no answer waits for nobody"
    assert "9 of" in page(course, "ada")
    assert watched.work() == []
    assert Watched(course).work() == [], "a watcher that starts later has nothing to do either"
    assert attempts(course, "ada") == 1


def test_another_try_is_graded_and_counts(course: Course, watched: Watched):
    hand_in(course, "ada", RIGHT | {"double": "def double(x):\n    return x"})
    assert watched.work()[0].startswith("ada: 7 of ")
    hand_in(course, "ada", RIGHT)
    assert watched.work()[0].startswith("ada: 9 of ")
    assert attempts(course, "ada") == 2
    (course.root / "submitted" / "ada" / "week" / "2_words.ipynb").touch()
    assert watched.work() == [], "the same files are no attempt"


def test_attempts_run_out_and_the_last_grading_stands(course: Course):
    watched = Watched(configure(course, "c.Watch.attempts = 1\n"))
    hand_in(course, "ada", {})
    watched.work()
    assert sentences(course, "ada") == ("", "This is your one attempt: what you hand in from now on is not graded.")
    hand_in(course, "ada", RIGHT)
    (line,) = watched.work()
    assert line == "ada: not graded: all 1 attempts are used up"
    notice, count = sentences(course, "ada")
    assert notice.startswith("You handed in again (")
    assert "That was not graded: your one attempt is used up. The points below stay those of your one attempt" in notice
    assert "ask your instructor" in notice
    assert count == "", "what holds of the attempt is in the notice"
    assert Watched(course).work() == [], "and it is said once"
    assert read_results(course, "week").students[0].total == 0
    hand_in(course, "bo", RIGHT)
    assert watched.work()[0].startswith("bo: 9 of "), "another student has attempts of their own"


def test_who_hands_in_too_soon_waits_and_is_graded_then(course: Course):
    watched = Watched(configure(course, "c.Watch.cool_down = 3600\n"))
    hand_in(course, "ada", {})
    watched.work()
    assert sentences(course, "ada")[0] == ""
    assert re.fullmatch(
        r"What you hand in next is graded from \d\d \w+ \d{4}, \d\d:\d\d on\.", sentences(course, "ada")[1]
    )
    hand_in(course, "ada", RIGHT)
    (line,) = watched.work()
    assert re.match(r"ada: waits \d+ s, only one hand-in is graded in 3600 s", line)
    notice, _ = sentences(course, "ada")
    assert "will be graded by itself" in notice
    assert "only one hand-in of yours is graded in an hour" in notice
    assert "You need not hand it in once more" in notice
    assert "0 of 14" in page(course, "ada"), "the points are still those of the hand-in before"
    record = Attempts.read(course.grading / "ada" / "week")
    record.graded = [(digest, when - 3600) for digest, when in record.graded]
    record.write(course.grading / "ada" / "week")
    assert watched.work()[0].startswith("ada: 9 of ")
    assert sentences(course, "ada")[0] == "", "what was said is over"


def test_a_page_says_which_attempt_it_shows_and_its_sentences_end_with_it(course: Course):
    watched = Watched(configure(course, "c.Watch.attempts = 2\n"))
    hand_in(course, "ada", {})
    watched.work()
    assert sentences(course, "ada") == ("", "This is attempt 1 of 2; the one that was graded last counts.")
    hand_in(course, "ada", RIGHT | {"best": "best = 41.0"})
    watched.work()
    last = "This is attempt 2 of 2, the last one: what you hand in from now on is not graded."
    assert sentences(course, "ada") == ("", last)
    hand_in(course, "ada", RIGHT)
    watched.work()
    assert "all 2 attempts are used up" in sentences(course, "ada")[0]
    assert "8 of 14" in page(course, "ada")
    pages.feedback(course, "week", "ada")  # whoever writes the pages anew
    assert "all 2 attempts are used up" in sentences(course, "ada")[0]
    text = (course.root / "feedback" / "ada" / "week" / "1_numbers.html").read_text("utf-8")
    assert "all 2 attempts are used up" in BeautifulSoup(text, "html.parser").select_one(".notice").get_text()
    autograde(course, "week", student="ada")  # the instructor grades what lies there
    pages.feedback(course, "week", "ada")
    assert sentences(course, "ada") == ("", ""), "the page now shows what was not graded on arrival"
    assert "9 of 14" in page(course, "ada")


def test_half_an_upload_is_waited_for_and_a_damaged_one_is_told(course: Course, watched: Watched):
    folder = hand_in(course, "ada", RIGHT)
    whole = (folder / "1_numbers.ipynb").read_bytes()
    (folder / "1_numbers.ipynb").write_bytes(whole[:300])
    watched.watcher.hand_ins.patience = 3600.0
    for _ in range(2):
        watched.watcher.step()
        time.sleep(0.1)
    assert watched.said == []
    (folder / "1_numbers.ipynb").write_bytes(whole)
    assert watched.work()[0].startswith("ada: 9 of ")
    watched.watcher.hand_ins.patience = 0.1
    folder = hand_in(course, "bo", RIGHT)
    (folder / "1_numbers.ipynb").write_bytes(b"\0" * 300)
    (line,) = watched.work()
    assert line.startswith("bo: 2 of ")
    assert "1_numbers.ipynb" in line
    assert "1_numbers.ipynb" in page(course, "bo")
    assert (course.root / "feedback" / "bo" / "week" / "1_numbers.html").exists()


def test_a_burst_is_worked_off_in_the_order_in_which_it_came(course: Course, watched: Watched):
    students = [f"s{number:02}" for number in range(10)]
    random.Random(1).shuffle(students)
    for student in students:
        hand_in(course, student, RIGHT | {"best": f"best = {student[1:].lstrip('0') or 0}.5"})
    assert [line.partition(":")[0] for line in watched.work()] == students
    assert all("of " in page(course, student) for student in students)


def test_who_works_on_the_course_is_waited_for_and_waits_for_us(course: Course, watched: Watched):
    hand_in(course, "ada", RIGHT)
    with only_one(course.grading / LOCK, "coursegrader release"):
        (line,) = watched.work()
        assert line.startswith("waiting: coursegrader release")
    assert watched.work()[0].startswith("ada: 9 of ")
    command = [sys.executable, "-m", "coursegrader.cli", "--course", str(course.root), "feedback", "week"]
    with only_one(course.grading / LOCK, "coursegrader watch"):
        other = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(timeout=4)
    assert other.communicate()[0].startswith("feedback:")
    assert other.returncode == 0


def test_a_mended_test_holds_for_the_next_hand_in(course: Course, watched: Watched):
    hand_in(course, "ada", RIGHT | {"best": "best = 41.0"})
    assert watched.work()[0].startswith("ada: 8 of ")
    path = course.root / "source" / "week" / "1_numbers.ipynb"
    path.write_text(path.read_text("utf-8").replace('best value\\", best)', 'best value\\", best, atol=1.0)'), "utf-8")
    hand_in(course, "bo", RIGHT | {"best": "best = 41.0"})
    (line,) = watched.work()
    assert line.startswith("bo: 9 of "), "and nobody else is graded again without having asked"


def test_downloads_are_collected_once(course: Course, tmp_path: Path):
    (tmp_path / "roster.csv").write_text("id,first_name,last_name\nada,Ada,Lovelace\n")
    import_roster(course, tmp_path / "roster.csv")
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    folder = hand_in(course, "ada", RIGHT)
    (downloads / "monday" / "ada").mkdir(parents=True)
    for path in folder.iterdir():
        shutil.copy(path, downloads / "monday" / "ada" / path.name)
    shutil.rmtree(folder.parent)
    collected, graded = Watched(course, downloads).work()
    assert collected.startswith("monday: 1 students collected")
    assert graded.startswith("ada: 9 of ")
    assert Watched(course, downloads).work() == []


def test_what_cannot_be_a_student_stops_nobody(course: Course, watched: Watched):
    hand_in(course, "a*b", RIGHT)
    os.symlink("/etc", course.root / "submitted" / "link")
    (course.root / "submitted" / "note.txt").write_text("hello")
    hand_in(course, "zoe", RIGHT)
    refused, graded = watched.work()
    assert refused.startswith("a*b: not graded")
    assert graded.startswith("zoe: 9 of ")


def test_students_who_flood_or_link_are_named_and_stop_nobody(
    course: Course, watched: Watched, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(watching, "MAX_PATHS", 100)
    watched.watcher.hand_ins.most = 100
    for number in range(40):
        (hand_in(course, "ada", RIGHT) if number == 0 else course.step("submitted", "ada", "week") / str(number)).mkdir(
            exist_ok=True
        )
        for file in range(10):
            (course.step("submitted", "ada", "week") / (str(number) if number else "") / f"{file}.txt").touch()
    hand_in(course, "bo", RIGHT)
    os.symlink("/", course.step("submitted", "bo", "week") / "everything")
    (course.root / "submitted" / "eve").mkdir()
    os.symlink("/", course.root / "submitted" / "eve" / "week")
    os.symlink(course.root / "submitted" / "bo", course.root / "submitted" / "mallory")
    hand_in(course, "zoe", RIGHT)
    said = watched.work()
    assert "ada: more than 100 files and folders; a change beyond the first is not noticed" in said
    for student in ("ada", "bo", "zoe"):
        assert any(line.startswith(f"{student}: 9 of ") for line in said), said
    for student in ("eve", "mallory"):
        assert any(line.startswith(f"{student}: not graded: ") and "symbolic link" in line for line in said), said
    heard_of = set(map(str, heard(course, "week", None)))
    assert not {name for name in heard_of if "eve/week" in name or "mallory" in name or "everything" in name}
    assert str(course.step("submitted", "zoe", "week")) in heard_of


def test_thousands_of_folders_are_looked_at_up_to_a_limit_that_is_said(
    course: Course, watched: Watched, monkeypatch: pytest.MonkeyPatch
):
    hand_in(course, "ada", RIGHT)
    for number in range(3000):
        (course.root / "submitted" / f"empty{number:04}" / "week").mkdir(parents=True)
    monkeypatch.setattr(watching, "MAX_HAND_INS", 2000)
    monkeypatch.setattr(listening, "MAX_HEARD", 500)
    limited, graded = watched.work()
    assert limited.endswith("submitted has 3001 folders; the first 2000 by name are watched")
    assert graded.startswith("ada: 9 of ")
    assert watched.work() == [], "and it is said once"
    assert len(heard(course, "week", None)) < 510


@pytest.mark.parametrize(
    ("structure", "place"),
    [
        ("{nbgrader_step}/{assignment_id}/{student_id}", "handed_in/week"),
        ("classes/{nbgrader_step}/of-{student_id}/{assignment_id}", "classes/handed_in"),
    ],
)
def test_the_courses_own_folders_are_watched(course: Course, structure: str, place: str):
    (course.root / "submitted").rmdir()
    settings = f'c.CourseDirectory.directory_structure = "{structure}"\n'
    settings += 'c.CourseDirectory.submitted_directory = "handed_in"\n'
    shutil.copytree(course.root / "source", course.root / "old")
    shutil.rmtree(course.root / "source")
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(SOON + settings)
    root = course.root
    course = Course(root, PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config())
    shutil.copytree(root / "old" / "week", course.step("source", ".", "week"))
    shutil.rmtree(root / "old")
    course = Course.open(root)
    said: list[str] = []
    stop = threading.Event()

    def say(line: str) -> None:
        said.append(line)
        if line[9:].startswith("watching"):
            hand_in(course, "ada", RIGHT)
        elif line[9:].startswith("ada: "):
            stop.set()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch(course, "week", 2, None, say)
    assert said[0][9:].startswith(f"watching {root / place};")
    assert said[1][9:].startswith("ada: 9 of ")
    assert (
        "9 of 14"
        in BeautifulSoup(
            (course.step("feedback", "ada", "week") / "index.html").read_text("utf-8"), "html.parser"
        ).get_text()
    )


def test_a_folder_that_comes_and_what_comes_into_it_wake_the_watcher(course: Course, monkeypatch: pytest.MonkeyPatch):
    stop, changed = threading.Event(), threading.Event()
    ears = threading.Thread(target=listen, args=(lambda: heard(course, "week", None), stop, changed), daemon=True)
    ears.start()
    try:
        for step in range(3):
            assert changed.wait(60), "once when listening begins, then at every change"
            changed.clear()
            folder = course.step("submitted", "ada", "week")
            if step == 0:
                folder.mkdir(parents=True)
            else:
                (folder / f"{step}.ipynb").write_text("{}")
    finally:
        stop.set()
        ears.join(60)


@pytest.mark.parametrize("becomes", [None, GradebookError("No row was found"), ValueError("odd")], ids=repr)
def test_a_stop_ends_the_watcher_whatever_it_struck_makes_of_it(
    course: Course, becomes: Exception | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def struck(self: Watcher, side: object, piece: list[tuple[str, str, object]]) -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt:
            if becomes is not None:
                raise becomes from None

    monkeypatch.setattr(Watcher, "_grade", struck)
    hand_in(course, "ada", RIGHT)
    assert main(["--course", str(course.root), "watch", "week", "--jobs", "2"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "stopped; the same command goes on from here"


@pytest.mark.slow
def test_killed_and_stopped_at_any_moment_nothing_is_lost_or_graded_twice(course: Course, tmp_path: Path):
    students = [f"s{number}" for number in range(8)]
    for student in students:
        hand_in(course, student, RIGHT | {"best": f"best = {student[1:]}.5"})
    command = [sys.executable, "-m", "coursegrader.cli", "--course", str(course.root), "watch", "week", "--jobs", "2"]
    chance, log = random.Random(4), tmp_path / "said.txt"

    def graded() -> int:
        return sum(attempts(course, student) for student in students)

    signals = [signal.SIGKILL, signal.SIGTERM, signal.SIGKILL, None]
    for number, how in enumerate(signals):
        with log.open("a", encoding="utf-8") as out:
            running = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        wanted = len(students) if how is None else min(graded() + 1, len(students))
        while graded() < wanted and running.poll() is None:
            time.sleep(0.05)
        if how is not None:
            time.sleep(chance.uniform(0, 0.5))  # in the middle of the next piece
        running.send_signal(how or signal.SIGTERM)
        ended = running.wait(timeout=120)
        assert ended == (-signal.SIGKILL if how is signal.SIGKILL else 0), (number, log.read_text("utf-8"))
        if graded() == len(students):
            break
    said = re.findall(r"^\S+ (s\d): [\d.]+ of", log.read_text("utf-8"), re.MULTILINE)
    assert len(said) == len(set(said)), "nobody is told of twice"
    assert len(said) >= len(students) - signals.count(signal.SIGKILL), "but for who was just to be told of"
    assert {student: attempts(course, student) for student in students} == dict.fromkeys(students, 1)
    assert {result.id: result.total for result in read_results(course, "week").students} == dict.fromkeys(students, 8.0)
    assert all("8 of" in page(course, student) for student in students)
