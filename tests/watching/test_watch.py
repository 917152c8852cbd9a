"""Is what arrives graded at once, in order, each only once, and is nothing lost whatever happens meanwhile?"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from small_course import hand_in

from coursegrader.box import forkserver
from coursegrader.course.course import Course
from coursegrader.files import only_one
from coursegrader.grading.gradebook.scores import read_results
from coursegrader.grading.pipeline import LOCK
from coursegrader.intake.collecting.roster import import_roster
from coursegrader.watching.attempts import Attempts
from coursegrader.watching.watch import Watcher

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
    hand_in(course, "ada", RIGHT)
    (line,) = watched.work()
    assert line == "ada: not graded: all 1 attempts are used up"
    assert Watched(course).work() == [], "and it is said once"
    assert read_results(course, "week").students[0].total == 0
    hand_in(course, "bo", RIGHT)
    assert watched.work()[0].startswith("bo: 9 of "), "another student has attempts of their own"


def test_who_hands_in_too_soon_waits_and_is_graded_then(course: Course):
    watched = Watched(configure(course, "c.Watch.cool_down = 3600\n"))
    hand_in(course, "ada", {})
    watched.work()
    hand_in(course, "ada", RIGHT)
    (line,) = watched.work()
    assert re.match(r"ada: waits \d+ s, only one hand-in is graded in 3600 s", line)
    record = Attempts.read(course.grading / "ada" / "week")
    record.graded = [(digest, when - 3600) for digest, when in record.graded]
    record.write(course.grading / "ada" / "week")
    assert watched.work()[0].startswith("ada: 9 of ")


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


@pytest.mark.slow
def test_killed_and_stopped_at_any_moment_nothing_is_lost_or_graded_twice(course: Course, tmp_path: Path):
    students = [f"s{number}" for number in range(8)]
    for student in students:
        hand_in(course, student, RIGHT | {"best": f"best = {student[1:]}.5"})
    command = [sys.executable, "-m", "coursegrader.cli", "--course", str(course.root), "watch", "week", "--jobs", "2"]
    chance, log = random.Random(4), tmp_path / "said.txt"

    def graded() -> list[str]:
        return re.findall(r"^\S+ (s\d): [\d.]+ of", log.read_text("utf-8") if log.exists() else "", re.MULTILINE)

    signals = [signal.SIGKILL, signal.SIGTERM, signal.SIGKILL, None]
    for number, how in enumerate(signals):
        with log.open("a", encoding="utf-8") as out:
            running = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        wanted = len(students) if how is None else min(len(graded()) + 1, len(students))
        while len(graded()) < wanted and running.poll() is None:
            time.sleep(0.05)
        if how is not None:
            time.sleep(chance.uniform(0, 0.5))  # in the middle of the next piece
        running.send_signal(how or signal.SIGTERM)
        ended = running.wait(timeout=120)
        assert ended == (-signal.SIGKILL if how is signal.SIGKILL else 0), (number, log.read_text("utf-8"))
        if len(graded()) == len(students):
            break
    assert sorted(graded()) == students, "each has one line, and only one"
    assert {student: attempts(course, student) for student in students} == dict.fromkeys(students, 1)
    assert {result.id: result.total for result in read_results(course, "week").students} == dict.fromkeys(students, 8.0)
    assert all("8 of" in page(course, student) for student in students)
