"""What of a grade cell decides outside the student's process, what could, and what cannot?

Rewritten into evidence, a cell does what it did: its code runs once more in the hidden region, assertions that cannot become
evidence stay in it and stop it, and only then are the values emitted. So it is worth what nbgrader gave for it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from dataclasses import dataclass, field

from coursegrader.authoring.adopting.assertions import NoEvidence, Value, mentions, value_of
from coursegrader.authoring.adopting.rewriting.leftovers import without_answers
from coursegrader.course.markers import Markers
from coursegrader.course.syntax import tree_of

HAS, COULD, FORGEABLE = "has evidence", "could have evidence", "stays forgeable"
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_TRIES = (ast.Try,) if not hasattr(ast, "TryStar") else (ast.Try, ast.TryStar)
_RAISES = "it asks whether something is raised, not for a value"
_CHANCE = re.compile(r"rand|uuid|\btime\b|now\(|today\(|shuffle|sample\(|urandom|choice")
_SEEDED = re.compile(r"seed\(\s*[^\s)]|default_rng\(\s*[^\s)]|RandomState\(\s*[^\s)]|Random\(\s*[^\s)]|rng\(")


@dataclass(frozen=True)
class Report:
    """What is to be said of one grade cell.

    Attributes:
        place: Notebook and grade_id.
        kind: ``HAS``, ``COULD`` or ``FORGEABLE``.
        points: What it is worth.
        assertions: How many it has.
        becoming: How many of them can become evidence.
        reasons: Why others cannot, one sentence each.
        source: The cell with evidence, where it could have some.
    """

    place: str
    kind: str
    points: float
    assertions: int = 0
    becoming: int = 0
    reasons: tuple[str, ...] = ()
    source: str = ""


def report(
    place: str, source: str, points: float, made: Collection[str], markers: Markers, elsewhere: Collection[str] = ()
) -> Report:
    """Say what a grade cell is and what it could be.

    Args:
        place: Notebook and grade_id.
        source: The instructor's own.
        points: What it is worth.
        made: Names that the student's code gives a value before this cell.
        markers: The course's.
        elsewhere: Names that other cells of the notebook use.
    """
    if re.search(r"\bevidence\s*\(", source):
        return Report(place, HAS, points)
    code = "\n".join(line for line in source.split("\n") if not markers.found(line))
    try:
        tree = tree_of(code)
    except (SyntaxError, ValueError):
        return Report(place, FORGEABLE, points, reasons=("it is not plain Python (a magic, perhaps)",))
    if why := _whole(tree, code):
        return Report(place, FORGEABLE, points, reasons=(why,))
    found = _Cell(code, set(made))
    found.read(tree.body, nested=False)
    if not found.values:
        reasons = tuple(found.reasons) or ("it asserts nothing of a value that the student's code made",)
        return Report(place, FORGEABLE, points, found.assertions, reasons=reasons)
    text = rewritten(source, code, found, markers, elsewhere)
    return Report(place, COULD, points, found.assertions, len(found.values), tuple(found.reasons), text)


def _whole(tree: ast.Module, code: str) -> str:
    """Say what about a cell as a whole stands against evidence; empty if nothing does."""
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr) and not isinstance(last.value, (ast.Call, ast.Constant)):
        return "it gives partial credit by the number it ends with"
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Constant) and not isinstance(last.value.value, str):
        return "it gives partial credit by the number it ends with"
    if _CHANCE.search(code) and not _SEEDED.search(code):
        return "it draws by chance: with a seed, the instructor's own run would say what to expect"
    return ""


@dataclass
class _Cell:
    """The statements of a grade cell as they are read, in order."""

    code: str
    made: set[str]
    values: list[tuple[ast.stmt, Value, bool]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    assertions: int = 0

    def read(self, body: list[ast.stmt], nested: bool) -> None:
        """Read statements; nested ones may run many times, or never."""
        for statement in body:
            self._read_one(statement, nested)
            self.made |= names_made([statement], self.made)

    def _read_one(self, statement: ast.stmt, nested: bool) -> None:
        try:
            value = value_of(statement, self.made)
        except NoEvidence as reason:
            self.assertions += 1
            self.reasons.append(f"line {statement.lineno}: {reason}")
            return
        if value is not None:
            self.assertions += 1
            if self._alone(statement):
                self.values.append((statement, value, nested))
            else:
                self.reasons.append(f"line {statement.lineno}: it shares its line with other code")
        elif why := _caught(statement):
            self.assertions += 1
            self.reasons.append(f"line {statement.lineno}: {why}")
        elif not isinstance(statement, (*_DEFINITIONS, *_TRIES)):
            for block in ("body", "orelse"):
                self.read(getattr(statement, block, []), nested=True)

    def _alone(self, statement: ast.stmt) -> bool:
        lines = self.code.split("\n")
        assert statement.end_lineno is not None
        before = lines[statement.lineno - 1].encode()[: statement.col_offset]
        after = lines[statement.end_lineno - 1].encode()[statement.end_col_offset :].strip()
        return not before.strip() and (not after or after.startswith(b"#"))


def _caught(statement: ast.stmt) -> str:
    """Say why what a statement asserts cannot be replaced by values; empty if it can, or if it asserts nothing."""
    inside = [part for part in ast.walk(statement) if isinstance(part, (ast.Assert, ast.Raise))]
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        return _RAISES if "aises" in ast.unparse(statement.items[0]) else ""
    if isinstance(statement, _DEFINITIONS):
        return "its assertions are in a function of the test's own" if inside else ""
    if isinstance(statement, _TRIES):
        return _RAISES if inside else ""
    if any(isinstance(part, ast.Raise) for part in getattr(statement, "body", [])):
        return "it asks for yes or no, which is guessed: compare a value instead"
    return ""


def names_made(body: list[ast.stmt], made: Collection[str]) -> set[str]:
    """Return the names to which statements give what comes from the student's code."""
    found: set[str] = set()
    for statement in body:
        if not mentions(statement, {*made, *found}):
            continue
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(statement.name)
            continue
        found |= {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for node in ast.walk(statement):  # x[0] = f(), x.name = f(): then x holds what the student made
            if isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, ast.Store):
                found |= {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)}
    return found


# -- the new cell -----------------------------------------------------------------------------------------------------


def rewritten(source: str, code: str, cell: _Cell, markers: Markers, elsewhere: Collection[str] = ()) -> str:
    """Return a grade cell whose visible part is as it was and whose hidden region emits its values.

    Values of loops, and the last one of all, are emitted at the end: not before every other assertion has held.
    What nothing asks for any more is left out: it was there to say what to expect, and student code could read it.
    """
    visible = visible_lines(source, markers)
    lines = code.split("\n")
    before: list[str] = []
    behind: list[str] = []
    prefix = next(word for word in ("value", "checked", "emitted", "kept_for_the_judge") if f"{word}_" not in code)
    for number, (statement, value, nested) in reversed(list(enumerate(cell.values, 1))):
        expression, variable = ast.unparse(value.node), f"{prefix}_{number}"
        terms = dict(value.terms)
        if lines[statement.lineno - 1] in visible and len(expression) <= 60:
            terms["label"] = expression
        keywords = "".join(f", {key}={term!r}" for key, term in terms.items())
        call = f'evidence("value {number}", {{}}{keywords})'
        if nested:
            line, before, behind = f"{variable}.append({expression})", [f"{variable} = []", *before], [call, *behind]
        elif number == len(cell.values):
            line, behind = f"{variable} = {expression}", [call, *behind]
        else:
            line = call.format(expression)
        behind = [entry.format(variable) for entry in behind[:1]] + behind[1:]
        lines[statement.lineno - 1 : statement.end_lineno] = [" " * statement.col_offset + line]
    begin, end = markers["HIDDEN TESTS"]
    region = ["from coursegrader.evidence import evidence", *before, *lines, *behind]
    region = without_answers(region, {*visible}, cell.made, elsewhere)
    shown = "\n".join(visible).rstrip("\n")
    return "\n".join([*([shown] if shown.strip() else []), f"### {begin}", *region, f"### {end}"])


def visible_lines(source: str, markers: Markers) -> list[str]:
    """Return the lines of a grade cell that students see."""
    visible, inside = [], False
    for line in source.split("\n"):
        if found := markers.found(line):
            inside = found == ("BEGIN", "HIDDEN TESTS")
        elif not inside:
            visible.append(line)
    return visible
