"""What does the way over a cluster cost, beside the local way, on the same cores in the same run?

    python benchmarks/cluster.py --students 20 --rounds 3

Grades the same class in turns: with ``--jobs N`` here, and with ``--scheduler`` on a scheduler and one worker of N
threads, both of them processes of this machine.
Both ways pay for their own start (imports, fork server) in every round; references are computed once before.
Wall time is what a user waits, processor time is what it takes of the machine, whoever else uses it: the one of the
grader, of all its kernels, and on the cluster of scheduler and worker.
Every round proves that every cell got the same points, verdict and hint.
Prints a table and an estimate for a large course, and writes JSON to ``benchmarks/results/cluster.json``.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent))
from classes import hand_in_class, make_course
from coursegrader.course.course import Course
from coursegrader.grading.cluster.worker import pack
from grading import RESULTS, drop_submission_runs, machine

LARGE = 10_000  # students of the course that the estimate is for


@dataclass
class Cost:
    """What one grading run took, in seconds.

    Attributes:
        wall: From the command to its end.
        grader: Processor time of the process that was started, with its kernels where it has any.
        others: Processor time of scheduler and worker, with the kernels.
    """

    wall: float
    grader: float
    others: float = 0.0

    @property
    def processor(self) -> float:
        """All processor time."""
        return self.grader + self.others


@dataclass
class Cluster:
    """A scheduler and a worker on this machine."""

    address: str
    processes: list[psutil.Process]

    def processor_time(self) -> float:
        """Return the processor time used so far, that of ended kernels included."""
        return sum(sum(process.cpu_times()[:4]) for process in self.processes)


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--notebooks", nargs="*")
    arguments = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    result = {"machine": machine(), "arguments": vars(arguments), **measure(arguments)}
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "cluster.json").write_text(json.dumps(result, indent=1) + "\n")
    print(f"written to {RESULTS / 'cluster.json'}")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Grade in turns and print the table."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        course = make_course(Path(name) / "course", arguments.notebooks)
        hand_in_class(course, arguments.students)
        timed(course, "--jobs", str(arguments.jobs))  # references and banks: once a term
        local, cluster, start = [], [], []
        with started(Path(name), arguments.jobs) as other:
            for _ in range(arguments.rounds):
                local.append(timed(course, "--jobs", str(arguments.jobs)))
                here = results(course)
                cluster.append(timed(course, "--scheduler", other.address, cluster=other))
                there = results(course)
                if different := sorted(name for name in here | there if here.get(name) != there.get(name)):
                    raise SystemExit(f"the cluster graded differently: {', '.join(different)}")
                start.append(timed(course, "--scheduler", other.address, "--student", "student0000", cluster=other))
        travels = sizes(course)
    return report(arguments, local, cluster, start, travels)


@contextlib.contextmanager
def started(folder: Path, threads: int) -> Iterator[Cluster]:
    """Run a scheduler and a worker with homes and working folders of their own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    commands = {
        "scheduler": ["--host", "127.0.0.1", "--port", str(port)],
        "worker": [address, "--nthreads", str(threads), "--no-nanny"],
    }
    running = []
    try:
        for program, options in commands.items():
            home = folder / program
            (home / "work").mkdir(parents=True)
            with (home / "log").open("wb") as log:
                command = [sys.executable, "-m", f"distributed.cli.dask_{program}", *options, "--no-dashboard"]
                environment = {**os.environ, "HOME": str(home)}
                running.append(subprocess.Popen(command, cwd=home / "work", env=environment, stdout=log, stderr=log))
        yield Cluster(address, [psutil.Process(process.pid) for process in running])
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait(30)


def timed(course: Course, *options: str, cluster: Cluster | None = None) -> Cost:
    """Grade a class that was never graded and return what it took."""
    shutil.rmtree(course.step("autograded"), ignore_errors=True)
    drop_submission_runs(course.root)
    before = cluster.processor_time() if cluster else 0.0
    used, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "coursegrader.cli", "--course", str(course.root), "autograde", "rnn", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wall, now = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    grader = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    return Cost(wall, grader, cluster.processor_time() - before if cluster else 0.0)


def results(course: Course) -> dict[str, Any]:
    """Return the points, verdict and hint of every graded cell.

    Not the errors themselves: a least-squares solution differs by 1e-15 between two runs on one machine.
    """
    return {
        f"{path.parts[-3]} {notebook['name']} {cell['grade_id']}": (cell["points"], cell["verdict"], cell["hint"])
        for path in course.grading.glob("student*/**/*.json")
        for notebook in json.loads(path.read_text())["grading"]["notebooks"]
        for cell in notebook["cells"]
    }


def sizes(course: Course) -> dict[str, float]:
    """Return how many kilobytes travel: once to a worker, and there and back for a notebook."""
    handed_in = [sum(p.stat().st_size for p in s.rglob("*") if p.is_file()) for s in course.step("submitted").iterdir()]
    notebooks = len(course.assignment("rnn").notebooks)
    runs = [path.read_bytes() for path in (course.grading / "cache").glob("*/*.json.gz")]
    back = [len(data) for data in runs if "key" in json.loads(gzip.decompress(data))]
    return {
        "once_to_a_worker": len(pack(course.assignment("rnn"))) / 1000,
        "there": statistics.mean(handed_in) / 1000 / notebooks,
        "back": statistics.mean(back) / 1000,
    }


def report(
    arguments: argparse.Namespace, local: list[Cost], cluster: list[Cost], start: list[Cost], travels: dict[str, float]
) -> dict[str, Any]:
    """Print the table and the estimate; return everything as data."""
    pairs = list(zip(local, cluster, strict=True))
    overhead = {
        "wall": statistics.median(b.wall / a.wall for a, b in pairs) - 1,
        "processor": statistics.median(b.processor / a.processor for a, b in pairs) - 1,
    }
    print(f"{arguments.students} students, {arguments.jobs} at once, {arguments.rounds} rounds; seconds per submission")
    for label, costs in (("local", local), ("cluster", cluster)):
        wall = statistics.median(cost.wall for cost in costs) / arguments.students
        processor = statistics.median(cost.processor for cost in costs) / arguments.students
        print(f"  {label:8} wall {wall:7.3f}   processor {processor:7.3f}")
    print(f"  overhead wall {overhead['wall']:+7.1%}   processor {overhead['processor']:+7.1%}")
    print("kilobytes: " + ", ".join(f"{name.replace('_', ' ')} {size:.0f}" for name, size in travels.items()))
    more = arguments.students - 1  # what a further submission costs: without the start, which one submission pays, too
    grader = statistics.median((all_.grader - one.grader) / more for all_, one in zip(cluster, start, strict=True))
    workers = statistics.median((all_.others - one.others) / more for all_, one in zip(cluster, start, strict=True))
    print(f"a further submission: workers {workers:.3f}, grader {grader:.3f} processor seconds")
    print(
        f"{LARGE} students: workers {LARGE * workers / 3600:.1f} core hours, grader {LARGE * grader / 3600:.1f} hours"
    )
    print(f"one grader keeps {workers / grader:.0f} cores busy")
    return {
        "overhead": overhead,
        "local": [vars(cost) for cost in local],
        "cluster": [vars(cost) for cost in cluster],
        "start": [vars(cost) for cost in start],
        "kilobytes": travels,
        "processor_seconds_of_a_further_submission": {"grader": grader, "workers": workers},
    }


if __name__ == "__main__":
    main()
