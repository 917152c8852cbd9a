"""Does notebook 6 ask what it should, and does its hidden evidence tell right from wrong?"""

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 -- everybody's name for it
from course_harness import (
    assert_described,
    cell_ids,
    execute_in_fresh_kernel,
    load,
    shares_with,
)

NAME = "6_convolution"
VALUES = ("filter_b", "upsampled")  # answers worked out by hand


@pytest.fixture(scope="module")
def answers():
    names = {"np": np, "torch": torch}
    for cell in load(NAME).cells:
        if cell.id in cell_ids(load(NAME), solution=True):
            exec(cell.source, names)
    return names


@pytest.fixture
def generator():
    return np.random.default_rng(17)


def one(array):
    """Return an array as a torch batch of one image with one channel."""
    return torch.as_tensor(array)[None, None]


@pytest.mark.parametrize(("n", "k", "stride"), [(8, 3, 1), (5, 5, 2), (12, 4, 3), (9, 1, 2)])
def test_the_reference_in_one_dimension_agrees_with_torch(answers, generator, n, k, stride):
    x, w = generator.standard_normal(n), generator.standard_normal(k)
    expected = F.conv1d(one(x), one(w), stride=stride)[0, 0]
    np.testing.assert_allclose(answers["conv1d"](x, w, stride), expected, atol=1e-12)
    expected = F.conv_transpose1d(one(x), one(w), stride=stride)[0, 0]
    np.testing.assert_allclose(answers["conv_transpose1d"](x, w, stride), expected, atol=1e-12)


@pytest.mark.parametrize(("shape", "size", "stride"), [((3, 5), (2, 4), 1), ((1, 2), (3, 3), 2), ((4, 2), (1, 2), 3)])
def test_the_reference_in_two_dimensions_agrees_with_torch(answers, generator, shape, size, stride):
    x, w = generator.standard_normal(shape), generator.standard_normal(size)
    expected = F.conv_transpose2d(one(x), one(w), stride=stride)[0, 0]
    np.testing.assert_allclose(answers["conv_transpose2d"](x, w, stride), expected, atol=1e-12)


def test_the_reference_filter_is_the_one_with_the_smallest_squared_error(answers, generator):
    x, y = generator.standard_normal(15), generator.standard_normal(12)
    w = answers["solve_filter"](x, y)

    def error(candidate):
        return float(((F.conv1d(one(x), one(candidate))[0, 0].numpy() - y) ** 2).sum())

    assert w.shape == (4,)
    for step in 0.01 * np.vstack([np.eye(4), -np.eye(4), generator.standard_normal((8, 4))]):
        assert error(w + step) > error(w)


def test_the_answers_by_hand_agree_with_torch(answers):
    x, w = torch.tensor([1.0, 4, 0, -2, 3]), torch.tensor(answers["filter_b"]).float()
    assert F.conv1d(one(x), one(w))[0, 0].tolist() == [-2, 2, 11]
    image, stamp = torch.tensor([[-1.0, 2], [3, 1]]), torch.tensor([[1.0, -1], [0, 1]])
    assert F.conv_transpose2d(one(image), one(stamp))[0, 0].tolist() == answers["upsampled"]


def test_the_notebook_runs_in_a_fresh_kernel_and_draws_its_figures():
    executed = execute_in_fresh_kernel(NAME)
    drawn = [cell.id for cell in executed.cells for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
    assert drawn == ["draw_convolution", "draw_transposed", "draw_matrices"]
    assert_described(executed)


@pytest.mark.parametrize("grade_id", VALUES)
@pytest.mark.parametrize("value", ["None", "0.0", "[0.0] * 3", "[1.0] * 3", "[[0.0] * 3] * 3", "[2, 0, 0]", "True"])
def test_a_value_that_says_nothing_earns_nothing(grade_id, value):
    assert shares_with(NAME, grade_id, f"{grade_id} = {value}")[f"test_{grade_id}"] == 0
