"""What does a plot show? The data in it, its words and its scales, never its pixels.

It is read from matplotlib's own classes, whatever methods an object was given since.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

#: What can be asked for, in the order in which it is judged.
PARTS = ("title", "xlabel", "ylabel", "xscale", "yscale", "xnames", "ynames", "lines", "bars", "points", "images",
         "legend")  # fmt: skip


class Drawing(dict[str, Any]):
    """What :func:`drawn` returns: the parts of a plot by name."""


def drawn(ax: Any, *parts: str) -> Any:
    """Return what a matplotlib Axes shows, to be emitted as evidence.

    Lines, groups of points and images may be drawn in any order, and so may bars; colours and sizes are nobody's.

    Args:
        ax: An Axes, or a Figure with exactly one. Anything else is returned as it is, which is no plot to a judge.
        *parts: What of it is meant, all of it by default: ``title``, ``xlabel``, ``ylabel``; ``xscale``, ``yscale``
            (``linear``, ``log`` ...); ``xnames``, ``ynames`` (the words at the ticks, as for bars); ``lines``,
            ``bars``, ``points``, ``images`` (their data); ``legend`` (its texts, and which line has which).

    Raises:
        ValueError: There is no such part.
    """
    if unknown := set(parts) - set(PARTS):
        raise ValueError(f"a plot has no part {sorted(unknown)[0]!r}; known: {', '.join(PARTS)}")
    axes = _axes(ax)
    if axes is None:
        return ax
    return Drawing({part: _READERS[part](axes) for part in PARTS if part in (parts or PARTS)})


def _axes(value: Any) -> Any:
    classes: Any = sys.modules.get("matplotlib.axes")
    figures: Any = sys.modules.get("matplotlib.figure")
    if classes is None or figures is None:
        return None
    if isinstance(value, figures.FigureBase):
        inside = figures.FigureBase.get_axes(value) if hasattr(figures.FigureBase, "get_axes") else value.axes
        value = inside[0] if len(inside) == 1 else None
    return value if isinstance(value, classes.Axes) else None


def _of(module: str, name: str) -> Any:
    return getattr(sys.modules[f"matplotlib.{module}"], name)


def _children(axes: Any, module: str, name: str) -> list[Any]:
    """Return what of a kind was drawn into the axes, in order, less what is made invisible."""
    wanted, artist = _of(module, name), _of("artist", "Artist")
    return [child for child in axes._children if isinstance(child, wanted) and artist.get_visible(child)]


def _title(axes: Any) -> str:
    """Return the title, wherever above the axes it stands."""
    titles = [str(_of("text", "Text").get_text(it)) for it in (axes.title, axes._left_title, axes._right_title)]
    return next(filter(None, titles), "")


def _axis_label(part: str) -> Any:
    def read(axes: Any) -> str:
        return str(_of("text", "Text").get_text(getattr(axes, f"{part[0]}axis").label))

    return read


def _scale(part: str) -> Any:
    def read(axes: Any) -> str:
        return str(_of("axis", "Axis").get_scale(getattr(axes, f"{part[0]}axis")))

    return read


def _names(part: str) -> Any:
    """Read the words at the ticks where they are given as words; numbers follow from the data."""

    def read(axes: Any) -> list[str]:
        axis = getattr(axes, f"{part[0]}axis")
        formatter = _of("axis", "Axis").get_major_formatter(axis)
        if type(formatter).__name__ not in ("FixedFormatter", "StrCategoryFormatter", "FuncFormatter"):
            return []
        words = [_of("text", "Text").get_text(label) for label in _of("axis", "Axis").get_majorticklabels(axis)]
        return [str(word) for word in words if word]

    return read


def _lines(axes: Any) -> list[dict[str, Any]]:
    return [_line(line) for line in _children(axes, "lines", "Line2D") if not _is_dots(line)]


def _line(line: Any) -> dict[str, Any]:
    line2d = _of("lines", "Line2D")
    x, y = (_numbers(line2d.get_xdata(line, orig=False)), _numbers(line2d.get_ydata(line, orig=False)))
    there = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    # a gap inside is seen, one at an end is not
    seen = slice(there[0], there[-1] + 1) if len(there) else slice(0)
    return {"x": x[seen], "y": y[seen], "label": _label(line)}


def _is_dots(line: Any) -> bool:
    """Tell whether a line is drawn as separate marks, as ``plot(x, y, "o")`` does."""
    line2d = _of("lines", "Line2D")
    return line2d.get_linestyle(line) in ("None", "none", " ", "") and line2d.get_marker(line) not in ("None", None, "")


def _label(artist: Any) -> str:
    label = str(_of("artist", "Artist").get_label(artist))
    return "" if label.startswith("_") else label


def _numbers(values: Any) -> np.ndarray:
    gaps: Any = np.ma.asarray(values, dtype=float)
    return np.asarray(gaps.filled(np.nan))


def _bars(axes: Any) -> np.ndarray:
    """Read left, bottom, width and height of every bar, from left to right and from the bottom up."""
    rectangle = _of("patches", "Rectangle")
    found = [
        [rectangle.get_x(bar), rectangle.get_y(bar), rectangle.get_width(bar), rectangle.get_height(bar)]
        for bar in _children(axes, "patches", "Rectangle")
    ]
    rows = _numbers(found).reshape(-1, 4)
    rows[:, 0], rows[:, 2] = rows[:, 0] + np.minimum(rows[:, 2], 0), np.abs(rows[:, 2])
    rows[:, 1], rows[:, 3] = rows[:, 1] + np.minimum(rows[:, 3], 0), np.abs(rows[:, 3])
    wide = np.ptp(rows[:, :2], axis=0) if len(rows) else np.ones(2)
    keys = np.round(rows[:, :2] / np.where(wide > 0, wide, 1), 6)  # noise must not change the order
    return rows[np.lexsort((keys[:, 1], keys[:, 0]))]


def _points(axes: Any) -> list[dict[str, Any]]:
    paths = _of("collections", "PathCollection")
    groups = [(paths.get_offsets(group), _label(group)) for group in _children(axes, "collections", "PathCollection")]
    lines = [_line(line) for line in _children(axes, "lines", "Line2D") if _is_dots(line)]
    groups += [(np.column_stack([line["x"], line["y"]]), line["label"]) for line in lines]
    return [{"xy": _shown(_numbers(places).reshape(-1, 2)), "label": label} for places, label in groups]


def _shown(places: np.ndarray) -> np.ndarray:
    return np.asarray(places[np.isfinite(places).all(axis=1)])


def _images(axes: Any) -> list[np.ndarray]:
    image = _of("image", "AxesImage")
    return [_numbers(image.get_array(child)) for child in _children(axes, "image", "AxesImage")]


def _legend(axes: Any) -> list[str]:
    legend = axes.legend_
    if legend is None or not _of("artist", "Artist").get_visible(legend):
        return []
    return [str(_of("text", "Text").get_text(text)) for text in _of("legend", "Legend").get_texts(legend)]


_READERS: dict[str, Any] = {
    "title": _title,
    **{part: _axis_label(part) for part in ("xlabel", "ylabel")},
    **{part: _scale(part) for part in ("xscale", "yscale")},
    **{part: _names(part) for part in ("xnames", "ynames")},
    **{"lines": _lines, "bars": _bars, "points": _points, "images": _images, "legend": _legend},
}
