"""What could be wrong in this code? One small change each, made on the syntax tree and written into the text.

Nothing is run here, and the order is that of the source, so two runs agree. Most rules know Python alone; a few fire only
where certain names of functions, or of torch, occur.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from coursegrader.authoring.mutants.code import Change, Code, dump_of, kind_of, with_parts
from coursegrader.authoring.mutants.names import BY_NAME
from coursegrader.course.syntax import tree_of

_SWAPPED: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div, ast.Mult),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}


@dataclass(frozen=True)
class Mutant:
    """One small change of a solution cell.

    Attributes:
        kind: What was changed, in a word or two.
        line: Number of the first line that differs.
        before: The lines that are gone.
        after: The lines in their place.
        source: The whole cell with the change in it.
    """

    kind: str
    line: int
    before: tuple[str, ...]
    after: tuple[str, ...]
    source: str

    @property
    def diff(self) -> str:
        """The change as a diff shows it."""
        return "\n".join([*(f"-{line}" for line in self.before), *(f"+{line}" for line in self.after)])


def mutants(source: str) -> list[Mutant]:
    """Return every change of a solution cell, in the order of its lines; none if the cell is not plain Python."""
    try:
        tree = tree_of(source)
    except SyntaxError:
        return []
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    code, seen, found = Code(source, parents), {ast.dump(tree)}, []
    changes = (change for place in code.nodes(tree) for rule in RULES for change in rule(place, code))
    for kind, node, text in changes:
        changed = code.changed(node, text)
        if not changed or (dump := dump_of(changed)) in seen:
            continue
        seen.add(dump)
        found.append(_mutant(kind, source, changed))
    return sorted(found, key=lambda mutant: mutant.line)


def _mutant(kind: str, source: str, changed: str) -> Mutant:
    before, after = source.split("\n"), changed.split("\n")
    first = next(i for i, pair in enumerate(zip([*before, ""], [*after, ""], strict=False)) if pair[0] != pair[1])
    same = 0
    while same < min(len(before), len(after)) - first and before[-1 - same] == after[-1 - same]:
        same += 1
    gone, new = (tuple(lines[first : len(lines) - same]) for lines in (before, after))
    return Mutant(kind, first + 1, gone, new, changed)


def _without(items: list, number: int) -> list:
    return [item for i, item in enumerate(items) if i != number]


# -- rules that know Python alone -----------------------------------------------------------------------------------------


def _operators(node: ast.AST, code: Code) -> Iterator[Change]:
    if isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp):
        for other in _SWAPPED.get(type(node.op), ()):
            yield "operator", node, with_parts(node, op=other())
    if isinstance(node, ast.BinOp):
        yield "operand", node, ast.unparse(node.left)
        yield "operand", node, ast.unparse(node.right)
        if not isinstance(node.op, ast.Add | ast.Mult):
            yield "order", node, with_parts(node, left=node.right, right=node.left)
    elif isinstance(node, ast.AugAssign):
        yield "operator", node, f"{code.text(node.target)} = {code.text(node.value)}"
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield "operand", node, ast.unparse(value)
    elif isinstance(node, ast.UnaryOp) and not isinstance(node.operand, ast.Constant):
        yield "operator", node, ast.unparse(node.operand)


def _comparisons(node: ast.AST, code: Code) -> Iterator[Change]:
    if isinstance(node, ast.Compare):
        for i, op in enumerate(node.ops):
            for other in _SWAPPED.get(type(op), ()):
                yield "comparison", node, with_parts(node, ops=[*node.ops[:i], other(), *node.ops[i + 1 :]])
    elif isinstance(node, ast.IfExp):
        yield "branch", node, ast.unparse(node.body)
        yield "branch", node, ast.unparse(node.orelse)
    elif isinstance(node, ast.If | ast.While):
        yield "branch", node.test, "False"
        if isinstance(node, ast.If):
            yield "branch", node.test, "True"


def _constants(node: ast.AST, code: Code) -> Iterator[Change]:
    parent = code.parents.get(node)
    negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
    constant = node.operand if isinstance(node, ast.UnaryOp) and negative else node
    if not isinstance(constant, ast.Constant) or (isinstance(parent, ast.UnaryOp) and not negative):
        return
    kind, value = kind_of(node, code), constant.value
    if isinstance(value, bool):
        yield kind, node, str(not value)
    elif isinstance(value, int | float):
        number = -value if negative else value
        steps = (number + 1, number - 1, 0) if isinstance(number, int) else (0.0, 2 * number, -number, number + 1.0)
        yield from ((kind, node, repr(other)) for other in steps if other != number)
    elif isinstance(value, str):
        words = value.split()
        others = {"", " ".join(words[::-1]), " ".join(words[:-1])} - {value}
        yield from ((kind, node, repr(other)) for other in sorted(others))


def _indices(node: ast.AST, code: Code) -> Iterator[Change]:
    if isinstance(node, ast.Slice):
        for part in ("lower", "upper", "step"):
            bound = getattr(node, part)
            if bound is None:
                continue
            yield "slice", node, with_parts(node, **{part: None})
            if part != "step" and not isinstance(bound, ast.Constant | ast.UnaryOp):
                for other in ("+ 1", "- 1"):
                    yield "slice", bound, f"{ast.unparse(bound)} {other}"
        if node.step is None:
            yield "slice", node, with_parts(node, step=ast.Constant(-1))
    elif isinstance(node, ast.Subscript):
        if isinstance(node.slice, ast.Name | ast.BinOp):
            yield "index", node.slice, f"{ast.unparse(node.slice)} - 1"
        if isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == 2:
            yield "index", node, with_parts(node, slice=_with_reversed(node.slice))
        if isinstance(node.ctx, ast.Load):
            yield "index", node, ast.unparse(node.value)


def _with_reversed(node: ast.Tuple) -> ast.Tuple:
    other = copy.copy(node)
    other.elts = node.elts[::-1]
    return other


def _orders(node: ast.AST, code: Code) -> Iterator[Change]:
    if isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load) and len(node.elts) > 1:
        if not isinstance(code.parents.get(node), ast.Subscript):
            yield "order", node, with_parts(node, elts=node.elts[::-1])
            yield "element", node, with_parts(node, elts=node.elts[:-1])
    elif isinstance(node, ast.For | ast.comprehension):
        for part in ("[1:]", "[:-1]", "[::-1]"):
            yield "loop", node.iter, f"list({ast.unparse(node.iter)}){part}"
    if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp):
        for loop in node.generators:
            for part in ("[1:]", "[:-1]", "[::-1]"):
                yield "loop", loop.iter, f"list({ast.unparse(loop.iter)}){part}"
            yield from (("branch", test, "True") for test in loop.ifs)


def _calls(node: ast.AST, code: Code) -> Iterator[Change]:
    if not isinstance(node, ast.Call):
        return
    for i, keyword in enumerate(node.keywords):
        if keyword.arg is not None:
            yield "keyword", node, with_parts(node, keywords=_without(node.keywords, i))
    for i in range(len(node.args) - 1):
        swapped = [*node.args[:i], node.args[i + 1], node.args[i], *node.args[i + 2 :]]
        yield "arguments", node, with_parts(node, args=swapped)
    if len(node.args) == 1 and not isinstance(node.args[0], ast.Starred | ast.GeneratorExp):
        yield "call", node, ast.unparse(node.args[0])
    if isinstance(node.func, ast.Attribute) and not (isinstance(node.func.value, ast.Name) and node.args):
        yield "call", node, ast.unparse(node.func.value)


def _statements(node: ast.AST, code: Code) -> Iterator[Change]:
    if isinstance(
        node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr | ast.For | ast.While | ast.If | ast.With
    ):
        yield "statement", node, "pass"
    elif isinstance(node, ast.Break | ast.Continue):
        yield "statement", node, "pass"
        yield "statement", node, "continue" if isinstance(node, ast.Break) else "break"


def _in_place(node: ast.AST, code: Code) -> Iterator[Change]:
    """Double, after its use, every array that the caller handed over."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or isinstance(code.parents[node], ast.FunctionDef):
        return
    called = {call.func.id for call in ast.walk(node) if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)}
    last = node.body[-1]
    for arg in node.args.args:
        if arg.arg in {"self", "cls"} | called or node.name == "__init__":
            continue
        change, indent = f"{arg.arg}[...] *= 2", code.indent(last)
        if isinstance(last, ast.Return) and last.value is not None:
            value = code.text(last.value)
            yield "in place", last, f"answer_ = {value}{indent}{change}{indent}return answer_"
        else:
            yield "in place", last, f"{code.text(last)}{indent}{change}"


RULES: tuple[Callable[[ast.AST, Code], Iterator[Change]], ...] = (
    _operators,
    _comparisons,
    _constants,
    _indices,
    _orders,
    _calls,
    _statements,
    _in_place,
    *BY_NAME,
)
