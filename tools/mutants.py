"""Would the tests notice? Break the package on purpose, one small lie at a time, and see which tests fail.

    python tools/mutants.py                    # all of tests/mutants.yaml, one process per core
    python tools/mutants.py judging/ cache     # those whose file contains one of these words

Each mutant is a text of a file and what it is replaced by; it is tried in a copy of the tree against the tests named
beside it.  Killed: a test failed.  Survived: none did, so a promise has no test.  Argued: it survives for a reason.
Ends with 0 if every mutant that is not argued was killed.
"""

from __future__ import annotations

import argparse
import importlib
import os
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "tests" / "mutants.yaml"
#: What is no part of the tree that is tested, or is made while it is.
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".*_cache", "__pycache__", "autograded", "submitted", "feedback", "artefacts"
)
#: What the tests import that is not ours: imported once, before a process is forked for each mutant.
WARM = ("jsonschema", "matplotlib.pyplot", "nbgrader.api", "nbgrader.apps", "numpy", "pytest", "torch")


@dataclass(frozen=True)
class Mutant:
    """One lie.

    Attributes:
        file: File it is told in, relative to the package.
        says: What it makes of the program, in words.
        old: Text that stands in the file exactly once; empty for the file as it is.
        new: What it becomes.
        tests: What is run, relative to ``tests/``.
        argued: Why it may survive, or empty.
    """

    file: str
    says: str
    old: str
    new: str
    tests: tuple[str, ...]
    argued: str = ""


def mutants() -> list[Mutant]:
    """Read the list."""
    found: list[Mutant] = []
    for file, entry in yaml.safe_load(LIST.read_text("utf-8")).items():
        found += [Mutant(file=file, tests=tuple(entry["tests"].split()), **lie) for lie in entry["mutants"]]
    return found


def start(mutant: Mutant, tree: Path) -> int:
    """Start the tests of a mutant in a copy of the tree, in a process forked from this one; return its id."""
    process = os.fork()
    if process:
        return process
    os.chdir(tree)
    os.setpgid(0, 0)
    silence = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(silence, descriptor)
    sys.path[:0] = [str(tree)]
    os.environ |= {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    sys.dont_write_bytecode = True
    import pytest

    try:
        code = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *(f"tests/{name}" for name in mutant.tests)]))
    except BaseException:  # pytest itself
        code = 70
    os._exit(code)


def word(mutant: Mutant, status: int) -> str:
    """Say what the end of a mutant's tests means."""
    code = os.waitstatus_to_exitcode(status)
    if code > 2:  # neither passed nor failed: no tests, or a wrong command
        return "not run"
    return "killed" if code else "argued" if mutant.argued else "survived"


def tried(chosen: list[Mutant], trees: list[Path]) -> list[str]:
    """Return what came of each mutant, tried in as many copies of the tree as there are, which are whole afterwards."""
    found: dict[int, str] = {}
    running: dict[int, tuple[int, Path, str]] = {}
    waiting, free = list(enumerate(chosen)), list(trees)
    while waiting or running:
        while waiting and free:
            number, mutant = waiting.pop(0)
            path = free[-1] / "coursegrader" / mutant.file
            text = path.read_text("utf-8")
            if mutant.old and text.count(mutant.old) != 1:
                found[number] = "not there"
                continue
            path.write_text(text.replace(mutant.old, mutant.new) if mutant.old else text, "utf-8")
            tree = free.pop()
            running[start(mutant, tree)] = (number, tree, text)
        if running:
            process, status = os.wait()
            number, tree, text = running.pop(process)
            (tree / "coursegrader" / chosen[number].file).write_text(text, "utf-8")
            free.append(tree)
            found[number] = word(chosen[number], status)
            print(f"{found[number]:10} {chosen[number].file}: {chosen[number].says}", flush=True)
    return [found[number] for number in range(len(chosen))]


def main() -> int:
    """Try the mutants and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", help="only mutants of files whose name contains one of these")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    chosen = [m for m in mutants() if not options.words or any(word in m.file for word in options.words)]
    for name in WARM:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        Path(folder).chmod(0o755)  # some tests are other users for a while
        trees = [Path(folder) / str(number) for number in range(options.jobs)]
        for tree in trees:
            shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
        whole = list({m.tests: Mutant(m.file, "nothing", "", "", m.tests) for m in chosen}.values())
        broken = {m.tests for m, word in zip(whole, tried(whole, trees), strict=True) if word != "survived"}
        sound = [m for m in chosen if m.tests not in broken]
        found = dict(zip(sound, tried(sound, trees), strict=True))
    for tests in sorted(broken):
        print(f"{' '.join(tests)}: fail without any lie, so they prove nothing")
    return report(chosen, [found.get(m, "not run") for m in chosen])


def report(chosen: list[Mutant], found: list[str]) -> int:
    """Print how many of each file were killed; return 0 if nothing is left to be done."""
    counts = Counter((m.file, word) for m, word in zip(chosen, found, strict=True))
    words = ["killed", "survived", "argued", "not there", "not run"]
    print(f"\n{'file':32}" + "".join(f"{word:>11}" for word in words))
    for file in dict.fromkeys(m.file for m in chosen):
        print(f"{file:32}" + "".join(f"{counts[file, word]:11}" for word in words))
    total = Counter(found)
    print(f"{'all':32}" + "".join(f"{total[word]:11}" for word in words))
    return 0 if total["killed"] + total["argued"] == len(found) else 1


if __name__ == "__main__":
    sys.exit(main())
