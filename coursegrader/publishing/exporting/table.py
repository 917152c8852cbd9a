"""How did the class do, in one table? The gradebook as the terminal and ``--json`` show it."""

from __future__ import annotations

from typing import Any

from coursegrader.grading.gradebook.results import Results, StudentResult
from coursegrader.judging.report import points, table, verdicts


def class_table(results: Results) -> str:
    """Return one line a student: points as the gradebook has them, what waits for a person, what went wrong."""
    late, waiting = any(student.penalty for student in results.students), bool(results.waiting)
    rows = [["student", *results.notebooks, *["late"] * late, "total", *["waiting"] * waiting, "verdicts"]]
    for student in results.students:
        graded = {n.name for n in student.grading.notebooks} if student.grading else set()
        cells = [
            f"{_earned(student, name)}/{points(results.notebook_max(name))}" if name in graded else "-"
            for name in results.notebooks
        ]
        cells += [f"-{points(student.penalty)}" if student.penalty else ""] * late
        cells += [f"{points(student.total)}/{points(results.max_points)}"]
        cells += [str(student.waiting or "")] * waiting
        rows.append([student.id, *cells, _went(student)])
    return "\n".join(table(rows))


def table_json(results: Results) -> dict[str, Any]:
    """Return the table as plain JSON data, by student: the same numbers, and what went wrong in words."""
    return {
        student.id: {
            "notebooks": {
                name: {
                    "points": student.notebook_points(name),
                    "max_points": results.notebook_max(name),
                    "waiting": sum(item.waiting for item in student.items if item.notebook == name),
                    "degraded": notebook.degraded,
                }
                for name in results.notebooks
                if (notebook := student.grading and student.grading.notebook(name))
            },
            "bonus": student.bonus,
            "late_penalty": student.penalty,
            "total": student.total,
            "max_points": results.max_points,
            "waiting": student.waiting,
        }
        for student in results.students
    }


def _earned(student: StudentResult, notebook: str) -> str:
    """Return the points of a notebook, with its bonus apart: ``10+3``."""
    bonus = sum(i.points or 0.0 for i in student.items if i.optional and i.notebook == notebook)
    return points(student.notebook_points(notebook) - bonus) + (f"+{points(bonus)}" if bonus else "")


def _went(student: StudentResult) -> str:
    """Say how a student's cells went, and first what went wrong with whole notebooks or their kernels."""
    if student.grading is None:
        return student.log_problem
    damaged = [f"{n.name} damaged or missing" for n in student.grading.notebooks if n.degraded]
    stopped = sum(f.code == "cell_stopped" for n in student.grading.notebooks for f in n.findings)
    crashed = [f"{stopped} own {'cell' if stopped == 1 else 'cells'} stopped"] if stopped else []
    return "; ".join([*damaged, *crashed, verdicts(student.grading)])
