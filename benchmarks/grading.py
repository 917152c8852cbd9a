"""How fast is a class graded, beside nbgrader and beside the floor, in one run on one machine?

    python benchmarks/grading.py compare --students 200 --vanilla 8   # ours, nbgrader's own, the floor
    python benchmarks/grading.py scale --students 10 100 1000         # cost per submission
    python benchmarks/grading.py kernels                              # time to a ready kernel and for a cell, memory

Prints a table and writes JSON to ``benchmarks/results/``.
The unit is a submission: one student's notebooks.
nbgrader needs minutes for what takes us seconds, so it grades the first few students of the same class and the ratio is
that of the times per submission; our own start (imports, fork server, reference runs) counts in our time.
On a machine that others use, BENCH_PROCESSOR_TIME=1 counts processor time instead of the clock's (of graders whose
children are waited for).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent))
from classes import ROOT, hand_in_class, make_course

BIN = Path(sys.executable).parent
CELLS = 50  # run in each kernel to see what one costs
RESULTS = ROOT / "benchmarks" / "results"


def main() -> None:
    """Run one benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="what", required=True)
    sub = commands.add_parser("compare")
    sub.add_argument("--students", type=int, default=200)
    sub.add_argument("--vanilla", type=int, default=8, help="students that nbgrader itself grades")
    sub.add_argument("--jobs", type=int, default=2)
    sub.add_argument("--notebooks", nargs="*")
    sub = commands.add_parser("scale")
    sub.add_argument("--students", type=int, nargs="+", default=[10, 100, 1000])
    sub.add_argument("--jobs", type=int, default=2)
    sub.add_argument("--notebooks", nargs="*", default=["1_backprop"])
    sub = commands.add_parser("kernels")
    sub.add_argument("--count", type=int, default=8)
    arguments = parser.parse_args()
    os.environ["PATH"] = f"{BIN}:{os.environ['PATH']}"
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    run = {"compare": compare, "scale": scale, "kernels": kernels}[arguments.what]
    result = {"machine": machine(), "arguments": vars(arguments), **run(arguments)}
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{arguments.what}.json").write_text(json.dumps(result, indent=1) + "\n")
    print(f"written to {RESULTS / arguments.what}.json")


def machine() -> dict[str, Any]:
    """Describe the conditions of the measurement."""
    return {"cores": os.cpu_count(), "python": platform.python_version(), "load_before": os.getloadavg()[0]}


def compare(arguments: argparse.Namespace) -> dict[str, Any]:
    """Grade the same class three ways and print the ratios."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        ours = make_course(folder / "ours", arguments.notebooks)
        hand_in_class(ours, arguments.students)
        make_course(folder / "vanilla", arguments.notebooks, vanilla=True)
        for student in sorted((folder / "ours" / "submitted").iterdir())[: arguments.vanilla]:
            shutil.copytree(student, folder / "vanilla" / "submitted" / student.name)
        jobs, rows = arguments.jobs, {}
        rows["floor"] = said("floor", floor(folder / "ours", min(arguments.students, 40), jobs))
        command = [BIN / "coursegrader", "autograde", "--jobs", jobs]
        first = said("first run ever", timed(command, folder / "ours") / arguments.students)  # banks, references, too
        shutil.rmtree(folder / "ours" / "autograded")
        drop_submission_runs(folder / "ours")
        ours = timed(command, folder / "ours") / arguments.students
        rows["coursegrader autograde"] = said("coursegrader autograde", ours)
        rows["nbgrader autograde"] = said("nbgrader", vanilla(folder / "vanilla") / arguments.vanilla)
    print(f"seconds per submission of {arguments.students} students, {jobs} workers")
    for label, seconds in rows.items():
        print(
            f"  {label:24} {seconds:8.3f}   x floor {seconds / rows['floor']:6.2f}   nbgrader / this {rows['nbgrader autograde'] / seconds:6.2f}"
        )
    return {"seconds_per_submission": rows, "first_run": first}


def said(label: str, seconds: float) -> float:
    """Print a figure as soon as it is there, so that a run that is stopped has not measured for nothing."""
    print(f"{label}: {seconds:.3f} s a submission", flush=True)
    return seconds


def drop_submission_runs(course: Path) -> None:
    """Forget the runs of submissions but keep those of references and banks, which a term computes once."""
    import gzip

    for path in (course / "grading" / "cache").glob("*/*.json.gz"):
        if "key" in json.loads(gzip.decompress(path.read_bytes())):
            path.unlink()


def timed(command: list[Any], folder: Path) -> float:
    """Return the seconds of a command that must succeed (or grade with some degraded): of processors, or by the clock."""
    started = clock()
    done = subprocess.run([str(part) for part in command], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return clock() - started


def clock() -> float:
    """Return seconds: on a busy machine those that our children and theirs have used of processors."""
    if os.environ.get("BENCH_PROCESSOR_TIME"):
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime
    return time.perf_counter()


def vanilla(folder: Path) -> float:
    """Grade with nbgrader's own configuration; generating the assignment is not counted."""
    timed([BIN / "nbgrader", "generate_assignment", "rnn", "--force"], folder)
    return timed([BIN / "nbgrader", "autograde", "rnn"], folder)


def floor(folder: Path, students: int, jobs: int) -> float:
    """Return seconds per submission of a warm process that forks and executes the same cells, nothing else."""
    started_with = [BIN / "python", ROOT / "benchmarks" / "floor.py", folder, students, jobs]
    done = subprocess.run([str(part) for part in started_with], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def scale(arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure the cost per submission as the class grows."""
    rows = {}
    for students in arguments.students:
        with tempfile.TemporaryDirectory(prefix="bench-") as name:
            course = make_course(Path(name) / "course", arguments.notebooks)
            hand_in_class(course, students)
            timed(
                [BIN / "coursegrader", "check", "--jobs", arguments.jobs], course.root
            )  # banks and references: once a term
            rows[students] = (
                timed([BIN / "coursegrader", "autograde", "--jobs", arguments.jobs], course.root) / students
            )
        print(f"{students:6} students: {rows[students]:.4f} s a submission", flush=True)
    further = {
        f"{few} to {many}": (many * rows[many] - few * rows[few]) / (many - few) for few, many in pairwise(sorted(rows))
    }
    for between, seconds in further.items():
        print(f"{between} students: {seconds:.4f} s a further submission")  # without what starting takes once
    return {"seconds_per_submission": rows, "seconds_per_further_submission": further}


def kernels(arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure the time to a kernel that answers with torch imported, a small cell's, and a further kernel's memory."""
    from coursegrader.engine.conversation import Conversation
    from coursegrader.engine.kernel import Wanted
    from coursegrader.engine.record import Room

    async def start() -> tuple[Conversation, float, float]:
        started = time.perf_counter()
        talk = await Conversation.begin(Wanted(modules=("torch", "torch.optim")), 10**6)
        await talk.execute("import torch; torch.ones(2).sum()", 60, Room(10**6, 10**6, 0, 10**6))
        ready = time.perf_counter()
        for _ in range(CELLS):
            await talk.execute("x = 1\ny = 2", 60, Room(10**6, 10**6, 0, 10**6))
        return talk, (ready - started) * 1000, (time.perf_counter() - ready) * 1000 / CELLS

    async def measure() -> dict[str, Any]:
        talk, _, _ = await start()  # starts the fork server too
        await talk.close(wait=True)
        times, cells, running, memory = [], [], [], [tree_pss()]
        for _ in range(arguments.count):
            talk, ready_ms, cell_ms = await start()
            times.append(ready_ms)
            cells.append(cell_ms)
            running.append(talk)
            memory.append(tree_pss())
        for talk in running:
            await talk.close(wait=True)
        steps = [after - before for before, after in pairwise(memory)]
        return {
            "ready_ms": {"median": statistics.median(times), "max": max(times)},
            "small_cell_ms": {"median": statistics.median(cells), "max": max(cells)},
            "pss_mb_per_further_kernel": {"median": statistics.median(steps), "max": max(steps)},
        }

    result = asyncio.run(measure())
    print(json.dumps(result, indent=1))
    return result


def tree_pss() -> float:
    """Return the proportional memory of this process's whole tree in MB."""
    total = 0
    for process in psutil.Process().children(recursive=True):
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue  # it ended while we looked
    return total / 2**20


if __name__ == "__main__":
    main()
