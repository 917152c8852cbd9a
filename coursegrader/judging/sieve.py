"""What may a student read of an error that was raised while a hidden region ran?

The student's kernel can put anything into an exception's name and text, the hidden source too.
So nothing of it is published but the name of a built-in exception, messages that hold a few small numbers, and the
sentences that the region itself raises: its author wrote those for students.
"""

from __future__ import annotations

import ast
import builtins
import re
from functools import lru_cache

from coursegrader.course.syntax import tree_of

_N = "[0-9]{1,5}"
_MESSAGES = [
    rf"mat1 and mat2 shapes cannot be multiplied \({_N}x{_N} and {_N}x{_N}\)",
    rf"The size of tensor a \({_N}\) must match the size of tensor b \({_N}\) at non-singleton dimension {_N}",
    rf"The expanded size of the tensor \({_N}\) must match the existing size \({_N}\) at non-singleton dimension {_N}\.",
    rf"Expected size for first two dimensions of batch2 tensor to be: \[{_N}, {_N}\] but got: \[{_N}, {_N}\]\.",
    rf"(list )?index ({_N} )?(is )?out of (range|bounds)( for (dimension|axis) {_N} with size {_N})?",
    rf"too many values to unpack \(expected {_N}\)",
    rf"not enough values to unpack \(expected {_N}, got {_N}\)",
    r"maximum recursion depth exceeded( while calling a Python object| in comparison)?",
    r"element 0 of tensors does not require grad and does not have a grad_fn",
    r"cannot unpack non-iterable (Tensor|NoneType|float|int) object",
    r"division by zero",
    r"index out of range in self",
    r"shape '\[-?[0-9]{1,5}(, -?[0-9]{1,5}){0,3}\]' is invalid for input of size [0-9]{1,5}",
    r"'(Tensor|NoneType|float|int|list|tuple)' object is not (iterable|callable|subscriptable)",
]
_NAMES = {
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
}
_IN_WORDS = {
    "NotImplementedError": "NotImplementedError: this part is not written yet",
}
#: What may be said with a name in it, if the name stands in what students were given.
_OF_NAMES = {
    "NameError": (
        r"name '(\w+)' is not defined",
        "name '{}' is not defined",
        "a name that the code uses is not defined",
    ),
    "UnboundLocalError": (
        r"(?:cannot access local variable|local variable) '(\w+)' .*",
        "the local variable '{}' is read before it is given a value",
        "a local variable is read before it is given a value",
    ),
    "KeyError": (r"'(\w+)'", "the key '{}' is not there", "a key is not there"),
    "AttributeError": (
        r"'(?:\w+)' object has no attribute '(\w+)'",
        "an object has no attribute '{}'",
        "an object lacks an attribute",
    ),
}
_GPU = (
    "it asks for a GPU (CUDA), and grading has none: use the device of the input, or "
    '"cuda" only if torch.cuda.is_available()'
)


#: What may stand in a region's own sentence for a value known only when it runs: a small number or a short list of them.
_VALUE = r"([0-9]{1,7}|\[[0-9]{1,7}(, [0-9]{1,7}){0,3}\])"


def plain_error(error: str, region: str = "", names: frozenset[str] = frozenset()) -> str:
    """Return what may be said of an error.

    Args:
        error: As ``name: message``.
        region: Source of the hidden region that was running; the sentences it raises may be said.
        names: Names that students were given: only these may be repeated.
    """
    name, _, message = error.partition(": ")
    if name not in _NAMES:
        return "an error"
    if name in _IN_WORDS:
        return _IN_WORDS[name]
    head = message.partition("\n")[0].strip()
    if name in _OF_NAMES:
        return f"{name}: {_of_name(name, head, names)}"
    if name in ("AssertionError", "RuntimeError") and _asks_for_gpu(head):
        return f"{name}: {_GPU}"
    if any(re.fullmatch(pattern, head) for pattern in (*_MESSAGES, *_raised_by(region))):
        return f"{name}: {head}"
    return name


def plain_sentence(sentence: str, source: str) -> str:
    """Return a sentence that code of the instructor raises if nothing but small numbers was filled in, else nothing."""
    head = sentence.partition("\n")[0].strip()
    return head if any(re.fullmatch(pattern, head) for pattern in _raised_by(source)) else ""


def _of_name(kind: str, message: str, names: frozenset[str]) -> str:
    pattern, with_name, without = _OF_NAMES[kind]
    found = re.match(pattern, message[:300])
    return with_name.format(found[1]) if found and found[1] in names else without


def _asks_for_gpu(message: str) -> bool:
    return message.startswith(
        (
            "Torch not compiled with CUDA enabled",
            "Found no NVIDIA driver",
            "Attempting to deserialize object on a CUDA device",
            "No CUDA GPUs are available",
        )
    )


@lru_cache(1000)
def _raised_by(region: str) -> tuple[str, ...]:
    """Return patterns of the sentences that a region raises, its constants filled in."""
    try:
        tree = tree_of(region)
    except SyntaxError:
        return ()
    constants = _constants(tree)
    calls = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)]
    return tuple(_pattern(call.args[0], constants) for call in calls if call.args)


def _constants(tree: ast.Module) -> dict[str, object]:
    """Return the names a region gives to literals, as ``FILE, LARGEST = "weights.pt", 50``."""
    found: dict[str, object] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            pairs = (
                zip(target.elts, node.value.elts, strict=False)
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                else [(target, node.value)]
            )
            found |= {t.id: v.value for t, v in pairs if isinstance(t, ast.Name) and isinstance(v, ast.Constant)}
    return found


def _pattern(node: ast.expr, constants: dict[str, object]) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_pattern(part, constants) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return _pattern(node.value, constants)
    if isinstance(node, ast.Constant):
        return re.escape(str(node.value))
    return re.escape(str(constants[node.id])) if isinstance(node, ast.Name) and node.id in constants else _VALUE
