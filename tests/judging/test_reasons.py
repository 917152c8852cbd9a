"""Does a student read first why an answer earned nothing, and nothing that student code could say through it?"""

from __future__ import annotations

import copy
from pathlib import Path

import people
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

from coursegrader.course.course import Notebook
from coursegrader.judging.reasons import Reasons, find_reasons


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Notebook:
    return people.make_course(tmp_path_factory.mktemp("course")).assignment("rnn").notebooks["a_first"]


def handed_in(notebook: Notebook, answer: str | None = None, own: str = "") -> NotebookNode:
    nb = copy.deepcopy(notebook.release)
    place = next(i for i, cell in enumerate(nb.cells) if cell.id == "f")
    nb.cells[place].source = nb.cells[place].source if answer is None else answer
    if own:
        nb.cells.insert(place + 1, new_code_cell(own, metadata={"coursegrader": {"extra": True}}))
    return nb


def raised(nb: NotebookNode, cell_id: str, name: str, text: str, line: int) -> None:
    """Leave in a cell what IPython writes there when it raises."""
    cell = next(cell for cell in nb.cells if cell.id == cell_id)
    trace = [
        f"\x1b[31m{name}\x1b[39m",
        f"\x1b[36mCell\x1b[39m\x1b[36m \x1b[39m\x1b[32mIn[3]\x1b[39m\x1b[32m, line {line}\x1b[39m",
    ]
    cell.outputs = [new_output("error", ename=name, evalue=text, traceback=trace)]


def reasons(notebook: Notebook, nb: NotebookNode, **ended: str) -> Reasons:
    return find_reasons(notebook, nb, ended)["test_f"]


def test_what_was_never_touched_is_not_answered_and_needs_no_further_reason(notebook: Notebook) -> None:
    for answer in (None, "", "  \n"):
        nb = handed_in(notebook, answer)
        raised(nb, "test_f", "NotImplementedError", "", 1)
        assert reasons(notebook, nb) == Reasons(blank=True)


def test_tests_that_were_stopped_did_not_stop_by_themselves(notebook: Notebook) -> None:
    nb = handed_in(notebook, "def f(x):\n    while True: pass")
    raised(nb, "test_f", "KeyboardInterrupt", "", 1)
    assert reasons(notebook, nb) == Reasons()


def test_an_answer_in_a_cell_of_ones_own_is_an_answer(notebook: Notebook) -> None:
    assert reasons(notebook, handed_in(notebook, None, "def f(x):\n    return 3")) == Reasons()


def test_an_answer_that_is_no_python_says_so_and_where(notebook: Notebook) -> None:
    nb = handed_in(notebook, "def f(x):\n    y = (x\n    return y")
    raised(nb, "f", "SyntaxError", "'(' was never closed", 2)
    (sentence,) = reasons(notebook, nb).sentences
    assert sentence.startswith("your cell did not run: SyntaxError, line 2 (")


def test_an_answer_that_raises_says_which_line_and_which_name(notebook: Notebook) -> None:
    nb = handed_in(notebook, "import math\nfactor = maths.e\ndef f(x):\n    return 2 * x")
    raised(nb, "f", "NameError", "name 'maths' is not defined", 2)
    assert reasons(notebook, nb).sentences == [
        "your cell did not run: NameError: name 'maths' is not defined, in line 2: `factor = maths.e`"
    ]


def test_an_answer_that_ended_its_kernel_says_so(notebook: Notebook) -> None:
    sentences = reasons(notebook, handed_in(notebook, "import os; os.abort()"), f="kernel_died:SIGABRT").sentences
    assert sentences[0].startswith("your cell did not run to its end (kernel died)")


def test_a_name_that_is_asked_for_and_missing_is_named_with_what_comes_near(notebook: Notebook) -> None:
    sentences = reasons(notebook, handed_in(notebook, "def ff(x):\n    f = 3\n    return 2 * x")).sentences
    assert sentences == [
        "the question asks for `f`, and no cell of yours defines that name (there is `ff`: is it meant?)"
    ]


@pytest.mark.parametrize(
    "answer", ["f = lambda x: x", "if True:\n    def f(x):\n        return x", "from m import g as f"]
)
def test_a_name_may_be_bound_in_any_way(notebook: Notebook, answer: str) -> None:
    assert reasons(notebook, handed_in(notebook, answer)).sentences == []


def test_a_visible_test_that_fails_is_told_in_its_own_words(notebook: Notebook) -> None:
    nb = handed_in(notebook, "def f(x):\n    return 3")
    raised(nb, "test_f", "AssertionError", "f(1) should be 2", 1)
    (sentence,) = reasons(notebook, nb).sentences
    assert sentence == "a test that you can see fails: f(1) should be 2 (line 1)"


@pytest.mark.parametrize("text", ["x = [4.25, 17]", "f(1) should be 2; the hidden input is 7", "\x1b[31mf(1)"])
def test_what_student_code_raises_by_itself_is_not_repeated(notebook: Notebook, text: str) -> None:
    nb = handed_in(notebook, "def f(x):\n    raise AssertionError(SEEN)")
    raised(nb, "test_f", "AssertionError", text, 1)
    (sentence,) = reasons(notebook, nb).sentences
    assert text not in sentence
    raised(nb, "f", "Secret", text, 1)
    assert all(text not in sentence for sentence in reasons(notebook, nb).sentences)


HELPER = """
def check(name, got, want):
    assert got.shape == want.shape, f"{name} should have shape {want.shape}, but it has shape {got.shape}."
    raise AssertionError(f"{name}: max error {error:.6g} at {where}: expected {want}, got {got} in {a}, {b}")
def compare(name, got, want):
    message = f"Max error {name}: {got:g}, tolerance {want:g}"
    assert got <= want, message + " (told in a variable)"
check("all_h", 1, 2)
compare("conv1d, next minus this", 1, 2)
"""


@pytest.fixture
def helped(tmp_path: Path) -> Notebook:
    course = people.make_course(tmp_path)
    notebook = course.assignment("rnn").notebooks["a_first"]
    next(cell for cell in notebook.source.cells if cell.id == "setup").source = HELPER
    return notebook


def said(notebook: Notebook, text: str) -> str:
    nb = handed_in(notebook, "def f(x):\n    return 3")
    raised(nb, "test_f", "AssertionError", text, 1)
    return reasons(notebook, nb).sentences[0].removeprefix("a test that you can see fails: ").removesuffix(" (line 1)")


def test_small_values_fill_the_gaps_and_everything_else_becomes_dots(helped: Notebook) -> None:
    shapes = "all_h should have shape {}, but it has shape {}."
    assert said(helped, shapes.format("torch.Size([2, 3])", "(2, 4)")) == shapes.format("(2, 3)", "(2, 4)")
    assert said(helped, shapes.format("(2, 3)", "the hidden input")) == shapes.format("(2, 3)", "…")
    assert said(helped, shapes.replace("all_h", "hidden_word").format("(2, 3)", "(1,)")).startswith(
        "a test that you can see fails (line 1: "
    )
    assert said(helped, "all_h: max error 0.123456789 at (0, 1): expected 1, got 98765432 in 3, 4") == (
        "all_h: max error 0.123 at (0, 1): expected 1, got … in 3, …"  # no more than four values of the student's
    )


def test_a_sentence_is_known_that_is_put_together_before_it_is_raised(helped: Notebook) -> None:
    text = "Max error conv1d, next minus this: 8, tolerance 1e-05 (told in a variable)"
    assert said(helped, text) == text
    assert said(helped, text.replace("next minus this", "the hidden word")) == text.replace(
        "conv1d, next minus this", "…"
    )


def test_only_the_first_sentences_of_a_notebook_hold_values(helped: Notebook) -> None:
    text = "all_h should have shape (2, 3), but it has shape (2, 4)."
    nb = handed_in(helped, "def f(x):\n    return 3")
    test = next(cell for cell in nb.cells if cell.id == "test_f")
    for number in range(4):
        more = copy.deepcopy(test)
        more.id, more.metadata.nbgrader.grade_id = f"more-{number}", f"more_{number}"
        nb.cells.append(more)
        raised(nb, more.id, "AssertionError", text, 1)
    sentences = [r.sentences[0] for name, r in find_reasons(helped, nb, {}).items() if name.startswith("more_")]
    assert ["(2, 4)" in sentence for sentence in sentences] == [True, True, True, False]
