"""Does notebook 5 ask what it should, and does its hidden evidence tell right from wrong?"""

import re

import pytest
from course_harness import (
    SEEDS,
    Answer,
    assert_alternative,
    assert_canonical,
    assert_described,
    assert_mistake,
    assert_points_are_announced,
    assert_questions_stand_alone,
    bank,
    blank,
    cell_ids,
    confusable,
    execute_in_fresh_kernel,
    load,
    reference,
    released_text,
    run,
    shares,
    shares_with,
)

NAME = "5_fast_training"
MISTAKES, ALTERNATIVES = bank("mistakes", NAME), bank("alternatives", NAME)
FACTS = ["baseline_seconds", "baseline_accuracy", "final_seconds", "final_accuracy"]


def facts(*values):
    return "\n".join(f"{name} = {value}" for name, value in zip(FACTS, values, strict=True))


def test_each_pair_of_facts_is_half_of_the_points():
    earned = [shares_with(NAME, "training_facts", facts(*values))["test_training_facts"] for values in (
        (341, 94, 26, 94), (341, 94, 99, 94), (99, 94, 26, 94), (341, 50, 26, 50), (99, 94, 98, 94))]  # fmt: skip
    assert earned == [1, 0.5, 0.5, 0, 0]


def test_a_share_is_no_percentage():  # the visible test says so, too
    assert shares_with(NAME, "training_facts", facts(341, 0.94, 26, "94 / 100")) == {"test_training_facts": 0}


@pytest.mark.parametrize("value", ["None", "True", "0", "1", "94", "'94 %'", "float('nan')", "[341, 94, 26, 94]"])
def test_a_value_that_says_nothing_earns_nothing(value):
    assert shares_with(NAME, "training_facts", facts(*[value] * 4)) == {"test_training_facts": 0}


def test_students_cannot_read_the_facts_in_their_notebook():
    numbers = re.findall(r"[0-9]+", released_text(NAME))
    assert len(numbers) > 20
    assert not {"341", "26", "94"} & set(numbers)


def test_the_notebook_runs_in_a_fresh_kernel_and_draws_its_figure():
    executed = execute_in_fresh_kernel(NAME)
    drawn = [cell.id for cell in executed.cells for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
    assert drawn == ["draw_time_to_accuracy"]
    assert_described(executed)


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
