"""Which value does an assertion ask for, and how exactly? Or why can it not become evidence?

An assertion can where one side of it is made by the student's code and the other is not: then the value of the first side
says all, and the instructor's own run says what it should be.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Value:
    """What a piece of evidence would emit in an assertion's place.

    Attributes:
        node: The expression whose value is emitted.
        terms: Keywords of ``evidence``.
    """

    node: ast.expr
    terms: dict[str, Any] = field(default_factory=lambda: {"judge": "equal"})


class NoEvidence(Exception):  # noqa: N818 -- said of an assertion, not of the program
    """Why an assertion cannot become evidence, in words."""


def value_of(statement: ast.stmt, made: Collection[str]) -> Value | None:
    """Return the value that a statement asserts something of; None for a statement that asserts nothing.

    Args:
        statement: One statement of a grade cell.
        made: Names that the student's code has given a value.

    Raises:
        NoEvidence: It asserts something that no single value can show.
    """
    if isinstance(statement, ast.Assert):
        return _asserted(statement.test, made)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        name = _last_name(statement.value.func)
        if name in _CALLS:
            return _CALLS[name](statement.value, made)
        if name.startswith(("assert", "ok_", "eq_")):
            raise NoEvidence(f"nothing is known of {name}")
    return None


def mentions(node: ast.AST, names: Collection[str]) -> bool:
    """Tell whether any of the names is used in a piece of code."""
    return any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(node))


def _asserted(test: ast.expr, made: Collection[str]) -> Value:
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _compared(test, made)
    if isinstance(test, ast.Call):
        name = _last_name(test.func)
        if name == "all" and isinstance(test.func, ast.Attribute) and not test.args:
            return _asserted(test.func.value, made)  # (f(x) == v).all()
        if name == "all" and len(test.args) == 1 and isinstance(test.args[0], ast.Compare):
            return _asserted(test.args[0], made)  # np.all(f(x) == v)
        if name in _TESTS:
            return _TESTS[name](test, made)
    if isinstance(test, (ast.Call, ast.UnaryOp, ast.BoolOp, ast.Compare)):
        raise NoEvidence("it asks for yes or no, which is guessed: compare a value instead")
    raise NoEvidence("it is no comparison")


def _compared(test: ast.Compare, made: Collection[str]) -> Value:
    left, right, operator = test.left, test.comparators[0], test.ops[0]
    if isinstance(operator, (ast.Lt, ast.LtE)) and (close := _difference(left, right, made)):
        return close
    if isinstance(operator, (ast.Gt, ast.GtE)) and (close := _difference(right, left, made)):
        return close
    if isinstance(operator, (ast.Eq, ast.Is)):
        return Value(_made_side(left, right, made))
    raise NoEvidence("it asks for yes or no, which is guessed: compare a value instead")


def _difference(difference: ast.expr, bound: ast.expr, made: Collection[str]) -> Value | None:
    """Read ``abs(a - b) < tolerance``, also of arrays: ``np.abs(a - b).max() < tolerance``."""
    tolerance = _number(bound)
    while isinstance(difference, ast.Call) and _last_name(difference.func) in ("max", "amax", "all"):
        inner = difference.func.value if isinstance(difference.func, ast.Attribute) and not difference.args else None
        difference = inner if inner is not None else difference.args[0]
    if tolerance is None or not (isinstance(difference, ast.Call) and len(difference.args) == 1):
        return None
    inside = difference.args[0]
    if _last_name(difference.func) not in ("abs", "fabs", "absolute") or not isinstance(inside, ast.BinOp):
        return None
    if not isinstance(inside.op, ast.Sub):
        return None
    return _close(_made_side(inside.left, inside.right, made), tolerance, 0.0)


def _made_side(one: ast.expr, other: ast.expr, made: Collection[str]) -> ast.expr:
    """Return the side that the student's code made.

    Raises:
        NoEvidence: Both did, or neither.
    """
    sides = [side for side in (one, other) if mentions(side, made)]
    if len(sides) == 1:
        return sides[0]
    raise NoEvidence(
        "both sides come from the student's code" if sides else "nothing in it comes from the student's code"
    )


def _close(node: ast.expr, atol: float, rtol: float) -> Value:
    return Value(node, {"atol": atol, "rtol": rtol})


def _number(node: ast.expr | None) -> float | None:
    """Return a tolerance that is written out, also as ``10 ** -6``."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        base, power = _number(node.left), _number(node.right)
        return None if base is None or power is None or abs(power) > 300 else float(base**power)
    try:
        value = ast.literal_eval(node) if node is not None else None
    except ValueError:
        return None
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _last_name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


# -- calls that compare two values ------------------------------------------------------------------------------------

_Reader = Callable[[ast.Call, Collection[str]], Value]
_MESSAGES = ("err_msg", "msg", "verbose", "message")


def _equal(call: ast.Call, made: Collection[str]) -> Value:
    first, second, _ = _arguments(call, ())
    return Value(_made_side(first, second, made))


def _tolerant(atol: float, rtol: float, names: tuple[str, str] = ("atol", "rtol")) -> _Reader:
    """Return the reader of a comparison with two tolerances.

    Args:
        atol: Its absolute tolerance where none is written.
        rtol: Its relative tolerance where none is written.
        names: What it calls them.
    """

    def read(call: ast.Call, made: Collection[str]) -> Value:
        places = ("rtol", "atol") if names == ("atol", "rtol") else ()
        first, second, written = _arguments(call, places)
        node = _made_side(first, second, made)
        return _close(node, written.get(names[0], atol), written.get(names[1], rtol))

    return read


def _decimals(default: int, share: float, name: str) -> _Reader:
    """Return the reader of a comparison to a number of decimals, of which it allows a share of the last."""

    def read(call: ast.Call, made: Collection[str]) -> Value:
        first, second, written = _arguments(call, (name,))
        decimals = written.get(name, default)
        return _close(_made_side(first, second, made), written.get("delta", share * 10.0**-decimals), 0.0)

    return read


def _almost(call: ast.Call, made: Collection[str]) -> Value:
    """Read ``assert_almost_equal``: NumPy's counts ``decimal``, unittest's and nose's count ``places``."""
    if any(keyword.arg in ("places", "delta") for keyword in call.keywords):
        return _decimals(7, 0.5, "places")(call, made)
    return _decimals(7, 1.5, "decimal")(call, made)


def _arguments(call: ast.Call, places: tuple[str, ...]) -> tuple[ast.expr, ast.expr, dict[str, float]]:
    """Return the two values compared and the numbers written beside them, by name.

    Raises:
        NoEvidence: There are other arguments, or tolerances that are not written out.
    """
    if len(call.args) < 2 or any(isinstance(argument, ast.Starred) for argument in call.args):
        raise NoEvidence("its two values are not written one beside the other")
    rest = [(places[n] if n < len(places) else "msg", node) for n, node in enumerate(call.args[2:])]
    rest += [(str(keyword.arg), keyword.value) for keyword in call.keywords]
    written = {}
    for name, node in rest:
        if name in _MESSAGES or (name, ast.unparse(node)) in _DEFAULTS:
            continue
        number = _number(node)
        if number is None or name not in (*places, "atol", "rtol", "delta", "rel_tol", "abs_tol"):
            raise NoEvidence(f"nothing is known of {name}={ast.unparse(node)[:30]}")
        written[name] = number
    return call.args[0], call.args[1], written


_DEFAULTS = {("equal_nan", "True"), ("strict", "False"), ("check_dtype", "True"), ("check_names", "True")}
_ARRAYS = _tolerant(1e-8, 1e-5)  # as numpy.allclose has it; torch.allclose has the same
_TESTS: dict[str, _Reader] = {
    "allclose": _ARRAYS,
    "isclose": _ARRAYS,
    "array_equal": _equal,
    "equal": _equal,  # torch.equal
    "equals": lambda call, made: _equal(ast.Call(call.func, [_receiver(call), *call.args], call.keywords), made),
}
_CALLS: dict[str, _Reader] = {
    "assert_allclose": _tolerant(0.0, 1e-7),
    "assert_close": _tolerant(1e-5, 1.3e-6),  # torch.testing's, for float32
    "assert_equal": _equal,
    "assertEqual": _equal,
    "eq_": _equal,
    "assert_array_equal": _equal,
    "assert_frame_equal": _tolerant(1e-8, 1e-5),
    "assert_series_equal": _tolerant(1e-8, 1e-5),
    "assert_index_equal": _equal,
    "assert_almost_equal": _almost,
    "assert_array_almost_equal": _decimals(6, 1.5, "decimal"),
    "assertAlmostEqual": _decimals(7, 0.5, "places"),
}


def _receiver(call: ast.Call) -> ast.expr:
    """Return what a method is called on: in ``table.equals(other)`` the table."""
    if isinstance(call.func, ast.Attribute):
        return call.func.value
    raise NoEvidence("its two values are not written one beside the other")
