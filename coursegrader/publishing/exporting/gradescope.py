"""What does Gradescope want: results in its format, and an autograder that makes them in its container?"""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from coursegrader import __version__
from coursegrader.course.course import CONFIG_FILE, Assignment, Course
from coursegrader.course.setup.folders import around
from coursegrader.errors import FAILED, FINE, CourseError, CourseGraderError
from coursegrader.files import in_words
from coursegrader.grading import pipeline
from coursegrader.grading.cache import Cache
from coursegrader.grading.gradebook.results import Item, Results, StudentResult
from coursegrader.grading.gradebook.scores import read_results
from coursegrader.grading.reference import reference
from coursegrader.grading.saving import refuse_forgeable
from coursegrader.judging.report import points
from coursegrader.publishing.exporting.ci import as_told, state, words, write_json

PACKAGE = Path(__file__).parents[2]
TEMPLATES = Path(__file__).parent / "templates"
#: The one student there is inside Gradescope's container.
STUDENT = "submission"
#: What students install for an assignment, and so does the container.
REQUIREMENTS = "requirements.txt"


def results_json(results: Results, student: StudentResult, note: str = "") -> dict[str, Any]:
    """Return a student's results in Gradescope's format; the top-level score is the total of the gradebook.

    Answers that wait for a person have no score yet: Gradescope shows them as information.
    """
    student = as_told(student)
    output = [note] if note else []
    if student.penalty:
        output.append(f"{points(student.penalty)} points were taken off for handing in late.")
    if student.grading:
        findings = [*student.grading.findings, *(f for n in student.grading.notebooks for f in n.findings)]
        output += [f"{finding.place}: {finding.detail}; {finding.effect}." for finding in findings]
        output += [f"{n.name}: {n.degraded}." for n in student.grading.notebooks if n.degraded]
    return {
        "score": student.total,
        "execution_time": round(sum(n.seconds for n in student.grading.notebooks)) if student.grading else 0,
        "output": "\n".join(output),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "stdout_visibility": "hidden",
        "tests": [_test(item, student, number) for number, item in enumerate(student.items, 1)],
        "extra_data": {"assignment": results.assignment, "max_points": results.max_points, "bonus": student.bonus},
    }


def _test(item: Item, student: StudentResult, number: int) -> dict[str, Any]:
    how = state(item, student)
    test: dict[str, Any] = {
        "name": f"{item.name}{' (bonus)' if item.optional else ''}",
        "number": str(number),
        "output": words(item, student),
        "tags": [word for word, holds in (("bonus", item.optional), ("manual", item.manual)) if holds],
        "visibility": "visible",
    }
    if how == "waiting":
        test["name"] += f" ({points(item.max_points)} points, not graded yet)"
        return test
    return test | {
        "score": item.points or 0.0,
        "max_score": item.max_points,
        "status": "passed" if how == "passed" else "failed",
    }


# -- the autograder's zip ---------------------------------------------------------------------------------------------


def write_zip(course: Course, assignment: Assignment, path: Path) -> list[str]:
    """Write the zip to upload as the autograder: scripts, this package, the course's source and its seed.

    Raises:
        CourseError: Something that grading needs lies outside the course.
    """
    source = _inside(course, assignment.folder)
    modules = sorted(course.root.glob("*.py"))  # the config, and what it imports from beside it
    loose = dict.fromkeys(_inside(course, file) for file in [*around(course.config, course.root).values(), *modules])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for script in ("setup.sh", "run_autograder"):
            _add(archive, script, (TEMPLATES / script).read_bytes(), executable=True)
        _add(archive, "pyproject.toml", _project().encode())
        _add(archive, "course/assignment.txt", f"{assignment.name}\n".encode())
        for file in loose:
            if not file.is_relative_to(source):
                _add(archive, f"course/{file.as_posix()}", (course.root / file).read_bytes())
        if (requirements := assignment.folder / REQUIREMENTS).is_file():
            _add(archive, REQUIREMENTS, requirements.read_bytes())
        _add(archive, "course/grading/seed", f"{course.seed}\n".encode())
        for folder, place in ((PACKAGE, "coursegrader"), (assignment.folder, f"course/{source.as_posix()}")):
            for file in sorted(folder.rglob("*")):
                inside = file.relative_to(folder)
                if file.is_file() and not any(part.startswith((".", "__pycache__")) for part in inside.parts):
                    _add(archive, f"{place}/{inside.as_posix()}", file.read_bytes())
    return ["the zip holds hidden tests and reference solutions: upload it to Gradescope and give it to nobody"]


def _inside(course: Course, path: Path) -> Path:
    """Return where something lies in the course.

    Raises:
        CourseError: It lies elsewhere, where no container could find it.
    """
    try:
        return Path(os.path.abspath(path)).relative_to(course.root)
    except ValueError as error:
        raise CourseError(
            f"{path} is needed to grade, but lies outside {course.root}; move it there and say so in {CONFIG_FILE}"
        ) from error


def _project() -> str:
    """Return a project file that installs this package as it is installed here: dependencies, commands, plugins."""
    here = distribution("coursegrader")
    needed = [line for line in here.requires or [] if "extra ==" not in line]
    text = f'[project]\nname = "coursegrader"\nversion = "{__version__}"\nrequires-python = ">=3.10"\ndependencies = {json.dumps(needed)}\n'
    groups: dict[str, list[str]] = {}
    for point in here.entry_points:
        table = "project.scripts" if point.group == "console_scripts" else f'project.entry-points."{point.group}"'
        groups.setdefault(table, []).append(f'{point.name} = "{point.value}"')
    text += "".join(f"\n[{table}]\n" + "\n".join(lines) + "\n" for table, lines in sorted(groups.items()))
    return text + (
        '\n[build-system]\nrequires = ["setuptools>=77"]\nbuild-backend = "setuptools.build_meta"\n'
        '\n[tool.setuptools.packages.find]\ninclude = ["coursegrader*"]\nnamespaces = false\n'
        '\n[tool.setuptools.package-data]\n"*" = ["templates/**/*"]\n'
    )


def _add(archive: zipfile.ZipFile, name: str, data: bytes, executable: bool = False) -> None:
    """Add a file with a fixed date, so that the same course gives the same zip."""
    info = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = (stat.S_IFREG | (0o755 if executable else 0o644)) << 16
    archive.writestr(info, data)


# -- inside the container ---------------------------------------------------------------------------------------------


def prepare(root: Path) -> None:
    """Run the reference notebooks once, while the image is built, so that no submission waits for it.

    Raises:
        CourseGraderError: They cannot be run in this image: it must not come to grade anybody.
    """
    course = Course.open(root / "source" / "course")
    for notebook in _assignment(course).notebooks.values():
        refuse_forgeable(notebook, reference(notebook, course.seed, Cache(course.grading / "cache")))


def run(root: Path) -> int:
    """Grade ``submission/`` notebook by notebook and keep ``results/results.json`` up to date after each.

    What was graded before something went wrong stays there, with a sentence. If that is nothing, there is no file:
    Gradescope then tells students and instructors that its autograder failed, and nobody is given a 0.
    """
    target = root / "results" / "results.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        course = Course.open(root / "source" / "course")
        assignment = _assignment(course)
        hand_over(root / "submission", course.step("submitted", STUDENT, assignment.name))
        names = list(assignment.notebooks)
        for done, name in enumerate(names, 1):
            outcome = pipeline.autograde(course, assignment.name, student=STUDENT, notebook=name)
            grading = outcome.gradings.get(STUDENT)
            if grading is None or grading.notebook(name) is None:  # a failure of ours, not of the student's
                raise CourseGraderError(outcome.degraded.get(STUDENT, f"{name} could not be graded"))
            results = read_results(course, assignment.name)
            note = f"Graded {done} of {len(names)} notebooks so far." if done < len(names) else ""
            write_json(results_json(results, results.students[0], note), target)
    except Exception as error:  # its text may name instructors' files: students get the sentence below
        print(f"coursegrader: {in_words(error)}", file=sys.stderr)
        if target.exists():
            before = json.loads(target.read_text("utf-8"))
            before["output"] = (
                f"This submission could not be graded to the end; your instructor knows why. {before['output']}"
            )
            write_json(before, target)
        return FAILED
    return FINE


def hand_over(source: Path, target: Path) -> None:
    """Copy what was uploaded to where submissions lie: regular files, no links, nothing that blocks."""
    shutil.rmtree(target, ignore_errors=True)
    for folder, folders, files in os.walk(source):
        folders[:] = [name for name in folders if not (Path(folder) / name).is_symlink()]
        for name in files:
            path = Path(folder) / name
            if stat.S_ISREG(path.lstat().st_mode):
                place = target / path.relative_to(source)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, place)
    target.mkdir(parents=True, exist_ok=True)


def _assignment(course: Course) -> Assignment:
    return course.assignment((course.root / "assignment.txt").read_text("utf-8").strip())


def _main() -> int:
    root = Path(os.environ.get("AUTOGRADER_ROOT", "/autograder"))
    if sys.argv[1:] != ["prepare"]:
        return run(root)
    try:
        prepare(root)
    except CourseGraderError as error:
        print(f"coursegrader: the reference solution cannot be run in this image: {error}", file=sys.stderr)
        return FAILED
    return FINE


if __name__ == "__main__":
    sys.exit(_main())
