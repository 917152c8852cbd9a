"""What does a cell's code define, and which machinery does it touch? Read, never run."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from msgspec.structs import replace

from coursegrader.course.syntax import tree_of
from coursegrader.model import Finding

MAX_PARSED = 25_000  # characters of one text: a tree takes a thousand bytes of memory for some of them
MAX_ALL_PARSED = 50_000  # characters of all side files
MAX_FLAGGED = 20  # files that are flagged by name

_INTERNALS = {
    "ast_transformers", "input_transformers_cleanup", "input_transformers_post", "run_cell", "showtraceback",
    "displayhook", "publish_display_data", "_getframe", "f_back", "COURSEGRADER_SEED", "COURSEGRADER_REFERENCE",
    "coursegrader", "NBGRADER_EXECUTION", "kernel_info_reply", "execute_reply", "ctypes", "gradebook",
}  # fmt: skip
_PATCHED = {"torch", "np", "numpy", "builtins", "__builtins__", "nn"}


def defined_names(source: str) -> set[str]:
    """Return the functions, classes and variables a cell defines at its top level; none if it does not parse."""
    names: set[str] = set()
    pending = list(tree.body) if (tree := parsed(source)) else []
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            names.add(node.name)
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            nodes = ast.walk(target) if target else ()
            names |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for block in ("body", "orelse", "finalbody", "handlers"):
            pending += getattr(node, block, [])
    return names


def parsed(source: str) -> ast.Module | None:
    """Return a cell's syntax tree, its magics left out, or None if it is not Python, or longer than anyone writes."""
    if len(source) > MAX_PARSED:
        return None
    plain = re.sub(r"^[ \t]*[%!].*$", "", source, flags=re.MULTILINE)
    try:
        return tree_of(plain)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def touched(source: str) -> set[str]:
    """Return what of the grader's machinery, or of the libraries, the code uses or replaces."""
    if not any(word in source for word in _INTERNALS | _PATCHED):
        return set()
    tree = parsed(source)
    if tree is None:
        return _named(source)
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            found |= {node.attr} & _INTERNALS
            if isinstance(node.ctx, ast.Store) and _root(node) in _PATCHED:
                found.add(f"assignment to {node.attr} of {_root(node)}")
        elif isinstance(node, ast.Name):
            found |= {node.id} & _INTERNALS
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {node.value, node.value.partition(".")[0]} & _INTERNALS
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            found |= {name.partition(".")[0] for name in names} & _INTERNALS
    return found


def flagged_files(files: Mapping[str, bytes]) -> list[Finding]:
    """Flag side files of Python that touch the machinery of tests, as cells are flagged that do.

    Small files are read as Python is; what is more than a student writes is searched for the words alone.
    """
    findings = []
    room = MAX_ALL_PARSED
    for name, data in sorted(files.items(), key=lambda file: (len(file[1]), file[0])):
        if not name.endswith(".py"):
            continue
        text = data.decode("utf-8", "replace")
        room -= len(text)
        if words := touched(text) if room >= 0 else _named(text):
            findings.append(Finding("touches_internals", name, "uses " + ", ".join(sorted(words))))
    findings.sort(key=lambda finding: finding.place)
    if more := findings[MAX_FLAGGED:]:
        findings[MAX_FLAGGED:] = [replace(more[0], detail=f"{more[0].detail}; and {len(more) - 1} more files")]
    return findings


def _named(source: str) -> set[str]:
    """Return the words of the machinery that stand anywhere in a text."""
    return {word for word in _INTERNALS if word in source}


def _root(node: ast.Attribute) -> str:
    value: ast.expr = node
    while isinstance(value, ast.Attribute):
        value = value.value
    return value.id if isinstance(value, ast.Name) else ""
