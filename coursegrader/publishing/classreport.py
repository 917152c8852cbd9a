"""How did this class do? Statistics of an assignment as plain data, and the page that shows them."""

from __future__ import annotations

import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from coursegrader.course.course import Course
from coursegrader.course.setup.settings import FORMGRADER, ClassReport
from coursegrader.grading.gradebook.results import Item, Results, StudentResult
from coursegrader.grading.gradebook.scores import read_results
from coursegrader.judging.report import points, short
from coursegrader.model import Finding, encoded
from coursegrader.publishing import figures

SCHEMA = "coursegrader/report/v1"
TEMPLATES = Path(__file__).parent / "templates"
#: Findings that a person should look at; every other one is a repair.
FLAGS = ("touches_internals", "cell_stopped", "unusable_log", "bad_timestamp", "unsigned_log")


def write_report(course: Course, name: str, formgrader: str = "") -> list[Path]:
    """Write ``grading/report/<assignment>/index.html`` and ``report.json`` and return their paths.

    Args:
        course: The course.
        name: Assignment.
        formgrader: Address of nbgrader's formgrader; empty for the one configured.
    """
    data = describe(read_results(course, name), settings := course.settings.report)
    data["formgrader"] = (formgrader or settings.formgrader).rstrip("/")
    folder = course.grading / "report" / name
    folder.mkdir(parents=True, exist_ok=True)
    page, record = folder / "index.html", folder / "report.json"
    record.write_text(json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
    page.write_text(render(data), "utf-8")
    return [page, record]


def render(data: dict[str, Any]) -> str:
    """Return the report as one HTML file that needs nothing else."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    environment.filters.update(points=points, short=short, percent=lambda share: f"{share:.0%}")
    data = {"formgrader": FORMGRADER, **data}
    css = (TEMPLATES / "page.css").read_text("utf-8")
    return environment.get_template("report.html.j2").render(report=data, css=css, drawings=figures.draw(data))


def describe(results: Results, settings: ClassReport | None = None) -> dict[str, Any]:
    """Return everything the report says as plain JSON data."""
    settings = settings or ClassReport()
    present = [student for student in results.students if student.handed_in]
    findings = _findings(present)
    data = {
        "schema": SCHEMA,
        "assignment": results.assignment,
        "max_points": results.max_points,
        "bonus_points": results.bonus_points,
        "scores": _scores(results, present),
        "students": [_row(student, results) for student in results.students],
        "questions": _questions(present),
        "errors": _errors(present),
        "mistakes": _mistakes(present),
        "slowest": _slowest(present),
        "repairs": [finding for finding in findings if finding["code"] not in FLAGS],
        "flags": [finding for finding in findings if finding["code"] in FLAGS],
        "claims": _claims(present, settings.claims),
        "moved": [encoded(move) for student in present for move in getattr(student.grading, "moved", [])],
        "waiting": results.waiting,
        "rescaled": [student.id for student in present if student.rescaled],
        "changed": sorted({student.id for student in present if any(i.before is not None for i in student.items)}),
    }
    return data | {"actions": _actions(data, settings)}


def _actions(data: dict[str, Any], settings: ClassReport) -> list[dict[str, Any]]:
    """Return the things to act on first: what keeps grades from being right, then what the class has not understood."""
    rows: list[tuple[str, str, list[str]]] = []

    def add(what: str, where: str, who: list[str]) -> None:
        if who:
            rows.append((what, where, who))

    students, half = data["students"], max(2, data["scores"]["handed_in"] // 4)
    add("handed in a file that could not be graded: ask for it again", "students", _ids(students, "degraded"))
    add("have no log that can be trusted: grade them again", "flags", _flagged(data, "unsigned_log", "unusable_log"))
    add("were graded when a question had other points: grade them again", "students", data["rescaled"])
    add("changed a written answer after it was graded: read it again", "waiting", data["changed"])
    add("wait for a grader to read an answer", "waiting", _ids(students, "waiting"))
    add(
        "claim another accuracy than was measured: ask why",
        "claims",
        [row["id"] for row in data["claims"] if row["far"]],
    )
    add("touch the machinery of the tests: look at what they wrote", "flags", _flagged(data, "touches_internals"))
    add("stopped or killed their kernel in a cell of their own", "flags", _flagged(data, "cell_stopped"))
    add("handed in nothing", "students", [row["id"] for row in students if not row["handed_in"]])
    for row in data["mistakes"]:
        if len(row["students"]) >= half:
            add(f"made the same mistake in {row['grade_id']} ({_words(row['mistake'])})", "mistakes", row["students"])
    actions = [{"what": what, "where": where, "students": who} for what, where, who in rows]
    for row in data["questions"]:
        known = row["mean_share"] is not None and not row["waiting"] and data["scores"]["handed_in"] > 2
        if known and row["mean_share"] < settings.hard:
            what = (
                f"{row['grade_id']} earned only {row['mean_share']:.0%} of its points: explain it, or look at its test"
            )
            actions.append({"what": what, "where": "questions", "students": []})
    return actions[: settings.most]


def _ids(students: list[dict[str, Any]], key: str) -> list[str]:
    return [row["id"] for row in students if row["handed_in"] and row[key]]


def _flagged(data: dict[str, Any], *codes: str) -> list[str]:
    return sorted({student for row in data["flags"] if row["code"] in codes for student in row["students"]})


def _words(slug: str) -> str:
    return slug.replace("_", " ")


def _scores(results: Results, present: list[StudentResult]) -> dict[str, Any]:
    totals = [student.total for student in present]
    quartiles = (
        statistics.quantiles(totals, n=4, method="inclusive") if len(totals) > 1 else [totals[0]] * 3 if totals else []
    )
    return {
        "roster": len(results.students),
        "handed_in": len(present),
        "late": sum(student.seconds_late > 0 for student in present),
        "mean": statistics.fmean(totals) if totals else None,
        "quartiles": quartiles,
        "deviation": statistics.stdev(totals) if len(totals) > 1 else None,
        "totals": sorted(totals),
    }


def _row(student: StudentResult, results: Results) -> dict[str, Any]:
    return {
        "id": student.id,
        "name": student.name,
        "handed_in": student.handed_in,
        "notebooks": {name: student.notebook_points(name) for name in results.notebooks},
        "bonus": student.bonus,
        "penalty": student.penalty,
        "total": student.total,
        "waiting": student.waiting,
        "degraded": student.degraded,
    }


def _questions(present: list[StudentResult]) -> list[dict[str, Any]]:
    """Return difficulty and discrimination of every question.

    Difficulty is the mean share of its points, discrimination the correlation with the points of all other questions;
    answers that nobody has graded yet count in neither.
    """
    rows = []
    for column in zip(*(student.items for student in present), strict=True):
        known = [(cell, student) for cell, student in zip(column, present, strict=True) if cell.points is not None]
        earned = [cell.points or 0.0 for cell, _ in known]
        most = column[0].max_points
        rows.append(
            {
                **_named(column[0]),
                "max_points": most,
                "optional": column[0].optional,
                "manual": column[0].manual,
                "forgeable": any(item.cell.forgeable for item in column if item.cell),
                "mean_share": statistics.fmean(earned) / most if earned and most else None,
                "full": sum(value >= most for value in earned),
                "none": sum(value == 0 for value in earned),
                "waiting": sum(cell.waiting for cell in column),
                "discrimination": _correlation(earned, [student.raw - (cell.points or 0.0) for cell, student in known]),
            }
        )
    return rows


def _named(item: Item) -> dict[str, str]:
    return {"notebook": item.notebook, "grade_id": item.grade_id}


def _correlation(x: list[float], y: list[float]) -> float | None:
    """Return Pearson's correlation, or None where it says nothing: few students, or all with the same points."""
    if len(x) < 3 or len(set(x)) < 2 or len(set(y)) < 2:
        return None
    return statistics.correlation(x, y)


def _errors(present: list[StudentResult]) -> list[dict[str, Any]]:
    """Return the max errors of every question that measures one, right and wrong apart."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for item in _items_with_logs(present):
        for evidence in item.cell.evidence if item.cell else []:
            if evidence.relative is None or not isinstance(evidence.max_error, float):
                continue  # an accuracy or a bound is no error, and nan is none that can be drawn
            row = found.setdefault(
                (item.notebook, item.grade_id),
                {**_named(item), "tolerance": evidence.tolerance, "right": [], "wrong": []},
            )
            row["right" if evidence.verdict == "passed" else "wrong"].append(evidence.max_error)
    return list(found.values())


def _items_with_logs(present: list[StudentResult]) -> Iterable[Item]:
    """Yield graded cells question by question, as the course has them."""
    for column in zip(*(student.items for student in present), strict=True):
        yield from (item for item in column if item.cell is not None)


def _mistakes(present: list[StudentResult]) -> list[dict[str, Any]]:
    """Return the known mistakes that were made, the most common first."""
    who: defaultdict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for student in present:
        for item in student.items:
            if item.cell and item.cell.mistake:
                who[item.notebook, item.grade_id, item.cell.mistake, item.cell.hint or ""].append(student.id)
    rows = [
        {"notebook": notebook, "grade_id": grade_id, "mistake": mistake, "hint": hint, "students": sorted(students)}
        for (notebook, grade_id, mistake, hint), students in who.items()
    ]
    return sorted(rows, key=lambda row: (-len(row["students"]), row["notebook"], row["grade_id"], row["mistake"]))


def _slowest(present: list[StudentResult], count: int = 10) -> list[dict[str, Any]]:
    """Return the questions whose tests take longest, by the median of the class."""
    seconds: defaultdict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
    for student in present:
        for item in student.items:
            if item.cell and not item.manual:
                seconds[item.notebook, item.grade_id].append((item.cell.seconds, student.id))
    rows: list[dict[str, Any]] = [
        {
            "notebook": notebook,
            "grade_id": grade_id,
            "median": statistics.median(second for second, _ in taken),
            "longest": max(taken)[0],
            "who": max(taken)[1],
        }
        for (notebook, grade_id), taken in seconds.items()
    ]
    return sorted(rows, key=lambda row: (-row["median"], -row["longest"]))[:count]


def _findings(present: list[StudentResult]) -> list[dict[str, Any]]:
    """Return what was repaired or flagged, by kind, the most common first."""
    students: defaultdict[str, set[str]] = defaultdict(set)
    count: Counter[str] = Counter()
    example: dict[str, Finding] = {}
    for student in present:
        found = list(student.grading.findings) if student.grading else []
        found += [finding for n in student.grading.notebooks for finding in n.findings] if student.grading else []
        if student.log_problem:
            found.append(
                Finding("unsigned_log", student.id, student.log_problem, "only the gradebook's points are known")
            )
        for finding in found:
            count[finding.code] += 1
            students[finding.code].add(student.id)
            example.setdefault(finding.code, finding)
    return [
        {
            "code": code,
            "count": number,
            "students": sorted(students[code]),
            "example": f"{example[code].place}: {example[code].detail}; {example[code].effect}",
        }
        for code, number in count.most_common()
    ]


def _claims(present: list[StudentResult], tolerance: float) -> list[dict[str, Any]]:
    """Return claimed beside measured accuracies; a claim that is too far off is marked."""
    rows = []
    for student in present:
        claims = student.grading.claims if student.grading else {}
        claimed, measured = claims.get("claimed_accuracy"), claims.get("measured_accuracy")
        if isinstance(claimed, (int, float)) and isinstance(measured, (int, float)):
            far = abs(claimed - measured) > tolerance
            rows.append({"id": student.id, "claimed": float(claimed), "measured": float(measured), "far": far})
    return rows
