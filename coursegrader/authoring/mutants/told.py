"""In which words are the mutants told?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from coursegrader.authoring.mutants.trial import Tried
from coursegrader.judging.report import table

VERDICTS = ("killed", "equivalent", "argued", "survived", "not tried")


@dataclass
class Share:
    """What the visible tests of one coded question stop already.

    Attributes:
        notebook: Notebook name.
        cell: Solution cell.
        mistakes: Known mistakes in the bank.
        mistakes_stopped: Of these, those that a visible test stops.
        mutants: Mutants that lose points, or should.
        mutants_stopped: Of these, those that a visible test stops.
    """

    notebook: str
    cell: str
    mistakes: int = 0
    mistakes_stopped: int = 0
    mutants: int = 0
    mutants_stopped: int = 0


def shares(mistakes: Iterable[tuple[str, str, bool]], tried: list[Tried]) -> list[Share]:
    """Count by question.

    Args:
        mistakes: Notebook and solution cell of each known mistake, and whether a visible test stops it.
        tried: The mutants.
    """
    found: dict[tuple[str, str], Share] = {}
    for mutant in tried:
        share = found.setdefault((mutant.notebook, mutant.cell), Share(mutant.notebook, mutant.cell))
        if mutant.verdict in ("killed", "survived"):
            share.mutants += 1
            share.mutants_stopped += mutant.stopped
    for notebook, cell, stopped in mistakes:
        share = found.setdefault((notebook, cell), Share(notebook, cell))
        share.mistakes += 1
        share.mistakes_stopped += stopped
    return list(found.values())


def mutants_told(tried: list[Tried], by_question: list[Share]) -> list[str]:
    """Return the lines about the mutants: by question, what the visible tests let pass, what survives, the sums."""
    counts = Counter((mutant.notebook, mutant.cell, mutant.verdict) for mutant in tried)
    rows = [["notebook", "question", *VERDICTS, "visible tests stop: mistakes", "mutants"]]
    for share in by_question:
        numbers = [str(counts[share.notebook, share.cell, verdict]) for verdict in VERDICTS]
        stopped = [f"{share.mistakes_stopped} of {share.mistakes}", f"{share.mutants_stopped} of {share.mutants}"]
        rows.append([share.notebook, share.cell, *numbers, *stopped])
    lines = ["", *table(rows)]
    passed = [mutant for mutant in tried if mutant.verdict == "killed" and not mutant.stopped]
    lines += _listed("the visible tests let these pass, grading does not", passed)
    lines += _listed("argued", [m for m in tried if m.verdict == "argued"])
    survivors = [mutant for mutant in tried if mutant.verdict == "survived"]
    lines += _listed("SURVIVED: mend the hidden tests, or argue in argued.diff", survivors)
    total = Counter(mutant.verdict for mutant in tried)
    lines.append(f"\nmutants: {', '.join(f'{total[verdict]} {verdict}' for verdict in VERDICTS)}; {_share(total)}")
    return lines


def _share(total: Counter[str]) -> str:
    differ = total["killed"] + total["argued"] + total["survived"]
    return f"{100 * total['killed'] / differ:.1f} % of those that differ are killed" if differ else "none differs"


def _listed(title: str, chosen: list[Tried]) -> list[str]:
    lines = [f"\n-- {title}: {len(chosen)}"] if chosen else []
    for mutant in chosen:
        lines.append(f"@@ {mutant.notebook}/{mutant.cell} {mutant.kind}")
        lines += [f"# {mutant.note}"] if mutant.note else []
        lines.append(mutant.diff)
    return lines
