"""What holds of every notebook that runs in seconds: does its hidden evidence tell right from wrong?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
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
    load,
    reference,
    run,
    shares,
    shares_with,
)

NAMES = ("1_backprop", "2_beam_search", "5_fast_training", "6_convolution")


def of_each(found: Callable[[str], Iterable[Any]] = lambda name: [()]) -> pytest.MarkDecorator:
    """Parametrize with every notebook and what is found in it; each notebook's tests share one worker."""
    cases = []
    for name in NAMES:
        group = pytest.mark.xdist_group(f"course_{name}")
        for case in found(name):
            values = case if isinstance(case, tuple) else (case,)
            cases.append(pytest.param(name, *values, marks=group, id="-".join([name, *map(str, values)])))
    names = ["name", "case"] if any(len(case.values) > 1 for case in cases) else ["name"]
    return pytest.mark.parametrize(names, cases)


def functions(name: str) -> list[str]:
    """List the questions whose answer is a function; the others ask for a value."""
    sources = {cell.id: cell.source for cell in load(name).cells}
    return [grade_id for grade_id in cell_ids(load(name), solution=True) if f"def {grade_id}(" in sources[grade_id]]


@of_each()
def test_the_file_is_canonical(name):
    assert_canonical(name)


@of_each()
def test_the_reference_passes_its_own_visible_tests(name):
    assert reference(name).errors == {}


@of_each()
def test_the_opening_promises_the_right_points(name):
    assert_points_are_announced(name)


@of_each()
def test_one_missing_answer_costs_one_question(name):
    assert_questions_stand_alone(name)


@of_each()
def test_a_blank_notebook_earns_nothing(name):
    assert set(shares(name, run(blank(name))).values()) == {0.0}


@pytest.mark.slow
@pytest.mark.parametrize("value", CONSTANTS)
@of_each(functions)
def test_a_constant_or_the_input_earns_nothing(name, case: str, value):
    assert shares_with(name, case, constant_answer(case, value))[f"test_{case}"] == 0


@pytest.mark.slow
@of_each(lambda name: bank("mistakes", name))
def test_a_mistake_loses_exactly_its_points(name, case: Answer):
    assert_mistake(name, case)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@of_each(lambda name: bank("alternatives", name))
def test_a_right_answer_in_another_style_gets_full_marks(name, case: Answer, seed):
    assert_alternative(name, case, seed)


@of_each()
def test_the_banks_cover_every_question(name):
    questions = set(cell_ids(load(name), solution=True))
    assert {mistake.cell for mistake in bank("mistakes", name)} == questions
    assert {alternative.cell for alternative in bank("alternatives", name)} == questions


@of_each()
def test_no_two_mistakes_look_alike(name):
    assert confusable(name) == []
