"""The gradebook on a real PostgreSQL server: a whole course comes to the same as on SQLite, also when the server is away."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from sqlalchemy import create_engine, text

from coursegrader import cli
from coursegrader.authoring import demo
from coursegrader.course.course import Course
from coursegrader.errors import FAILED, FINE, GradebookError
from coursegrader.grading import pipeline
from coursegrader.grading.gradebook import writer as gradebook
from coursegrader.grading.gradebook.converters import generate
from coursegrader.grading.gradebook.writer import Writer
from coursegrader.model import CellResult, NotebookResult

SEED = "5eed"
WHY = {"q_why_answer": "Because two times two is four."}
CLASS = {
    "ada": WHY,
    "bo": {**WHY, "double": "def double(x):\n    return x ** 2"},
    "chi": {**WHY, "best": "best = 40", "shout": None},
    "dana": {"double": None, "best": None, "triple": None, "q_why_answer": None, "q_how_answer": None, "shout": None},
}
LATE_PENALTY = """
from nbgrader.plugins import LateSubmissionPlugin

class OnePointADay(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return total_seconds_late // 86400

c.AssignLatePenalties.plugin_class = OnePointADay
"""
DUE, LATE = "2026-01-10 12:00:00 UTC", "2026-01-11 12:00:00 UTC"


def programs() -> Path | None:
    """Return the folder with the server's programs: Debian keeps them out of the way."""
    found = [Path(path).parent for path in [shutil.which("initdb")] if path]
    return next(iter([*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), *found]), None)


class Server:
    """A PostgreSQL server on loopback, with data of its own, as an ordinary user."""

    def __init__(self, folder: Path, bin_folder: Path) -> None:
        self.folder, self.bin = folder, bin_folder
        root = os.geteuid() == 0
        names = {entry.pw_name for entry in pwd.getpwall()} if root else set()
        self.user = next((name for name in ("postgres", "nobody") if name in names), None)
        if self.user:  # the server refuses to run as root
            shutil.chown(folder, self.user)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.run("initdb", "-D", "data", "-U", "teacher", "--auth=trust", "--encoding=UTF8", "--no-sync")
        self.start()

    def run(self, program: str, *arguments: str) -> None:
        """Run one of the server's programs."""
        subprocess.run(
            [self.bin / program, *arguments],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PGHOST": "127.0.0.1", "PGPORT": str(self.port)},
            stdout=subprocess.DEVNULL,
            check=True,
            **({"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []} if self.user else {}),
        )

    def start(self) -> None:
        """Start the server; it answers when this returns."""
        settings = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories= -c fsync=off"
        self.run("pg_ctl", "start", "-D", "data", "-w", "-l", "log", "-o", settings)

    def stop(self) -> None:
        """Stop the server at once, as a restart of its machine would."""
        self.run("pg_ctl", "stop", "-D", "data", "-w", "-m", "fast")

    def new_database(self, name: str) -> str:
        """Make a database and return its address."""
        self.run("createdb", "-U", "teacher", name)
        return f"postgresql+psycopg://teacher@127.0.0.1:{self.port}/{name}"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed; `sudo apt-get install postgresql` brings it")
    pytest.importorskip("psycopg", reason="no driver; `pip install 'coursegrader[postgresql]'` brings it")
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:
        made = Server(Path(folder), found)
        yield made
        made.stop()


def put_gradebook_on(course: Course, url: str) -> Course:
    """Have a course keep its gradebook in a database, as docs/cluster.md says."""
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(f'\nc.CourseDirectory.db_url = "{url}"\n')
    return Course.open(course.root)


def hand_in(course: Course, student: str, answers: dict[str, str | None]) -> None:
    """Hand in both notebooks: the reference solutions, but for the answers given by cell id."""
    folder = course.step("submitted", student, "week")
    folder.mkdir(parents=True)
    for notebook in course.assignment("week").notebooks.values():
        nb = demo.hand_in(notebook, lambda cell_id, solution: answers.get(cell_id, solution))
        nbformat.write(nb, folder / f"{notebook.name}.ipynb")
    (folder / "timestamp.txt").write_text(LATE if student == "bo" else DUE)


def run(course: Course, *arguments: str) -> str:
    """Run a command in the course's folder, as its instructor does, and return what it prints."""
    done = subprocess.run([*arguments], cwd=course.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def nbgrader(course: Course, *arguments: str) -> str:
    """Run one of nbgrader's own commands."""
    return run(course, sys.executable, "-m", "nbgrader", *arguments)


def whole_course(course: Course) -> dict[str, object]:
    """Teach a course: release, grade, grade by hand, feedback, export, grade again; return every total."""
    course.grading.mkdir()
    (course.grading / "seed").write_text(f"{SEED}\n")
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(LATE_PENALTY)
    command = ["--course", str(course.root)]
    assert cli.main([*command, "release", "week"]) == FINE
    with Gradebook(course.directory.db_url, course.directory.course_id) as book:
        book.update_or_create_assignment("week", duedate=DUE)
        book.update_or_create_student("ada", first_name="Ada", last_name="Lovelace", email="ada@example.org")
    for student, answers in CLASS.items():
        hand_in(course, student, answers)
    assert cli.main([*command, "autograde", "week"]) == FINE
    with Gradebook(course.directory.db_url, course.directory.course_id) as book:
        for number, student in enumerate(CLASS):  # what the formgrader's handlers do when a grader types points
            grade = book.find_grade("q_why", "1_numbers", "week", student)
            grade.manual_score, grade.extra_credit = number * 0.75, 0.25 if student == "ada" else None
            book.find_comment("double", "1_numbers", "week", student).manual_comment = f"Seen, {student}."
            book.db.commit()
    assert cli.main([*command, "feedback", "week"]) == FINE
    nbgrader(course, "export", "--to", "grades.csv")
    assert cli.main([*command, "export", "week", "--to", "csv", "--output", str(course.root / "table.csv")]) == FINE
    first = totals(course)
    assert cli.main([*command, "autograde", "week"]) == FINE, "the second time the written answers are kept"
    again = totals(course)
    assert again["students"] == first["students"]
    return {**first, "again": again}


def totals(course: Course) -> dict[str, object]:
    """Return what nbgrader's own tools say of a class, and the exported table without its columns of time."""
    with Gradebook(course.directory.db_url, course.directory.course_id) as book:
        found: dict[str, object] = {
            "average": book.average_assignment_score("week"),
            "code": book.average_assignment_code_score("week"),
            "written": book.average_assignment_written_score("week"),
            "tasks": book.average_assignment_task_score("week"),
            "ungraded": sum(book.find_submission("week", student).needs_manual_grade for student in CLASS),
            "students": sorted((row["id"], row["score"], row["max_score"]) for row in book.student_dicts()),
            "notebooks": sorted(
                (row["student"], row["score"], row["needs_manual_grade"], row["failed_tests"])
                for row in book.notebook_submission_dicts("1_numbers", "week")
            ),
            "submissions": sorted(
                (row["student"], row["score"], row["code_score"], row["written_score"], row["task_score"])
                for row in book.assignment_submissions("week") and book.submission_dicts("week")
            ),
        }
        for student in CLASS:
            submission = book.find_submission("week", student)
            found[student] = [
                (submission.score, submission.max_score, submission.late_submission_penalty),
                *sorted((g.name, g.auto_score, g.manual_score) for n in submission.notebooks for g in n.grades),
                *sorted((c.name, c.auto_comment, c.manual_comment) for n in submission.notebooks for c in n.comments),
            ]
    api = NbGraderAPI(course.directory, config=course.config)  # what the formgrader's pages ask
    found["pages"] = without_ids(
        [
            api.get_assignments(),
            api.get_notebooks("week"),
            sorted(api.get_submissions("week"), key=lambda row: row["student"]),
            sorted(api.get_notebook_submissions("week", "1_numbers"), key=lambda row: row["student"]),
            sorted(api.get_students(), key=lambda row: row["id"]),
            [api.get_student_submissions(student) for student in CLASS],
        ]
    )
    found["exports"] = [(course.root / name).read_text() for name in ("grades.csv", "table.csv")]
    found["feedback"] = sorted(path.name for path in course.step("feedback").rglob("*.html"))
    return found


def without_ids(data: Any) -> Any:
    """Return rows without the random ids that nbgrader gives them, and without their place in the order of these."""
    if isinstance(data, dict):
        random = {key for key, value in data.items() if key == "index" or re.fullmatch("[0-9a-f]{32}", str(value))}
        return {key: without_ids(data[key]) for key in data.keys() - random}
    return [without_ids(item) for item in data] if isinstance(data, list) else data


@pytest.mark.slow
def test_a_whole_course_comes_to_the_same_on_postgresql(
    make_course: Callable[[Path], Course], tmp_path: Path, server: Server
) -> None:
    on_sqlite = whole_course(make_course(tmp_path / "sqlite"))
    on_server = whole_course(put_gradebook_on(make_course(tmp_path / "server"), server.new_database("whole")))
    for what, value in on_sqlite.items():
        assert on_server[what] == value, what
    assert on_sqlite["ada"][0] == (7 + 0 + 0.25 + 2, 14, 0), "points of ada: all code, a bonus, both notebooks"
    assert on_sqlite["bo"][0][2] == 1 + 1, "a day late with two notebooks"
    assert on_sqlite["dana"][0][0] == 3 * 0.75
    assert not (tmp_path / "server" / "gradebook.db").exists()
    engine = create_engine(Course.open(tmp_path / "server").directory.db_url)
    with engine.connect() as connection:
        assert connection.execute(text("select count(*) from submitted_assignment")).scalar_one() == len(CLASS)
    engine.dispose()


@pytest.mark.slow
def test_nbgraders_own_autograde_works_on_postgresql(course: Course, server: Server) -> None:
    course = put_gradebook_on(course, server.new_database("own"))
    hand_in(course, "bo", CLASS["bo"])
    nbgrader(course, "generate_assignment", "week")
    nbgrader(course, "autograde", "week")
    nbgrader(course, "db", "upgrade")
    with Gradebook(course.directory.db_url, course.directory.course_id) as book:
        assert book.find_submission("week", "bo").score == 5 + 2


@pytest.mark.slow
def test_a_server_that_is_away_for_ten_seconds_loses_nothing(course: Course, server: Server) -> None:
    course = put_gradebook_on(course, server.new_database("away"))
    for number in range(12):
        hand_in(course, f"student{number:02}", {"best": f"best = 41.5  # {number}"})
    told: list[str] = []
    restarts: list[threading.Thread] = []

    def stop_for_ten_seconds(done: int, total: int) -> None:
        if done >= total // 2 and not restarts:
            server.stop()
            restarts.append(threading.Timer(10, server.start))
            restarts[0].start()

    outcome = pipeline.autograde(course, "week", progress=stop_for_ten_seconds, tell=told.append)
    restarts[0].join()
    assert outcome.degraded == {}
    assert len(told) == 2, told
    assert "does not answer" in told[0]
    assert "postgresql+psycopg://teacher@127.0.0.1" in told[0]
    assert told[1].startswith("the gradebook is back after ")
    with Gradebook(course.directory.db_url, course.directory.course_id) as book:
        rows = book.submission_dicts("week")
    assert [row["score"] for row in rows] == [9.0] * 12


def full_marks() -> list[NotebookResult]:
    """Return a result for one notebook."""
    return [NotebookResult("2_words", [CellResult("test_shout", 2.0, 2.0, verdict="full")])]


@pytest.mark.slow
def test_a_server_that_stays_away_ends_the_run_and_the_same_command_finishes_it(
    course: Course, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = put_gradebook_on(course, server.new_database("gone"))
    for student, answers in CLASS.items():
        hand_in(course, student, answers)
    monkeypatch.setattr(gradebook.Writer.__init__, "__defaults__", (print, 3.0))
    stopped = []

    def stop_for_good(done: int, total: int) -> None:
        if done >= 4 and not stopped:
            stopped.append(done)
            server.stop()

    try:
        with pytest.raises(GradebookError, match=r"did not answer for 3 s .*; what was graded is kept"):
            pipeline.autograde(course, "week", progress=stop_for_good)
    finally:
        server.start()
    kept = len(list((course.grading / "cache").rglob("*.json.gz")))
    assert kept >= 4
    outcome = pipeline.autograde(course, "week")
    assert outcome.degraded == {}
    with Gradebook(course.directory.db_url, course.directory.course_id) as book:
        assert len(book.submission_dicts("week")) == len(CLASS)


def test_a_transaction_cut_off_in_the_middle_leaves_no_half_result(
    course: Course, server: Server, tmp_path: Path
) -> None:
    course = put_gradebook_on(course, server.new_database("middle"))
    generate(course, "week", tmp_path / "release", database=True)
    told: list[str] = []
    with Writer(course, "week", tell=told.append) as writer:
        commit = writer._commit

        def cut_off_once() -> None:
            writer._commit = commit
            server.stop()
            server.start()
            commit()

        writer._commit = cut_off_once
        writer.save("ada", full_marks())
    assert len(told) == 2, told
    with Gradebook(course.directory.db_url, course.directory.course_id) as book:
        assert [row["score"] for row in book.submission_dicts("week")] == [2.0]


def test_an_address_with_no_server_behind_it_ends_in_a_sentence(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("psycopg")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"127.0.0.1:{closed.getsockname()[1]}"
    for url in (f"postgresql+psycopg://teacher:topsecret@{nobody}/grades", "postgresqll://teacher:topsecret@x/y"):
        course = put_gradebook_on(course, url)
        hand_in(course, "ada", {}) if not course.step("submitted").exists() else None
        for command in ("release", "autograde"):
            assert cli.main(["--course", str(course.root), command, "week"]) == FAILED
            said = capsys.readouterr().err
            assert "cannot be opened" in said
            assert "mend c.CourseDirectory.db_url" in said
            assert "topsecret" not in said
