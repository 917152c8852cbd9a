"""What students read of an error inside a hidden region."""

from __future__ import annotations

import builtins

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursegrader.judging.sieve import plain_error


def of(code: str) -> str:
    """Return the error that code really raises, as a kernel reports it."""
    try:
        exec(code, {"np": np, "torch": torch})
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("torch.ones(2, 3) @ torch.ones(4, 5)", "cannot be multiplied (2x3 and 4x5)"),
        ("torch.ones(2, 3) + torch.ones(2, 4)", "tensor a (3) must match the size of tensor b (4)"),
        ("[1, 2][7]", "list index out of range"),
        ("np.ones(3)[5]", "index 5 is out of bounds for axis 0 with size 3"),
        ("torch.ones(3)[5]", "index 5 is out of bounds for dimension 0 with size 3"),
        ("a, b = torch.ones(3)", "too many values to unpack (expected 2)"),
        ("a, b = (1,)", "not enough values to unpack (expected 2, got 1)"),
        ("a, b = None", "cannot unpack non-iterable NoneType object"),
        ("f = lambda: f()\nf()", "RecursionError: maximum recursion depth exceeded"),
        ("torch.ones(2).sum().backward()", "does not require grad"),
        ("1 / 0", "division by zero"),
        ("raise NotImplementedError()", "not written yet"),
        ("undefined", "not defined"),
    ],
)
def test_a_common_mistake_is_told(code: str, shown: str):
    assert shown in plain_error(of(code))


SECRET = "for B, T in [(2, 3), (1, 5)]: secret_input"


@pytest.mark.parametrize(
    "error",
    [
        f"ValueError: {SECRET}",
        f"{SECRET}: hello",
        f"Error{SECRET}: hello",
        f"RecursionError: maximum recursion depth exceeded {SECRET[:39]}",
        f"IndexError: list index out of range\n{SECRET}",
        f"IndexError: index {int.from_bytes(SECRET.encode(), 'big')} is out of bounds for axis 0 with size 3",
        "IndexError: index 123456 is out of bounds for axis 0 with size 3",
        "ValueError: too many values to unpack (expected \u0661\u0662)",
        f"TypeError: cannot unpack non-iterable {SECRET} object",
        f"NameError: name '{SECRET}' is not defined",
        f"NotImplementedError: {SECRET}",
        f"ZeroDivisionError: division by zero {SECRET}",
        f"KeyError: '{SECRET}'",
    ],
)
def test_a_smuggled_text_is_not_told(error: str):
    shown = plain_error(error)
    assert "secret" not in shown
    assert not any(len(part) > 5 and part in shown for part in SECRET.split())
    assert not any(sign.isdigit() for sign in shown.replace("axis 0 with size 3", ""))


@given(st.text(), st.text())
def test_nothing_is_told_of_what_is_no_exception_of_python(name: str, message: str):
    head = f"{name}: {message}".partition(": ")[0]
    if not hasattr(builtins, head):
        assert plain_error(f"{name}: {message}") == "an error"


@given(st.text())
def test_a_message_is_told_as_a_known_sentence_or_not_at_all(message: str):
    assert plain_error(f"ValueError: {message}") == "ValueError" or message in plain_error(f"ValueError: {message}")
    assert len(plain_error(f"ValueError: {message}")) < 200


REGION = """
FILE, LARGEST = "weights.pt", 50
if not handed_in:
    raise FileNotFoundError(f"{FILE} was not handed in: run the notebook to its end")
if size > LARGEST:
    raise ValueError(f"{FILE} has {size} numbers in {shape}, more than {LARGEST}")
raise ValueError("it is empty")
raise
"""


@pytest.mark.parametrize(
    "error",
    [
        "FileNotFoundError: weights.pt was not handed in: run the notebook to its end",
        "ValueError: weights.pt has 120 numbers in [4, 30], more than 50",
        "ValueError: it is empty",
    ],
)
def test_a_sentence_that_the_region_itself_raises_is_told(error: str):
    assert plain_error(error, REGION) == error
    assert plain_error(error) == error.partition(":")[0]


@pytest.mark.parametrize(
    "error",
    [
        "ValueError: weights.pt has x = 3 numbers in [4, 30], more than 50",
        "ValueError: weights.pt has 120 numbers in [4, 30, 1, 1, 1, 1], more than 50",
        "ValueError: it is empty: secret",
        "ValueError: other.pt was not handed in: run the notebook to its end",
    ],
)
def test_nothing_can_be_smuggled_into_such_a_sentence(error: str):
    assert plain_error(error, REGION) == "ValueError"


def test_a_region_that_python_cannot_parse_has_no_sentences():
    assert plain_error("ValueError: it is empty", "%time raise ValueError('it is empty')") == "ValueError"


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("layer", "NameError: name 'layer' is not defined"),
        ("{}['layer']", "KeyError: the key 'layer' is not there"),
        ("(3).layer", "AttributeError: an object has no attribute 'layer'"),
        ("def f():\n    layer += 1\nf()", "UnboundLocalError: the local variable 'layer' is read before"),
    ],
)
def test_a_name_that_students_were_given_is_told_and_no_other(code: str, shown: str):
    assert plain_error(of(code), names=frozenset(["layer"])).startswith(shown)
    assert "layer" not in plain_error(of(code), names=frozenset(["other"]))


@pytest.mark.parametrize(
    "error", ["AssertionError: Torch not compiled with CUDA enabled", "RuntimeError: Found no NVIDIA driver on your"]
)
def test_asking_for_a_gpu_is_told_with_what_to_write_instead(error: str):
    assert "torch.cuda.is_available()" in plain_error(error)


def test_of_a_message_of_several_lines_the_first_is_told():
    assert plain_error("IndexError: list index out of range\nand more", "") == "IndexError: list index out of range"
