"""Does notebook 3 print what students are told to expect, and does its hidden evidence tell right from wrong?"""

import re

import numpy as np
import pytest
import torch
from course_harness import (
    CONSTANTS,
    SEEDS,
    Answer,
    assert_alternative,
    assert_canonical,
    assert_mistake,
    bank,
    blank,
    cell_ids,
    constant_answer,
    execute_in_fresh_kernel,
    load,
    reference,
    run,
    shares,
    shares_with,
)
from torch import nn

NAME = "3_rnn"
MISTAKES, ALTERNATIVES = bank("mistakes", NAME), bank("alternatives", NAME)
PRINTED = {
    "test_rnn_layer": [
        "Expected: 0.1973753273487091, got: 0.1973753273487091, max error: 0.0",
        "Max error all_h: 4.999339580535889e-05",
        "Max error last_h: 2.498924732208252e-05",
    ],
    "test_regression_model": [
        "Max error all_h: 4.699826240539551e-05",
        "Max error preds: 4.3138861656188965e-05",
    ],
    "test_loss_fn": [
        "Max error loss_all: 3.314018249511719e-05",
        "Max error loss_last: 2.384185791015625e-07",
    ],
}


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Return the notebook, run as a student runs it, and the folder it wrote to."""
    folder = tmp_path_factory.mktemp("rnn")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return execute_in_fresh_kernel(NAME), folder


@pytest.fixture(scope="module")
def answers():
    """Return the names that the given cells and the reference solutions define."""
    notebook = load(NAME)
    given = [cell.id for cell in notebook.cells if cell.id == "setup" or cell.id in cell_ids(notebook, solution=True)]
    names = {}
    for cell in notebook.cells:
        if cell.id in given or cell.id == "generate_batch":
            exec(cell.source, names)
    return names


def printed(cell):
    return "".join(output.text for output in cell.outputs if output.get("name") == "stdout").splitlines()


def picture_count(cell):
    return sum("image/png" in output.get("data", {}) for output in cell.outputs)


@pytest.mark.slow
def test_a_fresh_kernel_prints_the_numbers_of_the_homework_to_the_last_digit(executed):
    cells = {cell.id: cell for cell in executed[0].cells}
    for place, lines in PRINTED.items():
        assert [line for line in printed(cells[place]) if line in lines] == lines


@pytest.mark.slow
def test_the_report_holds_the_same_numbers_and_the_figure(executed):
    _, folder = executed
    text = (folder / "rnn_report.md").read_text("utf-8")
    for line in sum(PRINTED.values(), []):
        assert f"\n{line}\n" in text
    assert "(rnn_gradients.png)" in text
    assert (folder / "rnn_gradients.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_the_figures_are_drawn_and_the_sliders_shown(executed):
    cells = {cell.id: cell for cell in executed[0].cells}
    assert picture_count(cells["task_figure"]) == 1
    assert picture_count(cells["gradient_picture"]) == 1
    widgets = [o.data for o in cells["sliders"].outputs if "application/vnd.jupyter.widget-view+json" in o.get("data", {})]
    assert len(widgets) == 1
    table = printed(cells["gradient_picture"])
    assert len(table) == 1 + 3 * 2 * 4


@pytest.mark.slow
def test_gradients_in_the_table_vanish_and_explode_with_the_eigenvalue(executed):
    cells = {cell.id: cell for cell in executed[0].cells}
    rows = [re.split(r"\s{2,}", line.strip()) for line in printed(cells["gradient_picture"])[1:]]
    ratio = {(name, loss, float(eigenvalue)): float(last) for name, loss, eigenvalue, _, _, last in rows}
    assert ratio["none", "last timestep", 0.5] < 1e-4 < 1e4 < ratio["none", "last timestep", 2.0]
    assert 1e-3 < ratio["none", "last timestep", 1.0] < 1e3
    assert ratio["tanh", "last timestep", 2.0] < 1
    assert ratio["tanh", "all timesteps", 0.5] > 100 * ratio["tanh", "last timestep", 0.5]


def test_the_sliders_move_the_data_and_the_picture():
    names = {}
    for cell in load(NAME).cells:
        if cell.id in ("setup", "generate_batch", "gradient_visualizer", *cell_ids(load(NAME), solution=True)):
            exec(cell.source, names)
    tool = names["GradientVisualizer"](names["RNNLayer"](1, 5, nonlinearity=lambda z: z), last_timestep_only=True)
    one, two = tool.data(weight_scale=1.0), tool.data(weight_scale=2.0)
    assert one["h_norm"].shape == one["gradient_norm"].shape == (20,)
    assert two["eigenvalue"] == pytest.approx(2 * one["eigenvalue"])
    assert tool.data(weight_scale=1.0)["gradient_norm"] == pytest.approx(one["gradient_norm"])
    weight, bias, picture = tool.show().children
    shown = [picture.value]
    for slider, value in [(weight, 3.0), (bias, -2.0)]:
        slider.value = value
        shown.append(picture.value)
    assert len(set(shown)) == 3
    assert all(png.startswith(b"\x89PNG") for png in shown)


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_the_reference_layer_agrees_with_torch(answers, nonlinearity):
    torch.manual_seed(3)
    mine, theirs = answers["RNNLayer"](3, 5, getattr(torch, nonlinearity)), nn.RNN(3, 5, 1, nonlinearity, batch_first=True)
    with torch.no_grad():
        theirs.weight_ih_l0.copy_(mine.W_x.weight)
        theirs.weight_hh_l0.copy_(mine.W_h.weight)
        theirs.bias_ih_l0.zero_()
        theirs.bias_hh_l0.copy_(mine.W_h.bias)
    x = torch.randn(4, 6, 3)
    all_h, last_h = mine(x)
    expected, last = theirs(x)
    torch.testing.assert_close(all_h, expected)
    torch.testing.assert_close(last_h, last[0])


def test_the_targets_are_running_means(answers):
    x, y = answers["generate_batch"](seq_len=7, batch_size=3)
    assert x.shape == y.shape == (3, 7, 1)
    for t in range(7):
        np.testing.assert_allclose(y[:, t], x[:, : t + 1].mean(dim=1), atol=1e-6)


def test_the_parameter_count_of_the_homework(answers):
    model = answers["RecurrentRegressionModel"](answers["RNNLayer"](2, 3), 4)
    assert sum(p.numel() for p in model.parameters()) == 34


def test_the_notebook_is_canonical():
    assert_canonical(NAME)


def test_points_and_written_questions():
    notebook = load(NAME)
    required = {c.id: c.metadata.nbgrader.points for c in notebook.cells if "points" in c.metadata.get("nbgrader", {})
                and not c.metadata.get("coursegrader", {}).get("optional")}  # fmt: skip
    assert sum(required.values()) == 27
    assert {"q3e", "q3f", "q3g"} == set(cell_ids(notebook, task=True))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_reference_scores_full_marks_with_every_seed(seed):
    result = run(load(NAME), seed=seed)
    assert result.errors == {}
    scores = shares(NAME, result, seed)
    assert set(scores) == set(cell_ids(load(NAME), grade=True))
    assert set(scores.values()) == {1.0}


def test_an_untouched_notebook_scores_nothing():
    assert set(shares(NAME, run(blank(NAME))).values()) == {0.0}


@pytest.mark.parametrize("value", CONSTANTS)
def test_constant_answers_score_nothing(value):
    functions = {"loss_fn": "loss_fn", "scale_parameters": "scale_parameters", "recurrent_matrix": "recurrent_matrix"}
    for grade_id, function in functions.items():
        assert shares_with(NAME, grade_id, constant_answer(function, value))[f"test_{grade_id}"] == 0.0


@pytest.mark.slow
@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_mistake_loses_points_exactly_where_it_says(mistake: Answer):
    assert_mistake(NAME, mistake)


@pytest.mark.slow
@pytest.mark.parametrize("alternative", ALTERNATIVES, ids=str)
def test_a_right_answer_in_another_style_gets_full_marks(alternative: Answer):
    assert_alternative(NAME, alternative)


def test_the_banks_are_large_enough():
    assert len(MISTAKES) >= 20
    assert len(ALTERNATIVES) >= 14
    assert {m.grade_id for m in MISTAKES} == set(cell_ids(load(NAME), solution=True))


def test_hidden_evidence_has_no_trivial_values():
    """No expected value may be all zeros, all ones, or None."""
    from coursegrader.judge import expectations

    for place, records in reference(NAME).evidence.items():
        for want in expectations(records, place):
            values = want.value if isinstance(want.value, list) else [want.value]
            for value in values:
                assert isinstance(value, np.ndarray), (place, want.name)
                assert np.isfinite(value).all(), (place, want.name)
                assert not np.isclose(value, 0).all(), (place, want.name)
                assert not np.isclose(value, 1).all(), (place, want.name)
