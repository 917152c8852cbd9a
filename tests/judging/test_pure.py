"""Judging is pure: reading any of its modules in a fresh interpreter starts and brings nothing that runs notebooks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import coursegrader.judging

ROOM = Path(coursegrader.judging.__file__).parent
MODULES = sorted(path.relative_to(ROOM).with_suffix("").as_posix().replace("/", ".") for path in ROOM.rglob("*.py"))
HEAVY = ("torch", "nbgrader", "nbconvert", "nbclient", "jupyter_client", "ipykernel", "zmq", "IPython", "sqlalchemy",
         "coursegrader.engine", "coursegrader.box", "coursegrader.grading", "coursegrader.intake")  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_a_module_of_judging_brings_neither_engine_nor_box_nor_nbgrader_nor_torch(name: str):
    module = f"coursegrader.judging.{name}".removesuffix(".__init__")
    code = f"import sys, {module}; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_a_mistake_is_named_where_no_process_can_be_started():
    code = """
import os, socket, subprocess
def refuse(*arguments, **more):
    raise AssertionError("a process or a socket")
os.fork = os.posix_spawn = subprocess.Popen = socket.socket = refuse
from coursegrader.course.cells import Answer, GradedCell
from coursegrader.evidence import encode
from coursegrader.judging.judges.expectations import expectations
from coursegrader.judging.judge import judge_cell
from coursegrader.judging.mistakes import KnownMistake, recognise
from coursegrader.model import CellRun
terms = {"judge": "close", "weight": 1.0, "atol": 1e-4, "rtol": 1e-4}
want = expectations([{"name": "v", "value": encode([1.0, 2.0]), "terms": terms}], "here")
records = [{"name": "v", "value": encode([2.0, 4.0])}]
run = CellRun("ok", records, visible="ok")
result = judge_cell(GradedCell("test_a", 2.0, False, False, "", "..."), run, want)
known = [KnownMistake(Answer("1_a", "a", "twice", "", "You double it."), {"test_a": run})]
print(result.points, recognise(result, records, want, lambda cell: known).slug)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "0.0 twice\n", done.stderr
