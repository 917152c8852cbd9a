"""May this be released?

The audit looks at what would be published, compares it with what must stay secret, and proves by running it that the
reference earns full marks and an untouched release earns nothing.
It works by allow-list: what is not known to be fine is refused.
"""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from coursegrader.authoring.leaks import leaked, marker_typo, secrets_of, strings
from coursegrader.course.course import PRIVATE, Assignment, Course, Notebook
from coursegrader.course.markers import DEFAULT, Markers
from coursegrader.course.setup import settings
from coursegrader.engine.execute import run_notebook
from coursegrader.errors import AuthoringError, ReleaseRefused
from coursegrader.grading.cache import Cache
from coursegrader.grading.marking import judge_notebook
from coursegrader.grading.reference import Reference, reference, run_source, staged
from coursegrader.grading.running import SubmissionRun
from coursegrader.grading.saving import refuse_forgeable
from coursegrader.intake.repair import rebuild
from coursegrader.model import Finding

ALLOWED_FILES = re.compile(r"[^/]+\.ipynb|requirements\.txt|data/.+")  # and what c.LeakGate.released_files names
_KEPT_METADATA = {"kernelspec", "language_info"}
_KEPT_CELL_METADATA = {"nbgrader", "coursegrader", "deletable", "editable", "jupyter", "cellView"}
_KEPT_NAMESPACE = {
    "nbgrader": {
        *("grade", "grade_id", "locked", "points", "schema_version", "solution", "task"),
        *("cell_type", "checksum"),  # written by nbgrader
    },
    "coursegrader": {"answers", "optional", "all_or_nothing"},
    "jupyter": {"source_hidden"},  # a folded cell in JupyterLab and VS Code; cellView folds it in Colab
}
#: How the files of pictures begin that may be attached to a cell.
_PICTURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8"}


def audit(assignment: Assignment, release: Path) -> list[Finding]:
    """Return everything about a generated release that must not reach students; reads, runs nothing.

    Args:
        assignment: The instructor's side.
        release: Folder with the generated student version.
    """
    secrets = secrets_of(assignment.notebooks.values())
    findings = _audit_files(assignment, release, secrets)
    names = {path.stem for path in release.glob("*.ipynb")}
    for name in sorted(names ^ set(assignment.notebooks)):
        findings.append(_refuse("other_notebook", f"{name}.ipynb", "is on one side only; generate the release anew"))
    for name in sorted(names & set(assignment.notebooks)):
        released = nbformat.read(release / f"{name}.ipynb", as_version=4)
        findings += audit_source(assignment.notebooks[name].source, f"{name}.ipynb", assignment.course.markers)
        findings += audit_notebook(released, secrets, f"{name}.ipynb", assignment.course.markers)
    return findings


def _audit_files(assignment: Assignment, release: Path, secrets: dict[str, str]) -> list[Finding]:
    """Return the files that are not on the list, and those that hold what must stay with the instructor."""
    private = {
        path.read_bytes(): path.relative_to(assignment.folder).as_posix()
        for name in PRIVATE
        for path in [assignment.folder / name, *sorted((assignment.folder / name).rglob("*"))]
        if path.is_file() and path.stat().st_size
    }
    named = assignment.course.settings.gate.released_files
    findings = []
    for path in sorted(release.rglob("*")):
        relative = path.relative_to(release).as_posix()
        if path.is_symlink():
            findings.append(_refuse("link", relative, "is a symbolic link; put the file itself there"))
        elif path.is_file() and not ALLOWED_FILES.fullmatch(relative) and relative not in named:
            detail = (
                "is not a notebook, data/ or requirements.txt; move, delete or name it in c.LeakGate.released_files"
            )
            findings.append(_refuse("stray_file", relative, detail))
        elif path.is_file() and (path.parent != release or path.suffix != ".ipynb"):
            raw = path.read_bytes()
            if raw in private:
                findings.append(_refuse("private_file", relative, f"is a copy of {private[raw]}; delete it"))
            text = raw.decode("utf-8", "replace")
            findings += [_secret(relative, *found) for found in leaked(text, secrets).items()]
    return findings


def audit_source(source: NotebookNode, place: str, markers: Markers = DEFAULT) -> list[Finding]:
    """Return marker lines of an instructor notebook that nbgrader would not understand."""
    findings = []
    for cell in source.cells:
        where, open_region = f"{place}, {cell.get('id', '')}", ""
        for line in cell.source.split("\n"):
            found, meant = markers.found(line), marker_typo(line, markers)
            if meant:
                findings.append(_refuse("marker_typo", where, f"{line.strip()!r} is no marker; write '### {meant}'"))
            if not found:
                continue
            word, region = found
            if (word == "BEGIN") == bool(open_region) or (word == "END" and region != open_region):
                detail = f"{line.strip()!r} has no partner; put one BEGIN and one END around each region"
                findings.append(_refuse("unbalanced_marker", where, detail))
            open_region = region if word == "BEGIN" else ""
        if open_region:
            findings.append(_refuse("unbalanced_marker", where, f"BEGIN {open_region} has no END; add it"))
    return findings


def audit_notebook(
    released: NotebookNode, secrets: dict[str, str], place: str, markers: Markers = DEFAULT
) -> list[Finding]:
    """Return what one generated student notebook must not contain."""
    findings = [
        _refuse("metadata", place, f"has notebook metadata {key!r}; delete it in the source")
        for key in sorted(set(released.metadata) - _KEPT_METADATA)
    ]
    for cell in released.cells:
        findings += _audit_cell(cell, f"{place}, {cell.get('id', '')}", markers)
    for origin, piece in leaked("\n".join([*strings(released), *_attached(released)]), secrets).items():
        cells = (c.get("id", "") for c in released.cells if leaked("\n".join(strings(c)), {piece: origin}))
        where = next(cells, "")
        findings.append(_secret(f"{place}, {where}" if where else place, origin, piece))
    return findings


def _audit_cell(cell: NotebookNode, where: str, markers: Markers) -> Iterator[Finding]:
    for key in sorted(set(cell.metadata) - _KEPT_CELL_METADATA):
        yield _refuse("metadata", where, f"has cell metadata {key!r}; delete it in the source")
    for space, kept in _KEPT_NAMESPACE.items():
        for key in sorted(set(cell.metadata.get(space, {})) - kept):
            yield _refuse("metadata", where, f"has {space} metadata {key!r}; delete it in the source")
    for name, kinds in cell.get("attachments", {}).items():
        if not _is_shown(name, kinds, cell):
            detail = (
                f"has an attachment, {name}, that is no picture shown in its text; take it out, or put it into data/"
            )
            yield _refuse("attachment", where, detail)
    if cell.get("outputs") or cell.get("execution_count"):
        yield _refuse("outputs", where, "has outputs; clear them in the source")
    for line in cell.source.split("\n"):
        if markers.found(line) or marker_typo(line, markers):
            detail = f"contains the marker line {line.strip()!r}; nbgrader should have taken its region away"
            yield _refuse("marker", where, detail)
    if re.search(r"\b(import|from)\s+coursegrader\b|\bcoursegrader\.", cell.source):
        yield _refuse(
            "package", where, "uses the grading package, which students do not have; do it in a hidden region"
        )


def _attached(notebook: NotebookNode) -> Iterator[str]:
    """Yield what is attached to the cells of a notebook as text: pictures can carry some."""
    for cell in notebook.cells:
        for kinds in cell.get("attachments", {}).values():
            for data in kinds.values():
                with contextlib.suppress(TypeError, ValueError):  # no base64, so a text that was looked at already
                    yield base64.b64decode(data).decode("utf-8", "replace")


def _is_shown(name: str, kinds: Mapping[str, Any], cell: NotebookNode) -> bool:
    """Tell whether an attachment is one picture and nothing else, and shown in the text of its cell."""
    kind, data = next(iter(kinds.items())) if len(kinds) == 1 else ("", "")
    try:
        raw = base64.b64decode(data)
    except (TypeError, ValueError):
        return False
    start = _PICTURES.get(kind)
    return start is not None and raw.startswith(start) and f"attachment:{name}" in unquote(cell.source)


def _secret(place: str, origin: str, piece: str) -> Finding:
    return _refuse("secret_text", place, f"contains text of {origin} ({piece[:40]}...); say it differently on one side")


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
        refuse_forgeable(notebook, known)
        again = reference(notebook, seed, Cache(cache.folder / "second-run"))
    except AuthoringError as error:
        return [_refuse("reference_fails", place, str(error))]
    findings = []
    own = judge_notebook(notebook, SubmissionRun("", run_source(notebook, seed, cache)), again)
    for cell in own.cells:
        if cell.forgeable and not cell.manual and cell.points != cell.max_points:
            detail = "the reference solution does not get through its own tests; mend one of them"
            findings.append(_refuse("reference_fails", f"{place}, {cell.grade_id}", detail))
        elif not cell.manual and cell.points != cell.max_points:
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
        run = run_notebook(notebook, nb, files=files, seed=seed)
    result = judge_notebook(notebook, SubmissionRun("", run), known)
    return {cell.grade_id: cell.points or 0.0 for cell in result.cells if not cell.manual}


class LeakGate(settings.LeakGate, NbGraderPreprocessor):
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
        findings = audit_source(assignment.notebooks[names["notebook"]].source, place, assignment.course.markers)
        findings += audit_notebook(nb, secrets_of(assignment.notebooks.values()), place, assignment.course.markers)
        if findings:
            raise ReleaseRefused("; ".join(f"{f.place}: {f.detail}" for f in findings))
        return nb, resources
