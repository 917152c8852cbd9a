"""What kinds of value are there besides arrays, text, None, lists, dicts and sets? Plain data of our own, without pandas."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Moments:
    """Times with a zone.

    Attributes:
        values: The same moments in UTC.
    """

    values: np.ndarray


@dataclass(frozen=True, eq=False)
class Column:
    """Values of one kind, some of them perhaps missing.

    Attributes:
        kind: ``numbers``, ``moments``, ``texts``, ``objects`` or ``category``.
        values: An array, or a list with None where there is nothing; for categories the number of each, -1 for none.
        missing: Where in an array nothing is, if the array itself cannot say so.
        categories: For categories: what they are.
        ordered: For categories: whether they have an order.
    """

    kind: str
    values: Any
    missing: np.ndarray | None = None
    categories: Column | None = None
    ordered: bool = False

    def __len__(self) -> int:
        """Return the number of values."""
        return len(self.values)

    @property
    def sort(self) -> str:
        """What pandas calls the dtype, in words, widths left out."""
        if self.kind == "numbers":
            return SORTS[self.values.dtype.kind]
        return {"moments": "times with a zone", "texts": "text", "objects": "mixed objects", "category": "categories"}[
            self.kind
        ]

    def plain(self) -> list[Any]:
        """Return the values as a list, with None where there is nothing."""
        if self.categories is not None:
            names = self.categories.plain()
            return [None if code < 0 else names[code] for code in self.values.tolist()]
        if not isinstance(self.values, np.ndarray):
            return list(self.values)
        found: list[Any] = (self.values.astype(str) if self.values.dtype.kind in "Mm" else self.values).tolist()
        gaps = [False] * len(found) if self.missing is None else self.missing.tolist()
        return [None if gap else item for item, gap in zip(found, gaps, strict=True)]


SORTS = {"b": "True or False", "i": "whole numbers", "u": "whole numbers", "f": "decimal numbers",
         "c": "complex numbers", "M": "dates and times", "m": "time spans"}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Index:
    """Labels of rows or columns.

    Attributes:
        levels: A column for each level.
    """

    levels: tuple[Column, ...]

    def __len__(self) -> int:
        """Return the number of labels."""
        return len(self.levels[0])

    def labels(self) -> list[Hashable]:
        """Return the labels, tuples where there are several levels; what cannot be hashed as text."""
        parts = [[_hashable(item) for item in level.plain()] for level in self.levels]
        return list(parts[0]) if len(parts) == 1 else list(zip(*parts, strict=True))


def _hashable(item: Any) -> Hashable:
    if isinstance(item, np.ndarray) and not item.ndim:
        item = str(item) if item.dtype.kind in "Mm" else item.item()
    if item is None or isinstance(item, (str, bool, int, float, complex)):
        return item if item == item else None  # nan is the same nothing
    return repr(item)


@dataclass(frozen=True, eq=False)
class Series:
    """Values with labels.

    Attributes:
        index: Their labels.
        values: They themselves.
    """

    index: Index
    values: Column


@dataclass(frozen=True, eq=False)
class Frame:
    """A table.

    Attributes:
        columns: Labels of its columns.
        index: Labels of its rows.
        data: Its columns.
    """

    columns: Index
    index: Index
    data: tuple[Column, ...]

    def column(self, label: Hashable) -> list[Any]:
        """Return the values of the first column of a name.

        Raises:
            KeyError: There is none.
        """
        for own, column in zip(self.columns.labels(), self.data, strict=True):
            if own == label:
                return column.plain()
        raise KeyError(label)


@dataclass(frozen=True, eq=False)
class Drawn:
    """What a plot shows.

    Attributes:
        parts: By the names that :func:`coursegrader.evidence.drawn` gives them.
    """

    parts: dict[str, Any]


def arrays_in(value: Any) -> Iterator[np.ndarray]:
    """Yield every array of numbers anywhere in a value."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (Moments, Column)):
        yield from arrays_in(value.values) if isinstance(value, Moments) or value.kind == "numbers" else ()
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from arrays_in(item)
    elif isinstance(value, Series):
        yield from arrays_in(value.values)
    elif isinstance(value, Frame):
        yield from arrays_in(list(value.data))
    elif isinstance(value, Drawn):
        yield from arrays_in(value.parts)
