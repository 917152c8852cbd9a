"""How soon does a student have a page when `coursegrader watch` grades on arrival?

    python benchmarks/watch.py --students 100 --notebooks 1_backprop --kills 10

Hands in one notebook alone, then those of everybody else at the same moment, while the watcher is killed at random
moments of the burst and started again; prints how long pages took, and whether anything was lost or graded twice.
At the end everybody is graded again if anything has changed: whoever then is not as he was, was not graded right.
Writes JSON to ``benchmarks/results/``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from classes import ROOT, hand_in_class, make_course
from coursegrader.course.course import Course
from coursegrader.grading.gradebook.scores import read_results
from coursegrader.grading.logs.attempts import Attempts
from coursegrader.grading.pipeline import Options, autograde
from grading import machine


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--notebooks", nargs="*", default=["1_backprop"])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--kills", type=int, default=0, help="how often the watcher is killed during the burst")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        result = {"machine": machine(), "arguments": vars(arguments), **measure(Path(folder), arguments)}
    print(json.dumps(result, indent=1))
    path = ROOT / "benchmarks" / "results" / "watch.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n")


class Service:
    """The watcher as a service: started, killed, started again."""

    def __init__(self, course: Course, jobs: int) -> None:
        """Describe it; nothing is started."""
        self.log = course.root / "said.txt"
        program = [sys.executable, "-m", "coursegrader.cli", "--course", str(course.root)]
        self.command = [*program, "watch", "rnn", "--jobs", str(jobs)]

    def start(self) -> None:
        """Start it and wait until it watches."""
        before = self.said().count("watching ")
        with self.log.open("a") as out:
            self.process = subprocess.Popen(self.command, stdout=out, stderr=subprocess.STDOUT)
        while self.said().count("watching ") == before:
            if self.process.poll() is not None:
                raise SystemExit(self.said())
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def said(self) -> str:
        """Return everything that it has said."""
        return self.log.read_text() if self.log.exists() else ""


def measure(folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Hand in alone, then all at once; return what came of it."""
    course = make_course(folder / "course", arguments.notebooks)
    hand_in_class(course, arguments.students + 2)
    (course.root / "submitted").rename(folder / "waiting")
    students = sorted(path.name for path in (folder / "waiting").iterdir())
    service = Service(course, arguments.jobs)
    service.start()
    pages(course, service, folder, students[:1], [])  # banks and gradebook: once a term
    alone = pages(course, service, folder, students[1:2], [])
    chance = random.Random(0)
    moments = sorted((chance.uniform(0, len(students) - 2) for _ in range(arguments.kills)), reverse=True)
    burst = pages(course, service, folder, students[2:], moments)
    service.process.terminate()
    service.process.wait()
    said = re.findall(r"^\S+ (student\d+): [\d.]+ of", service.said(), re.MULTILINE)
    graded = [len(Attempts.read(course.grading / student / "rnn").graded) for student in students]
    known = {student.id for student in read_results(course, "rnn").students if student.grading}
    run = max(n.seconds for s in read_results(course, "rnn").students if s.grading for n in s.grading.notebooks)
    seconds = sorted(burst.values())
    again = autograde(course, "rnn", options=Options(only_changed=True))
    return {
        "alone_seconds": alone[students[1]],
        "longest_run_of_a_notebook": run,
        "burst_seconds": {
            "median": statistics.median(seconds),
            "95%": seconds[int(0.95 * len(seconds)) - 1],
            "last": seconds[-1],
        },
        "kills": arguments.kills,
        "lost": len(set(students) - known),
        "graded_twice": sum(count > 1 for count in graded),
        "said_twice": len(said) - len(set(said)),
        "changed_afterwards": len(again.gradings),
        "load": os.getloadavg()[0],
    }


def pages(course: Course, service: Service, folder: Path, students: list[str], kills: list[float]) -> dict[str, float]:
    """Hand in for these students at once; return the seconds until each has a page.

    Args:
        course: The course.
        service: The watcher.
        folder: Where the hand-ins wait.
        students: Whose they are.
        kills: When the watcher is killed, the last first: after so many pages, and that share of a second later.
    """
    submitted = course.root / "submitted"
    submitted.mkdir(exist_ok=True)
    for student in students:
        shutil.move(folder / "waiting" / student, submitted / student)
    started = time.time()
    found: dict[str, float] = {}
    while len(found) < len(students):
        for student in set(students) - set(found):
            page = course.root / "feedback" / student / "rnn" / "index.html"
            if page.exists():
                found[student] = page.stat().st_mtime - started
        if kills and len(found) >= int(kills[-1]):
            time.sleep(kills.pop() % 1)
            service.kill()
            service.start()
        time.sleep(0.05)
    return found


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
