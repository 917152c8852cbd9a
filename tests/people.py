"""A small course with a class whose results are known: real notebooks, a real gradebook, real signed logs, no kernels."""

from __future__ import annotations

import copy
import shutil
from datetime import datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook

from coursegrader.course.course import Course
from coursegrader.grading.gradebook.writer import Writer
from coursegrader.grading.logs.records import write_logs
from coursegrader.judging.report import publish
from coursegrader.model import CellResult, EvidenceResult, Finding, Grading, NotebookResult

ROOT = Path(__file__).parent.parent
#: Words that stand only in hidden regions, solutions, mark schemes and kernels of the course below.
SECRETS = ("hidden_word_7391", "solution_word_5512", "scheme_word_8827", "kernel_word_4410", "1.2345678", "case 3x7x2")

#: id: first name, last name, address, number in the learning platform
PEOPLE = {
    "ada": ("Ada", "Lovelace", "ada@example.org", "101"),
    "bo": ('Åsa "Bo"', "Müller, Jr.", "bo@example.org", "102"),
    "dalia": ("داليا", "الخوري", "dalia@example.org", "103"),
    "eve": ('=HYPERLINK("x")', "@SUM(A1)", "eve@example.org", "104"),
    "zoe": ("Zoë", "-1+1", "zoe@example.org", "105"),
}
#: What the gradebook must come to: raw points, late penalty, of these bonus; and what waits for a grader.
TOTALS = {"ada": 14.0, "bo": 5.5, "dalia": 5.0, "eve": 0.0, "zoe": 0.0}
REQUIRED, BONUS = 12.0, 2.0


def make_course(folder: Path) -> Course:
    """Make a course of two notebooks: code with a bonus question, and a written question."""
    source = folder / "source" / "rnn"
    source.mkdir(parents=True)
    shutil.copyfile(ROOT / "nbgrader_config.py", folder / "nbgrader_config.py")
    nbformat.write(_first(), source / "a_first.ipynb")
    nbformat.write(_second(), source / "b_second.ipynb")
    return Course.open(folder)


def make_class(course: Course) -> None:
    """Put the class above into gradebook, logs and ``autograded/``."""
    _make_gradebook(course)
    with Writer(course, "rnn") as writer:
        for student, results in _results().items():
            writer.save(student, results, "2026-03-01 10:00:00")
    _grade_by_hand(course)
    for student, results in _results().items():
        findings = [Finding("renamed", "a.ipynb", "was graded as a_first.ipynb")] if student == "bo" else []
        training = {"claimed_accuracy": 0.95} if student == "ada" else None
        grading = Grading(student, "rnn", "5eed", findings=findings)
        write_logs(course, grading, training, results)
        for result in results:
            _write_autograded(course, student, result)


def gradebook(course: Course) -> Gradebook:
    """Open the gradebook."""
    return Gradebook(course.directory.db_url, course.directory.course_id)


def nbgrader_totals(course: Course) -> dict[str, float]:
    """Return every student's total as nbgrader itself counts it; 0 for who handed in nothing."""
    book = gradebook(course)
    try:
        found = {student.id: 0.0 for student in book.students}
        for row in book.assignment_submissions("rnn"):
            found[row.student_id] = max(0.0, row.score - row.late_submission_penalty)
        return found
    finally:
        book.close()
        book.engine.dispose()


# -- the notebooks ----------------------------------------------------------------------------------------------------


def _nbgrader(grade_id: str, **changes: object) -> dict[str, object]:
    kind = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return {"nbgrader": {**kind, "grade_id": grade_id, **changes}}


def _code(source: str, grade_id: str, **changes: object) -> NotebookNode:
    return new_code_cell(source, id=grade_id, metadata=_nbgrader(grade_id, **changes))


def _test(grade_id: str, points: int, **more: object) -> NotebookNode:
    source = (
        "assert f(1) == 2, 'f(1) should be 2'\n### BEGIN HIDDEN TESTS\n"
        "from coursegrader.evidence import evidence  # hidden_word_7391\n"
        "evidence('f', f(7))\n### END HIDDEN TESTS"
    )
    cell = _code(source, grade_id, grade=True, locked=True, points=points)
    cell.metadata.update(more)
    return cell


def _first() -> NotebookNode:
    solution = "### BEGIN SOLUTION\ndef f(x):\n    return 2 * x  # solution_word_5512\n### END SOLUTION"
    cells = [
        new_markdown_cell("# First steps\n\nDouble a number: $f(x) = 2x$.", id="intro"),
        _code("import math  # given", "setup", locked=True),
        new_markdown_cell("## 1.A Doubling", id="doubling"),
        _code(solution, "f", solution=True),
        _test("test_f", 4),
        new_markdown_cell("## 1.B For the curious", id="curious"),
        _test("test_bonus", 2, coursegrader={"optional": True}),
    ]
    return _notebook(cells)


def _second() -> NotebookNode:
    task = "## 2.A Why?\n\nSay why.\n\n### BEGIN MARK SCHEME\nscheme_word_8827: 5 points\n### END MARK SCHEME"
    answer = new_markdown_cell("*Your answer here.*", id="q1_answer", metadata={"coursegrader": {"answers": "q1"}})
    cells = [
        new_markdown_cell("# Second steps", id="intro"),
        new_markdown_cell(task, id="q1", metadata=_nbgrader("q1", task=True, locked=True, points=5)),
        answer,
        new_markdown_cell("## 2.B Again", id="again"),
        _test("test_g", 3),
    ]
    return _notebook(cells)


def _notebook(cells: list[NotebookNode]) -> NotebookNode:
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


# -- the class --------------------------------------------------------------------------------------------------------


def _cell(grade_id: str, points: float, most: float, **more: object) -> CellResult:
    right = points == most
    evidence = EvidenceResult(
        "f case 3x7x2",
        "passed" if right else "wrong_value",
        points / most,
        max_error=3e-8 if right else 0.25,
        tolerance=1e-4,
        relative=1e-4,
        where=[0, 2],
        expected="1.2345678",
        got="1.4845678",
    )
    verdict = "full" if right else "partial" if points else "wrong"
    entry = CellResult(grade_id, points, most, verdict=verdict, evidence=[evidence], seconds=0.02)
    for name, value in more.items():
        setattr(entry, name, value)
    return entry


def _results() -> dict[str, list[NotebookResult]]:
    """Return what the grader found out: who is right, partly right, wrong with a known mistake, and blank."""
    hint = {"mistake": "added_instead", "category": "operator", "hint": "You add 2; the task says *twice*."}
    points = {"ada": (4.0, 2.0, 3.0), "bo": (2.5, 0.0, 3.0), "dalia": (0.0, 0.0, 3.0), "eve": (0.0, 0.0, 0.0)}
    found = {}
    for student, (f, bonus, g) in points.items():
        written = CellResult("q1", None, 5.0, manual=True, verdict="manual", message="waits for a grader")
        if student == "eve":
            written = CellResult("q1", 0.0, 5.0, manual=True, verdict="no_response", message="no answer was written")
        first = [_cell("test_f", f, 4.0), _cell("test_bonus", bonus, 2.0, optional=True)]
        if student == "dalia":
            first[0] = _cell("test_f", f, 4.0, **hint)
        flag = Finding("touches_internals", "a_first.ipynb, f", "uses sys") if student == "eve" else None
        found[student] = [
            NotebookResult("a_first", first, [flag] if flag else [], rung=1, seconds=0.5, submission_hash="ab" * 32),
            NotebookResult("b_second", [written, _cell("test_g", g, 3.0)], rung=1, seconds=0.4),
        ]
    return found


def _make_gradebook(course: Course) -> None:
    book = gradebook(course)
    book.add_assignment("rnn", duedate=datetime(2026, 3, 2))
    for notebook, cells in {"a_first": {"test_f": 4, "test_bonus": 2}, "b_second": {"test_g": 3}}.items():
        book.add_notebook(notebook, "rnn")
        for name, points in cells.items():
            book.add_grade_cell(name, notebook, "rnn", max_score=points, cell_type="code")
    book.add_solution_cell("f", "a_first", "rnn")
    book.add_task_cell("q1", "b_second", "rnn", max_score=5, cell_type="markdown")
    for student, (first, last, email, number) in PEOPLE.items():
        book.add_student(student, first_name=first, last_name=last, email=email, lms_user_id=number)
    book.close()
    book.engine.dispose()


def _grade_by_hand(course: Course) -> None:
    """Grade as a person does in the formgrader: ada and dalia's answers, a comment, and a late penalty."""
    book = gradebook(course)
    for student, points, extra in (("ada", 5.0, None), ("dalia", 3.0, 1.0)):
        grade = book.find_grade("q1", "b_second", "rnn", student)
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = points, extra, False
    book.find_comment("q1", "b_second", "rnn", "dalia").manual_comment = "Good <b>idea</b>,\nbut which *norm*?"
    for notebook in book.find_submission("rnn", "dalia").notebooks:
        notebook.late_submission_penalty = 1.0
    book.db.commit()
    book.close()
    book.engine.dispose()


def _write_autograded(course: Course, student: str, result: NotebookResult) -> None:
    """Write what autograding leaves: the instructor's cells, the student's answers, the judge's reports."""
    notebook = course.assignment("rnn").notebooks[result.name]
    nb = copy.deepcopy(notebook.release)
    tasks = {cell.id: cell.source for cell in notebook.source.cells if cell.id == "q1"}
    for cell in nb.cells:
        cell.source = tasks.get(cell.id, cell.source)
        if cell.id == "f":
            cell.source = f"def f(x):  # by {student}\n    return x + 2"
            cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="kernel_word_4410")]
        if cell.id == "q1_answer":
            cell.source = f"Because, says {student}."
    publish(nb, result)
    path = course.step("autograded", student, "rnn") / f"{result.name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, path)
