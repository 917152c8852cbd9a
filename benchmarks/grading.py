"""How fast is a class graded, beside nbgrader and beside the floor, in one run on one machine?

    python benchmarks/grading.py compare --students 200 --vanilla 8   # ours, nbgrader's own, the floor
    python benchmarks/grading.py scale --students 10 100 1000         # cost per submission
    python benchmarks/grading.py kernels                              # time to a ready kernel, memory of each further one

Prints a table and writes JSON to ``benchmarks/results/``.
The unit is a submission: one student's notebooks.
nbgrader needs minutes for what takes us seconds, so it grades the first few students of the same class and the ratio is
that of the times per submission; our own start (imports, fork server, reference runs) counts in our time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
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
    """Return the wall seconds of a command that must succeed (or grade with some degraded)."""
    started = time.perf_counter()
    done = subprocess.run([str(part) for part in command], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - started


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
    """Measure the time to a kernel that answers with torch imported, and the memory of each further one."""
    from coursegrader.engine import kernel

    async def start() -> tuple[Any, Any, float]:
        started = time.perf_counter()
        manager = kernel.BoxedKernelManager(kernel_name="python3")
        await manager.start_kernel()
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        await client.execute_interactive("import torch; torch.ones(2).sum()", output_hook=lambda message: None)
        return manager, client, (time.perf_counter() - started) * 1000

    async def measure() -> dict[str, Any]:
        manager, client, _ = await start()  # starts the fork server too
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
        times, running, memory = [], [], [tree_pss()]
        for _ in range(arguments.count):
            manager, client, ms = await start()
            times.append(ms)
            running.append((manager, client))
            memory.append(tree_pss())
        for manager, client in running:
            client.stop_channels()
            await manager.shutdown_kernel(now=True)
        steps = [after - before for before, after in pairwise(memory)]
        return {
            "ready_ms": {"median": statistics.median(times), "max": max(times)},
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
