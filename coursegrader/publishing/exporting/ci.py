"""Which file does a CI system want: JUnit XML, Classroom 50's result, a summary in Markdown?

All of them are shown to students or in public logs: they hold the student's view and nothing more.
"""

from __future__ import annotations

import html
import json
import math
import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from coursegrader.files import write_whole
from coursegrader.grading.gradebook.results import Item, Results, StudentResult
from coursegrader.judging.report import cell_lines, points, told

#: Characters that XML 1.0 cannot hold, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
CLASSROOM50 = "classroom50/result/v1"
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"


def as_told(student: StudentResult) -> StudentResult:
    """Return a student's result as the student may read it, whatever the instructor's log says besides."""
    if student.grading is None:
        return student
    grading = told(student.grading)
    cells = {(notebook.name, cell.grade_id): cell for notebook in grading.notebooks for cell in notebook.cells}
    items = [replace(item, cell=cells.get((item.notebook, item.grade_id))) for item in student.items]
    return replace(student, grading=grading, items=items)


def state(item: Item, student: StudentResult) -> str:
    """Return how an item went: ``passed``, ``failed``, ``stopped``, ``waiting`` or ``absent``."""
    if not student.handed_in:
        return "absent"
    if item.waiting or item.points is None:
        return "waiting"
    if item.points >= item.max_points:
        return "passed"
    known = ("full", "partial", "wrong", "manual", "no_response", "")
    return "failed" if item.cell is None or item.cell.verdict in known else "stopped"


def words(item: Item, student: StudentResult) -> str:
    """Return what a student reads about an item."""
    if not student.handed_in:
        return "nothing was handed in"
    if item.manual:
        return "waits for a grader" if item.waiting else "graded by a person"
    lines = cell_lines(item.cell) if item.cell else []
    return "\n".join(lines) or ("not graded yet" if item.points is None else "")


# -- JUnit XML --------------------------------------------------------------------------------------------------------


def junit(results: Results) -> bytes:
    """Return JUnit XML: one suite a student, one test case a graded cell, points as properties of the suite."""
    suites = [_suite(results, as_told(student)) for student in results.students]
    root = ET.Element("testsuites", name=_xml(results.assignment))
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in suites)))
    root.extend(suites)
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _suite(results: Results, student: StudentResult) -> ET.Element:
    states = [state(item, student) for item in student.items]
    suite = ET.Element("testsuite", name=_xml(student.id), tests=str(len(states)))
    suite.set("failures", str(states.count("failed")))
    suite.set("errors", str(states.count("stopped")))
    suite.set("skipped", str(states.count("waiting") + states.count("absent")))
    suite.set("time", f"{sum(item.cell.seconds for item in student.items if item.cell):.3f}")
    if student.timestamp:
        suite.set("timestamp", student.timestamp.isoformat(timespec="seconds"))
    properties = ET.SubElement(suite, "properties")
    totals = {
        "total": student.total,
        "max_points": results.max_points,
        "bonus": student.bonus,
        "late_penalty": student.penalty,
    }
    for name, value in totals.items():
        ET.SubElement(properties, "property", name=name, value=points(value))
    for item, how in zip(student.items, states, strict=True):
        suite.append(_case(item, student, how))
    return suite


def _case(item: Item, student: StudentResult, how: str) -> ET.Element:
    seconds = f"{item.cell.seconds:.3f}" if item.cell else "0"
    case = ET.Element("testcase", classname=_xml(item.notebook), name=_xml(item.grade_id), time=seconds)
    text = words(item, student)
    earned = f"{points(item.points or 0.0)} of {points(item.max_points)}{' bonus' if item.optional else ''} points"
    tag = {"failed": "failure", "stopped": "error", "waiting": "skipped", "absent": "skipped"}.get(how)
    if tag:
        detail = ET.SubElement(case, tag, message=_xml(earned if tag != "skipped" else text), type=how)
        detail.text = _xml(text)
    else:
        ET.SubElement(case, "system-out").text = _xml(f"{earned}\n{text}".strip())
    return case


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


# -- Classroom 50 -----------------------------------------------------------------------------------------------------


def classroom50(
    results: Results, student: StudentResult, environment: Mapping[str, str] = os.environ
) -> dict[str, Any]:
    """Return a student's result as Classroom 50 wants it (``classroom50/result/v1``).

    Its points are whole numbers and never above the maximum: points are rounded so that the sum is the rounded total,
    and the maximum holds the bonus. The exact points stand beside them (``points``).
    Identity and links come from the variables that its runner sets.
    """
    student, now = as_told(student), datetime.now(timezone.utc)
    tests = _tests(student)
    handed_in = student.timestamp.replace(tzinfo=timezone.utc) if student.timestamp else now
    digest = (
        next((n.submission_hash for n in student.grading.notebooks if n.submission_hash), "") if student.grading else ""
    )
    work = f"sha256:{digest or 'nothing'}"  # names the work where no runner gives a link
    commit = environment.get("COMMIT_URL") or work
    return {
        "schema": CLASSROOM50,
        "classroom": environment.get("CLASSROOM") or "classroom",
        "assignment": environment.get("ASSIGNMENT") or results.assignment,
        "assignment_type": environment.get("ASSIGNMENT_TYPE") or "individual",
        "owner": environment.get("OWNER") or environment.get("USERNAME") or student.id,
        "submission": environment.get("SUBMISSION_TAG")
        or f"submit/{handed_in:%Y-%m-%dT%H-%M-%SZ}-{digest[:7] or 'nothing'}",
        "commit": commit,
        "release": environment.get("RELEASE_URL") or work,
        "review": environment.get("REVIEW_URL") or commit,
        "datetime": handed_in.strftime(_INSTANT),
        "graded_at": now.strftime(_INSTANT),
        "score": half_up(student.total),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }


def _tests(student: StudentResult) -> list[dict[str, Any]]:
    exact = [min(item.points or 0.0, item.max_points) for item in student.items]
    tests: list[dict[str, Any]] = [
        {
            "test-name": item.name,
            "passed": state(item, student) == "passed",
            "score": score,
            "max-score": math.ceil(item.max_points),
            "points": item.points or 0.0,
            "bonus": item.optional,
            "output": words(item, student),
        }
        for item, score in zip(student.items, apportion(exact), strict=True)
    ]
    more = half_up(student.raw) - sum(test["score"] for test in tests)
    if more > 0:  # a grader gave more than a question has
        tests.append({"test-name": "extra credit", "passed": True, "score": more, "max-score": more})
    if student.penalty:
        tests.append(
            {"test-name": "late penalty", "passed": False, "score": 0, "max-score": 0, "points": -student.penalty}
        )
    return tests


def half_up(value: float) -> int:
    """Round to the nearest whole number, halves up."""
    return math.floor(value + 0.5)


def apportion(values: list[float]) -> list[int]:
    """Round values so that their sum is the rounded sum; those with the largest fractions are rounded up."""
    whole = [math.floor(value) for value in values]
    order = sorted(range(len(values)), key=lambda i: (whole[i] - values[i], i))
    for i in order[: half_up(sum(values)) - sum(whole)]:
        whole[i] += 1
    return whole


# -- summary ----------------------------------------------------------------------------------------------------------


def summary(results: Results) -> str:
    """Return Markdown for a job's summary: one table a student, with what to look at next."""
    blocks = []
    for student in map(as_told, results.students):
        lines = [f"## {_cell(student.id)}: {points(student.total)} of {points(results.max_points)} points", ""]
        if student.bonus:
            lines += [f"{points(student.bonus)} of them are bonus points.", ""]
        if student.penalty:
            lines += [f"{points(student.penalty)} points were taken off for handing in late.", ""]
        lines += ["| Question | Result | Points | Report |", "|---|---|--:|---|"]
        lines += [_line(item, student) for item in student.items]
        findings = [*(student.grading.findings if student.grading else [])]
        findings += [f for n in (student.grading.notebooks if student.grading else []) for f in n.findings]
        lines += ["", *(f"- {_cell(f.place)}: {_cell(f.detail)}; {_cell(f.effect)}" for f in findings)]
        blocks.append("\n".join(lines).rstrip() + "\n")
    return "\n".join(blocks)


def _line(item: Item, student: StudentResult) -> str:
    how = state(item, student)
    mark = {"passed": "✅", "waiting": "⏳", "absent": "∅"}.get(how, "❌")
    earned = f"{points(item.points or 0.0)}/{points(item.max_points)}{' bonus' if item.optional else ''}"
    return f"| `{item.name}` | {mark} {how} | {earned} | {_cell(words(item, student)) if how != 'passed' else ''} |"


def _cell(text: str) -> str:
    """Return text that stays text in a cell of a Markdown table."""
    escaped = re.sub(r"([\\`*_\[\]|~#])", r"\\\1", html.escape(text, quote=False))
    return escaped.replace("\n", "<br>")


def write_json(data: dict[str, Any], path: Path) -> None:
    """Write JSON, replacing the file in one step: who reads it while it is written gets the old one."""
    write_whole(path, json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n")
