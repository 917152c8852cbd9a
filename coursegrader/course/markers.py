"""Which lines does nbgrader take for the begin and the end of what students must not see? Its own settings say so."""

from __future__ import annotations

from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions, InstantiateTests
from traitlets.config import Config

from coursegrader.errors import AuthoringError

REGIONS = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
#: nbgrader's class for each region, and how it spells the traits.
_CLASSES = {
    "SOLUTION": (ClearSolutions, "begin_solution_delimeter", "end_solution_delimeter"),
    "HIDDEN TESTS": (ClearHiddenTests, "begin_test_delimeter", "end_test_delimeter"),
    "MARK SCHEME": (ClearMarkScheme, "begin_mark_scheme_delimeter", "end_mark_scheme_delimeter"),
}
#: Stands in a comment where nbgrader is to write a test, for which it would run the notebook, unboxed.
AUTOTEST = InstantiateTests.autotest_delimiter.default_value
_WORDS = tuple((f"BEGIN {region}", f"END {region}") for region in REGIONS)


@dataclass(frozen=True)
class Markers:
    """What a line must contain to be a marker.

    Attributes:
        pairs: Begin and end of each region, in the order of ``REGIONS``.
    """

    pairs: tuple[tuple[str, str], ...] = _WORDS

    @classmethod
    def of(cls, config: Config) -> Markers:
        """Return the markers of a course."""
        classes = ((kind(config=config), begin, end) for kind, begin, end in _CLASSES.values())
        return cls(tuple((getattr(kind, begin), getattr(kind, end)) for kind, begin, end in classes))

    def __getitem__(self, region: str) -> tuple[str, str]:
        """Return begin and end of a region."""
        return self.pairs[REGIONS.index(region)]

    def found(self, line: str) -> tuple[str, str] | None:
        """Return ``BEGIN`` or ``END`` and the region if nbgrader takes the line for a marker."""
        for region, (begin, end) in zip(REGIONS, self.pairs, strict=True):
            if begin in line or end in line:
                return ("BEGIN" if begin in line else "END"), region
        return None


DEFAULT = Markers()


def wants_tests_written(cell: NotebookNode) -> bool:
    """Tell whether nbgrader would write a test into a cell."""
    comments = (line for line in cell.source.splitlines() if line.lstrip().startswith("#"))
    return cell.cell_type == "code" and any(AUTOTEST in line for line in comments)


def split_hidden(source: str, place: str = "cell", markers: Markers = DEFAULT) -> tuple[str, str | None]:
    """Split a grade cell into its visible part and its hidden region (None where there is none).

    Raises:
        AuthoringError: A marker has no partner or regions are nested.
    """
    begin, end = markers["HIDDEN TESTS"]
    visible: list[str] = []
    hidden: list[str] = []
    inside = found = False
    for line in source.split("\n"):
        if begin in line or end in line:
            if (begin in line) == inside:
                raise AuthoringError(
                    f"{place}: unbalanced `### {begin}` / `### {end}`; put one of each around the hidden tests"
                )
            inside, found = begin in line, True
        else:
            (hidden if inside else visible).append(line)
    if inside:
        raise AuthoringError(f"{place}: `### {begin}` without `### {end}`; put one of each around the hidden tests")
    return "\n".join(visible), "\n".join(hidden) if found else None


def without_markers(source: str, markers: Markers = DEFAULT) -> str:
    """Return a reference solution as a student would have it: without marker lines."""
    return "\n".join(line for line in source.splitlines() if not any(pair in line for pair in markers["SOLUTION"]))
