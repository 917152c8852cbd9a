"""Does notebook 1 ask what it should, and does its hidden evidence tell right from wrong?"""

import pytest
import torch
from course_harness import (
    CONSTANTS,
    SEEDS,
    Answer,
    assert_alternative,
    assert_canonical,
    assert_mistake,
    assert_points_are_announced,
    assert_questions_stand_alone,
    bank,
    blank,
    cell_ids,
    confusable,
    constant_answer,
    execute_in_fresh_kernel,
    load,
    reference,
    run,
    shares,
    shares_with,
)

NAME = "1_backprop"
MISTAKES, ALTERNATIVES = bank("mistakes", NAME), bank("alternatives", NAME)
POINTS = [(0.7, -1.3, 0.4, 2.1), (-1.6, 0.9, 1.2, -0.3), (2.2, 1.1, -0.8, 0.6)]


@pytest.fixture(scope="module")
def answers():
    names = {}
    for cell in load(NAME).cells:
        if cell.id in cell_ids(load(NAME), solution=True):
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
    assert drawn == ["draw_graph", "draw_tangents", "draw_node_derivatives"]


def test_the_file_is_canonical():
    assert_canonical(NAME)


def test_the_reference_passes_its_own_visible_tests():
    assert reference(NAME).errors == {}


def test_the_opening_promises_the_right_points():
    assert_points_are_announced(NAME)


def test_one_missing_answer_costs_one_question():
    assert_questions_stand_alone(NAME)


def test_a_blank_notebook_earns_nothing():
    assert set(shares(NAME, run(blank(NAME))).values()) == {0.0}


@pytest.mark.parametrize("value", CONSTANTS)
@pytest.mark.parametrize("grade_id", cell_ids(load(NAME), solution=True))
def test_a_constant_or_the_input_earns_nothing(grade_id, value):
    assert shares_with(NAME, grade_id, constant_answer(grade_id, value))[f"test_{grade_id}"] == 0


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_mistake_loses_exactly_its_points(mistake: Answer):
    assert_mistake(NAME, mistake)


@pytest.mark.parametrize("alternative", ALTERNATIVES, ids=str)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_right_answer_in_another_style_gets_full_marks(alternative: Answer, seed):
    assert_alternative(NAME, alternative, seed)


def test_the_banks_cover_every_question():
    questions = set(cell_ids(load(NAME), solution=True))
    assert {mistake.grade_id for mistake in MISTAKES} == questions
    assert {alternative.grade_id for alternative in ALTERNATIVES} == questions


def test_no_two_mistakes_look_alike():
    assert confusable(NAME) == []
