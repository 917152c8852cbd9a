"""Does notebook 1 ask what it should, and does its hidden evidence tell right from wrong?"""

import numpy as np
import pytest
import torch
from course_harness import (
    assert_bonus_may_be_skipped,
    assert_described,
    cell_ids,
    execute_in_fresh_kernel,
    load,
)

NAME = "1_backprop"
POINTS = [(0.7, -1.3, 0.4, 2.1), (-1.6, 0.9, 1.2, -0.3), (2.2, 1.1, -0.8, 0.6)]


@pytest.fixture(scope="module")
def answers():
    names = {}
    for cell in load(NAME).cells:
        if cell.id in {"setup", *cell_ids(load(NAME), solution=True)}:
            exec(cell.source, names)
    return names


def chain(w, u1, u2, u3):
    """Build the graph of the question in torch, every use of w a leaf of its own."""
    uses = [torch.tensor(w, dtype=torch.float64, requires_grad=True) for _ in range(3)]
    p = torch.tensor(u1, dtype=torch.float64, requires_grad=True)
    q = uses[0] * p
    r = q + u2
    s = uses[1] * r
    t = s + u3
    return uses, [p, q, r, s, t], uses[2] * t


@pytest.mark.parametrize("point", POINTS)
def test_the_reference_agrees_with_autograd(answers, point):
    uses, nodes, y = chain(*point)
    on_uses, on_nodes = torch.autograd.grad(y, uses, retain_graph=True), torch.autograd.grad(y, nodes)
    edges = [float(g) for g in on_uses]
    assert answers["forward_pass"](*point) == pytest.approx((nodes[-1].item(), y.item()))
    assert answers["derivative"](*point) == pytest.approx(sum(edges))
    assert answers["node_derivatives"](*point) == pytest.approx([float(g) for g in on_nodes])
    assert answers["edge_contributions"](*point) == pytest.approx([*edges, sum(edges)])


def test_the_notebook_runs_in_a_fresh_kernel_and_draws_its_figures():
    executed = execute_in_fresh_kernel(NAME)
    drawn = [cell.id for cell in executed.cells for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
    assert drawn == ["draw_graph", "draw_tangents", "draw_node_derivatives", "draw_gradient_check"]
    assert_described(executed)
    printed = [o.text for cell in executed.cells for o in cell.get("outputs", []) if o.output_type == "stream"]
    assert "The wrong gradient is that of cleo" in "".join(printed)  # a busy kernel sends one line in pieces


def test_an_untouched_notebook_says_of_its_optional_part_that_it_was_not_attempted():
    assert_bonus_may_be_skipped(NAME)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_the_numerical_gradient_agrees_with_autograd(answers, shape):
    generator = np.random.default_rng(5)
    theta, a = generator.standard_normal(shape), generator.standard_normal(shape)
    leaf = torch.tensor(theta, requires_grad=True)
    (torch.tanh(torch.tensor(a) * leaf).sum() ** 2).backward()
    numeric = answers["numerical_gradient"](lambda t: np.tanh(a * t).sum() ** 2, theta)
    np.testing.assert_allclose(numeric, leaf.grad, atol=1e-8)


def test_one_of_the_three_given_gradients_is_wrong_and_it_is_cleos(answers):
    names = {"np": np}
    exec(next(cell.source for cell in load(NAME).cells if cell.id == "three_gradients"), names)
    theta = torch.tensor([0.9, 0.7, -0.2], dtype=torch.float64, requires_grad=True)
    h = torch.zeros((), dtype=torch.float64)
    for x in names["X"]:
        h = torch.tanh(theta[0] * h + theta[1] * x + theta[2])
    (0.5 * (h - 1) ** 2).backward()
    point = theta.detach().numpy()
    for name, right in (("ada", True), ("ben", True), ("cleo", False)):
        assert np.allclose(names[name](point), theta.grad) is right
    assert names["loss"](point) == pytest.approx(float(0.5 * (h.detach() - 1) ** 2))
