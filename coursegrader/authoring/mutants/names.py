"""What could be wrong where a certain function, or a part of torch, occurs? Elsewhere these rules find nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from coursegrader.authoring.mutants.code import Change, Code, kind_of, with_parts

#: Functions and methods that are taken for each other.
_MIXED_UP = {
    **{"min": ("max",), "max": ("min",), "sum": ("mean", "prod"), "mean": ("sum",), "any": ("all",), "all": ("any",)},
    **{"zeros": ("ones",), "ones": ("zeros",), "zeros_like": ("ones_like",), "ones_like": ("zeros_like",)},
    **{"new_zeros": ("new_ones", "new_empty"), "argmax": ("argmin",), "argmin": ("argmax",), "cumsum": ("cumprod",)},
    **{"tanh": ("sigmoid", "relu"), "sigmoid": ("tanh",), "relu": ("tanh",), "log_softmax": ("softmax",)},
    **{"cumprod": ("cumsum",), "float": ("int",), "int": ("float",), "upper": ("lower",), "lower": ("upper",)},
    **{"LSTM": ("GRU",), "RNN": ("GRU",), "add_": ("sub_",), "mul_": ("div_",), "div_": ("mul_",), "abs": ("real",)},
    **{"square": ("abs",), "sqrt": ("abs",), "stack": ("cat",), "cat": ("stack",), "copy_": ("add_",)},
    **{"exp": ("expm1",), "log": ("log1p",), "floor": ("ceil",), "eigvals": ("eigvalsh",), "softmax": ("log_softmax",)},
}
_STARTS = ("fill_(0.0)", "fill_(1.0)", "fill_(float('nan'))", "mul_(10.0)")


def _names(node: ast.AST, code: Code) -> Iterator[Change]:
    kind = kind_of(node, code)
    kind = kind if kind == "default" else "name"
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        yield from ((kind, node, with_parts(node, attr=other)) for other in _MIXED_UP.get(node.attr, ()))
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield from ((kind, node, other) for other in _MIXED_UP.get(node.id, ()))


def _gradients(node: ast.AST, code: Code) -> Iterator[Change]:
    """Cut the history of what is returned, assigned or handed on."""
    if not code.torch:
        return
    values: list[ast.expr] = []
    if isinstance(node, ast.Return) and node.value is not None:
        values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
    elif isinstance(node, ast.Assign) and not isinstance(node.targets[0], ast.Attribute | ast.Tuple):
        values = [node.value]
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        values = node.value.args
    for value in values:
        if isinstance(value, ast.Name | ast.Call | ast.BinOp | ast.Subscript):
            brackets = f"({code.text(value)})" if isinstance(value, ast.BinOp) else code.text(value)
            yield "gradient", value, f"{brackets}.detach()"
            yield "copy", value, f"{brackets}.clone()"


def _layers(node: ast.AST, code: Code) -> Iterator[Change]:
    """Freeze the parameters of a new layer, or start them at other numbers."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return
    if ast.unparse(node.func.value) not in ("nn", "torch.nn") or not node.func.attr[:1].isupper():
        return
    if node.func.attr == "Dropout":
        for other in ("{} ** 2", "min(1.0, 2 * {})", "{} / 2"):
            yield from (("argument", arg, other.format(ast.unparse(arg))) for arg in node.args)
        return
    yield "gradient", node, f"{code.text(node)}.requires_grad_(False)"
    for start in _STARTS if node.func.attr != "Parameter" else ():
        yield "start", node, f"{code.text(node)}.apply(lambda part: [p.data.{start} for p in part.parameters()])"


BY_NAME = (_names, _gradients, _layers)
