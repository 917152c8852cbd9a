"""What does each command say when the machine lets it down: a database, a disk, a folder, a file that is no good?

Every command meets every fault: a sentence with place, cause and next step, never a traceback, and nothing lost.
"""

from __future__ import annotations

import fcntl
import importlib
import io
import os
import pkgutil
import resource
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from multiprocessing import get_context
from pathlib import Path

import nbformat
import pytest

from coursegrader.cli.entry import Harmless, main
from coursegrader.course.course import Course
from coursegrader.files import in_words, only_one
from coursegrader.grading.gradebook.scores import read_results
from coursegrader.publishing.exporting import sheets

NOBODY = 65534
#: What commands import when they run is imported before: Python itself may lie where nobody may read.
for room in ("authoring", "grading", "publishing", "watching"):
    for module in pkgutil.walk_packages(
        importlib.import_module(f"coursegrader.{room}").__path__, f"coursegrader.{room}."
    ):
        if "cluster" not in module.name:
            importlib.import_module(module.name)


@pytest.fixture(scope="module")
def template(make_course: Callable[[Path], Course], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a course with a graded class, a submission to grade, a roster and a download; only to be copied."""
    root = tmp_path_factory.mktemp("faults") / "course"
    root.mkdir()
    course = make_course(root)
    for student in ("ann", "ben"):
        folder = course.step("submitted", student, "week")
        folder.mkdir(parents=True)
        for name, notebook in course.assignment("week").notebooks.items():
            nbformat.write(notebook.release, folder / f"{name}.ipynb")
    (root / "roster.csv").write_text("id,first_name,last_name\nnew,New,Person\n")
    (root / "canvas.csv").write_text("Student,ID,SIS Login ID,Section,week (1)\nAnn,101,ann,A,\n")
    with zipfile.ZipFile(root / "download.zip", "w") as archive:
        archive.writestr("cy_102_1_2_words.ipynb", '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    for command in ("release", "autograde", "feedback"):
        code, said = run(root, COMMANDS[command])
        assert code in (0, 1), said
    return root


def totals(root: Path) -> dict[str, float]:
    """Return every student's points."""
    return {student.id: student.total for student in read_results(Course.open(root), "week").students}


@pytest.fixture
def root(template: Path, tmp_path: Path) -> Path:
    """Return a course of its own for this test."""
    shutil.copytree(template, tmp_path / "course")
    return tmp_path / "course"


def run(root: Path, command: list[str], before: Callable[[], object] = lambda: None) -> tuple[int, str]:
    """Run a command in a process of its own; return its exit code and what it printed."""
    context = get_context("fork")
    ours, theirs = context.Pipe(duplex=False)

    def child() -> None:
        os.chdir(root)
        said = io.StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            before()
            code = main(["--course", str(root), *command])
        theirs.send((code, said.getvalue()))

    process = context.Process(target=child)
    process.start()
    theirs.close()
    try:
        code, said = ours.recv()
    except EOFError:
        raise AssertionError(f"{command} ended with {process.exitcode}") from None
    finally:
        process.join()
    return code, said


COMMANDS = {
    "release": ["release", "week"],
    "release --check": ["release", "week", "--check"],
    "autograde": ["autograde", "week", "--jobs", "1"],
    "autograde --only-changed": ["autograde", "week", "--jobs", "1", "--only-changed"],
    "autograde --replay": ["autograde", "week", "--replay", "grading/ann/week/submission_log.json"],
    "feedback": ["feedback", "week"],
    "check": ["check", "week", "--jobs", "1", "--notebook", "2_words"],
    "report": ["report", "week"],
    "export": ["export", "week", "--to", "csv"],
    "export to Canvas": ["export", "week", "--to", "canvas", "--sheet", "canvas.csv"],
    "export to Gradescope": ["export", "week", "--to", "gradescope"],
    "collect": ["collect", "week", "--from", "download.zip"],
    "roster": ["roster", "roster.csv"],
    "demo": ["demo", "week"],
}


def _replaced(path: Path, data: bytes = b"\0no such thing\n" * 50) -> None:
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _every(root: Path, pattern: str, data: bytes = b"\0no such thing\n" * 50) -> None:
    found = list(root.glob(pattern))
    assert found, pattern
    for path in found:
        _replaced(path, data)


def _in_the_way(path: Path) -> None:
    """Put a file where a folder should be, or a folder where a file should be."""
    if path.is_dir():
        shutil.rmtree(path)
        path.write_text("in the way")
    else:
        path.unlink(missing_ok=True)
        path.mkdir(parents=True)


def _database(root: Path, address: str) -> None:
    with (root / "nbgrader_config.py").open("a") as file:
        file.write(f"\nc.CourseDirectory.db_url = {address!r}\n")


#: What is done to a course before a command is run.
FAULTS: dict[str, Callable[[Path], None]] = {
    "a gradebook that is no database": lambda root: _replaced(root / "gradebook.db"),
    "a gradebook cut off": lambda root: _replaced(root / "gradebook.db", (root / "gradebook.db").read_bytes()[:5000]),
    "a gradebook that is a folder": lambda root: _in_the_way(root / "gradebook.db"),
    "a gradebook that is away": lambda root: _database(root, "sqlite:////nowhere/at/all.db"),
    "a database server that is away": lambda root: _database(root, "postgresql+psycopg://me:secret@127.0.0.1:9/none"),
    "an empty gradebook": lambda root: _replaced(root / "gradebook.db", b""),
    "a damaged cache": lambda root: _every(root, "grading/cache/*/*.gz"),
    "an empty cache": lambda root: _every(root, "grading/cache/*/*.gz", b""),
    "a cache that is a file": lambda root: _in_the_way(root / "grading" / "cache"),
    "damaged logs": lambda root: _every(root, "grading/*/week/submission_log.json"),
    "logs of nothing": lambda root: _every(root, "grading/*/week/submission_log.json", b"{}"),
    "logs that are folders": lambda root: [_in_the_way(p) for p in root.glob("*/ann/week/submission_log.json")] and None,
    "an empty key": lambda root: _replaced(root / "grading" / "keys" / "log.key", b""),
    "a folder of results that is a file": lambda root: _in_the_way(root / "autograded"),
    "a damaged graded notebook": lambda root: _every(root, "autograded/ann/week/*.ipynb"),
    "folders of exports and pages that are files": lambda root: [
        (root / name).write_text("in the way") for name in ("exports", "feedback", "release") if not (root / name).exists()
    ]
    and None,
    "a submission that is a file": lambda root: _in_the_way(root / "submitted" / "ann" / "week"),
}  # fmt: skip


#: Words of faults that a command cannot meet, because it never looks there.
ELSEWHERE = {
    **dict.fromkeys(("release", "roster", "collect", "demo"), ("cache", "log", "key", "graded", "result")),
    **dict.fromkeys(("report", "export", "export to Canvas", "export to Gradescope", "feedback"), ("cache",)),
    "release --check": ("gradebook", "database", "cache", "log", "key", "graded", "result"),
    "autograde --only-changed": ("gradebook", "database", "cache"),  # as without
    "autograde --replay": ("gradebook", "database", "folder"),
    "check": ("gradebook", "database", "log", "key", "graded", "result", "submission", "pages"),
}
MEETINGS = [
    (command, fault)
    for command in COMMANDS
    for fault in FAULTS
    if not any(word in fault for word in ELSEWHERE.get(command, ()))
]


def is_a_sentence(said: str, command: str) -> bool:
    """Tell whether the last line says what is wrong and, behind a semicolon or colon, what to do."""
    lines = [line for line in said.strip().splitlines() if line.strip()]
    return "Traceback" not in said and "mistake of the program" not in said and any(
        line.startswith(f"coursegrader {command.split()[0]}: ") and (";" in line or ":" in line.partition(": ")[2])
        for line in lines
    )  # fmt: skip


def kept(root: Path) -> dict[str, bytes]:
    """Return what no command may change or lose: what was handed in, and the instructor's side."""
    folders = [root / "source", root / "submitted" / "ann"]
    return {str(path): path.read_bytes() for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.slow
@pytest.mark.parametrize(("command", "fault"), MEETINGS)
def test_every_fault_is_a_sentence_in_every_command(command: str, fault: str, root: Path) -> None:
    FAULTS[fault](root)
    before = kept(root)
    code, said = run(root, COMMANDS[command])
    assert "Traceback" not in said
    assert code in (0, 1, 2)
    if code == 2 and not (command == "release --check" and "is not what source/ generates" in said):
        assert is_a_sentence(said, command) or "difference" in said or "points then" in said, said
    assert "secret" not in said
    assert {path: data for path, data in kept(root).items() if path in before} == before


def _full(size: int) -> Callable[[], None]:
    """Let no file grow beyond a size, as on a full disk."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.slow
@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "check"])
@pytest.mark.parametrize("size", [3_000])
def test_a_full_disk_is_a_sentence_and_loses_nothing(command: str, size: int, root: Path) -> None:
    before, points = kept(root), totals(root)
    code, said = run(root, COMMANDS[command], _full(size))
    assert "Traceback" not in said
    if code == 2 and "is not what source/ generates" not in said:
        assert is_a_sentence(said, command) or "points then" in said, said
    assert {path: data for path, data in kept(root).items() if path in before} == before
    again, said = run(root, COMMANDS[command])
    done_already = code != 2 and "handed in before" in said  # its files are small enough for this disk
    assert again in (0, 1) or done_already or command in ("demo", "release --check"), said
    after = totals(root)
    assert {name: after[name] for name in points} == points


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not read")
@pytest.mark.parametrize(
    "command", [name for name in COMMANDS if name not in ("check", "autograde", "autograde --replay")]
)
@pytest.mark.parametrize("mode", [0o000, 0o555], ids=["unreadable", "read-only"])
@pytest.mark.parametrize("folder", ["grading", "autograded", "submitted", "."])
def test_folders_that_may_not_be_read_or_written(command: str, mode: int, folder: str, root: Path) -> None:
    for path in [root, *root.rglob("*")]:
        os.chown(path, NOBODY, NOBODY)
    for parent in list(root.parents)[:-2]:
        parent.chmod(parent.stat().st_mode | 0o011)
    (root / folder).chmod(mode)

    def become_nobody() -> None:
        for codec in ("utf-8-sig", "cp437"):  # Python itself may lie where nobody may read
            "".encode(codec)
        os.setgid(NOBODY)
        os.setuid(NOBODY)

    try:
        code, said = run(root, COMMANDS[command], become_nobody)
    except PermissionError:
        pytest.skip("this machine's temporary folder cannot be shared")
    finally:
        (root / folder).chmod(0o755)
    assert "Traceback" not in said
    if code == 2 and "is not what source/ generates" not in said:
        assert is_a_sentence(said, command), said


# -- two at once ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["autograde", "release", "feedback", "collect", "roster", "demo"])
def test_who_comes_second_is_told_and_changes_nothing(command: str, root: Path) -> None:
    before = {
        path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file() and "grading/lock" not in str(path)
    }
    with only_one(root / "grading" / "lock", "coursegrader autograde"):
        code, said = run(root, COMMANDS[command])
        assert code == 2
        assert f"coursegrader {command}: coursegrader autograde (process {os.getpid()}, since" in said
        assert "nothing was changed" in said
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_reading_goes_on_while_others_grade(root: Path) -> None:
    with only_one(root / "grading" / "lock", "coursegrader autograde"):
        for command in ("report", "export", "release --check"):
            assert "works on this course" not in run(root, COMMANDS[command])[1]


def test_a_lock_goes_with_its_process(root: Path) -> None:
    code = (
        f"import fcntl, os; d = os.open({str(root / 'grading' / 'lock')!r}, os.O_RDWR | os.O_CREAT); fcntl.flock(d, 2)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    with only_one(root / "grading" / "lock", "test"):
        descriptor = os.open(root / "grading" / "lock", os.O_RDWR)
        with pytest.raises(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(descriptor)


# -- terminals and spreadsheets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sign", ["\x1b[2J", "\x07", "\x9b1m", "\u202e", "\u2066", "\u200f", "\x00", "\x08", "\x7f", "\ud800"]
)
def test_nothing_steers_the_terminal(sign: str) -> None:
    stream = io.StringIO()
    print(f"a{sign}b\té 漢\n", end="", file=Harmless(stream))
    assert all(found.isprintable() or found in "\n\t" for found in stream.getvalue())
    assert stream.getvalue().startswith("a")
    assert stream.getvalue().endswith("b\té 漢\n")


def test_hostile_names_of_folders_and_files_are_printed_as_what_they_are(root: Path) -> None:
    for name in ("\x1b]0;owned\x07", "\u202etxt.exe"):
        folder = root / "submitted" / name / "week"
        folder.mkdir(parents=True)
        (folder / f"{name}.ipynb").write_text("{}")
    for command in ("autograde", "report", "export"):
        said = run(root, COMMANDS[command])[1]
        assert not [sign for sign in said if not (sign.isprintable() or sign in "\n\t\r")]


@pytest.mark.parametrize(
    "text", ["=1+1", " =1", "\u00a0=1", "\u200b=1", "\ufeff@x", "\uff1d1", "\tx", "\rx", "-2", "\uff0bx", "\n=1"]
)
def test_no_cell_is_taken_for_a_formula(text: str) -> None:
    assert sheets.harmless(text) == f"'{text}"
    assert sheets.harmless(f"a{text}") == f"a{text}"


@pytest.mark.parametrize("number", [28, 30, 13, 122, 27])
def test_what_a_machine_refuses_is_said_with_place_and_next_step(number: int) -> None:
    wrapped = RuntimeError("wrapped")
    wrapped.__cause__ = OSError(number, os.strerror(number), "/course/grading")
    assert in_words(wrapped).startswith(f"/course/grading: {os.strerror(number)}; make ")
