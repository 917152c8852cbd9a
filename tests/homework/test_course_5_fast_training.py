"""Does notebook 5 ask what it should, and does its hidden evidence tell right from wrong?"""

import re

import pytest
from course_harness import (
    assert_described,
    execute_in_fresh_kernel,
    released_text,
    shares_with,
)

NAME = "5_fast_training"
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
