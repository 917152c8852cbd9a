"""What does the class that is measured look like? A realistic mix, made from the banks, the same for everybody."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import nbformat

from coursegrader.authoring.demo import Member, answers_of, hand_in, hand_in_files
from coursegrader.course.banks import bank
from coursegrader.course.course import Course

ROOT = Path(__file__).resolve().parents[1]
VANILLA_CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "benchmark"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "hidden", "truth", "mistakes",
                            "alternatives", "reference", "grading"]
"""


def make_course(folder: Path, notebooks: list[str] | None = None, vanilla: bool = False) -> Course:
    """Copy the course into a folder, with all or some notebooks and our or nbgrader's own configuration."""
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / "source", folder / "source")
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    for path in (folder / "source" / "rnn").glob("*.ipynb"):
        if notebooks and path.stem not in notebooks:
            path.unlink()
    course = Course.open(folder)
    if vanilla:
        (folder / "nbgrader_config.py").write_text(VANILLA_CONFIG)
    return course


def hand_in_class(course: Course, students: int, seed: int = 0) -> None:
    """Fill ``submitted/``: a third right, half with mistakes, the rest half done, every submission different."""
    assignment = course.assignment("rnn")
    chance = random.Random(seed)
    wrong = [mistake for name in assignment.notebooks for mistake in bank(assignment, "mistakes", name)]
    for number in range(students):
        kind = chance.choices(["right", "mistake", "half"], [2, 3, 1])[0]
        member = Member(
            f"student{number:04}",
            kind,
            style=chance.randrange(4),
            mistake=chance.choice(wrong) if kind == "mistake" and wrong else None,
            done=0.5 if kind == "half" else 1.0,
        )
        target = course.root / "submitted" / member.name / "rnn"
        target.mkdir(parents=True)
        for notebook in assignment.notebooks.values():
            nb = hand_in(notebook, answers_of(member, notebook))
            nb.cells.append(nbformat.v4.new_markdown_cell(f"Handed in by {member.name}.", id="signature"))
            nbformat.write(nb, target / f"{notebook.name}.ipynb")
        hand_in_files(assignment, target)
