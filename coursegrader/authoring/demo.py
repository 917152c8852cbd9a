"""What does a class look like? Made submissions, so that a fresh clone has something to grade."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from coursegrader.course.banks import bank
from coursegrader.course.cells import Answer
from coursegrader.course.course import Assignment, Course, Notebook
from coursegrader.course.markers import without_markers
from coursegrader.course.metadata import is_answer
from coursegrader.course.syntax import tree_of
from coursegrader.errors import CourseError

CRASH = "import os\nos.kill(os.getpid(), 11)  # what a broken C extension does"


@dataclass(frozen=True)
class Member:
    """One made student.

    Attributes:
        name: Student id.
        about: What is special about the submission, for the reader of the table.
        style: Number of the alternative style to use where there is one; None for the reference solution.
        mistake: A known mistake made, or None.
        done: Share of the questions that are answered.
        crash: Whether a cell of the student kills the kernel.
    """

    name: str
    about: str
    style: int | None = None
    mistake: Answer | None = None
    done: float = 1.0
    crash: bool = False


def members(assignment: Assignment) -> list[Member]:
    """Return the class: right in three styles, half done, blank, typical mistakes, and one that crashes its kernel."""
    banks = [bank(assignment, "mistakes", notebook) for notebook in assignment.notebooks]
    in_turn = [mistake for row in zip_longest(*banks) for mistake in row if mistake is not None]
    typical = in_turn[:6]
    names = ["femi", "gita", "hugo", "ines", "jun", "kaja"]
    return [
        Member("ada", "right, as the reference"),
        Member("bo", "right, another style", style=0),
        Member("chi", "right, a third style", style=1),
        Member("dana", "half done", done=0.5),
        Member("eli", "blank", done=0.0),
        *(
            Member(name, f"mistake: {mistake.notebook}, {mistake.slug}", mistake=mistake)
            for name, mistake in zip(names, typical, strict=False)
        ),
        Member("lior", "crashes the kernel", crash=True),
    ]


def fill(course: Course, name: str) -> list[Member]:
    """Hand in a made class of an assignment.

    Returns:
        The members, in the order of their names.

    Raises:
        CourseError: Somebody else's submissions are there.
    """
    assignment = course.assignment(name)
    made = members(assignment)
    strangers = sorted(set(course.students("submitted", name)) - {member.name for member in made})
    if strangers:
        raise CourseError(
            f"{course.step('submitted', strangers[0], name)} already has a submission; make the demo class in a copy of the course"
        )
    for member in made:
        target = course.step("submitted", member.name, name)
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for notebook in assignment.notebooks.values():
            nbformat.write(
                hand_in(notebook, answers_of(member, notebook), crash=member.crash), target / f"{notebook.name}.ipynb"
            )
        if member.done == 1.0:
            hand_in_files(assignment, target)
    return made


def hand_in(notebook: Notebook, answers: Callable[[str, str], str | None], crash: bool = False) -> NotebookNode:
    """Return a student's version of a notebook.

    Args:
        notebook: The instructor's side.
        answers: Gives the answer to a cell by its id and the reference solution; None leaves the cell untouched.
        crash: Whether to add a cell that kills the kernel behind the first answer.
    """
    nb = copy.deepcopy(notebook.release)
    solutions = {cell.id: without_markers(cell.source, notebook.markers) for cell in notebook.source.cells}
    for cell in list(nb.cells):
        if is_answer(cell):
            answer = answers(cell.id, solutions[cell.id])
            if answer is not None:
                cell.source = answer
            if crash and cell.cell_type == "code":
                nb.cells.insert(nb.cells.index(cell) + 1, nbformat.v4.new_code_cell(CRASH, id="trying-something"))
                crash = False
    return nb


def without_preamble(source: str) -> str:
    """Return a bank file as a student would have it: without the docstring and the settings that only we read."""
    tree = tree_of(source)
    lines = source.splitlines()[tree.body[0].end_lineno :]
    return "\n".join(line for line in lines if not line.startswith(("# loses:", "# category:"))).strip()


def answers_of(member: Member, notebook: Notebook) -> Callable[[str, str], str | None]:
    """Return the function that answers each question the way this member does."""
    alternatives = bank(notebook.assignment, "alternatives", notebook.name)
    wrong = member.mistake
    cells = [c.id for c in notebook.release.cells if is_answer(c)]
    answered = set(cells[: round(len(cells) * member.done)])

    def answer(cell_id: str, solution: str) -> str | None:
        if cell_id not in answered:
            return None
        if wrong is not None and (notebook.name, cell_id) == (wrong.notebook, wrong.cell):
            return without_preamble(wrong.source)
        styles = [other for other in alternatives if other.cell == cell_id]
        if member.style is not None and styles:
            return without_preamble(styles[member.style % len(styles)].source)
        if cell_id.endswith("_answer"):
            return f"{member.name}: my answer to this question, in a few sentences."
        return solution

    return answer


def hand_in_files(assignment: Assignment, target: Path) -> None:
    """Hand in what running the notebooks would have written beside them."""
    for path in sorted((assignment.folder / "reference").glob("*")):
        shutil.copyfile(path, target / path.name)
