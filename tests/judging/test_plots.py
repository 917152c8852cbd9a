"""What a plot shows is evidence: its data, words and scales, whoever drew it in whichever order and with whatever call."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")
import matplotlib.pyplot as plt

from coursegrader.evidence import drawn, encode
from coursegrader.judging.judge import judge
from coursegrader.judging.judges.expectations import expectations

X = np.arange(5.0)


@pytest.fixture(autouse=True)
def _no_figure_is_left():
    yield
    plt.close("all")


def plot(*draw: Callable[[Any], Any]) -> Any:
    """Return an Axes on which that was done."""
    ax = plt.figure().add_subplot()
    for step in draw:
        step(ax)
    return ax


def curves(ax: Any) -> None:
    """Draw what the question asks for."""
    ax.plot(X, X**2, label="train")
    ax.plot(X, X + 1, "--", label="validation")
    ax.set(title="Loss", xlabel="epoch", ylabel="loss", yscale="log")
    ax.legend()


def told(want: Any, got: Any, *parts: str) -> tuple[float, str, str]:
    """Judge one plot by another; return its share, message and place."""
    terms = {"judge": "close", "weight": 1.0, "atol": 1e-4, "rtol": 1e-4}
    wanted = expectations([{"name": "v", "value": encode(drawn(want, *parts)), "terms": terms}], "here")
    record = {"name": "v", "value": json.loads(json.dumps(encode(drawn(got, *parts))))}
    result = judge(wanted, [record])[0]
    return result.fraction, result.message, result.place


def other_order(ax: Any) -> None:
    ax.plot(X, X + 1, color="red", label="validation")
    ax.plot(X, X**2, linewidth=3, label="train")
    ax.set(title=" Loss", xlabel="epoch", ylabel="loss", yscale="log")
    ax.legend()


def swapped_names(ax: Any) -> None:
    curves(ax)
    first, second = ax.get_lines()
    first.set_label("validation")
    second.set_label("train")
    ax.legend()


def but(**properties: Any) -> Callable[[Any], None]:
    """Return what draws the curves and then sets something else."""

    def draw(ax: Any) -> None:
        curves(ax)
        ax.set(**properties)

    return draw


def moved(ax: Any) -> None:
    curves(ax)
    ax.get_lines()[1].set_ydata(X + 1.5)


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (curves, (1.0, "", "")),
        (other_order, (1.0, "", "")),
        (but(title=""), (0.0, "the title is missing", "")),
        (but(title="loss"), (0.0, "the title is another one", "")),
        (but(xlabel=""), (0.0, "the label of the x axis is missing", "")),
        (but(yscale="linear"), (0.0, "the y axis has another scale", "")),
        (swapped_names, (0.0, "the legend calls it by another name", "line 0")),
        (moved, (0.0, "", "line 1, y, index [0]")),
        (lambda ax: (curves(ax), ax.get_legend().remove()), (0.0, "there is no legend", "")),
        (lambda ax: (curves(ax), ax.plot(X, X)), (0.0, "expected 2 lines, got 3", "")),
        (lambda ax: (curves(ax), ax.get_lines()[1].remove()), (0.0, "expected 2 lines, got 1", "")),
        (lambda ax: (curves(ax), ax.get_lines()[1].set_visible(False)), (0.0, "expected 2 lines, got 1", "")),
    ],
    ids=range(12),
)
def test_lines_words_and_scales(draw: Callable[[Any], Any], said: tuple[float, str, str]):
    assert told(plot(curves), plot(draw)) == said


def test_only_the_parts_that_are_asked_for_count():
    assert told(plot(curves), plot(but(title="mine", ylabel="y", yscale="linear")), "lines", "xlabel")[0] == 1
    assert told(plot(curves), plot(swapped_names), "lines")[0] == 1
    assert told(plot(curves), plot(moved), "title", "legend")[0] == 1
    with pytest.raises(ValueError, match="no part 'colour'; known: title"):
        drawn(plot(curves), "colour")


@pytest.mark.parametrize(
    ("want", "got", "good"),
    [
        (lambda ax: ax.bar(["a", "b"], [1, 2]), lambda ax: [ax.bar("a", 1), ax.bar("b", 2)], True),
        (lambda ax: ax.bar(["a", "b"], [1, 2]), lambda ax: ax.bar(["a", "b"], [1, 2], width=0.3, color="red"), True),
        (lambda ax: ax.bar([0, 1], [1, 2]), lambda ax: ax.bar([1, 0], [2, 1]), True),
        (lambda ax: ax.bar(["a", "b"], [1, 2]), lambda ax: ax.bar(["a", "b"], [1, 3]), False),
        (lambda ax: ax.bar(["a", "b"], [1, 2]), lambda ax: ax.bar(["a", "c"], [1, 2]), False),
        (lambda ax: ax.bar(["a", "b"], [1, 2]), lambda ax: ax.bar(["a"], [1]), False),
        (lambda ax: ax.bar(["a", "b"], [1, 2]), lambda ax: ax.barh(["a", "b"], [1, 2]), False),
        (lambda ax: ax.barh(["a", "b"], [1, 2]), lambda ax: ax.barh(["a", "b"], [1, 2]), True),
        (lambda ax: ax.hist([1, 1, 2, 5], bins=4), lambda ax: ax.hist([5, 1, 2, 1], bins=4), True),
        (lambda ax: ax.hist([1, 1, 2, 5], bins=4), lambda ax: ax.hist([1, 2, 2, 5], bins=4), False),
        (lambda ax: ax.scatter(X, X**2), lambda ax: ax.plot(X, X**2, "o"), True),
        (lambda ax: ax.scatter(X, X**2), lambda ax: ax.scatter(X, X**2, s=99, c="red"), True),
        (lambda ax: ax.scatter(X, X**2), lambda ax: ax.scatter(X, X), False),
        (lambda ax: ax.scatter(X, X**2), lambda ax: ax.plot(X, X**2), False),
        (lambda ax: ax.imshow(np.eye(3)), lambda ax: ax.imshow(np.eye(3), cmap="gray"), True),
        (lambda ax: ax.imshow(np.eye(3)), lambda ax: ax.imshow(np.eye(3)[::-1]), False),
        (lambda ax: ax.imshow(np.eye(3)), lambda ax: ax.imshow(np.eye(4)), False),
        (lambda ax: ax.plot(X), lambda ax: ax.plot(X[:4]), False),
        (lambda ax: ax.plot(X), lambda ax: None, False),
    ],
    ids=range(19),
)  # fmt: skip
def test_bars_points_and_images(want: Any, got: Any, good: bool):
    assert (told(plot(want), plot(got))[0] == 1) == good


def test_a_figure_of_one_axes_is_that_axes_and_what_is_none_is_no_plot():
    assert told(plot(curves), plot(curves).figure)[0] == 1
    for other in (None, [1.0], plt.subplots(2)[0]):
        if not isinstance(other, plt.Figure):
            assert told(plot(curves), other)[1].startswith("expected a plot, got")
        else:
            with pytest.raises(TypeError):
                encode(drawn(other))


def test_methods_that_an_axes_was_given_are_not_asked():
    forged = plot(lambda ax: ax.plot(X, X))
    forged.get_lines = lambda: plot(curves).get_lines()
    forged.get_title = lambda: "Loss"
    assert drawn(forged, "lines")["lines"][0]["y"].tolist() == X.tolist()
    assert drawn(forged, "title")["title"] == ""


def test_gaps_in_a_line_and_dates_on_an_axis_arrive():
    gap = plot(lambda ax: ax.plot(X, np.ma.masked_equal(X, 3)))
    assert np.isnan(drawn(gap, "lines")["lines"][0]["y"][3])
    days = np.arange("2026-01-01", "2026-01-06", dtype="M8[D]")
    assert told(plot(lambda ax: ax.plot(days, X)), plot(lambda ax: ax.plot(days.astype("M8[s]"), X)))[0] == 1


@pytest.mark.parametrize("missing", [np.nan, np.inf])
def test_a_value_that_cannot_be_drawn_is_not_there_but_a_gap_is_seen(missing):
    """A table with a column for each city has such values where a city has fewer rows, and shows the same lines."""
    ends, inside = np.array([missing, 1.0, 2.0, 3.0, missing]), np.array([0.0, 1.0, missing, 3.0, 4.0])
    for how in ("-", "o"):
        short = plot(lambda ax, how=how: ax.plot(X[1:4], X[1:4], how))
        assert told(short, plot(lambda ax, how=how: ax.plot(X, ends, how)))[0] == 1
        assert told(short, plot(lambda ax, how=how: ax.plot(ends, X, how)))[0] == 1
    straight = plot(lambda ax: ax.plot(X[[0, 1, 3, 4]], X[[0, 1, 3, 4]]))
    assert told(straight, plot(lambda ax: ax.plot(X, inside)))[0] < 1
    assert told(straight, plot(lambda ax: ax.scatter(X, inside)))[0] < 1  # not even lines
    dots = plot(lambda ax: ax.scatter(X[[0, 1, 3, 4]], X[[0, 1, 3, 4]]))
    assert told(dots, plot(lambda ax: ax.scatter(X, inside)))[0] == 1
    nothing = plot(lambda ax: ax.plot(X, np.full(5, missing)))
    assert drawn(nothing, "lines")["lines"][0]["y"].size == 0


@pytest.mark.parametrize("loc", ["left", "right"])
def test_a_title_may_stand_on_either_side(loc: str) -> None:
    aside = plot(curves, lambda ax: ax.set_title(""), lambda ax: ax.set_title("Loss", loc=loc))
    assert told(plot(curves), aside, "title")[0] == 1
