"""Do a second outsider's answers lose points where they are wrong, and nowhere else?

They are graded inside the test process, each with the tests of its own question, so that all of them take a minute or two.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from course_harness import bank, cell_ids, load, run, shares

ANSWERS = Path(__file__).parent / "second_outsider"
WRONG, RIGHT = (sorted(ANSWERS.glob(f"*/{kind}/*.py")) for kind in ("wrong", "right"))


def graded(name: str, cell: str, answers: dict[str, str]) -> tuple[dict[str, float], list[str]]:
    """Return the shares earned in the tests of one question, and the visible tests that fail."""
    notebook = load(name)
    others = {place for place in cell_ids(notebook, grade=True) if not place.startswith(f"test_{cell}")}
    notebook.cells = [part for part in notebook.cells if part.id not in others]
    result = run(notebook, answers)
    return shares(name, result), [
        place for place in result.errors if place.startswith("test_") and "(hidden)" not in place
    ]


def parts(path: Path) -> tuple[str, str, dict[str, str]]:
    """Return the notebook, the cell, and the answers of a file by cell."""
    cell = path.stem.split("__")[0]
    first, *more = re.split(r"^# cell: (\w+)\n", path.read_text("utf-8"), flags=re.M)
    return path.parts[-3], cell, {cell: first, **dict(zip(more[::2], more[1::2], strict=True))}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run notebooks in an empty folder: whatever one writes is not left here."""
    monkeypatch.chdir(tmp_path)


def name_of(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", WRONG, ids=name_of)
def test_a_wrong_answer_loses_points(path: Path) -> None:
    earned, _ = graded(*parts(path))
    assert min(earned.values()) < 1


@pytest.mark.parametrize("path", RIGHT, ids=name_of)
def test_a_right_answer_passes_all_visible_tests_and_gets_full_marks(path: Path) -> None:
    earned, failing = graded(*parts(path))
    assert failing == []
    assert set(earned.values()) == {1.0}


#: Wrong algorithms that visible tests once called right, by notebook and cell.
ONCE_CALLED_RIGHT = [
    ("2_beam_search", "beam_search", "exhaustive"),
    ("2_beam_search", "beam_search", "impossible_left_out"),
    ("2_beam_search", "rnn_log_prob", "first_position_read"),
    ("2_beam_search", "rnn_log_prob", "last_token_only"),
    ("2_beam_search", "rnn_log_prob", "start_symbol_forgotten"),
    ("3_rnn", "rnn_layer", "two_biases"),
    ("3_rnn", "rnn_layer", "nonlinearity_on_input_part_only"),
    ("3_rnn", "rnn_layer", "input_matrix_of_zeros"),
    ("3_rnn", "rnn_layer", "normal_initialisation"),
    ("3_rnn", "rnn_layer", "uniform_whatever_the_size"),
    ("3_rnn", "rnn_layer", "uninitialised_parameters"),
    ("3_rnn", "rnn_layer", "zero_initialisation"),
    ("3_rnn", "rnn_layer", "state_kept_between_calls"),
    ("3_rnn", "regression_model", "gradients_cleared_in_forward"),
    ("3_rnn", "regression_model", "head_of_ones"),
    ("3_rnn", "regression_model", "reads_input_size"),
    ("3_rnn", "regression_model", "uninitialised_bias"),
    ("3_rnn", "regression_model", "uninitialised_weights"),
    ("3_rnn", "scale_parameters", "getattr_by_name"),
    ("3_rnn", "lstm_layer", "uninitialised_parameters"),
    ("3_rnn", "lstm_layer", "zero_initialisation"),
    ("4_last_names", "recurrent_classifier", "one_layer_only"),
]


@pytest.mark.parametrize(("name", "cell", "mistake"), ONCE_CALLED_RIGHT, ids=lambda part: part)
def test_no_visible_test_calls_a_wrong_algorithm_right_any_more(name: str, cell: str, mistake: str) -> None:
    (source,) = [one.source for one in bank("mistakes", name) if str(one) == f"{cell}/{mistake}"]
    _, failing = graded(name, cell, {cell: source})
    assert failing
