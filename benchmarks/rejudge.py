"""How long does it take to judge a whole class anew after a tolerance has changed, and after all of them have?

    python benchmarks/rejudge.py --students 1000 --distinct 40
    python benchmarks/rejudge.py --students 1000 --course FOLDER

The ``distinct`` submissions are run once, or those of a course that was graded before are taken; all other students
hand in copies of them: their runs come from the cache, their judging, gradebook rows, notebooks and logs are their own.
Prints seconds by the clock and of processors, and the boxes that were started meanwhile, after one tolerance of one
notebook has changed and after one of every notebook has; writes JSON to ``benchmarks/results/``.
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
    parser.add_argument("--course", help="a course that has been graded; it is copied")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        result = {"machine": machine(), "arguments": vars(arguments), **measure(Path(folder) / "course", arguments)}
    print(json.dumps(result, indent=1))
    path = ROOT / "benchmarks" / "results" / "rejudge.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n")


def measure(folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Grade a class, change tolerances, judge anew."""
    course = graded_course(folder, arguments)
    originals = sorted((course.root / "submitted").iterdir())
    for number in range(len(originals), arguments.students):
        shutil.copytree(originals[number % len(originals)], course.root / "submitted" / f"student{number:04}")
    started, used = time.perf_counter(), processor()
    autograde(course, "rnn")
    first = {"seconds": round(time.perf_counter() - started, 1), "processor_seconds": round(processor() - used, 1)}
    books = sorted((course.root / "source" / "rnn").glob("*.ipynb"))
    one, every = judged_anew(course, books[:1]), judged_anew(course, books)
    return {"notebooks": len(books), "distinct": len(originals), "copies_first": first, "one": one, "every": every}


def graded_course(folder: Path, arguments: argparse.Namespace) -> Course:
    """Return a course whose class has been graded: a copy of one, or a made one."""
    if arguments.course:
        for name in ("source", "submitted", "grading"):
            shutil.copytree(Path(arguments.course) / name, folder / name)
        shutil.copy(Path(arguments.course) / "nbgrader_config.py", folder)
        return Course.open(folder)
    course = make_course(folder, arguments.notebooks)
    hand_in_class(course, arguments.distinct)
    autograde(course, "rnn")
    return course


def judged_anew(course: Course, books: list[Path]) -> dict[str, Any]:
    """Change a tolerance in each of these notebooks, judge the class anew, and return what that took."""
    changed = [change for book in books if (change := change_tolerance(book))]
    boxes = count_boxes()
    started, used = time.perf_counter(), processor()
    outcome = autograde(Course.open(course.root), "rnn", options=Options(rejudge=True, allow_lower=True))
    return {
        "seconds": round(time.perf_counter() - started, 1),
        "processor_seconds": round(processor() - used, 1),
        "load": os.getloadavg()[0],
        "students": len(outcome.gradings),
        "degraded": len(outcome.degraded),
        "moved": len(outcome.moved),
        "boxes": len(boxes),
        "changed": changed,
    }


def change_tolerance(book: Path) -> str:
    """Make the first tolerance in a notebook ten times as large; return where that was, or nothing if it has none."""
    text = book.read_text("utf-8")
    found = re.search(r"atol=([0-9.e-]+)", text)
    if found is None:
        return ""
    larger = f"atol={float(found.group(1)) * 10:g}"
    book.write_text(text[: found.start()] + larger + text[found.end() :], "utf-8")
    return f"{book.name}: {found.group()} -> {larger}"


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
