"""What may a student read of an error that was raised while a hidden region ran?

The student's kernel can put anything into an exception's name and text, the hidden source too.
So nothing of it is published but the name of a built-in exception and messages that hold a few small numbers.
"""

from __future__ import annotations

import builtins
import re

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
]
_NAMES = {
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
}
_IN_WORDS = {
    "NotImplementedError": "NotImplementedError: this part is not written yet",
    "NameError": "NameError: something the test needs is not defined",
}


def plain_error(error: str) -> str:
    """Return what may be said of an error, given as ``name: message``."""
    name, _, message = error.partition(": ")
    if name not in _NAMES:
        return "an error"
    if name in _IN_WORDS:
        return _IN_WORDS[name]
    head = message.partition("\n")[0].strip()
    if any(re.fullmatch(pattern, head) for pattern in _MESSAGES):
        return f"{name}: {head}"
    return name
