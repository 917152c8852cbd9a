"""Grading on other machines comes to the same as grading here, whatever dies on the way."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cloudpickle
import nbformat
import pytest
from distributed import Client
from nbgrader.api import Gradebook
from nbgrader.utils import is_task

from coursegrader import cli
from coursegrader.authoring import demo
from coursegrader.course.course import Course
from coursegrader.errors import DEGRADED, FAILED, FINE, ClusterError
from coursegrader.grading import pipeline, runners
from coursegrader.grading.cluster.roll import Patience
from coursegrader.grading.cluster.runner import cluster_runner
from coursegrader.grading.cluster.worker import Grader, pack, unpack
from coursegrader.grading.reference import execution
from coursegrader.grading.running import submission_key

ROOT = Path(__file__).parents[3]
SEED = "5eed"
WRONG = {
    "double": "def double(x):\n    return x ** 2",
    "best": "best = 40",
    "shout": "def shout(word):\n    return word",
}

STUDENTS = 40  # of every kind four, so that each of two workers is in the middle of some when it is lost

cloudpickle.register_pickle_by_value(sys.modules[__name__])  # the workers do not know the tests


class Cluster:
    """A scheduler and workers as processes with homes and working folders of their own, on loopback only."""

    def __init__(self, root: Path) -> None:
        self.root = root
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.processes: list[subprocess.Popen[bytes]] = []
        self.homes: list[Path] = []
        self.protocol, self.options = "tcp", ["--no-dashboard"]
        self.start_scheduler()

    @property
    def address(self) -> str:
        """Where the scheduler answers."""
        return f"{self.protocol}://127.0.0.1:{self.port}"

    def start_scheduler(self) -> None:
        """Start a scheduler, which knows nothing but Dask; the next one takes the same address."""
        shadow = self.root / "shadow"
        shadow.mkdir(parents=True, exist_ok=True)
        (shadow / "coursegrader.py").write_text("raise ImportError('not on this machine')\n")
        arguments = ("--host", "127.0.0.1", "--port", str(self.port))
        self.scheduler = self._start("dask_scheduler", *arguments, PYTHONPATH=str(shadow))

    def start_worker(self, *options: str, **variables: str) -> subprocess.Popen[bytes]:
        """Start a worker that runs one notebook at a time."""
        return self._start("dask_worker", self.address, "--nthreads", "1", *(options or ["--no-nanny"]), **variables)

    def _start(self, program: str, *arguments: str, **variables: str) -> subprocess.Popen[bytes]:
        home = self.root / f"{program}-{len(self.homes)}"
        for folder in (home, home / "tmp", home / "work"):
            folder.mkdir(parents=True)
        self.homes.append(home)
        passed_on = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        places = {"HOME": str(home), "TMPDIR": str(home / "tmp"), "OMP_NUM_THREADS": "1"}
        with (home / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{program}", *arguments, *self.options],
                env={**passed_on, **places, **variables},
                cwd=home / "work",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def log(self, process: subprocess.Popen[bytes]) -> str:
        """Return what a process has printed so far."""
        return (self.homes[self.processes.index(process)] / "log").read_text("utf-8", "replace")

    def left_by_runs(self) -> list[str]:
        """Return the files of grading runs that lie on the workers."""
        found = [path for home in self.homes for path in home.rglob("coursegrader-*")]
        return [str(path.relative_to(self.root)) for path in found]

    def close(self) -> None:
        """End all processes; none of them may stay."""
        for process in reversed(self.processes):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    # pytest's own temporary folders have names too long for the sockets of the workers' kernels
    with tempfile.TemporaryDirectory(prefix="cluster-") as root:
        made = Cluster(Path(root))
        yield made
        made.close()


def wait_for(condition: Callable[[], Any], seconds: float = 300) -> None:
    """Wait until something is true; the limit only ends a test that has failed."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.1)


# -- a class that hands in --------------------------------------------------------------------------------------------


def hand_in(course: Course, student: str, **answers: str | None) -> None:
    """Hand in both notebooks: the reference solutions, but for the answers given by cell id; no two are the same."""

    def answer(cell_id: str, solution: str) -> str | None:
        text = answers.get(cell_id, solution)
        return text and f"{text}\n# by {student}"

    folder = course.step("submitted", student, "week")
    folder.mkdir(parents=True)
    for notebook in course.assignment("week").notebooks.values():
        nbformat.write(demo.hand_in(notebook, answer), folder / f"{notebook.name}.ipynb")


def fill(course: Course, students: int) -> None:
    """Hand in for a class: right, wrong, nearly blank, crashing, printing far too much, damaged."""
    course.grading.mkdir()
    (course.grading / "seed").write_text(f"{SEED}\n")
    for number in range(students):
        student, kind = f"student{number:03}", number % 10
        if kind < 4:
            hand_in(course, student)
        elif kind < 7:
            cell = list(WRONG)[kind - 4]
            hand_in(course, student, **{cell: WRONG[cell]})
        elif kind == 7:
            hand_in(course, student, double=None, best="pass", triple=None, shout="pass")
        elif kind == 8:
            hand_in(course, student, best=f"{demo.CRASH}\nbest = 41.5")
        else:
            hand_in(course, student, double="print('x' * 3_000_000)\ndef double(x):\n    return 2 * x")
            (course.step("submitted", student, "week") / "2_words.ipynb").write_text(f"not a notebook of {student}")


@pytest.fixture(scope="module")
def big_class(tmp_path_factory: pytest.TempPathFactory, make_course: Callable[[Path], Course]) -> Course:
    """Return a course with many submissions, graded on this machine."""
    course = make_course(tmp_path_factory.mktemp("local") / "course")
    fill(course, STUDENTS)
    pipeline.autograde(course, "week")
    return course


def ungraded_copy(course: Course, root: Path) -> Course:
    """Return a copy of a course with its seed and signing key, but nothing that was graded."""
    root.mkdir()
    for name in ("source", "submitted", "nbgrader_config.py", "grading/seed", "grading/keys"):
        source, target = course.root / name, root / name
        target.parent.mkdir(exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copyfile(source, target)
    return Course.open(root)


def without_times(data: Any) -> Any:
    """Return a log without how long things took, and without the signature that covers this."""
    if isinstance(data, dict):
        return {key: without_times(value) for key, value in data.items() if key not in ("seconds", "signature")}
    return [without_times(item) for item in data] if isinstance(data, list) else data


def everything(course: Course) -> dict[str, Any]:
    """Return all that a grading run leaves: notebooks, both views of the logs, and the gradebook's rows."""
    found: dict[str, Any] = {}
    for path in [*course.step("autograded").rglob("*"), *course.grading.glob("student*/**/*")]:
        if path.suffix == ".json":
            found[path.relative_to(course.root).as_posix()] = without_times(json.loads(path.read_text()))
        elif path.is_file():
            found[path.relative_to(course.root).as_posix()] = path.read_bytes()
    with Gradebook(course.directory.db_url, course.directory.course_id) as gradebook:
        for submission in gradebook.assignment_submissions("week"):
            for grade in (grade for notebook in submission.notebooks for grade in notebook.grades):
                row = (submission.student_id, grade.notebook.name, grade.name)
                found["/".join(row)] = (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
    return found


# -- what travels -----------------------------------------------------------------------------------------------------


def test_what_travels_holds_no_answer_no_mark_scheme_no_truth_and_no_student(course: Course) -> None:
    hand_in(course, "ada-lovelace")
    assignment = course.assignment("week")
    with zipfile.ZipFile(io.BytesIO(pack(assignment))) as file:
        texts = {name: file.read(name).decode() for name in file.namelist()}
    assert sorted(texts) == [
        "manifest.json",
        "source/week/1_numbers.ipynb",
        "source/week/2_words.ipynb",
        "source/week/data/table.csv",
        "source/week/hidden/inputs.txt",
    ]
    everything_sent = "\n".join(texts.values())
    for secret in ("both_halves_together", "41.5", "word.upper", "in any words", "ada-lovelace", "sqlite", SEED):
        assert secret not in everything_sent, secret
    assert 'rng(\\"double\\", size)' in everything_sent, "the hidden region has to travel"
    assert any(is_task(cell) for cell in assignment.notebooks["1_numbers"].source.cells)


def test_a_worker_knows_the_assignment_as_the_grader_does(course: Course, tmp_path: Path) -> None:
    own = course.assignment("week")
    sent = unpack(pack(own), tmp_path / "worker")
    assert list(sent.notebooks) == list(own.notebooks)
    for name, notebook in own.notebooks.items():
        assert sent.notebooks[name].release == notebook.release
        for grade_id, cell in notebook.graded.items():
            assert cell.manual or sent.notebooks[name].graded[grade_id] == cell
        keys = {submission_key(b"raw", {"a": b"b"}, execution(side.notebooks[name], SEED)) for side in (own, sent)}
        assert len(keys) == 1, "the content address must not depend on where it is worked out"


def test_settings_of_the_engine_travel_and_nothing_else_of_the_config(course: Course, tmp_path: Path) -> None:
    course.config.Execute.notebook_seconds = 77
    course.config.NbGraderPreprocessor.enabled = True
    course.config.CourseDirectory.db_url = "postgresql://teacher:topsecret@db/grades"
    payload = pack(course.assignment("week"))
    config = unpack(payload, tmp_path / "worker").course.config
    assert config.Execute.notebook_seconds == 77
    assert config.NbGraderPreprocessor.enabled is True
    assert b"topsecret" not in b"".join(path.read_bytes() for path in (tmp_path / "worker").rglob("*.*"))


def test_a_setting_that_cannot_travel_is_named(course: Course) -> None:
    course.config.Execute.on_cell_start = print
    with pytest.raises(ClusterError, match=r"c\.Execute"):
        pack(course.assignment("week"))


def test_nothing_of_dask_is_imported_without_the_option(course: Course) -> None:
    hand_in(course, "ada")
    program = (
        "import sys; from coursegrader.cli import main; code = main(sys.argv[1:]); "
        "print(code, sorted({'dask', 'distributed'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", program, "--course", str(course.root), "autograde", "week"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stdout.splitlines()[-1:] == ["0 []"], done.stdout + done.stderr


# -- the same grades --------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.xdist_group("cluster-class")
def test_a_class_comes_out_as_on_this_machine(
    big_class: Course, cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        cluster.start_worker()
    course = ungraded_copy(big_class, tmp_path / "course")
    code = cli.main(["--course", str(course.root), "autograde", "week", "--scheduler", cluster.address])
    assert code == DEGRADED, "every tenth handed in a damaged notebook"
    printed = capsys.readouterr().out.replace(str(course.root), "COURSE")
    assert cli.main(["--course", str(big_class.root), "autograde", "week"]) == DEGRADED
    assert printed == capsys.readouterr().out.replace(str(big_class.root), "COURSE")
    assert everything(course) == everything(big_class)
    for process in cluster.processes[1:]:
        assert "Run out-of-band function 'enlist'" in cluster.log(process), "each worker took part"
    assert cluster.left_by_runs() == []


@pytest.mark.slow
@pytest.mark.xdist_group("cluster-class")
def test_a_worker_killed_half_way_changes_nothing(big_class: Course, cluster: Cluster, tmp_path: Path) -> None:
    workers = [cluster.start_worker() for _ in range(2)]
    course, told = ungraded_copy(big_class, tmp_path / "course"), []

    def kill_one(done: int, total: int) -> None:
        if done >= total // 2:
            workers[0].kill()

    runner = cluster_runner(cluster.address, tell=told.append)
    outcome = pipeline.autograde(course, "week", runner=runner, progress=kill_one)
    assert len(outcome.gradings) == STUDENTS
    assert everything(course) == everything(big_class)
    assert [sentence for sentence in told if "is gone; its" in sentence], told


@pytest.mark.slow
@pytest.mark.xdist_group("cluster-class")
def test_after_the_scheduler_was_killed_the_same_command_finishes_only_the_rest(
    big_class: Course, cluster: Cluster, tmp_path: Path
) -> None:
    for _ in range(2):
        cluster.start_worker("--nanny")
    course = ungraded_copy(big_class, tmp_path / "course")

    def kill_scheduler(done: int, total: int) -> None:
        if done >= total // 2:
            cluster.scheduler.kill()

    with pytest.raises(ClusterError, match=r"the scheduler at tcp://.* is gone; what was graded is kept"):
        pipeline.autograde(course, "week", runner=cluster_runner(cluster.address), progress=kill_scheduler)
    kept = len(list((course.grading / "cache").glob("??/*.json.gz")))
    cluster.start_scheduler()
    for _ in range(2):
        cluster.start_worker()
    ran: list[str] = []
    accidents: list[str] = []
    on_cluster = cluster_runner(cluster.address)

    def counting(assignment: Any, jobs: Any, seed: str) -> runners.Runs:
        for job, result in on_cluster(assignment, jobs, seed):
            ran.append(job.key)
            if isinstance(result, Exception) or result.accidental:
                accidents.append(job.key)  # of which nothing is kept
            yield job, result

    pipeline.autograde(course, "week", runner=counting)
    assert everything(course) == everything(big_class)
    assert kept >= STUDENTS, "half of the notebooks"
    assert len(ran) == len(set(ran))
    everything_kept = len(list((course.grading / "cache").glob("??/*.json.gz")))
    assert kept + len(ran) - len(accidents) == everything_kept, "nothing was run twice"


# -- workers that cannot be used --------------------------------------------------------------------------------------


def test_an_address_where_nobody_answers_ends_in_a_sentence(course: Course, capsys: Any) -> None:
    hand_in(course, "ada")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"tcp://127.0.0.1:{closed.getsockname()[1]}"
    for address in (nobody, "tcp://no-such-host.invalid:8786", "carrier-pigeon://roof"):
        with pytest.raises(ClusterError, match=f"no Dask scheduler answers at '{address}'"):
            cluster_runner(address, patience=Patience(scheduler=1))
    code = cli.main(["--course", str(course.root), "autograde", "week", "--scheduler", "carrier-pigeon://roof"])
    assert code == FAILED
    assert "start one with `dask scheduler`" in capsys.readouterr().err
    assert not course.step("autograded").exists()


@pytest.mark.slow
def test_a_scheduler_without_workers_is_waited_for_and_then_given_up(course: Course, cluster: Cluster) -> None:
    hand_in(course, "ada")
    runner = cluster_runner(cluster.address, patience=Patience(workers=2))
    with pytest.raises(ClusterError, match=r"no worker .* was ready within 2 s; .*`dask worker tcp://"):
        pipeline.autograde(course, "week", runner=runner)


def changed_copy(root: Path, file: str, old: str, new: str) -> str:
    """Return a folder with a copy of the package in which a text is another."""
    shutil.copytree(ROOT / "coursegrader", root / "coursegrader")
    path = root / "coursegrader" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return str(root)


@pytest.mark.slow
def test_a_worker_of_another_version_or_without_the_package_or_a_box_is_left_out(
    course: Course, cluster: Cluster, tmp_path: Path
) -> None:
    other = changed_copy(tmp_path / "other", "__init__.py", '__version__ = "', '__version__ = "9')
    none = changed_copy(tmp_path / "none", "__init__.py", '"""', 'raise ModuleNotFoundError("no coursegrader")\n"""')
    told: list[str] = []
    cluster.start_worker(PYTHONPATH=other)
    cluster.start_worker(PYTHONPATH=none)
    cluster.start_worker(COURSEGRADER_RUNG="4")
    hand_in(course, "ada")
    runner = cluster_runner(cluster.address, tell=told.append)
    wait_for(lambda: workers_of(cluster) == 3)
    with pytest.raises(ClusterError, match="none of the 3 workers"):
        pipeline.autograde(course, "week", runner=runner)
    assert len(told) == 3
    for text in (
        "another environment: coursegrader 9",
        "no coursegrader",
        "student code cannot be locked up here: nobody has stated",
    ):
        assert any(text in sentence for sentence in told), told
    assert not course.step("autograded").exists()
    cluster.start_worker()
    wait_for(lambda: workers_of(cluster) == 4)
    outcome = pipeline.autograde(course, "week", runner=runner)
    assert outcome.degraded == {}
    assert len(told) == 6


def workers_of(cluster: Cluster) -> int:
    """Return how many workers a scheduler knows."""
    with Client(cluster.address, set_as_default=False) as client:
        return len(client.scheduler_info(n_workers=-1)["workers"])


def graders(dask_worker: Any) -> list[Grader]:
    """Return the grading runs a worker takes part in."""
    return [plugin for plugin in dask_worker.plugins.values() if isinstance(plugin, Grader)]


def busy(dask_worker: Any) -> bool:
    """Tell whether a worker runs a notebook: it is ready for them, and at work."""
    return any(grader.running and hasattr(grader, "room") for grader in graders(dask_worker))


# -- workers that are lost --------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_notebooks_of_a_worker_that_falls_silent_go_to_another(course: Course, cluster: Cluster) -> None:
    for number in range(4):
        hand_in(course, f"student{number}")
    workers = [cluster.start_worker() for _ in range(2)]
    wait_for(lambda: workers_of(cluster) == 2)
    told: list[str] = []

    def stop_one(done: int, total: int) -> None:
        if done >= 1:
            os.kill(workers[0].pid, signal.SIGSTOP)

    runner = cluster_runner(cluster.address, tell=told.append, patience=Patience(scheduler=5, heartbeat=8))
    outcome = pipeline.autograde(course, "week", runner=runner, progress=stop_one)
    assert len(outcome.gradings) == 4
    assert outcome.degraded == {}
    assert any("gives no sign of life since 8 s; its" in sentence for sentence in told), told


@pytest.mark.slow
def test_a_scheduler_that_hangs_is_given_up(course: Course, cluster: Cluster) -> None:
    for number in range(4):
        hand_in(course, f"student{number}")
    cluster.start_worker()

    def stop_scheduler(done: int, total: int) -> None:
        if done >= 2:
            os.kill(cluster.scheduler.pid, signal.SIGSTOP)

    runner = cluster_runner(cluster.address, patience=Patience(scheduler=5, heartbeat=5))
    with pytest.raises(ClusterError, match="is gone; what was graded is kept"):
        pipeline.autograde(course, "week", runner=runner, progress=stop_scheduler)


# A worker that looks after itself: whoever asks from outside may be held up by a dead one until the notebook has ended.
DIES_AT_WORK = """
import os, signal, threading, time
from coursegrader.grading.cluster.worker import Grader

def dask_setup(worker):
    def busy():
        return any(isinstance(it, Grader) and it.running and hasattr(it, "room") for it in list(worker.plugins.values()))

    def die_at_work():
        while not busy():
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=die_at_work, daemon=True).start()
"""


@pytest.mark.slow
def test_a_notebook_whose_worker_dies_three_times_is_left_to_the_next_command(course: Course, cluster: Cluster) -> None:
    hand_in(course, "bo", best="import time\ntime.sleep(15)\nbest = 41.5")
    doomed = cluster.root / "doomed.py"
    doomed.write_text(DIES_AT_WORK)
    for _ in range(3):
        cluster.start_worker("--no-nanny", "--preload", str(doomed))
    runner = cluster_runner(cluster.address)
    outcome = pipeline.autograde(course, "week", notebook="1*", runner=runner)
    assert [process.wait(60) for process in cluster.processes[1:]] == [-signal.SIGKILL] * 3
    assert "1_numbers could not be graded" in outcome.degraded["bo"]
    assert "it was lost 3 times, with tcp://" in outcome.degraded["bo"]
    cluster.start_worker()
    again = pipeline.autograde(course, "week", notebook="1*", runner=runner)
    assert again.degraded == {}
    assert again.gradings["bo"].notebooks[0].points == 7


@pytest.mark.slow
def test_a_notebook_that_does_not_come_to_an_end_is_run_elsewhere(course: Course, cluster: Cluster) -> None:
    hand_in(course, "bo", best="import time\ntime.sleep(8)\nbest = 41.5")
    for _ in range(3):
        cluster.start_worker("--no-nanny", "--nthreads", "2")
    wait_for(lambda: workers_of(cluster) == 3)
    told: list[str] = []
    runner = cluster_runner(cluster.address, tell=told.append, patience=Patience(notebook=2))
    outcome = pipeline.autograde(course, "week", notebook="1*", runner=runner)
    hung = [sentence for sentence in told if "did not end 1_numbers within 2 s" in sentence]
    assert len(hung) == len(told) == 3, told + [cluster.log(process) for process in cluster.processes]
    assert "it was lost 3 times" in outcome.degraded["bo"]


@pytest.mark.slow
def test_a_worker_that_was_restarted_is_enlisted_again(course: Course, cluster: Cluster) -> None:
    for number in range(4):
        hand_in(course, f"student{number}")
    cluster.start_worker("--nanny")
    wait_for(lambda: workers_of(cluster) == 1)
    killed: list[int] = []

    def kill_worker(done: int, total: int) -> None:
        if done >= 2 and not killed:
            with Client(cluster.address, set_as_default=False) as client:
                killed.extend(client.run(os.getpid).values())
            os.kill(killed[0], signal.SIGKILL)

    outcome = pipeline.autograde(course, "week", runner=cluster_runner(cluster.address), progress=kill_worker)
    assert len(killed) == 1
    assert len(outcome.gradings) == 4
    assert outcome.degraded == {}


@pytest.mark.slow
def test_a_run_broken_off_leaves_nothing_on_the_workers(course: Course, cluster: Cluster) -> None:
    for number in range(4):
        hand_in(course, f"student{number}")
    cluster.start_worker()

    def interrupt(done: int, total: int) -> None:
        if done >= 2:
            assert cluster.left_by_runs(), "the run keeps its files somewhere"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pipeline.autograde(course, "week", runner=cluster_runner(cluster.address), progress=interrupt)
    wait_for(lambda: not cluster.left_by_runs(), seconds=90)


async def forgotten(dask_worker: Any) -> int:
    """Have a worker find out that it had nothing to do for an hour, and return how many runs it knows then."""
    for grader in graders(dask_worker):
        grader.last_used -= 3600
        await grader._leave_if_idle(dask_worker)
    return len(graders(dask_worker))


@pytest.mark.slow
def test_a_worker_forgets_a_run_it_hears_nothing_of_and_learns_it_again(course: Course, cluster: Cluster) -> None:
    for number in range(2):
        hand_in(course, f"student{number}")
    cluster.start_worker()
    left: list[int] = []
    on_cluster = cluster_runner(cluster.address)

    def with_a_pause(assignment: Any, jobs: Any, seed: str) -> runners.Runs:
        def slowly() -> Iterator[runners.Job]:
            yield next(jobs)
            with Client(cluster.address, set_as_default=False) as client:
                wait_for(lambda: not any(client.run(busy).values()) and cluster.left_by_runs())
                left.extend(client.run(forgotten).values())
                assert cluster.left_by_runs() == []
            yield from jobs

        yield from on_cluster(assignment, slowly(), seed)

    outcome = pipeline.autograde(course, "week", runner=with_a_pause)
    assert left == [0]
    assert len(outcome.gradings) == 2
    assert outcome.degraded == {}


# -- the page about it ------------------------------------------------------------------------------------------------


def page() -> dict[str, str]:
    """Return the titled blocks of docs/cluster.md."""
    text = (ROOT / "docs" / "cluster.md").read_text("utf-8")
    return {title: block for title, block in re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```', text, re.M | re.S)}


@pytest.mark.slow
def test_the_commands_of_the_page_grade_behind_tls(course: Course, tmp_path: Path) -> None:
    hand_in(course, "ada")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    certificates = tmp_path / "certificates"
    certificates.mkdir()
    subprocess.run(["bash", "-euc", page()["certificates"]], cwd=certificates, check=True, capture_output=True)
    variables = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "TMPDIR": tempfile.gettempdir()}

    def start(title: str, folder: Path) -> subprocess.Popen[str]:
        command = page()[title].strip().replace("tcp://", "tls://").replace("8786", port).replace(" rnn ", " week ")
        command += " --protocol tls" if title == "scheduler" else ""
        script = f"cd {certificates}\n{page()['environment']}cd {folder}\n{command}"
        return subprocess.Popen(
            ["bash", "-euc", script], env={**os.environ, **variables}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, start_new_session=True,
        )  # fmt: skip

    folders = [tmp_path / name for name in ("scheduler", "worker")]
    for folder in folders:
        folder.mkdir()
    running = [start(folder.name, folder) for folder in folders]
    try:
        grading = start("grade", course.root)
        printed, _ = grading.communicate(timeout=300)
        assert grading.returncode == FINE, printed
        assert "7/12" in printed
        with pytest.raises(ClusterError, match="no Dask scheduler answers"):
            cluster_runner(f"tls://127.0.0.1:{port}", patience=Patience(scheduler=3))
    finally:
        for process in running:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def test_the_programs_of_the_page_are_python() -> None:
    for title in ("slurm.py", "kubernetes.py"):
        compile(page()[title], title, "exec")
