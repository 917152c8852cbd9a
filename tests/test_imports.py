"""Imports point one way, so that every module can be read without the ones above it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import coursegrader

PACKAGE = Path(coursegrader.__file__).parent
#: The core from the ground up: a module may import only those before it. What is not listed stands above the core.
FLOORS = [
    "__init__ prose errors evidence log cache course",
    "syscalls seccomp landlock boxtree lockup watchdog kernelapp zygote forkserver isolation kernel",
    "syntax wire messages conversation region sieve sentences reasons execute own_judges judge reference mistakes static bulk intake repair results gradebook report cards blocks overview feedback grade constants echoes check leaks audit release",
]
CORE = " ".join(FLOORS).split()
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Yield every module a file imports, at the top or inside a function, by its full name."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module == "coursegrader")


def siblings(path: Path) -> set[str]:
    """Return the modules of this package that a file imports."""
    parts = [name.split(".") for name in imported(path)]
    return {part[1] for part in parts if part[0] == "coursegrader" and len(part) > 1 and part[1] in MODULES}


@pytest.mark.parametrize("name", CORE)
def test_a_module_of_the_core_imports_only_modules_below_it(name):
    above = siblings(PACKAGE / f"{name}.py") - set(CORE[: CORE.index(name)])
    assert not above, f"{name}.py imports {sorted(above)}, which stand above it"


def test_no_two_modules_need_each_other():
    graph = {name: siblings(PACKAGE / f"{name}.py") for name in MODULES}
    assert set(TopologicalSorter(graph).static_order()) == set(MODULES)  # raises and names the circle if there is one


def test_nothing_imports_the_command_line():
    assert not [name for name in MODULES if "cli" in siblings(PACKAGE / f"{name}.py")]


def test_what_runs_inside_a_students_kernel_needs_only_numpy_and_python():
    allowed = {*sys.stdlib_module_names, "numpy", "IPython"}
    assert {name.partition(".")[0] for name in imported(PACKAGE / "evidence.py")} <= allowed


def test_evidence_is_imported_without_a_notebook_machinery_or_torch():
    code = (
        "import sys, coursegrader.evidence\n"
        "print(*[name for name in ('IPython', 'torch', 'nbgrader', 'coursegrader.judge') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert done.stdout.split() == []
