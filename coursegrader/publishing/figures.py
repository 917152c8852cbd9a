"""How do a class's results look? Matplotlib figures as inline SVG that follows the page into dark mode."""

from __future__ import annotations

import html
import io
import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.style import context
from matplotlib.ticker import MaxNLocator, PercentFormatter

#: Colours that stand for the page's own: they are replaced by its CSS variables.
INK, SOFT, LINE, GOOD, BAD, LINK = "#010203", "#010204", "#010205", "#010206", "#010207", "#010208"
VARIABLES = {INK: "--ink", SOFT: "--soft", LINE: "--line", GOOD: "--good", BAD: "--bad", LINK: "--link"}
STYLE = {
    "svg.fonttype": "none",  # text stays text: small, sharp, and read aloud
    "svg.hashsalt": "coursegrader",
    "font.family": "sans-serif",
    "font.size": 11,
    "text.color": INK,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": LINE,
    "hatch.color": BAD,
    "legend.frameon": False,
}
#: Errors below this are drawn as this: a log axis has no zero.
FLOOR = 1e-17
WIDE, NARROW = 7.6, 3.8  # inches


def draw(data: dict[str, Any]) -> dict[str, Any]:
    """Return every figure of the report as SVG, by name; a figure without data is left out."""
    with context(STYLE):
        drawn: dict[str, Any] = {}
        if data["scores"]["totals"]:
            drawn["scores"] = _both(lambda width: _scores(data, width))
        if data["questions"]:
            drawn["questions"] = _both(lambda width: _questions(data, width))
        drawn["errors"] = {}
        for name in dict.fromkeys(row["notebook"] for row in data["errors"]):
            rows = [row for row in data["errors"] if row["notebook"] == name]
            drawn["errors"][name] = _both(partial(_errors, name, rows))
        if data["claims"]:
            drawn["claims"] = {"wide": _claims(data), "narrow": None}
        return drawn


def _both(draw_at: Callable[[float], Markup]) -> dict[str, Markup]:
    """Return a figure for a desk and one for a phone: letters that shrink with a figure cannot be read."""
    return {"wide": draw_at(WIDE), "narrow": draw_at(NARROW)}


def svg(figure: Figure, description: str) -> Markup:
    """Return a figure as SVG for a page: named for screen readers, coloured by the page, without scripts or ids."""
    file = io.StringIO()
    figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = file.getvalue()
    text = text[text.index("<svg") :]
    before, _, rest = text.partition("<metadata>")
    text = before + rest.partition("</metadata>")[2]
    text = re.sub(r' id="[a-z]+(_[a-z0-9]+)*_\d+"', "", text)  # figure_1, axes_1: the same in every figure
    for colour, variable in VARIABLES.items():
        text = text.replace(colour, f"var({variable})")
    label = html.escape(description, quote=True)
    return Markup(text.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1))


def _scores(data: dict[str, Any], width: float) -> Markup:
    scores, most = data["scores"], data["max_points"]
    top = max(most + data["bonus_points"], max(scores["totals"])) or 1.0
    figure = Figure(figsize=(width, 2.9), layout="constrained")
    axes = figure.subplots()
    axes.hist(scores["totals"], bins=20, range=(0, top), color=LINK, edgecolor="none", rwidth=0.92)
    axes.axvline(scores["quartiles"][1], color=INK, linewidth=1.4)
    near = data["bonus_points"] and abs(most - scores["quartiles"][1]) < top / 4
    axes.text(
        scores["quartiles"][1],
        1.12 if near else 1.02,
        "median",
        transform=axes.get_xaxis_transform(),
        ha="center",
        color=INK,
    )
    if data["bonus_points"]:
        axes.axvline(most, color=SOFT, linestyle="--", linewidth=1.2)
        axes.text(most, 1.02, "required", transform=axes.get_xaxis_transform(), ha="center", color=SOFT)
    axes.set(xlabel="points", ylabel="students", xlim=(0, top))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="y")
    return svg(
        figure,
        f"Histogram of the points of {scores['handed_in']} students: half of them have "
        f"{scores['quartiles'][0]:.3g} to {scores['quartiles'][2]:.3g} of {most:g} points, the median is {scores['quartiles'][1]:.3g}.",
    )


def _questions(data: dict[str, Any], width: float) -> Markup:
    rows = data["questions"]
    figure = Figure(figsize=(width, 1.1 + 0.29 * len(rows)), layout="constrained")
    if width == NARROW:  # the table below it has the rest
        share = figure.subplots()
        discrimination = None
    else:
        share, discrimination = figure.subplots(1, 2, sharey=True, width_ratios=[2, 1])
    places = range(len(rows))
    names = [f"{row['grade_id'].removeprefix('test_')} ({row['notebook'].partition('_')[0]})" for row in rows]
    share.barh(places, [row["mean_share"] or 0.0 for row in rows], color=LINK, height=0.68)
    share.set(xlim=(0, 1), xlabel="mean share of the points", yticks=list(places), yticklabels=names)
    share.tick_params(axis="y", labelsize=11 if width == WIDE else 9)
    for place, row in zip(places, rows, strict=True):
        if row["waiting"]:
            share.text(0.01 + (row["mean_share"] or 0.0), place, f"{row['waiting']} waiting", va="center", fontsize=9)
    share.set_ylim(len(rows) - 0.4, -0.6)
    share.set_xticks([0, 0.5, 1] if width == NARROW else [0, 0.25, 0.5, 0.75, 1])
    share.xaxis.set_major_formatter(PercentFormatter(1.0, 0, " %"))
    share.grid(axis="x")
    share.tick_params(axis="y", length=0)
    if discrimination is not None:
        _discrimination(discrimination, rows)
    hardest = min(rows, key=lambda row: row["mean_share"] if row["mean_share"] is not None else 1.0)
    return svg(
        figure,
        f"Mean share of the points and discrimination of {len(rows)} questions; the hardest is {hardest['grade_id']}.",
    )


def _discrimination(axes: Axes, rows: list[dict[str, Any]]) -> None:
    for place, row in enumerate(rows):
        value = row["discrimination"]
        if value is not None:
            good = value >= 0.2
            axes.plot([0, value], [place, place], color=SOFT, linewidth=1.2)
            axes.plot(value, place, marker="o" if good else "D", color=GOOD if good else BAD, markersize=5)
    axes.axvline(0, color=SOFT, linewidth=0.8)
    axes.set(xlim=(-1, 1), xlabel="discrimination")
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)


def _errors(name: str, rows: list[dict[str, Any]], width: float) -> Markup:
    columns = 1 if width == NARROW else 2
    lines = math.ceil(len(rows) / columns)
    figure = Figure(figsize=(width, 0.8 + 1.45 * lines), layout="constrained")
    grid = figure.subplots(lines, columns, squeeze=False, sharex=True)
    for axes, row in zip(grid.flat, rows, strict=False):
        _histogram(axes, row)
    for axes in grid.flat[len(rows) :]:
        axes.remove()
    for axes in grid.flat[max(0, len(rows) - columns) : len(rows)]:  # the lowest of each column
        axes.tick_params(labelbottom=True)
    figure.supylabel("measured values", fontsize=9)
    lines_of_label = (
        "largest absolute error (log axis)",
        "leftmost bar: exact answers; rightmost: everything above 1e4",
    )
    figure.supxlabel("\n".join(lines_of_label), fontsize=9)
    wrong = sum(len(row["wrong"]) for row in rows)
    total = wrong + sum(len(row["right"]) for row in rows)
    return svg(
        figure, f"Histograms of the largest errors in notebook {name}: {wrong} of {total} measured values were wrong."
    )


def _histogram(axes: Axes, row: dict[str, Any]) -> None:
    edges = np.array([10.0**exponent for exponent in range(-17, 6)])
    below = np.zeros(len(edges) - 1)
    looks: dict[str, dict[str, Any]] = {
        "right": {"color": GOOD},
        "wrong": {"color": "none", "edgecolor": BAD, "hatch": "////"},
    }
    for key, look in looks.items():
        values = [min(max(value, FLOOR * 1.5), 5e4) for value in row[key]]
        counts = np.histogram(values, edges)[0]
        some = counts.nonzero()[0]  # a bar without height takes as long to draw as any other
        widths = np.diff(edges)[some]
        axes.bar(edges[some], counts[some], widths, below[some], align="edge", linewidth=0.6, **look)
        below += counts
    axes.set_xscale("log")
    axes.set(xlim=(FLOOR, 1e5), title=row["grade_id"].removeprefix("test_"))
    axes.set_xticks([1e-15, 1e-10, 1e-5, 1], ["1e-15", "1e-10", "1e-5", "1"])  # powers would be set as formulas, slowly
    axes.minorticks_off()
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    if row["tolerance"]:
        axes.axvline(row["tolerance"], color=INK, linestyle=":", linewidth=1.2)


def _claims(data: dict[str, Any]) -> Markup:
    figure = Figure(figsize=(4.6, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=SOFT, linewidth=1)
    for far, marker, colour in ((False, "o", LINK), (True, "X", BAD)):
        rows = [row for row in data["claims"] if row["far"] is far]
        label = "claim is off" if far else "claim holds"
        axes.plot(
            [r["claimed"] for r in rows], [r["measured"] for r in rows], marker, color=colour, label=label, markersize=6
        )
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="claimed accuracy", ylabel="measured accuracy")
    axes.grid()
    axes.legend(loc="lower right")
    wrong = sum(row["far"] for row in data["claims"])
    return svg(
        figure,
        f"Claimed against measured accuracy of {len(data['claims'])} students; {wrong} claims are off by more than 2 points.",
    )
