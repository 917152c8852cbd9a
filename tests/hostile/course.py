"""A course that is graded in a blink: one notebook with every kind of question there is."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from small_course import ROOT, canonical, cell

from coursegrader.course.course import Course

SETTINGS = """
c.Execute.timeout = 5
c.Execute.notebook_seconds = 90
c.Execute.flood_bytes = 5_000_000
c.Execute.memory_mb = 500
"""
#: Points of every graded cell, in the order of the notebook; None waits for a person.
POINTS = {"test_scale": 4, "test_fit": 3, "test_best": 1, "test_rows": 2, "q_why": 3, "test_last": 2}
AUTOGRADED = [name for name in POINTS if name.startswith("test_")]

SCALE = """\
def scale(x, factor):
    \"\"\"Return x times factor; x is a tensor of shape (B, T).\"\"\"
    ### BEGIN SOLUTION
    return x * factor
    ### END SOLUTION"""
TEST_SCALE = """\
assert torch.allclose(scale(torch.ones(2, 3), 3.0), torch.full((2, 3), 3.0)), "three times one is three"
### BEGIN HIDDEN TESTS
import torch
from coursegrader.evidence import evidence, rng

for B, T in [(2, 3), (1, 5)]:
    secret_input = torch.as_tensor(rng("scale", B, T).standard_normal((B, T)), dtype=torch.float32)
    evidence(f"scaled {B}x{T}", scale(secret_input, 1.75), atol=0.000123)
### END HIDDEN TESTS"""
FIT = """\
def predict(x):
    ### BEGIN SOLUTION
    return 3.0 * x + 1.25
    ### END SOLUTION"""
TEST_FIT = """\
assert callable(predict)
### BEGIN HIDDEN TESTS
from coursegrader.evidence import evidence, mse_below, rng

secret_points = rng("fit", 12).uniform(2, 5, 12)
evidence("predictions", predict(secret_points), judge=mse_below(0.0123), target=lambda: 3.0 * secret_points + 1.25)
evidence("predictions backwards", predict(secret_points[::-1]), judge=mse_below(0.0123), weight=2,
         target=lambda: 3.0 * secret_points[::-1] + 1.25)
### END HIDDEN TESTS"""
BEST = """\
### BEGIN SOLUTION
best = 41.5
### END SOLUTION"""
TEST_BEST = """\
assert isinstance(best, float), "best is a decimal number"
### BEGIN HIDDEN TESTS
from coursegrader.evidence import evidence
evidence("best value", best)
### END HIDDEN TESTS"""
ROWS = """\
def rows(path):
    ### BEGIN SOLUTION
    with open(path) as file:
        return [line.strip() for line in file]
    ### END SOLUTION"""
TEST_ROWS = """\
assert rows("data/table.csv") == ["a,b", "1,2"], "two rows"
### BEGIN HIDDEN TESTS
from coursegrader.evidence import evidence
evidence("rows of a file", rows("hidden/inputs.txt"), judge="equal")
### END HIDDEN TESTS"""
WHY = """\
Why is three times one three?
### BEGIN MARK SCHEME
Three points for a confidential reason.
### END MARK SCHEME"""
LAST = """\
def last(x):
    ### BEGIN SOLUTION
    return x[-1]
    ### END SOLUTION"""
TEST_LAST = """\
assert last([1, 2]) == 2
### BEGIN HIDDEN TESTS
from coursegrader.evidence import evidence, rng
evidence("last entry", last(rng("last", 4).standard_normal(4)))
### END HIDDEN TESTS"""


def lab() -> NotebookNode:
    """Return the instructor's notebook."""
    return canonical(
        [
            cell("prose", "title", "# Lab"),
            cell("given", "setup", "import numpy as np\nimport torch"),
            cell("solution", "scale", SCALE),
            cell("test", "test_scale", TEST_SCALE, POINTS["test_scale"]),
            cell("solution", "fit", FIT),
            cell("test", "test_fit", TEST_FIT, POINTS["test_fit"]),
            cell("solution", "best", BEST),
            cell("test", "test_best", TEST_BEST, POINTS["test_best"]),
            cell("solution", "rows", ROWS),
            cell("test", "test_rows", TEST_ROWS, POINTS["test_rows"]),
            cell("task", "q_why", WHY, POINTS["q_why"]),
            cell("answer", "q_why_answer", "*Your answer here.*"),
            cell("solution", "last", LAST),
            cell("test", "test_last", TEST_LAST, POINTS["test_last"]),
        ]
    )


def write(root: Path) -> Course:
    """Write the course, whose assignment is called ``week``, into a folder."""
    folder = root / "source" / "week"
    for private in ("hidden", "truth", "data"):
        (folder / private).mkdir(parents=True)
    (folder / "data" / "table.csv").write_text("a,b\n1,2\n")
    (folder / "hidden" / "inputs.txt").write_text("inputs nobody has seen\nin two lines\n")
    (folder / "truth" / "labels.txt").write_text("a truth that only the judge reads\n")
    nbformat.write(lab(), folder / "lab.ipynb")
    shutil.copyfile(ROOT / "nbgrader_config.py", root / "nbgrader_config.py")
    with (root / "nbgrader_config.py").open("a") as config:
        config.write(SETTINGS)
    return Course.open(root)


def secrets() -> list[str]:
    """List what students must never read: lines of hidden regions, the hidden file, the truth, the mark scheme."""
    regions = [text.partition("### BEGIN HIDDEN TESTS")[2] for text in (TEST_SCALE, TEST_FIT, TEST_BEST, TEST_ROWS)]
    lines = [line.strip() for region in regions for line in region.splitlines()]
    given = {"import torch", "### END HIDDEN TESTS", "from coursegrader.evidence import evidence"}
    names = ["secret_input", "secret_points", "inputs nobody has seen", "only the judge reads", "confidential reason"]
    return names + [line for line in lines if len(line) > 12 and line not in given]
