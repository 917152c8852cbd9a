"""What does a student read first: the total, and the way to each notebook's page?"""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from coursegrader.course.course import Course
from coursegrader.files import write_whole
from coursegrader.grading.gradebook.results import Item, Results, StudentResult
from coursegrader.grading.logs.attempts import Attempts, told
from coursegrader.judging.report import points

TEMPLATES = Path(__file__).parent / "templates"


def write(course: Course, results: Results) -> Path:
    """Write ``feedback/<student>/<assignment>/index.html`` for the one student of the results."""
    student = results.students[0]
    path = course.step("feedback", student.id, results.assignment) / "index.html"
    write_whole(path, render(results, told(course, student.grading)).encode())
    return path


def render(results: Results, attempts: Attempts) -> str:
    """Return the page as one HTML file that needs nothing else."""
    student = results.students[0]
    degraded = {n.name: n.degraded for n in student.grading.notebooks if n.degraded} if student.grading else {}
    rows = [
        {
            "name": name,
            "points": student.notebook_points(name) - _bonus(student, name),
            "bonus": _bonus(student, name),
            "max_points": results.notebook_max(name),
            "waiting": sum(item.waiting for item in student.items if item.notebook == name),
            "lost": sum(
                1
                for item in student.items
                if item.notebook == name and not item.waiting and (item.points or 0.0) < item.max_points
            ),
            "blank": all(_is_blank(item) for item in student.items if item.notebook == name),
            "problem": degraded.get(name, ""),
        }
        for name in results.notebooks
    ]
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    environment.filters["points"] = points
    css = (TEMPLATES / "page.css").read_text("utf-8") + (TEMPLATES / "feedback.css").read_text("utf-8")
    template = environment.get_template("overview.html.j2")
    return template.render(results=results, student=student, rows=rows, attempts=attempts, css=css)


def _bonus(student: StudentResult, notebook: str) -> float:
    """Return the bonus points of a notebook."""
    return sum(item.points or 0.0 for item in student.items if item.optional and item.notebook == notebook)


def _is_blank(item: Item) -> bool:
    return item.cell is not None and item.cell.verdict == "no_response" and not item.points
