"""What is a cell worth that emits no evidence? What nbgrader's ``determine_grade`` says, except that it fails closed.

Such a cell decides inside the student's process, and everything in that process can be forged.
"""

from __future__ import annotations

import re

from coursegrader.course.cells import GradedCell
from coursegrader.model import CellRun

_NUMPY = re.compile(r"np\.float\d+\((.*)\)")  # how NumPy 2 shows a number


def believed(cell: GradedCell, run: CellRun) -> tuple[float, str]:
    """Return points, and a sentence where the run itself does not say why they are not all.

    An error costs all points, and so does anything on standard error; a number at the end is the points; everything
    else is worth all of them. Where nbgrader stops, or gives everything for a number below 0, there is nothing.
    """
    if run.verdict != "ok" or run.visible != "ok":
        return 0.0, ""
    if run.complained:
        return 0.0, "the tests wrote to standard error, as a warning does, and that counts as failed"
    shown = _NUMPY.fullmatch(run.credit)
    try:
        credit = float(shown[1] if shown else run.credit)
    except ValueError:
        return cell.points, ""
    if 0 <= credit <= cell.points:
        return credit, ""
    return 0.0, f"the tests ended with a number that is not between 0 and {cell.points:g}, so it counts as 0"
