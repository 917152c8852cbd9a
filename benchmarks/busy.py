"""Does a busy machine, or a greedy student, change anybody's result?

    python benchmarks/busy.py --students 20 --busy 8 --processes 100

The same class is graded three times, each time from a fresh copy: alone on the machine, beside ``busy`` processes that
compute without end, and together with a student whose first cell starts ``processes`` such processes.
Everything that was judged must be the same: points, verdicts, errors, messages, findings, ways runs ended.
Prints what differs and how long each took; writes JSON to ``benchmarks/results/``; ends with 1 if anything differs.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import nbformat

sys.path.insert(0, str(Path(__file__).resolve().parent))
from classes import ROOT, hand_in_class, make_course
from coursegrader.authoring.demo import Member, answers_of, hand_in, hand_in_files
from coursegrader.course.course import Course
from coursegrader.grading.pipeline import autograde
from grading import machine

GREEDY = "greedy"
#: Times, and what is signed with them, are not judged.
UNJUDGED = {"seconds", "cpu_seconds"}


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=20)
    parser.add_argument("--busy", type=int, default=8)
    parser.add_argument("--processes", type=int, default=100)
    parser.add_argument("--notebooks", nargs="*")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        found = measure(Path(folder), arguments)
    result = {"machine": machine(), "arguments": vars(arguments), **found}
    print(json.dumps(result, indent=1))
    path = ROOT / "benchmarks" / "results" / "busy.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n")
    return 1 if result["differ_beside_busy_processes"] or result["differ_beside_a_greedy_student"] else 0


def measure(folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Grade a class alone, beside busy processes, and beside a greedy student."""
    course = make_course(folder / "course", arguments.notebooks)
    hand_in_greedy(course, processes=0)
    autograde(course, "rnn")  # references and mistakes are run once, for all that follows
    shutil.rmtree(course.root / "submitted")
    hand_in_class(course, arguments.students)
    alone, seconds = graded(course, folder / "alone")
    with busy(arguments.busy):
        beside, beside_seconds = graded(course, folder / "beside")
    hand_in_greedy(course, arguments.processes)
    greedy, greedy_seconds = graded(course, folder / "greedy")
    own = greedy.pop(GREEDY)
    return {
        "students": len(alone),
        "seconds": {"alone": seconds, "beside": beside_seconds, "with_greedy": greedy_seconds},
        "differ_beside_busy_processes": differences(alone, beside),
        "differ_beside_a_greedy_student": differences(alone, greedy),
        "greedy_ended": sorted({cell["verdict"] for notebook in own["notebooks"] for cell in notebook["cells"]}),
    }


def graded(course: Course, folder: Path) -> tuple[dict[str, Any], float]:
    """Grade a copy of the course; return what was judged of each student, and the seconds it took."""
    shutil.copytree(course.root, folder)
    started = time.perf_counter()
    outcome = autograde(Course.open(folder), "rnn")
    seconds = round(time.perf_counter() - started, 1)
    judged = {name: without_times(msgspec.to_builtins(grading)) for name, grading in outcome.gradings.items()}
    for student, entry in judged.items():
        entry["degraded"] = outcome.degraded.get(student)
    return judged, seconds


def without_times(value: Any) -> Any:
    """Return plain data without the times in it."""
    if isinstance(value, dict):
        return {key: without_times(part) for key, part in value.items() if key not in UNJUDGED}
    return list(map(without_times, value)) if isinstance(value, (list, tuple)) else value


def differences(one: Any, other: Any, place: str = "") -> list[str]:
    """Return what differs in plain data, each as ``place: before -> after``; parts of a list go by their names."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [
            line
            for key in sorted({*one, *other})
            for line in differences(one.get(key), other.get(key), f"{place}/{key}" if place else key)
        ]
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)) and len(one) == len(other):
        return differences(named(one), named(other), place)
    return [] if one == other else [f"{place}: {one} -> {other}"[:500]]


def named(parts: list[Any] | tuple[Any, ...]) -> dict[str, Any]:
    """Return the parts of a list by their number, and their name if they have one."""
    kinds = ("name", "grade_id", "label")
    names = [next((part[k] for k in kinds if isinstance(part, dict) and part.get(k)), "") for part in parts]
    return {f"{number} {name}".strip(): part for number, (name, part) in enumerate(zip(names, parts, strict=True))}


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Have processes compute without end for a while."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def hand_in_greedy(course: Course, processes: int) -> None:
    """Hand in right answers, and a cell that takes all the processor time it can get."""
    spin = f"import os\nfor _ in range({processes}):\n    if os.fork() == 0:\n        while True: pass"
    assignment = course.assignment("rnn")
    target = course.root / "submitted" / GREEDY / "rnn"
    target.mkdir(parents=True)
    for notebook in assignment.notebooks.values():
        nb = hand_in(notebook, answers_of(Member(GREEDY, "right, and greedy"), notebook))
        nb.cells.insert(1, nbformat.v4.new_code_cell(spin, id="spin"))
        nbformat.write(nb, target / f"{notebook.name}.ipynb")
    hand_in_files(assignment, target)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
