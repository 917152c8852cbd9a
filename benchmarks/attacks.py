"""Which attacks pay, here and under nbgrader as it comes? The public cases of ``tests/hostile``, graded in one run.

    python benchmarks/attacks.py                       # cheats and damage, ours on rung 1 and nbgrader
    python benchmarks/attacks.py --rungs 1 2 3 --kinds cheats spying damage sabotage
    python benchmarks/attacks.py --without-nbgrader    # ours only

Both grade the same submissions of the same small course; where ours has a hidden region that emits evidence, nbgrader's
has assertions on the same values.
nbgrader runs student code unboxed: as root it is run as an ordinary user, in a folder of its own, and sabotage is left
out of its share, because it would harm the machine that measures.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbgrader.api import Gradebook, MissingEntry

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from hostile import course as hostile_course  # noqa: E402 -- tests/ is no package
from hostile.case import Case  # noqa: E402
from hostile.cheats import CHEATS  # noqa: E402
from hostile.damage import DAMAGE  # noqa: E402
from hostile.honest import HONEST  # noqa: E402
from hostile.sabotage import SABOTAGE  # noqa: E402
from hostile.spying import SPYING  # noqa: E402
from machines import NAMESPACES, _become  # noqa: E402

from coursegrader.course.course import Course  # noqa: E402

KINDS = {"cheats": CHEATS, "spying": SPYING, "damage": DAMAGE, "sabotage": SABOTAGE}
ORDINARY_USER = 12345
#: Would harm a machine on which nothing is boxed; for a pipe in a notebook's place nbgrader waits for ever, and a copied
#: answer it takes for a course of an older nbgrader: it ends there, and grades nobody after it.
NEVER_UNBOXED = (
    "a bash cell", "twelve million empty lists", "40 MB", "a pipe as a notebook", "an answer copied and the copy edited",
)  # fmt: skip

#: What nbgrader's own hidden tests would say, by the grade cell they stand in.
ASSERTIONS = {
    "test_scale": "for B, T in [(2, 3), (1, 5)]:\n    x = torch.randn(B, T)\n"
    "    assert torch.allclose(scale(x, 1.75), x * 1.75, atol=1e-4)",
    "test_fit": "x = np.random.default_rng().uniform(2, 5, 12)\n"
    "assert np.mean((predict(x) - (3.0 * x + 1.25)) ** 2) < 0.0123",
    "test_best": "assert best == 41.5",
    "test_rows": 'assert rows("hidden/inputs.txt") == ["inputs nobody has seen", "in two lines"]',
    "test_last": "x = np.random.default_rng().standard_normal(4)\nassert last(x) == x[-1]",
}
VANILLA = """\
from nbgrader.coursedir import CourseDirectory
c = get_config()
c.CourseDirectory.course_id = "attacks"
c.CourseDirectory.ignore = [*CourseDirectory.ignore.default(), "truth"]
"""


@dataclass
class Tally:
    """What became of a class of attackers under one grader.

    Attributes:
        grader: Which one.
        submissions: How many were handed in, honest ones included.
        paid: Attacks that earned more than their answers are worth.
        lost: Submissions that ended without the points their answers are worth, or without any result.
        others: Honest students whose score is not what it should be.
        peak_mb: Largest memory of the grader's own process.
        seconds: Wall time.
    """

    grader: str
    submissions: int
    paid: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    peak_mb: int = 0
    seconds: float = 0.0


def twin(course: Course) -> None:
    """Turn our course into nbgrader's own: its configuration, and assertions in the place of evidence."""
    path = course.root / "source" / "week" / "lab.ipynb"
    nb = nbformat.read(path, as_version=4)
    for cell in nb.cells:
        if cell.id in ASSERTIONS:
            visible = cell.source.partition("### BEGIN HIDDEN TESTS")[0]
            cell.source = f"{visible}### BEGIN HIDDEN TESTS\n{ASSERTIONS[cell.id]}\n### END HIDDEN TESTS"
    nbformat.write(nb, path)
    (course.root / "nbgrader_config.py").write_text(VANILLA)


def grade(
    course: Course,
    command: list[str],
    environment: dict[str, str],
    user: int | None,
    forbidden: Sequence[str] = (),
    worst: int = 0,
) -> tuple[int, float]:
    """Run a command and return the peak memory of its process in MB, and the seconds it took.

    Args:
        course: The course.
        command: The command line.
        environment: Variables besides the usual ones.
        user: Who runs it; None for whoever measures.
        forbidden: System calls that the machine does not have.
        worst: The largest exit code with which it has done its work.
    """

    def become() -> None:
        if user is not None or forbidden:
            _become(user, list(forbidden))  # in a mount namespace in which that user may run our Python
        if user is not None and not forbidden:
            resource.setrlimit(resource.RLIMIT_NPROC, (400, 400))

    started, peak = time.monotonic(), 0
    with tempfile.TemporaryFile() as said:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # nbgrader looks for other programs there
        settings = {**os.environ, "PATH": path, "OMP_NUM_THREADS": "1", **environment}
        process = psutil.Popen(command, cwd=course.root, env=settings, stdout=said, stderr=said, preexec_fn=become)
        while process.poll() is None:
            with contextlib.suppress(psutil.Error):  # it ended just now
                peak = max(peak, process.memory_info().rss >> 20)
            time.sleep(0.2)
        if process.wait() > worst:
            said.seek(0)
            raise SystemExit(f"{' '.join(command)} failed:\n{said.read()[-2000:].decode('utf-8', 'replace')}")
    return peak, time.monotonic() - started


def scores(course: Course, cases: list[Case]) -> dict[str, dict[str, float] | None]:
    """Return what the gradebook says of every autograded cell of every student; None where it knows nothing."""
    found: dict[str, dict[str, float] | None] = {}
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        for case in cases:
            try:
                notebook = gradebook.find_submission_notebook("lab", "week", case.id)
            except MissingEntry:
                found[case.id] = None
                continue
            graded = {grade.name: grade.auto_score for grade in notebook.grades}
            automatic = {name: graded.get(name) for name in hostile_course.AUTOGRADED}
            known = {name: float(score) for name, score in automatic.items() if score is not None}
            found[case.id] = known if len(known) == len(automatic) else None
    return found


def count(tally: Tally, course: Course, cases: list[Case], honest: set[str]) -> Tally:
    """Compare the gradebook with what the answers are worth."""
    for case in cases:
        if case.ungraded:
            continue
        found, worth = scores(course, [case])[case.id], case.expected()
        if found is None:
            tally.lost.append(case.name)
        elif any(found[name] > worth[name] for name in worth):
            tally.paid.append(case.name)
        elif any(found[name] < worth[name] for name in worth):
            tally.lost.append(case.name)
        if case.id in honest and found != worth:
            tally.others.append(case.name)
    return tally


def ours(folder: Path, cases: list[Case], rung: int) -> Tally:
    """Grade the class with this package on one rung of isolation."""
    course = hostile_course.write(folder / f"ours-{rung}")
    for case in cases:
        case.write(course)
    command = [sys.executable, "-m", "coursegrader.cli", "autograde", "week"]
    environment = {"HOME": str(course.root)}
    user = ORDINARY_USER if rung == 3 and os.geteuid() == 0 else None
    if user is not None:
        subprocess.run(["chown", "-R", str(user), str(course.root)], check=True)
    if rung > 1:
        environment["COURSEGRADER_RUNG"] = str(rung)
    forbidden = NAMESPACES if rung > 1 and os.geteuid() == 0 else ()
    peak, seconds = grade(course, command, environment, user, forbidden, worst=1)  # 1: some are degraded
    tally = Tally(f"coursegrader, rung {rung}", len(cases), peak_mb=peak, seconds=round(seconds, 1))
    return count(tally, course, cases, {case.id for case in HONEST})


def vanilla(folder: Path, cases: list[Case]) -> Tally:
    """Grade the class with nbgrader as it comes, as an ordinary user."""
    course = hostile_course.write(folder / "nbgrader")
    cases = [case for case in cases if case not in SABOTAGE and not case.name.startswith(NEVER_UNBOXED)]
    for case in cases:
        case.write(course)
    twin(course)
    user = ORDINARY_USER if os.geteuid() == 0 else None
    if user is not None:
        subprocess.run(["chown", "-R", str(user), str(folder)], check=True)
        folder.chmod(0o755)
    home = {"HOME": str(folder), "JUPYTER_PLATFORM_DIRS": "1"}
    tools = [sys.executable, "-m", "nbgrader"]
    grade(course, [*tools, "generate_assignment", "week"], home, user)
    peak, seconds = grade(course, [*tools, "autograde", "week"], home, user, worst=255)  # it loses some submissions
    tally = Tally("nbgrader as it comes", len(cases), peak_mb=peak, seconds=round(seconds, 1))
    return count(tally, course, cases, {case.id for case in HONEST})


def table(tallies: list[Tally]) -> str:
    """Return the tallies as a Markdown table."""
    lines = [
        "| grader | submissions | cheats that pay | lost | others changed | grader MB | s |",
        "|---|---|---|---|---|---|---|",
    ]
    for tally in tallies:
        counts = [len(tally.paid), len(tally.lost), len(tally.others)]
        lines.append(
            f"| {tally.grader} | {tally.submissions} | {' | '.join(map(str, counts))} | {tally.peak_mb} | {tally.seconds} |"
        )
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Grade, print the table, and exit with 1 if anything paid, was lost or changed under our grader."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--kinds", nargs="+", choices=[*KINDS], default=["cheats", "damage"])
    parser.add_argument("--rungs", nargs="+", type=int, default=[1], help="rungs of isolation that ours stands on")
    parser.add_argument("--without-nbgrader", action="store_true")
    parser.add_argument("--only", default="", help="cases whose name contains this text")
    parser.add_argument("--output", type=Path, help="also write the result as JSON")
    options = parser.parse_args(arguments)
    attacks = [case for kind in options.kinds for case in KINDS[kind] if options.only in case.name]
    cases = [*HONEST[:-1], *attacks, HONEST[-1]]
    tallies = []
    with tempfile.TemporaryDirectory(prefix="attacks-", dir="/var/tmp", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)  # an ordinary user passes through it
        for rung in options.rungs:
            tallies.append(ours(Path(name), cases, rung))
        if not options.without_nbgrader:
            folder = Path(name, "unboxed")
            folder.mkdir()
            tallies.append(vanilla(folder, cases))
            shutil.rmtree(folder, ignore_errors=True)
    print(table(tallies))
    data: list[dict[str, Any]] = [asdict(tally) for tally in tallies]
    for tally in tallies:
        for what in ("paid", "lost", "others"):
            if names := getattr(tally, what):
                print(f"{tally.grader}, {what}: {', '.join(names)}")
    if options.output:
        options.output.write_text(json.dumps(data, indent=1) + "\n", "utf-8")
    mine = [tally for tally in tallies if tally.grader.startswith("coursegrader")]
    return int(any(tally.paid or tally.lost or tally.others for tally in mine))


if __name__ == "__main__":
    sys.exit(main())
