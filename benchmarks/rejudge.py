"""How long does it take to judge a whole class anew after a tolerance has changed?

    python benchmarks/rejudge.py --students 1000 --distinct 40

Every ``distinct`` submissions are run once, all other students hand in copies of them: their runs come from the cache,
their judging, gradebook rows, notebooks and logs are their own.
Prints seconds by the clock and of processors, and the boxes that were started meanwhile; writes JSON to
``benchmarks/results/``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from classes import ROOT, hand_in_class, make_course
from coursegrader.course.course import Course
from coursegrader.engine.kernel import Kernel, Wanted
from coursegrader.grading.pipeline import Options, autograde
from grading import machine


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--distinct", type=int, default=40)
    parser.add_argument("--notebooks", nargs="*")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        result = {"machine": machine(), "arguments": vars(arguments), **measure(Path(folder) / "course", arguments)}
    print(json.dumps(result, indent=1))
    path = ROOT / "benchmarks" / "results" / "rejudge.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n")


def measure(folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Grade a class, change a tolerance, judge anew."""
    course = make_course(folder, arguments.notebooks)
    hand_in_class(course, arguments.distinct)
    autograde(course, "rnn")
    originals = sorted((course.root / "submitted").iterdir())
    for number in range(arguments.distinct, arguments.students):
        shutil.copytree(originals[number % arguments.distinct], course.root / "submitted" / f"student{number:04}")
    autograde(course, "rnn")
    changed = change_tolerance(course)
    boxes = count_boxes()
    started, used = time.perf_counter(), processor()
    outcome = autograde(Course.open(folder), "rnn", options=Options(rejudge=True, allow_lower=True))
    return {
        "seconds": round(time.perf_counter() - started, 1),
        "processor_seconds": round(processor() - used, 1),
        "students": len(outcome.gradings),
        "degraded": len(outcome.degraded),
        "moved": len(outcome.moved),
        "boxes": len(boxes),
        "changed": changed,
    }


def change_tolerance(course: Course) -> str:
    """Make the first tolerance in the course ten times as large; return where that was."""
    for path in sorted((course.root / "source" / "rnn").glob("*.ipynb")):
        text = path.read_text("utf-8")
        if found := re.search(r"atol=([0-9.e-]+)", text):
            larger = f"atol={float(found.group(1)) * 10:g}"
            path.write_text(text[: found.start()] + larger + text[found.end() :], "utf-8")
            return f"{path.name}: {found.group()} -> {larger}"
    raise SystemExit("no notebook of the course states a tolerance")


def count_boxes() -> list[Wanted]:
    """Return a list that gets an entry for every box that is started from now on."""
    started: list[Wanted] = []
    start = Kernel.start

    async def counted(wanted: Wanted) -> Kernel:
        started.append(wanted)
        return await start(wanted)

    Kernel.start = counted  # type: ignore[method-assign]
    return started


def processor() -> float:
    """Return the processor seconds of this process and of its children that have ended."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
