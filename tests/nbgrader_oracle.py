"""What does nbgrader itself give? Its own commands, run on a copy of a course, as the oracle of adopted ones."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from nbgrader.api import Gradebook

from coursegrader.course.course import Course
from coursegrader.grading import pipeline

Scores = dict[tuple[str, str, str], float | None]


def nbgrader(folder: Path, *arguments: str) -> str:
    """Run one of nbgrader's commands in a folder and return what it said."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def nbgraders_scores(course: Path, *assignments: str) -> Scores:
    """Return what nbgrader gives for what was handed in, without changing the course."""
    copy = course.with_name(f"{course.name}-by-nbgrader")
    shutil.copytree(course, copy)
    for assignment in assignments:
        nbgrader(copy, "generate_assignment", assignment)
        nbgrader(copy, "autograde", assignment)
    return scores(copy, *assignments)


def our_scores(root: Path, *assignments: str) -> Scores:
    """Grade what was handed in to an adopted course and return the scores."""
    for assignment in assignments:
        outcome = pipeline.autograde(Course.open(root), assignment)
        assert not [text for text in outcome.degraded.values() if "saved" in text]
    return scores(root, *assignments)


def scores(root: Path, *assignments: str) -> Scores:
    """Return the automatic score of every graded cell, by student, notebook and cell."""
    found: Scores = {}
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        for assignment in assignments:
            for submission in gradebook.assignment_submissions(assignment):
                for notebook in submission.notebooks:
                    for grade in notebook.grades:
                        place = f"{assignment}/{notebook.name}"
                        found[submission.student.id, place, grade.name] = grade.auto_score
    return found
