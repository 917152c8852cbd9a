"""In which words is a check told?"""

from __future__ import annotations

from coursegrader.authoring.check import Check
from coursegrader.authoring.mutants.told import mutants_told
from coursegrader.judging.report import table


def check_table(result: Check) -> str:
    """Return the table of a check: one line an answer, then the problems, then the sums."""
    rows = [["notebook", "cell", "kind", "name", "lost", "points", "named", "caught by"]]
    for row in result.rows:
        if row.kind in ("mistake", "alternative"):
            named = ", ".join(sorted(set(row.named))) or "-"
            caught = "; ".join(row.caught_by[:2]) + (
                f" and {len(row.caught_by) - 2} more" if len(row.caught_by) > 2 else ""
            )
            lost = ", ".join(row.lost) or "-"
            rows.append([row.notebook, row.cell, row.kind, row.name, lost, f"{row.points:g}", named, caught])
    lines = table(rows)
    lines += [f"PROBLEM {row.notebook}, {row.cell}, {row.kind} {row.name}: {row.problem}" for row in result.problems]
    lines += [
        f"forgeable {row.notebook}, {row.cell}: emits no evidence; allowed by c.SaveScores.forgeable"
        for row in result.rows
        if row.kind == "grade cell" and not row.problem
    ]
    counts = result.summary()
    lines.append(
        f"mistakes: {counts['mistakes_caught']} of {counts['mistakes']} lose exactly their points, "
        f"{counts['mistakes_named']} are named; alternatives: {counts['alternatives_full_marks']} of "
        f"{counts['alternatives']} full marks; {counts['constants_tried']} constants tried; {counts['problems']} problems"
    )
    lines.append(
        f"echoes: {counts['echoes']}; of {counts['autograded_points']:g} autograded points "
        f"{counts['points_that_depend_on_the_seed']:g} depend on the seed and "
        f"{counts['points_that_depend_on_what_was_made']:g} on what the student made"
    )
    return "\n".join(lines + (mutants_told(result.mutants, result.shares) if result.mutants else []))
