"""May this be released?

The audit looks at what would be published, compares it with what must stay secret, and proves by running it that the
reference earns full marks and an untouched release earns nothing.
It works by allow-list: what is not known to be fine is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from coursegrader.cache import Cache
from coursegrader.course import Assignment, Course, Notebook
from coursegrader.errors import AuthoringError, ReleaseRefused
from coursegrader.execute import Execute
from coursegrader.grade import Graded, assess
from coursegrader.log import Finding
from coursegrader.reference import Reference, reference, run_source, staged
from coursegrader.repair import rebuild

ALLOWED_FILES = re.compile(r"[^/]+\.ipynb|requirements\.txt|data/.+")
REGIONS = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
_MARKER = re.compile(r"^\s*(?:#+|<!--|//|%)?\s*(BEGIN|END)\s+([A-Z][A-Z ]*[A-Z])\b")
_KEPT_METADATA = {"kernelspec", "language_info"}
_KEPT_CELL_METADATA = {"nbgrader", "coursegrader", "deletable", "editable"}
_KEPT_NAMESPACE = {"answers", "optional"}
_TELLING = 32  # letters and digits a secret line must have to be searched for: shorter ones are everybody's code


def audit(assignment: Assignment, release: Path) -> list[Finding]:
    """Return everything about a generated release that must not reach students; reads, runs nothing.

    Args:
        assignment: The instructor's side.
        release: Folder with the generated student version.
    """
    findings = []
    for path in sorted(release.rglob("*")):
        relative = path.relative_to(release).as_posix()
        if path.is_symlink():
            findings.append(_refuse("link", relative, "is a symbolic link; put the file itself there"))
        elif path.is_file() and not ALLOWED_FILES.fullmatch(relative):
            findings.append(
                _refuse("stray_file", relative, "is not a notebook, data/ or requirements.txt; move or delete it")
            )
    names = {path.stem for path in release.glob("*.ipynb")}
    for name in sorted(names ^ set(assignment.notebooks)):
        findings.append(_refuse("other_notebook", f"{name}.ipynb", "is on one side only; generate the release anew"))
    for name in sorted(names & set(assignment.notebooks)):
        released = nbformat.read(release / f"{name}.ipynb", as_version=4)
        findings += audit_source(assignment.notebooks[name].source, f"{name}.ipynb")
        findings += audit_notebook(released, secrets_of(assignment.notebooks.values()), f"{name}.ipynb")
    return findings


def audit_source(source: NotebookNode, place: str) -> list[Finding]:
    """Return marker lines of an instructor notebook that nbgrader would not understand."""
    findings = []
    for cell in source.cells:
        where, open_region = f"{place}, {cell.get('id', '')}", ""
        for line in cell.source.splitlines():
            match = _MARKER.match(line)
            if not match:
                continue
            word, region = match.groups()
            if region not in REGIONS:
                findings.append(
                    _refuse("marker_typo", where, f"{line.strip()!r} is no marker; write one of {', '.join(REGIONS)}")
                )
            elif (word == "BEGIN") == bool(open_region) or (word == "END" and region != open_region):
                findings.append(_refuse("unbalanced_marker", where, f"{line.strip()!r} has no partner"))
            open_region = region if word == "BEGIN" and region in REGIONS else ""
        if open_region:
            findings.append(_refuse("unbalanced_marker", where, f"BEGIN {open_region} has no END"))
    return findings


def audit_notebook(released: NotebookNode, secrets: dict[str, str], place: str) -> list[Finding]:
    """Return what one generated student notebook must not contain."""
    findings = [
        _refuse("metadata", place, f"has notebook metadata {key!r}; delete it in the source")
        for key in sorted(set(released.metadata) - _KEPT_METADATA)
    ]
    for cell in released.cells:
        findings += _audit_cell(cell, f"{place}, {cell.get('id', '')}")
    haystack = _squeeze("\n".join(_strings(released)))
    for needle, origin in secrets.items():
        if needle in haystack:
            findings.append(
                _refuse(
                    "secret_text",
                    place,
                    f"contains text of {origin} ({needle[:40]}...); say it differently on one side",
                )
            )
    return findings


def _audit_cell(cell: NotebookNode, where: str) -> Iterator[Finding]:
    for key in sorted(set(cell.metadata) - _KEPT_CELL_METADATA):
        yield _refuse("metadata", where, f"has cell metadata {key!r}; delete it in the source")
    for key in sorted(set(cell.metadata.get("coursegrader", {})) - _KEPT_NAMESPACE):
        yield _refuse("metadata", where, f"has coursegrader metadata {key!r}; delete it in the source")
    if cell.get("attachments"):
        yield _refuse("attachment", where, "has an attachment; put the picture into data/")
    if cell.get("outputs") or cell.get("execution_count"):
        yield _refuse("outputs", where, "has outputs; clear them in the source")
    for line in cell.source.splitlines():
        if _MARKER.match(line) or any(f"{word} {region}" in line for word in ("BEGIN", "END") for region in REGIONS):
            yield _refuse("marker", where, f"contains the marker line {line.strip()!r}")
    if re.search(r"\b(import|from)\s+coursegrader\b|\bcoursegrader\.", cell.source):
        yield _refuse(
            "package", where, "uses the grading package, which students do not have; do it in a hidden region"
        )


def secrets_of(notebooks: Any) -> dict[str, str]:
    """Return every telling line of solutions, hidden regions and mark schemes, squeezed, with where it is from.

    A line that students see anyway in the same cell's scaffold or in any visible test is no secret.
    """
    secrets: dict[str, str] = {}
    for notebook in notebooks:
        for cell in notebook.source.cells:
            visible = _squeeze("\n".join(_lines(cell.source, inside=False)))
            for line in _lines(cell.source, inside=True):
                needle = _squeeze(line)
                if (
                    len(needle) >= _TELLING
                    and needle not in visible
                    and not line.lstrip().startswith(("import ", "from "))
                ):
                    secrets.setdefault(needle, f"a secret region of {notebook.name}, {cell.get('id', '')}")
    return secrets


def _lines(source: str, inside: bool) -> list[str]:
    """Return the lines inside secret regions, or those outside."""
    found, secret = [], False
    for line in source.splitlines():
        match = _MARKER.match(line)
        if match and match.group(2) in REGIONS:
            secret = match.group(1) == "BEGIN"
        elif secret == inside:
            found.append(line)
    return found


def _strings(data: Any) -> Iterator[str]:
    """Yield every string anywhere in notebook JSON, keys too."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield str(key)
            yield from _strings(value)
    elif isinstance(data, list):
        for item in data:
            yield from _strings(item)


def _squeeze(text: str) -> str:
    """Return letters and digits only, so that a secret split over lines or strings is still found."""
    return re.sub(r"[^0-9A-Za-z]", "", text)


def _refuse(code: str, place: str, detail: str) -> Finding:
    return Finding(code, place, detail, "the release is refused")


# -- proof by running -------------------------------------------------------------------------------------------------


def prove(notebook: Notebook, seed: str, cache: Cache) -> list[Finding]:
    """Run the reference under two seeds and the untouched release; return what contradicts their scores.

    Args:
        notebook: The instructor's notebook.
        seed: Grading seed.
        cache: Where runs are kept.
    """
    place = notebook.path.name
    try:
        known = reference(notebook, seed, cache)
        again = reference(notebook, seed, Cache(cache.folder / "second-run"))
    except AuthoringError as error:
        return [_refuse("reference_fails", place, str(error))]
    findings = []
    own = assess(notebook, Graded("", run_source(notebook, seed, cache)), again)
    for cell in own.cells:
        if not cell.manual and cell.points != cell.max_points:
            wrong = ", ".join(e.name for e in cell.evidence if e.verdict != "passed")
            findings.append(
                _refuse("not_deterministic", f"{place}, {cell.grade_id}", f"two reference runs differ in: {wrong}")
            )
    for grade_id, points in untouched_points(notebook, seed, known).items():
        if points:
            findings.append(
                _refuse("untouched_scores", f"{place}, {grade_id}", f"an untouched release earns {points:g} points")
            )
    return findings


def untouched_points(notebook: Notebook, seed: str, known: Reference) -> dict[str, float]:
    """Return what each autograded cell of the untouched release earns."""
    nb, _ = rebuild(notebook, [dict(cell) for cell in notebook.release.cells])
    with staged(notebook.assignment, {}) as files:
        run = Execute(config=notebook.assignment.course.config).run(notebook, nb, files=files, seed=seed)
    result = assess(notebook, Graded("", run), known)
    return {cell.grade_id: cell.points or 0.0 for cell in result.cells if not cell.manual}


class LeakGate(NbGraderPreprocessor):
    """Refuse to release a leaking notebook, also when the formgrader's button generates it.

    A preprocessor, because nbgrader swallows the exceptions of hooks.
    """

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Return the notebook unchanged, or raise.

        Raises:
            ReleaseRefused: The notebook would show students what they must not see.
        """
        names = resources["nbgrader"]
        assignment = Course(Path.cwd(), self.config).assignment(names["assignment"])
        place = f"{names['notebook']}.ipynb"
        findings = audit_source(assignment.notebooks[names["notebook"]].source, place)
        findings += audit_notebook(nb, secrets_of(assignment.notebooks.values()), place)
        if findings:
            raise ReleaseRefused("; ".join(f"{f.place}: {f.detail}" for f in findings))
        return nb, resources
