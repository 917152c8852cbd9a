"""Which mutants may survive, and why? Read from ``source/<assignment>/argued.diff``, written as survivors are listed.

A reason that begins with "equivalent" says that the mutant is right; every other one, that it is wrong and may pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from coursegrader.authoring.mutants.trial import Tried
from coursegrader.errors import AuthoringError

FILE = "argued.diff"
NO_LONGER = f"is argued in {FILE}, but its mutant is killed, equivalent, or no more; take it out"


@dataclass
class Argument:
    """Why some mutants of one question may survive.

    Attributes:
        place: Notebook and solution cell.
        kind: Only mutants of this kind, or empty.
        why: The reason.
        diff: The change, or empty: all of this kind.
    """

    place: tuple[str, str]
    kind: str = ""
    why: str = ""
    diff: list[str] = field(default_factory=list)

    def covers(self, mutant: Tried) -> bool:
        """Tell whether the argument is about this mutant."""
        same = not self.diff or _stripped(self.diff) == _stripped(mutant.diff.split("\n"))
        return self.place == (mutant.notebook, mutant.cell) and self.kind in ("", mutant.kind) and same


def _stripped(lines: Iterable[str]) -> list[str]:
    """Return the lines of a diff; how deep they stand is of no matter."""
    return [line[:1] + line[1:].strip() for line in lines]


def read_arguments(folder: Path) -> list[Argument]:
    """Read the arguments of an assignment.

    Raises:
        AuthoringError: An argument has no reason, or is about nothing in particular.
    """
    path, found = folder / FILE, list[Argument]()
    for line in path.read_text("utf-8").splitlines() if path.exists() else []:
        if line.startswith("@@"):
            place, _, kind = line.removeprefix("@@").strip().partition(" ")
            notebook, _, cell = place.partition("/")
            found.append(Argument((notebook, cell), kind.strip()))
        elif line.startswith("#") and found:
            found[-1].why = f"{found[-1].why} {line.removeprefix('#').strip()}".strip()
        elif line[:1] in ("-", "+") and found:
            found[-1].diff.append(line)
    for argument in found:
        if not argument.why or not (argument.diff or argument.kind):
            raise AuthoringError(
                f"{path}: the block of {'/'.join(argument.place)} needs a line `# why it may survive` and the lines of the change"
            )
    return found


def apply(arguments: list[Argument], tried: list[Tried]) -> list[Argument]:
    """Mark the survivors that are argued; return the arguments about mutants that were tried and need none."""
    needed = set()
    for mutant in tried:
        for number, argument in enumerate(arguments):
            if mutant.verdict in ("survived", "argued") and argument.covers(mutant):
                equivalent = argument.why.lower().startswith("equivalent")
                mutant.verdict, mutant.note = "equivalent" if equivalent else "argued", argument.why
                needed.add(number)
    places = {(mutant.notebook, mutant.cell) for mutant in tried}
    places -= {(mutant.notebook, mutant.cell) for mutant in tried if mutant.verdict == "not tried"}
    return [a for number, a in enumerate(arguments) if number not in needed and a.place in places]
