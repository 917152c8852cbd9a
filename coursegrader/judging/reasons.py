"""Why did an answer earn nothing, in words its student can act on?

An answer may be missing, may not have run, may define another name than the one asked for, or may fail a test that
the student can see. All of that is told from the notebook itself; what student code says only fills small gaps in
sentences that the instructor wrote, because it could carry hidden inputs out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

from nbformat import NotebookNode

from coursegrader.course.metadata import grade_id, is_extra, is_grade, is_solution
from coursegrader.course.syntax import tree_of
from coursegrader.judging.sentences import Template, retell, templates_in
from coursegrader.judging.sieve import plain_error

if TYPE_CHECKING:  # it brings nbgrader, which nothing here needs
    from coursegrader.course.course import Notebook

VALUES = 4  # that a sentence may take from what student code raised
MESSAGES = 3  # sentences of a notebook that may do so
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_LINE = re.compile(r"(?:Cell In ?\[[0-9]*\]|<ipython-input[^>\n]{0,60}>|<cell[^>\n]{0,60}>\"?), line ([0-9]{1,5})")


@dataclass
class Reasons:
    """What can be said of a grade cell without looking at hidden evidence.

    Attributes:
        blank: Whether nothing at all was answered.
        sentences: What the student should read first, most important first.
    """

    blank: bool = False
    sentences: list[str] = field(default_factory=list)


@dataclass
class _Question:
    """A grade cell with the answer cells it is about, as they stand in the student's notebook."""

    grade: NotebookNode
    answers: list[NotebookNode]


def find_reasons(notebook: Notebook, nb: NotebookNode, ended: dict[str, str]) -> dict[str, Reasons]:
    """Return the reasons for every autograded cell of an executed notebook.

    Args:
        notebook: The instructor's side.
        nb: The student's notebook as it was executed, with the outputs of its cells.
        ended: How student cells ended that did not end well, by cell id.
    """
    given = {cell.id: cell.source for cell in notebook.release.cells}
    asked = _asked(notebook)
    bound = {name for cell in nb.cells if _is_students(cell) for name in _bound(cell.source)}
    found: dict[str, Reasons] = {}
    messages = 0
    for question in _questions(nb):
        reasons = found[grade_id(question.grade)] = Reasons()
        wanted = [name for cell in question.answers for name in asked.get(cell.id, ())]
        untouched = all(cell.source.strip() in ("", given.get(cell.id, "").strip()) for cell in question.answers)
        reasons.blank = bool(question.answers) and untouched and not set(wanted) & _bound_outside(nb)
        if reasons.blank:
            continue
        stopped = [s for cell in question.answers if (s := _stopped(cell, ended.get(cell.id, ""), given))]
        missing = [] if stopped else [_not_defined(name, bound) for name in wanted if name not in bound]
        visible = _visible_failure(question.grade, notebook, messages < MESSAGES)
        messages += bool(visible)
        reasons.sentences = [*stopped, *missing, *([visible] if visible else [])]
    return found


def _questions(nb: NotebookNode) -> Iterator[_Question]:
    """Yield the autograded cells, each with the answers that stand before it."""
    answers: list[NotebookNode] = []
    tested = False
    for cell in nb.cells:
        if cell.cell_type != "code":
            continue
        if is_solution(cell):
            answers, tested = [*([] if tested else answers), cell], False
        elif is_grade(cell):
            tested = True
            yield _Question(cell, answers)


def _is_students(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and (is_solution(cell) or is_extra(cell))


def _bound_outside(nb: NotebookNode) -> set[str]:
    """Return the names that cells of the student's own bind."""
    return {n for cell in nb.cells if cell.cell_type == "code" and is_extra(cell) for n in _bound(cell.source)}


# -- names ------------------------------------------------------------------------------------------------------------


@lru_cache(2000)
def _bound(source: str) -> frozenset[str]:
    """Return the names that a cell binds at its top level; none where it is not Python."""
    try:
        tree = tree_of(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    found: set[str] = set()
    nodes: list[ast.AST] = list(tree.body)
    while nodes:
        node = nodes.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
            continue  # what is bound inside is not the notebook's
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
        nodes.extend(ast.iter_child_nodes(node))
    return frozenset(found)


@lru_cache(32)
def _asked(notebook: Notebook) -> dict[str, list[str]]:
    """Return the names that each solution cell must define: those of the reference that students can read."""
    read = words(notebook)
    return {
        cell.id: [name for name in _in_order(cell.source) if name in read]
        for cell in notebook.source.cells
        if cell.cell_type == "code" and is_solution(cell)
    }


def _in_order(source: str) -> list[str]:
    """Return the functions, classes and plain names that a solution defines, in its order."""
    try:
        body = tree_of(source).body
    except SyntaxError:
        return []
    found: list[str] = []
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.append(node.name)
        elif isinstance(node, ast.Assign):
            found += [target.id for target in node.targets if isinstance(target, ast.Name)]
    return found


@lru_cache(32)
def words(notebook: Notebook) -> frozenset[str]:
    """Return the names in the code that the release gives, its strings that could be names, and prose set as code."""
    return frozenset().union(*(_words(cell.source, cell.cell_type) for cell in notebook.release.cells))


@lru_cache(2000)
def _words(source: str, kind: str) -> frozenset[str]:
    if kind != "code":
        return frozenset(re.findall(r"`([^`\n]{1,40})`", source))
    try:
        tree = tree_of(source)
    except SyntaxError:
        return frozenset()
    found: set[str] = set()
    for node in ast.walk(tree):
        for name in ("id", "attr", "name", "arg", "asname", "value"):
            text = getattr(node, name, None)
            if not isinstance(text, str):
                continue
            label = name == "value" and len(text) <= 60 and text.isprintable()
            if label or re.fullmatch(r"[^\W\d]\w{0,40}", text):
                found.add(text)
    return frozenset(found)


def _not_defined(name: str, bound: Iterable[str]) -> str:
    near = get_close_matches(name, [other for other in bound if len(other) < 100], n=1)
    hint = f" (there is `{near[0]}`: is it meant?)" if near else ""
    return f"the question asks for `{name}`, and no cell of yours defines that name{hint}"


# -- cells that did not run -------------------------------------------------------------------------------------------


def _stopped(cell: NotebookNode, ended: str, given: dict[str, str]) -> str:
    """Say that an answer did not run to its end, and where it stopped; empty if it did."""
    if cell.source.strip() in ("", given.get(cell.id, "").strip()):
        return ""
    error = _error(cell)
    if error is None:
        word = ended.partition(":")[0].replace("_", " ")
        return f"your cell did not run to its end ({word}), so nothing after it could use it" if word else ""
    if error.ename in ("SyntaxError", "IndentationError", "TabError"):
        return f"your cell did not run: {_syntax(cell.source, error.ename)}"
    line = _line(error, cell.source)
    names = frozenset(re.findall(r"\w{1,40}", line[1])) if line else frozenset()
    what = plain_error(f"{error.ename}: {error.evalue}", names=names)
    return f"your cell did not run: {what}{f', in line {line[0]}: `{_short(line[1])}`' if line else ''}"


def _syntax(source: str, name: str) -> str:
    """Say where Python stops reading; that needs no run."""
    try:
        tree_of(source)
    except SyntaxError as error:
        return f"{name}, line {error.lineno} ({error.msg})" if error.lineno else name
    except (ValueError, RecursionError, MemoryError):
        pass
    return name


def _error(cell: NotebookNode) -> NotebookNode | None:
    return next((output for output in cell.get("outputs", []) if output.output_type == "error"), None)


def _line(error: NotebookNode, source: str) -> tuple[int, str] | None:
    """Return number and text of the line of a cell in which an error came up."""
    found = _LINE.search(_ANSI.sub("", "\n".join(error.traceback)[:20_000]))
    lines = source.splitlines()
    number = int(found[1]) if found else 0
    return (number, lines[number - 1].strip()) if 0 < number <= len(lines) else None


def _short(text: str) -> str:
    return (text if len(text) <= 80 else f"{text[:77]}...").replace("`", "'")


# -- tests that the student can see -----------------------------------------------------------------------------------


def _visible_failure(cell: NotebookNode, notebook: Notebook, values: bool) -> str:
    """Say which test that the student can see fails, in the words of its author; empty if none does."""
    error = _error(cell)
    if error is None or error.ename == "KeyboardInterrupt":  # the time was up, which is said elsewhere
        return ""
    line = _line(error, cell.source)
    place = f"line {line[0]}: `{_short(line[1])}`" if line else "one of them"
    if error.ename != "AssertionError":
        what = plain_error(f"{error.ename}: {error.evalue}", names=words(notebook))
        return f"the tests that you can see stop with {what} ({place})"
    said = retell(str(error.evalue)[:2000], _templates(notebook), words(notebook), VALUES if values else 0)
    if not said:
        return f"a test that you can see fails ({place})"
    return f"a test that you can see fails: {said}{f' (line {line[0]})' if line else ''}"


@lru_cache(32)
def _templates(notebook: Notebook) -> list[Template]:
    """Return the sentences that given code can raise, as literals with None for each gap, the longest first."""
    cells = [c for c in notebook.release.cells if c.cell_type == "code" and not is_solution(c)]
    found = {template for cell in cells for template in templates_in(cell.source)}
    return sorted(found, key=lambda parts: (-sum(len(part or "") for part in parts), str(parts)))
