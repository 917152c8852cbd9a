"""What does an instructor read about an adopted course?"""

from __future__ import annotations

from collections.abc import Iterator

from coursegrader.authoring.adopting.adopt import Adoption
from coursegrader.authoring.adopting.evidence import COULD, FORGEABLE, HAS, Report


def adopted_table(found: Adoption, evidence: bool) -> str:
    """Return what was changed, what is to be said of each grade cell, and what to do next.

    Args:
        found: What became of the course.
        evidence: Whether assertions were rewritten.
    """
    lines = [f"{book.path}: {change}" for book in found.notebooks for change in book.changes]
    reports = [report for book in found.notebooks for report in book.reports]
    lines += [f"{report.place} ({report.points:g} points): {_said(report, evidence)}" for report in reports]
    return "\n".join([*lines, *_sums(found, reports, evidence)])


def _said(report: Report, evidence: bool) -> str:
    kind = "has evidence now" if report.kind == COULD and evidence else report.kind
    if report.kind == COULD:
        kind += f", {report.becoming} of {report.assertions} assertions"
    return f"{kind}: {'; '.join(report.reasons)}" if report.reasons else kind


def _sums(found: Adoption, reports: list[Report], evidence: bool) -> Iterator[str]:
    points = {kind: sum(r.points for r in reports if r.kind == kind) for kind in (HAS, COULD, FORGEABLE)}
    yield f"written:    {', '.join(map(str, found.written)) or 'nothing, it is adopted'}"
    if found.copies:
        yield f"kept:       as they were in {found.copies}"
    yield (
        f"points:     {points[HAS] + (points[COULD] if evidence else 0):g} have evidence, "
        f"{0 if evidence else points[COULD]:g} could have, {points[FORGEABLE]:g} stay forgeable"
    )
    if points[COULD] and not evidence:
        yield "next:       coursegrader adopt --evidence rewrites what could have evidence, and keeps what students see"
    else:
        yield "next:       coursegrader release, coursegrader autograde"
