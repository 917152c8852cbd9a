"""What did the student hand in, and how is it made gradable?

A submission is never patched but rebuilt: the instructor's release, the student's answers, the student's extra cells.
Locked cells, points, tags and metadata always come from the instructor's side.
Nothing here executes, unpickles or follows a link.
"""

from __future__ import annotations

import ast
import copy
import difflib
import json
import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.preprocessors import NbGraderPreprocessor

from coursegrader.course import Assignment, Course, Notebook
from coursegrader.errors import IngestError
from coursegrader.log import Finding

MAX_NOTEBOOK = 64 << 20  # bytes; outputs are dropped, so a large file can still be a small answer
MAX_CELL = 200_000  # characters
MAX_CELLS = 2_000
MAX_FILE = 50 << 20  # bytes of one side file
MAX_FILES = 100 << 20  # bytes of all side files
FINDINGS = "coursegrader_findings"
LOST = "the question counts as not answered"

Cell = dict[str, Any]


# -- reading ----------------------------------------------------------------------------------------------------------


def read_regular(path: Path, limit: int) -> bytes:
    """Read a regular file without following links.

    Raises:
        IngestError: It is a link, a directory or a special file, it is too large, or it cannot be read.
    """
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            raise IngestError(f"{path.name} is a symbolic link: hand in the file itself")
        if not stat.S_ISREG(status.st_mode):
            raise IngestError(f"{path.name} is a directory or a special file: hand in the file itself")
        if status.st_size > limit:
            raise IngestError(
                f"{path.name} has {status.st_size >> 20} MB, more than the {limit >> 20} MB that are read"
            )
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise IngestError(f"{path.name} cannot be read: {error.strerror}") from error


def parse(raw: bytes, name: str) -> tuple[list[Cell], list[Finding]]:
    """Read the cells out of a handed-in file, however it was damaged.

    Args:
        raw: The file.
        name: Its name, for the findings.

    Returns:
        The cells as plain dictionaries and what was noticed on the way.

    Raises:
        IngestError: There is no cell to be found.
    """
    findings: list[Finding] = []
    try:
        text = raw.decode(json.detect_encoding(raw))
    except UnicodeDecodeError as error:
        findings.append(Finding("not_utf8", name, f"byte {error.start} is not UTF-8 and was replaced"))
        text = raw.decode("utf-8", "replace")
    if not text.strip():
        raise IngestError(f"{name} is empty: hand in the notebook again")
    try:
        data = json.loads(text)
        cells = _cells_of(data, name, findings)
    except RecursionError as error:
        raise IngestError(f"{name} is nested too deeply to be a notebook: hand in the notebook again") from error
    except ValueError as error:
        cells = _salvage(text)
        if not cells:
            raise IngestError(f"{name} is not a notebook ({str(error)[:60]}): hand in the .ipynb file again") from error
        findings.append(
            Finding(
                "truncated",
                name,
                f"the file is damaged; {len(cells)} cells could be read",
                "answers behind the damage are lost",
            )
        )
    if len(cells) > MAX_CELLS:
        findings.append(Finding("too_many_cells", name, f"only the first {MAX_CELLS} of {len(cells)} cells were read"))
    return cells[:MAX_CELLS], findings


def _cells_of(data: Any, name: str, findings: list[Finding]) -> list[Cell]:
    cells = data.get("cells") if isinstance(data, dict) else None
    if cells is None and isinstance(data, dict) and isinstance(data.get("worksheets"), list):
        findings.append(Finding("old_format", name, "notebook format 3 was read as format 4"))
        cells = [
            cell
            for sheet in data["worksheets"]
            if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)
            for cell in sheet["cells"]
        ]
    if not isinstance(cells, list):
        raise IngestError(f"{name} has no cells, so it is not a notebook: hand in the .ipynb file again")
    return [cell for cell in cells if isinstance(cell, dict)]


def _salvage(text: str) -> list[Cell]:
    """Read as many whole cells as there are at the beginning of a truncated notebook."""
    start = re.search(r'"cells"\s*:\s*\[', text)
    cells: list[Cell] = []
    position = start.end() if start else len(text)
    decoder = json.JSONDecoder()
    while True:
        while position < len(text) and text[position] in " \t\r\n,":
            position += 1
        try:
            cell, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            return cells
        if not isinstance(cell, dict):
            return cells
        cells.append(cell)


def source_of(cell: Cell) -> str:
    """Return a cell's source as one string with plain line ends, whatever shape it was stored in."""
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return ""
    return source.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode("utf-8")


def grade_id_of(cell: Any) -> str | None:
    """Return the cell's grade_id if it has a usable one."""
    metadata = cell.get("metadata")
    meta = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    value = meta.get("grade_id") if isinstance(meta, dict) else None
    return value if isinstance(value, str) else None


# -- rebuilding -------------------------------------------------------------------------------------------------------


@dataclass
class _Slot:
    """A cell of the release with the handed-in cells that claim to be it."""

    cell: NotebookNode
    answer: bool  # the student is asked to write here
    editable: bool  # the student's text is taken at all
    claims: list[Cell] = field(default_factory=list)


def rebuild(notebook: Notebook, cells: list[Cell]) -> tuple[NotebookNode, list[Finding]]:
    """Build a clean notebook from the release and the answers found in handed-in cells.

    Each answer is found by grade_id, else by cell id, else by the names it defines.

    Returns:
        The notebook to grade, and one finding for each change that was necessary.
    """
    findings: list[Finding] = []
    place = f"{notebook.name}.ipynb"
    cells = [cell for cell in cells if _small_enough(cell, place, findings)]
    slots = [_slot(cell) for cell in notebook.release.cells]
    extras: dict[int, list[Cell]] = {}
    _claim(slots, cells, extras, place, findings)
    _find_by_names(slots, extras, place, findings)
    result = copy.deepcopy(notebook.release)
    result.cells = []
    for position, slot in enumerate(slots):
        result.cells += [_extra(cell) for cell in extras.get(position - 1, [])] if position == 0 else []
        result.cells.append(_filled(slot, place, findings))
        result.cells += [_extra(cell) for cell in extras.get(position, [])]
    _unique_ids(result)
    findings += suspicious(result, notebook)
    return result, findings


def _small_enough(cell: Cell, place: str, findings: list[Finding]) -> bool:
    size = len(source_of(cell))
    if size > MAX_CELL:
        findings.append(Finding("cell_too_large", place, f"a cell of {size} characters was left out", LOST))
    return size <= MAX_CELL


def _slot(cell: NotebookNode) -> _Slot:
    meta = cell.metadata.get("nbgrader", {})
    answer = bool(meta.get("solution")) or "answers" in cell.metadata.get("coursegrader", {})
    locked = bool(meta.get("locked") or meta.get("grade")) and not answer
    return _Slot(cell, answer, answer or (not locked and not meta and cell.cell_type == "code"))


def _claim(
    slots: list[_Slot], cells: list[Cell], extras: dict[int, list[Cell]], place: str, findings: list[Finding]
) -> None:
    """Give each handed-in cell to its slot; what belongs nowhere is an extra cell behind the slot before it."""
    by_grade_id = {grade_id_of(slot.cell): n for n, slot in enumerate(slots) if grade_id_of(slot.cell)}
    by_id = {slot.cell.id: n for n, slot in enumerate(slots)}
    by_text = {slot.cell.source: n for n, slot in enumerate(slots) if not slot.answer and slot.cell.source.strip()}
    anchor = -1
    for cell in cells:
        grade_id, cell_id = grade_id_of(cell), cell.get("id")
        number = by_grade_id.get(grade_id)
        if number is None and isinstance(cell_id, str):
            number = by_id.get(cell_id)
        if number is None:
            number = by_text.get(source_of(cell))
        if number is None:
            extras.setdefault(anchor, []).append(cell)
            continue
        slots[number].claims.append(cell)
        if number < anchor:
            findings.append(
                Finding("cell_moved", f"{place}, {slots[number].cell.id}", "the cell was put back in its place")
            )
        anchor = max(anchor, number)


def _find_by_names(slots: list[_Slot], extras: dict[int, list[Cell]], place: str, findings: list[Finding]) -> None:
    """Look among the extra cells for answers whose own cell is gone or was left untouched."""
    for slot in slots:
        untouched = all(source_of(claim).strip() in ("", slot.cell.source.strip()) for claim in slot.claims)
        wanted = defined_names(slot.cell.source)
        if not (slot.answer and untouched and wanted):
            continue
        for group in extras.values():
            matches = [cell for cell in group if wanted <= defined_names(source_of(cell))]
            if matches:
                slot.claims = [matches[-1]]
                group.remove(matches[-1])
                names = ", ".join(sorted(wanted))
                findings.append(
                    Finding(
                        "answer_found",
                        f"{place}, {slot.cell.id}",
                        f"a cell that defines {names} was taken as the answer",
                    )
                )
                break


def _filled(slot: _Slot, place: str, findings: list[Finding]) -> NotebookNode:
    """Return the release's cell with the student's text where the student may write."""
    cell = copy.deepcopy(slot.cell)
    where = f"{place}, {cell.id}"
    graded = "nbgrader" in cell.metadata
    if not slot.claims:
        if slot.answer:
            findings.append(Finding("missing_answer", where, "the cell is not in the notebook", LOST))
        elif graded:
            findings.append(Finding("missing_cell", where, "the cell was put back"))
        return cell
    if len(slot.claims) > 1 and graded:
        findings.append(Finding("duplicated_cell", where, f"{len(slot.claims)} copies; the last edited one was taken"))
    edited = [claim for claim in slot.claims if source_of(claim).strip() not in ("", slot.cell.source.strip())]
    chosen = (edited or slot.claims)[-1]
    if graded and chosen.get("cell_type") != cell.cell_type:
        findings.append(Finding("cell_type_changed", where, f"the cell is a {cell.cell_type} cell again"))
    text = source_of(chosen)
    if slot.editable:
        if slot.answer and not text.strip():
            findings.append(Finding("emptied_cell", where, "the answer cell is empty", LOST))
        cell.source = text
    elif graded and text != cell.source:
        findings.append(Finding("locked_cell_edited", where, "the instructor's text was put back"))
    return cell


def _extra(cell: Cell) -> NotebookNode:
    make = new_code_cell if cell.get("cell_type") == "code" else new_markdown_cell
    return make(source_of(cell), metadata={"coursegrader": {"extra": True}})


def _unique_ids(notebook: NotebookNode) -> None:
    """Name extra cells after their place, so that two runs give the same file."""
    number = 0
    for cell in notebook.cells:
        if cell.metadata.get("coursegrader", {}).get("extra"):
            number += 1
            cell["id"] = f"extra-{number}"
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def defined_names(source: str) -> set[str]:
    """Return the functions, classes and variables a cell defines at its top level; none if it does not parse."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    names = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


# -- flags: they cost nothing, a person looks at them -----------------------------------------------------------------

_INTERNALS = {
    "ast_transformers", "input_transformers_cleanup", "input_transformers_post", "run_cell", "showtraceback",
    "displayhook", "publish_display_data", "_getframe", "f_back", "COURSEGRADER_SEED", "COURSEGRADER_REFERENCE",
    "coursegrader", "NBGRADER_EXECUTION", "kernel_info_reply", "execute_reply", "ctypes", "gradebook",
}  # fmt: skip
_PATCHED = {"torch", "np", "numpy", "builtins", "__builtins__", "nn"}


def suspicious(rebuilt: NotebookNode, notebook: Notebook) -> list[Finding]:
    """Flag answers that touch the machinery of tests; nothing is taken away for it."""
    given = {cell.source for cell in notebook.release.cells}
    findings = []
    for cell in rebuilt.cells:
        if cell.cell_type != "code" or cell.source in given:
            continue
        words = _touched(cell.source)
        if words:
            findings.append(
                Finding("touches_internals", f"{notebook.name}.ipynb, {cell.id}", "uses " + ", ".join(sorted(words)))
            )
    return findings


def _touched(source: str) -> set[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {word for word in _INTERNALS if word in source}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            found |= {node.attr} & _INTERNALS
            if isinstance(node.ctx, ast.Store) and _root(node) in _PATCHED:
                found.add(f"assignment to {ast.unparse(node)}")
        elif isinstance(node, ast.Name):
            found |= {node.id} & _INTERNALS
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {node.value} & _INTERNALS
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            found |= {name.partition(".")[0] for name in names} & _INTERNALS
    return found


def _root(node: ast.Attribute) -> str:
    value: ast.expr = node
    while isinstance(value, ast.Attribute):
        value = value.value
    return value.id if isinstance(value, ast.Name) else ""


# -- a whole submission -----------------------------------------------------------------------------------------------


@dataclass
class Submission:
    """One student's folder as read: notebooks and side files as bytes, and what was noticed.

    Attributes:
        student: Student id.
        notebooks: Raw bytes by the instructor's notebook name; a missing or unreadable one is not in it.
        problems: Why a notebook is not in ``notebooks``, by name.
        files: Side files by relative path.
        findings: What was noticed.
    """

    student: str
    notebooks: dict[str, bytes] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def ingest(
    folder: Path, student: str, assignment: Assignment, wanted: Callable[[str], bool] = lambda name: True
) -> Submission:
    """Read a submission folder: regular files only, within limits, no link followed.

    Args:
        folder: ``submitted/<student>/<assignment>``.
        student: Student id.
        assignment: The instructor's side.
        wanted: Which notebooks to read, by name.
    """
    submission = Submission(student)
    strays: list[Path] = []
    total = 0
    for path in _walk(folder, submission):
        relative = path.relative_to(folder).as_posix()
        if path.suffix == ".ipynb" and path.parent == folder:
            if path.stem not in assignment.notebooks:
                strays.append(path)
            elif wanted(path.stem):
                _read_notebook(submission, path, path.stem)
            continue
        try:
            data = read_regular(path, MAX_FILE)
        except IngestError as error:
            submission.findings.append(
                Finding("file_left_out", relative, str(error), "cells that need it will not find it")
            )
            continue
        total += len(data)
        if total > MAX_FILES:
            submission.findings.append(Finding("file_left_out", relative, f"more than {MAX_FILES >> 20} MB of files"))
            continue
        submission.files[relative] = data
    _match_strays(submission, strays, assignment, wanted)
    for name in assignment.notebooks:
        if wanted(name) and name not in submission.notebooks:
            submission.problems.setdefault(name, f"{name}.ipynb was not handed in")
    return submission


def _walk(folder: Path, submission: Submission) -> list[Path]:
    found = []
    for directory, names, files in os.walk(folder, followlinks=False):
        links = [name for name in names if (Path(directory) / name).is_symlink()]
        notebooks = [name for name in names if name.endswith(".ipynb")]
        names[:] = [
            n for n in names if n not in links and n not in notebooks and n not in (".ipynb_checkpoints", "__pycache__")
        ]
        found += [Path(directory) / name for name in (*files, *notebooks, *links)]
        if len(found) > 5000:
            submission.findings.append(
                Finding("too_many_files", submission.student, "only the first 5000 files were read")
            )
            break
    return sorted(found)[:5000]


def _read_notebook(submission: Submission, path: Path, name: str) -> None:
    try:
        submission.notebooks[name] = read_regular(path, MAX_NOTEBOOK)
    except IngestError as error:
        submission.problems[name] = str(error)


def _match_strays(
    submission: Submission, strays: list[Path], assignment: Assignment, wanted: Callable[[str], bool]
) -> None:
    """Give renamed notebooks to the name they were released under: by their file name, else by their cells."""
    for path in strays:
        name = _original_name(path.stem, list(assignment.notebooks))
        if name is None:
            name = _name_by_cells(path, assignment)
        if name is None or name in submission.notebooks or not wanted(name):
            submission.findings.append(
                Finding("unknown_notebook", path.name, "is no notebook of this assignment or a second copy of one")
            )
            continue
        submission.problems.pop(name, None)
        _read_notebook(submission, path, name)
        submission.findings.append(Finding("renamed", path.name, f"was graded as {name}.ipynb"))


def _original_name(stem: str, names: list[str]) -> str | None:
    plain = re.sub(
        r"(\s*\(\d+\)|[-_ ]copy\d*|[-_ ](final|submission|solution|v\d+))+$", "", stem, flags=re.IGNORECASE
    ).strip()
    close = difflib.get_close_matches(plain.lower(), [name.lower() for name in names], n=1, cutoff=0.8)
    return next((name for name in names if close and name.lower() == close[0]), None)


def _name_by_cells(path: Path, assignment: Assignment) -> str | None:
    try:
        cells, _ = parse(read_regular(path, MAX_NOTEBOOK), path.name)
    except IngestError:
        return None  # the caller reports the file as unknown
    ids = {grade_id_of(cell) or cell.get("id") for cell in cells if isinstance(cell.get("id", ""), str)}
    shared = {
        name: len(ids & {grade_id_of(cell) or cell.id for cell in notebook.release.cells})
        for name, notebook in assignment.notebooks.items()
    }
    best = max(shared, key=lambda name: shared[name])
    return best if shared[best] >= 3 else None


class Repair(NbGraderPreprocessor):
    """Rebuild the submission inside ``nbgrader autograde``, before nbgrader looks at it."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Return the rebuilt notebook; findings are kept in its metadata for ``SaveScores``."""
        names = resources["nbgrader"]
        course = Course(Path.cwd(), self.config)
        notebook = course.assignment(names["assignment"]).notebooks[names["notebook"]]
        rebuilt, findings = rebuild(notebook, nb.cells)
        rebuilt.metadata[FINDINGS] = [vars(finding) for finding in findings]
        for finding in findings:
            self.log.warning("%s: %s: %s (%s)", finding.code, finding.place, finding.detail, finding.effect)
        return rebuilt, resources
