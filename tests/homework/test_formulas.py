"""Is every formula and number that the notebooks teach true? Each is computed here, from its definition alone."""
# ruff: noqa: N803, N806  (the letters are those of the notebooks)

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from course_harness import load

STEPS = 20


def text_of(name: str) -> str:
    """Return all Markdown of a notebook."""
    return "\n".join(cell.source for cell in load(name).cells if cell.cell_type == "markdown")


def linear_gradients(W_h: torch.Tensor, steps: int) -> list[torch.Tensor]:
    """Return dL/dh_1 ... dL/dh_T by autograd, for a linear layer and a loss that is linear in the last state."""
    states = [torch.randn(len(W_h), dtype=W_h.dtype, requires_grad=True)]
    for _ in range(steps - 1):
        states.append(W_h @ states[-1] + torch.randn(len(W_h), dtype=W_h.dtype))
    return list(torch.autograd.grad((states[-1] * torch.ones(len(W_h), dtype=W_h.dtype)).sum(), states))


def test_the_chain_has_the_derivatives_that_notebook_1_states() -> None:
    w, u1, u2, u3 = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (0.7, 1.3, -0.4, 2.1))
    p = u1 * 1
    q = w * p
    r = q + u2
    s = w * r
    t = s + u3
    y = w * t
    nodes = torch.autograd.grad(y, [p, q, r, s, t], retain_graph=True)
    (slope,) = torch.autograd.grad(y, w)
    assert torch.stack(nodes) == pytest.approx(torch.stack([w**3, w**2, w**2, w, w]).detach())
    assert slope.item() == pytest.approx((u3 + 2 * w * u2 + 3 * w**2 * u1).item())
    assert slope.item() == pytest.approx((nodes[1] * p + nodes[3] * r + t).item())


@pytest.mark.parametrize(("central", "order"), [(True, 2), (False, 1)])
def test_the_error_of_a_difference_has_the_order_that_1e_states(central: bool, order: int) -> None:
    def error(eps: float) -> float:
        low = 1 - eps if central else 1.0
        return abs((math.exp(1 + eps) - math.exp(low)) / (1 + eps - low) - math.e)

    assert math.log10(error(1e-2) / error(1e-3)) == pytest.approx(order, abs=0.02)
    if central:  # its leading term is eps^2 / 6 times the third derivative
        assert error(1e-2) == pytest.approx(1e-4 / 6 * math.e, rel=1e-3)


def test_temperature_raises_probabilities_to_a_power() -> None:
    logits, tau = np.array([0.3, -1.2, 2.0, 0.7]), 0.35
    p = np.exp(logits) / np.exp(logits).sum()
    by_logits = np.exp(logits / tau) / np.exp(logits / tau).sum()
    assert by_logits == pytest.approx(p ** (1 / tau) / (p ** (1 / tau)).sum())
    assert by_logits[0] / by_logits[1] == pytest.approx((p[0] / p[1]) ** (1 / tau))


def test_the_shares_that_the_test_of_sampling_explains_are_right() -> None:
    source = next(cell.source for cell in load("2_beam_search").cells if cell.id == "test_sample")
    first = np.array([0.0, 0.5, 0.2, 0.3])
    flat = first**0.25 / (first**0.25).sum()
    assert f"token 1 has only {flat[1]:.2f} of the first step" in source
    assert first**2 / (first**2).sum() == pytest.approx(np.array([0, 25, 4, 9]) / 38)


def test_gradients_of_a_linear_layer_are_powers_of_its_matrix() -> None:
    torch.manual_seed(0)
    W_h = 0.4 * torch.randn(5, 5, dtype=torch.float64)
    gradients = linear_gradients(W_h, 8)
    for t, gradient in enumerate(gradients):
        assert gradient == pytest.approx(torch.linalg.matrix_power(W_h.T, 7 - t) @ torch.ones(5, dtype=torch.float64))


@pytest.mark.parametrize(("size", "grows"), [(0.5, False), (2.0, True)])
def test_the_largest_eigenvalue_decides_how_gradients_end(size: float, grows: bool) -> None:
    torch.manual_seed(1)
    W_h = torch.randn(16, 16, dtype=torch.float64)
    W_h *= size / torch.linalg.eigvals(W_h).abs().max()
    gradients = linear_gradients(W_h, STEPS)
    ratio = (gradients[0].norm() / gradients[-1].norm()).item()
    assert (ratio > 1e3) if grows else (ratio < 1e-3)


def test_a_new_layer_is_as_far_from_critical_as_the_circular_law_says() -> None:
    torch.manual_seed(0)
    H = 600
    weight = torch.nn.Linear(H, H).weight.detach()
    assert weight.std().item() == pytest.approx(1 / math.sqrt(3 * H), rel=0.01)
    radius = torch.linalg.eigvals(weight).abs().max().item()
    assert radius == pytest.approx(1 / math.sqrt(3), rel=0.06)
    text = text_of("3_rnn")
    assert f"{1 / math.sqrt(3):.2f}" in text
    assert f"{math.sqrt(3):.2f}" in text
    assert math.isclose(0.58**20, 2e-5, rel_tol=0.1)
    orthogonal = torch.nn.init.orthogonal_(torch.empty(50, 50))
    assert torch.linalg.eigvals(orthogonal).abs() == pytest.approx(torch.ones(50), abs=1e-4)


def test_the_equations_of_backpropagation_through_time_agree_with_autograd() -> None:
    torch.manual_seed(2)
    B, T, D, H = 3, 6, 2, 4
    x, W_x, W_h, b = (torch.randn(*size, dtype=torch.float64) for size in ((B, T, D), (H, D), (H, H), (H,)))
    given = [value.requires_grad_() for value in (W_x, W_h, b, x)]
    h, states = torch.zeros(B, H, dtype=torch.float64), []
    for t in range(T):
        h = torch.tanh(x[:, t] @ W_x.T + h @ W_h.T + b)
        states.append(h)
    direct = torch.randn(B, T, H, dtype=torch.float64)
    loss = sum((direct[:, t] * states[t]).sum() for t in range(T))
    expected = torch.autograd.grad(loss, [*given, *states])

    G, delta = [None] * T, [None] * (T + 1)
    delta[T] = torch.zeros(B, H, dtype=torch.float64)
    for t in reversed(range(T)):
        G[t] = direct[:, t] + delta[t + 1] @ W_h
        delta[t] = G[t] * (1 - states[t] ** 2)
    before = [torch.zeros(B, H, dtype=torch.float64), *states[:-1]]
    found = [
        sum(delta[t].T @ x[:, t] for t in range(T)),
        sum(delta[t].T @ before[t] for t in range(T)),
        sum(delta[t].sum(0) for t in range(T)),
        torch.stack([delta[t] @ W_x for t in range(T)], dim=1),
        *G,
    ]
    for mine, autograd in zip(found, expected, strict=True):
        assert mine.detach() == pytest.approx(autograd, abs=1e-10)


def test_what_the_running_mean_costs_without_memory() -> None:
    inverse = 1 / np.arange(1, STEPS + 1)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((200_000, STEPS))
    y = x.cumsum(1) * inverse
    assert (x * y).mean(0) == pytest.approx(inverse, abs=0.01)
    one_factor = ((y - inverse.mean() * x) ** 2).mean()
    counting = ((y - inverse * x) ** 2).mean()
    assert one_factor == pytest.approx(inverse.mean() - inverse.mean() ** 2, abs=2e-3)
    text = text_of("3_rnn")
    assert f"{inverse.mean() - inverse.mean() ** 2:.3f}" in text
    assert f"{(inverse - inverse**2).mean():.3f}" in text
    assert counting == pytest.approx((inverse - inverse**2).mean(), abs=2e-3)


def test_the_direct_path_of_an_lstm_is_the_product_of_its_forget_gates() -> None:
    torch.manual_seed(3)
    gates = torch.rand(7, 4)
    states = [torch.randn(4, requires_grad=True)]
    for gate in gates[1:]:
        states.append(gate * states[-1] + torch.randn(4))
    jacobian = torch.stack([torch.autograd.grad(states[-1][i], states[0], retain_graph=True)[0] for i in range(4)])
    assert jacobian == pytest.approx(torch.diag(gates[1:].prod(0)))
    assert math.isclose(0.5**19, 2e-6, rel_tol=0.1)
    assert torch.sigmoid(torch.tensor(3.0)).item() == pytest.approx(0.95, abs=0.005)


def test_counting_in_the_figures_of_truncation_and_convolution() -> None:
    squares = [(s, t) for s in range(12) for t in range(s + 1)]
    assert len(squares) == 78
    assert "has 78 filled squares" in text_of("3_rnn")
    eye = torch.eye(7)[None].transpose(0, 1)
    matrix = torch.nn.functional.conv1d(eye, torch.tensor([[[1.0, -2.0, 3.0]]]), stride=2)[:, 0].T
    assert matrix.shape == (3, 7)
    assert int((matrix != 0).sum()) == 9
    for stride, sums in (
        (1, 3),
        (2, 2),
        (3, 0),
    ):  # outputs of three stamps of three entries that add more than one product
        added = np.zeros(2 * stride + 3, dtype=int)
        for i in range(3):
            added[i * stride : i * stride + 3] += 1
        assert int((added > 1).sum()) == sums
    assert [(5 - 3) // stride + 1 for stride in (1, 2)] == [3, 2]
