"""Does notebook 3 print what students are told to expect, and does its hidden evidence tell right from wrong?"""

import itertools
import re
from functools import cache

import numpy as np
import pytest
import torch
from course_harness import (
    CONSTANTS,
    SEEDS,
    Answer,
    Run,
    _same_evidence,
    assert_canonical,
    assert_points_are_announced,
    bank,
    blank,
    cell_ids,
    constant_answer,
    execute_in_fresh_kernel,
    load,
    reference,
    run,
    shares,
)
from nbgrader.preprocessors import ClearHiddenTests
from torch import nn

from coursegrader.course.markers import split_hidden
from coursegrader.judging.judges.expectations import expectations

NAME = "3_rnn"
MISTAKES, ALTERNATIVES = bank("mistakes", NAME), bank("alternatives", NAME)
FUNCTIONS = {
    "rnn_layer": "RNNLayer",
    "regression_model": "RecurrentRegressionModel",
    "loss_fn": "loss_fn",
    "scale_parameters": "scale_parameters",
    "recurrent_matrix": "recurrent_matrix",
    "lstm_layer": "LSTMLayer",
    "rnn_stack": "RNN",
    "lstm_stack": "LSTM",
    "critical_scale": "critical_scale",
    "rnn_backward": "rnn_backward",
    "truncated_backward": "truncated_backward",
    "clip_gradients": "clip_gradients",
    "cell_path": "cell_path",
}
BONUS = {
    "test_critical_scale": 1,
    "test_rnn_backward": 4,
    "test_truncated_backward": 2,
    "test_clip_gradients": 2,
    "test_lstm_layer": 4,
    "test_rnn_stack": 2,
    "test_lstm_stack": 2,
    "test_cell_path": 2,
}
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


FIGURES = ["task_figure", "gradient_picture", "paths_picture", "truncated_picture", "clipping_picture", "train_four"]


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
        if cell.id in given or cell.id in ("generate_batch", "tanh_derivative"):
            exec(cell.source, names)
    return names


@cache
def run_with(grade_id, source):
    """Run the notebook with one answer replaced.

    The cell that trains an RNNLayer takes most of the time and uses nothing else of the student's: it runs only for
    answers to 1.A, and keeps the reference's evidence for all others.
    """
    notebook, trained = load(NAME), "test_rnn_layer_training"
    if grade_id == "rnn_layer":
        return run(notebook, {grade_id: source})
    notebook.cells = [cell for cell in notebook.cells if cell.id != trained]
    result = run(notebook, {grade_id: source})
    return Run({**result.evidence, trained: reference(NAME).evidence[trained]}, result.errors)


def shares_with(grade_id, source):
    return shares(NAME, run_with(grade_id, source))


def printed(cell):
    return "".join(output.text for output in cell.outputs if output.get("name") == "stdout").splitlines()


def pictures(cell):
    """Return the texts that stand for a cell's pictures; every picture has one."""
    shown = "".join(output.get("data", {}).get("text/html", "") for output in cell.outputs)
    texts = re.findall(r'<img alt="([^"]+)"[^>]* src="data:image/png;base64,', shown)
    assert len(texts) == shown.count("<img")
    assert not any("image/png" in output.get("data", {}) for output in cell.outputs), "a picture without a text"
    return texts


@pytest.mark.slow
def test_a_fresh_kernel_prints_the_numbers_of_the_homework_to_the_last_digit(executed):
    cells = {cell.id: cell for cell in executed[0].cells}
    for place, lines in PRINTED.items():
        assert [line for line in printed(cells[place]) if line in lines] == lines


@pytest.mark.slow
def test_the_report_holds_the_same_numbers_and_the_figure(executed):
    _, folder = executed
    text = (folder / "rnn_report.md").read_text("utf-8")
    assert re.search(r"\| 1\.D \| No nonlinearity, .* \| none \| 1\.46e-06 \|", text)
    for line in itertools.chain(*PRINTED.values()):
        assert f"\n{line}\n" in text
    assert "(rnn_gradients.png)" in text
    assert (folder / "rnn_gradients.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_the_figures_are_drawn_and_the_sliders_shown(executed):
    cells = {cell.id: cell for cell in executed[0].cells}
    for place in FIGURES:
        (text,) = pictures(cells[place])
        assert len(text) > 60, place
    widgets = [
        o.data for o in cells["sliders"].outputs if "application/vnd.jupyter.widget-view+json" in o.get("data", {})
    ]
    assert len(widgets) == 1
    table = printed(cells["gradient_picture"])
    assert len([line for line in table if "timestep" in line]) == 3 * 2 * 4


@pytest.mark.slow
def test_gradients_in_the_table_vanish_and_explode_with_the_eigenvalue(executed):
    cells = {cell.id: cell for cell in executed[0].cells}
    rows = [re.split(r"\s{2,}", line.strip()) for line in printed(cells["gradient_picture"])[1:25]]
    ratio = {(name, loss, float(eigenvalue)): float(last) for name, loss, eigenvalue, _, _, last in rows}
    assert ratio["none", "last timestep", 0.5] < 1e-4 < 1e4 < ratio["none", "last timestep", 2.0]
    assert 1e-3 < ratio["none", "last timestep", 1.0] < 1e3
    for eigenvalue in (0.5, 1.0, 2.0, 3.0):  # what the mark scheme of 3.f says about the figure
        assert ratio["tanh", "last timestep", eigenvalue] < 0.1 * ratio["none", "last timestep", eigenvalue]
    assert ratio["tanh", "last timestep", 1.0] < 0.1 < 1 < ratio["tanh", "last timestep", 2.0] < 30
    assert ratio["ReLU", "last timestep", 3.0] > 100 * ratio["tanh", "last timestep", 3.0]
    assert ratio["ReLU", "last timestep", 0.5] < ratio["tanh", "last timestep", 0.5]
    assert ratio["tanh", "all timesteps", 0.5] > 100 * ratio["tanh", "last timestep", 0.5]


@pytest.fixture(scope="module")
def tools():
    """Return the names that the setup, the visualiser and the reference solutions define."""
    names = {}
    for cell in load(NAME).cells:
        if cell.id in (
            "setup",
            "generate_batch",
            "gradient_visualizer",
            "tanh_derivative",
            *cell_ids(load(NAME), solution=True),
        ):
            exec(cell.source, names)
    return names


def test_the_sliders_move_the_data_and_the_picture(tools):
    tool = tools["GradientVisualizer"](tools["RNNLayer"](1, 5, nonlinearity=lambda z: z), last_timestep_only=True)
    one, two = tool.data(recurrent_scale=1.0), tool.data(recurrent_scale=2.0)
    assert one["h_norm"].shape == one["gradient_norm"].shape == (20,)
    assert one["eigenvalue"] == pytest.approx(1.0, abs=1e-5)  # single precision; processors differ in the last digits
    assert two["eigenvalue"] == pytest.approx(2.0, abs=1e-5)
    assert tool.data(recurrent_scale=1.0)["gradient_norm"] == pytest.approx(one["gradient_norm"])
    *sliders, picture = tool.show().children
    assert len({slider.description for slider in sliders} - {""}) == 3
    shown = [picture.value]
    for slider, value in zip(sliders, (0.5, 3.0, -2.0), strict=True):
        slider.value = value
        shown.append(picture.value)
    assert len(set(shown)) == 4
    assert all(re.match(r'<img alt="[^"]{60,}"', image) for image in shown)


@pytest.mark.parametrize("layout", ["two_maps", "joint", "transposed"])
def test_a_slider_scales_the_recurrent_matrix_alone(tools, layout):
    torch.manual_seed(0)
    layer = tools["RNNLayer"](1, 4)
    if layout == "joint":
        layer = nn.Linear(5, 4)
        tools["recurrent_matrix"] = lambda layer: layer.weight[:, 1:]
    elif layout == "transposed":
        layer = nn.ParameterDict({"u": torch.randn(1, 4), "v": torch.randn(4, 4), "c": torch.randn(4)})
        tools["recurrent_matrix"] = lambda layer: layer["v"].T.detach().numpy()
    before = {name: p.detach().clone() for name, p in layer.named_parameters()}
    matrix = torch.as_tensor(tools["recurrent_matrix"](layer)).detach().clone()
    tools["scale_recurrent_matrix"](layer, 3.0)
    torch.testing.assert_close(torch.as_tensor(tools["recurrent_matrix"](layer)).detach(), 3 * matrix)
    changed = sum(int((p != before[name]).sum()) for name, p in layer.named_parameters())
    assert changed == 16
    exec(next(cell.source for cell in load(NAME).cells if cell.id == "recurrent_matrix"), tools)


def test_the_baselines_of_the_training_figure():
    """Without memory a prediction is a x_t; by least squares over many sequences, with one a, and with one for each t."""
    x = np.random.default_rng(0).standard_normal((200_000, 20))
    y = x.cumsum(axis=1) / np.arange(1, 21)
    a = (x * y).sum() / (x * x).sum()
    each = (x * y).sum(axis=0) / (x * x).sum(axis=0)
    text = next(cell.source for cell in load(NAME).cells if cell.id == "section_training")
    said = [float(number) for number in re.findall(r"\*\*([0-9.]+)\*\*:", text)]
    assert said == pytest.approx([((y - a * x) ** 2).mean(), ((y - each * x) ** 2).mean()], abs=1e-3)


def test_the_run_of_the_clipping_figure_diverges_and_learns_when_it_is_clipped(tools):
    """Whatever the seed: plain descent with this learning rate ends in numbers that are not finite, clipped descent does not."""
    figure = next(cell.source for cell in load(NAME).cells if cell.id == "clipping_picture")
    names = {**tools, "GRADING": True}
    exec(figure, names)
    for seed in (0, 1):
        lost, _ = names["train_plain"](seed=seed)
        losses, norms = names["train_plain"](names["clip_gradients"], seed=seed)
        assert len(lost) < 100
        assert len(losses) == 200
        assert losses[-20:].mean() < 0.148  # what can be had without any memory
        assert norms.max() > 0.5  # there is something to clip


@pytest.mark.slow
def test_optional_parts_that_are_left_out_stop_nothing(tmp_path, monkeypatch):
    """A released notebook with the required parts written runs to its end, and its report is complete."""
    monkeypatch.chdir(tmp_path)
    solved = {cell.id: cell for cell in load(NAME).cells}
    optional = {
        c.id.removeprefix("test_") for c in solved.values() if c.metadata.get("coursegrader", {}).get("optional")
    }
    notebook, _ = ClearHiddenTests().preprocess(blank(NAME), {})
    for cell in notebook.cells:
        if cell.id in cell_ids(notebook, solution=True) and cell.id not in optional:
            cell.source = solved[cell.id].source
    cells = {cell.id: cell for cell in execute_in_fresh_kernel(NAME, notebook).cells}
    for place in optional:
        assert "not attempted" in "".join(printed(cells[f"test_{place}"]))
    for name in ("rnn_report.md", "rnn_gradients.png"):
        assert (tmp_path / name).stat().st_size > 500
    for line in itertools.chain(*PRINTED.values()):
        assert line in (tmp_path / "rnn_report.md").read_text("utf-8")


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_the_reference_layer_agrees_with_torch(answers, nonlinearity):
    torch.manual_seed(3)
    mine, theirs = (
        answers["RNNLayer"](3, 5, getattr(torch, nonlinearity)),
        nn.RNN(3, 5, 1, nonlinearity, batch_first=True),
    )
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
    optional = {c.id for c in notebook.cells if c.metadata.get("coursegrader", {}).get("optional")}
    points = {c.id: c.metadata.nbgrader.points for c in notebook.cells if "points" in c.metadata.get("nbgrader", {})}
    assert {place: points[place] for place in optional} == BONUS
    assert sum(points.values()) == 27 + sum(BONUS.values())
    assert {"q3e", "q3f", "q3g"} == set(cell_ids(notebook, task=True))
    assert_points_are_announced(NAME)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_reference_scores_full_marks_with_every_seed(seed):
    result = run(load(NAME), seed=seed)
    assert result.errors == {}
    scores = shares(NAME, result, seed)
    assert set(scores) == set(cell_ids(load(NAME), grade=True))
    assert set(scores.values()) == {1.0}


def test_an_untouched_notebook_scores_nothing():
    assert set(shares(NAME, run(blank(NAME))).values()) == {0.0}


@pytest.mark.slow
@pytest.mark.parametrize("value", CONSTANTS)
@pytest.mark.parametrize("grade_id", sorted(FUNCTIONS))
def test_a_constant_or_the_input_earns_nothing(grade_id, value):
    earned = shares_with(grade_id, constant_answer(FUNCTIONS[grade_id], value))
    assert {share for place, share in earned.items() if place.startswith(f"test_{grade_id}")} == {0.0}


@pytest.mark.slow
@pytest.mark.parametrize("grade_id", sorted(FUNCTIONS))
def test_one_missing_answer_costs_one_question(grade_id):
    """W_h of one's own layer, asked for in 1.D, is the one answer that needs another one."""
    lost = {p for p, share in shares_with(grade_id, "raise NotImplementedError()").items() if share < 1}
    needs = {"test_recurrent_matrix"} if grade_id == "rnn_layer" else set()
    assert lost == needs | {place for place in cell_ids(load(NAME), grade=True) if place.startswith(f"test_{grade_id}")}


@pytest.mark.slow
def test_a_layer_that_does_not_run_does_not_cost_its_matrix():
    broken = next(c.source for c in load(NAME).cells if c.id == "rnn_layer").replace(
        "x.unbind(dim=1)", "x.unbind(dim=7)"
    )
    earned = shares_with("rnn_layer", broken)
    assert earned["test_rnn_layer"] < 0.5
    assert earned["test_recurrent_matrix"] == 1.0


def test_hidden_regions_need_no_visible_part():
    notebook = load(NAME)
    alone = {
        cell.id: f"### BEGIN HIDDEN TESTS\n{split_hidden(cell.source)[1]}\n### END HIDDEN TESTS"
        for cell in notebook.cells
        if cell.id in cell_ids(notebook, grade=True)
    }
    assert set(shares(NAME, run(notebook, alone)).values()) == {1.0}


@pytest.mark.slow
def test_no_two_mistakes_look_alike():
    runs = {mistake: run_with(mistake.cell, mistake.source).evidence for mistake in MISTAKES}
    alike = [
        (str(one), str(two))
        for one, two in itertools.combinations(MISTAKES, 2)
        if set(one.loses) == set(two.loses)
        and all(_same_evidence(runs[one][cell], runs[two][cell], NAME, cell, SEEDS[0]) for cell in one.loses)
    ]
    assert alike == []


@pytest.mark.parametrize("shape", [(4, 6, 3), (2, 1, 5)])
def test_the_reference_lstm_agrees_with_torch(answers, shape):
    torch.manual_seed(4)
    features, units = shape[-1], 7
    mine, theirs = answers["LSTMLayer"](features, units), nn.LSTM(features, units, batch_first=True)
    f, i, o, g = mine.gates.weight.chunk(4)
    bf, bi, bo, bg = mine.gates.bias.chunk(4)
    with torch.no_grad():  # torch's order is i, f, g, o
        theirs.weight_ih_l0.copy_(torch.cat([i, f, g, o])[:, :features])
        theirs.weight_hh_l0.copy_(torch.cat([i, f, g, o])[:, features:])
        theirs.bias_ih_l0.copy_(torch.cat([bi, bf, bg, bo]))
        theirs.bias_hh_l0.zero_()
    x = torch.randn(shape)
    all_h, (last_h, last_c) = mine(x)
    expected, (h, c) = theirs(x)
    for got, want in [(all_h, expected), (last_h, h[0]), (last_c, c[0])]:
        torch.testing.assert_close(got, want)


def test_the_reference_stack_agrees_with_torch(answers):
    torch.manual_seed(6)
    mine, theirs = answers["RNN"](3, 5, 2), nn.RNN(3, 5, 2, batch_first=True)
    with torch.no_grad():
        for index, layer in enumerate(mine.layers):
            for name, value in [
                ("weight_ih", layer.W_x.weight),
                ("weight_hh", layer.W_h.weight),
                ("bias_ih", layer.W_h.bias),
            ]:
                getattr(theirs, f"{name}_l{index}").copy_(value)
            getattr(theirs, f"bias_hh_l{index}").zero_()
    x = torch.randn(4, 6, 3)
    for got, want in zip(mine(x), theirs(x), strict=True):
        torch.testing.assert_close(got, want)


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_backpropagation_by_hand_agrees_with_the_gradients_of_torch(answers, nonlinearity):
    torch.manual_seed(5)
    net = nn.RNN(3, 4, 1, nonlinearity, batch_first=True).double()
    x = torch.randn(2, 6, 3, dtype=torch.float64, requires_grad=True)
    grad_h = torch.randn(2, 6, 4, dtype=torch.float64)
    all_h, _ = net(x)
    bias = net.bias_ih_l0 + net.bias_hh_l0
    wanted = torch.autograd.grad((all_h * grad_h).sum(), [net.weight_ih_l0, net.weight_hh_l0, net.bias_ih_l0, x])
    derivative = {"tanh": lambda h: 1 - h**2, "relu": lambda h: (h > 0).to(h.dtype)}[nonlinearity]
    given = [value.detach() for value in (x, all_h, net.weight_ih_l0, net.weight_hh_l0, bias, grad_h)]
    whole = answers["rnn_backward"](*given, derivative)
    for got, want in zip(whole, wanted, strict=False):
        torch.testing.assert_close(got, want)
    for got, want in zip(answers["truncated_backward"](*given, 6, derivative), whole, strict=True):
        torch.testing.assert_close(got, want)


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_truncation_by_hand_agrees_with_states_that_torch_detaches(answers, k):
    torch.manual_seed(6)
    cell, length = nn.RNNCell(2, 3).double(), 7
    x, grad_h = torch.randn(4, length, 2, dtype=torch.float64), torch.randn(4, length, 3, dtype=torch.float64)
    h, states = torch.zeros(4, 3, dtype=torch.float64), []
    for t in range(length):
        states.append(h := cell(x[:, t], h.detach() if t % k == 0 else h))
    loss = sum((h * grad_h[:, t]).sum() for t, h in enumerate(states))
    wanted = torch.autograd.grad(loss, [cell.weight_ih, cell.weight_hh, cell.bias_hh, *states])
    all_h = torch.stack(states, dim=1).detach()
    weights = cell.weight_ih.detach(), cell.weight_hh.detach(), cell.bias_ih.detach()
    got = answers["truncated_backward"](x, all_h, *weights, grad_h, k)
    for mine, want in zip([*got[:3], got[4]], [*wanted[:3], torch.stack(wanted[3:], dim=1)], strict=True):
        torch.testing.assert_close(mine, want)


def test_clipping_agrees_with_torch(answers):
    layers = [nn.Linear(4, 3), nn.Linear(4, 3)]
    layers[1].load_state_dict(layers[0].state_dict())
    x = torch.randn(5, 4)
    for layer in layers:
        (10 * layer(x)).square().sum().backward()
    before = nn.utils.clip_grad_norm_(layers[0].parameters(), 0.7)
    assert answers["clip_gradients"](layers[1].parameters(), 0.7) == pytest.approx(before.item())
    for mine, want in zip(layers[1].parameters(), layers[0].parameters(), strict=True):
        torch.testing.assert_close(mine.grad, want.grad)


def test_the_direct_path_agrees_with_autograd_when_the_hidden_states_are_detached(answers):
    torch.manual_seed(7)
    cell, units = nn.LSTMCell(2, 5), 5
    h = c = torch.zeros(3, units)
    cells, gates = [], []
    for x_t in torch.randn(8, 3, 2):
        h = h.detach()
        pre = x_t @ cell.weight_ih.T + cell.bias_ih + h @ cell.weight_hh.T + cell.bias_hh
        gates.append(pre[:, units : 2 * units].sigmoid().detach())
        h, c = cell(x_t, (h, c))
        cells.append(c)
    wanted = torch.autograd.grad(c.sum(), cells)
    torch.testing.assert_close(answers["cell_path"](torch.stack(gates, dim=1)), torch.stack(wanted, dim=1))


def test_the_critical_scale_brings_the_largest_eigenvalue_to_one(answers):
    torch.manual_seed(8)
    layer = answers["RNNLayer"](3, 9)
    scaled = answers["critical_scale"](layer) * layer.W_h.weight.detach().numpy()
    assert np.abs(np.linalg.eigvals(scaled)).max() == pytest.approx(1, rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_mistake_loses_points_exactly_where_it_says(mistake: Answer):
    assert mistake.cell in FUNCTIONS
    assert 40 <= len(mistake.text) <= 600, "the docstring is the hint: one to three sentences"
    assert set(mistake.loses) <= set(cell_ids(load(NAME), grade=True))
    assert mistake.loses
    shown = shares_with(mistake.cell, mistake.source)
    assert {place for place, share in shown.items() if share < 1} == set(mistake.loses)


@pytest.mark.slow
@pytest.mark.parametrize("alternative", ALTERNATIVES, ids=str)
def test_a_right_answer_in_another_style_gets_full_marks(alternative: Answer):
    assert alternative.cell in FUNCTIONS
    assert len(alternative.text) >= 20, "the docstring says the style"
    assert run_with(alternative.cell, alternative.source).errors == {}
    assert set(shares_with(alternative.cell, alternative.source).values()) == {1.0}


def test_the_banks_are_large_enough():
    for grade_id in FUNCTIONS:
        assert sum(mistake.cell == grade_id for mistake in MISTAKES) >= 6
        assert sum(alternative.cell == grade_id for alternative in ALTERNATIVES) >= 3
    for grade_id in ("critical_scale", "rnn_backward", "truncated_backward", "clip_gradients", "cell_path"):
        assert sum(alternative.cell == grade_id for alternative in ALTERNATIVES) >= 4
    assert {m.cell for m in MISTAKES} == set(cell_ids(load(NAME), solution=True))


def test_hidden_evidence_has_no_trivial_values():
    """No expected value may be all zeros, all ones, or None."""
    for place, records in reference(NAME).evidence.items():
        for want in expectations(records, place):
            values = want.value if isinstance(want.value, list) else [want.value]
            for value in values:
                assert isinstance(value, np.ndarray), (place, want.name)
                assert np.isfinite(value).all(), (place, want.name)
                assert not np.isclose(value, 0).all(), (place, want.name)
                assert not np.isclose(value, 1).all(), (place, want.name)
