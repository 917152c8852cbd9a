"""In which order does a student read a notebook, and what of it is folded?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from nbformat import NotebookNode

from coursegrader.course.metadata import earns_points, grade_id, is_answer, is_extra
from coursegrader.publishing.cards import Card, bold_start, cell_kind, heading


@dataclass
class Block:
    """One piece of the page: folded given cells, a student's cell, or the card of a graded cell.

    Attributes:
        kind: ``given``, ``answer`` or ``card``.
        title: What it is called.
        cells: The cells that are folded, or the one that is shown.
        card: The card.
        lines: Lines of all cells together.
        open: Whether it is unfolded from the start.
    """

    kind: str
    title: str = ""
    cells: list[NotebookNode] = field(default_factory=list)
    card: Card | None = None
    lines: int = 0
    open: bool = True


def blocks(nb: NotebookNode, cards: dict[str, Card]) -> list[Block]:
    """Return the notebook as the page shows it: what was given is folded, each card stands behind its answer."""
    found: list[Block] = []
    folded: list[NotebookNode] = []
    due: Card | None = None

    def flush() -> None:
        nonlocal due, folded
        if folded:
            found.append(Block("given", _fold_title(folded), folded, lines=_lines(folded)))
            folded = []
        if due is not None:
            found.append(Block("card", card=due))
            due = None

    for cell in nb.cells:
        kind = cell_kind(cell)
        card = cards.get(grade_id(cell)) if earns_points(cell) else None
        if kind == "answer":
            if due is not None:  # the question that this answers: first the answer, then what it earned
                waiting, due = due, None
                flush()
                due = waiting
            else:
                flush()
            if cell.source.strip():
                found.append(Block("answer", label(cell), [cell], lines=_lines([cell])))
            if card is not None:
                found.append(Block("card", card=card))
            continue
        if due is not None:
            waiting, due = due, None
            flush()
            found.append(Block("card", card=waiting))
        if kind == "test":
            flush()
            found.append(Block("card", card=card))
        elif cell.source.strip():
            folded.append(cell)
        if kind != "test" and card is not None:
            due = card
    flush()
    _fold_right_answers(found)
    return found


def _fold_right_answers(found: list[Block]) -> None:
    """Fold the answers whose cards are all right or not answered: there is nothing of the student's to mend in them."""
    for place, block in enumerate(found):
        if block.kind == "answer":
            cards = list(_cards_behind(found[place + 1 :]))
            block.open = not cards or any(card.kind not in ("full", "none") for card in cards)


def _cards_behind(rest: list[Block]) -> Iterator[Card]:
    seen = False
    for block in rest:
        if block.card is not None:
            seen = True
            yield block.card
        elif block.kind == "answer" and seen:
            return


def label(cell: NotebookNode) -> str:
    """Return what a student's cell is called, so that a finding about it can be found."""
    if is_answer(cell):
        return "Your answer"
    return f"Your own cell ({cell.id})" if is_extra(cell) else "Your cell"


def _fold_title(cells: list[NotebookNode]) -> str:
    """Return what folded cells are about: their headings, as many as fit into a line."""
    titles = [title for cell in cells if (title := heading(cell) or bold_start(cell))]
    kept = [title for place, title in enumerate(titles) if sum(map(len, titles[: place + 1])) <= 90]
    return (
        " · ".join(kept or titles[:1]) or "Given code" * all(cell.cell_type == "code" for cell in cells) or "The text"
    )


def _lines(cells: list[NotebookNode]) -> int:
    return sum(len(cell.source.splitlines()) for cell in cells)
