"""Where in the text does each node of a syntax tree stand, and what is the text with one of them replaced?"""

from __future__ import annotations

import ast
import copy

from coursegrader.course.syntax import tree_of

_AXES = ("dim", "axis", "dims", "axes", "axis0", "axis1")

#: What a rule finds: the kind of change, the node that is replaced, and by which text.
Change = tuple[str, ast.AST, str]


class Code:
    """The text of a cell, and where in it each node of its tree stands."""

    def __init__(self, source: str, parents: dict[ast.AST, ast.AST]) -> None:
        """Measure the lines of a text.

        Args:
            source: The text.
            parents: The parent of each node of its tree.
        """
        self.parents = parents
        self.raw = source.encode()
        self.starts = [0]
        for line in self.raw.split(b"\n"):
            self.starts.append(self.starts[-1] + len(line) + 1)
        names = {node.id for node in parents if isinstance(node, ast.Name)}
        self.torch = bool(names & {"torch", "nn", "F"})

    def nodes(self, tree: ast.Module) -> list[ast.AST]:
        """Return the nodes that have a place and are no annotation, docstring or part of an f-string."""
        left_out = set()
        for node in ast.walk(tree):
            parts = [getattr(node, "annotation", None), getattr(node, "returns", None)]
            parts += node.values if isinstance(node, ast.JoinedStr) else []
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                parts.append(node)
            left_out |= {inner for part in parts if part is not None for inner in ast.walk(part)}
        placed = [node for node in ast.walk(tree) if hasattr(node, "lineno") and node not in left_out]
        return sorted(placed, key=lambda node: (self.span(node)[0], -self.span(node)[1]))

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return where a node begins and ends."""
        start = self.starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
        return start, self.starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]

    def text(self, node: ast.AST) -> str:
        """Return the text of a node."""
        start, end = self.span(node)
        return self.raw[start:end].decode()

    def indent(self, node: ast.stmt) -> str:
        """Return what a new line beside a statement begins with."""
        return "\n" + " " * node.col_offset

    def changed(self, node: ast.AST, text: str) -> str | None:
        """Return the text with a node replaced, in brackets where it needs them; None if that is not Python."""
        start, end = self.span(node)
        bare, bracketed = ((self.raw[:start] + new.encode() + self.raw[end:]).decode() for new in (text, f"({text})"))
        trees = [dump_of(bare), dump_of(bracketed)]
        if isinstance(node, ast.stmt | ast.Slice | ast.keyword | ast.Starred):
            return bare if trees[0] else None
        return bracketed if trees[1] and trees[0] != trees[1] else bare if trees[0] else None


def dump_of(source: str) -> str:
    """Return what is the same for two texts of the same code; empty if a text is not Python."""
    try:
        return ast.dump(tree_of(source))
    except SyntaxError:
        return ""


def with_parts(node: ast.AST, **parts: object) -> str:
    """Return the text of a node with some parts replaced."""
    other = copy.copy(node)
    for name, part in parts.items():
        setattr(other, name, part)
    return ast.unparse(other)


def kind_of(node: ast.AST, code: Code) -> str:
    """Say what a constant is: an axis, a default or just a constant."""
    parent = code.parents.get(node)
    if isinstance(parent, ast.keyword) and parent.arg in _AXES:
        return "other axis"
    return "default" if isinstance(parent, ast.arguments) else "constant"
