"""How is what a student handed in made gradable?

A submission is never patched but rebuilt: the instructor's release, the student's answers, the student's extra cells.
Locked cells, points, tags and metadata always come from the instructor's side.
"""

from __future__ import annotations

import copy
import re
from pathlib import Path

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.preprocessors import NbGraderPreprocessor

from coursegrader.course.course import Course, Notebook
from coursegrader.course.metadata import is_extra
from coursegrader.intake.neutral import Price, neutral
from coursegrader.intake.pieces import Piece, Slot, longest_rise, squeeze
from coursegrader.intake.reading.cells import Cell, grade_id_of
from coursegrader.intake.static import defined_names, touched
from coursegrader.model import Finding, encoded

MAX_CELL = 100_000  # characters
MAX_TEXT = 500_000  # characters of all cells
FINDINGS = "coursegrader_findings"
LOST = "the question counts as not answered"


def rebuild(notebook: Notebook, cells: list[Cell]) -> tuple[NotebookNode, list[Finding]]:
    """Build a clean notebook from the release and the answers found in handed-in cells.

    Each answer is found by grade_id, else by cell id, else by the names it defines, else by its place between
    its neighbours.

    Returns:
        The notebook to grade, and one finding for each change that was necessary.
    """
    return _Rebuild(notebook).run(cells)


class _Rebuild:
    """One rebuilding: slots to fill, the student's own cells by the slot they stand behind, and what was noticed."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.slots = [Slot(cell) for cell in notebook.release.cells]
        self.given = {squeeze(cell.source) for cell in notebook.release.cells}
        self.extras: dict[int, list[Piece]] = {}
        self.anchors: list[int] = []
        self.findings: list[Finding] = []

    def run(self, cells: list[Cell]) -> tuple[NotebookNode, list[Finding]]:
        self._claim([Piece.of(cell) for cell in cells])
        self._find_in_questions()
        self._find_by_names()
        self._find_by_order()
        self._keep_other_versions()
        result = copy.deepcopy(self.notebook.release)
        result.cells = [cell for number in range(-1, len(self.slots)) for cell in self._built(number)]
        for number, cell in enumerate((c for c in result.cells if is_extra(c)), 1):
            cell["id"] = f"extra-{number}"  # named after their place, so that two runs give the same file
        self._defuse(result)
        return result, self.findings + suspicious(result, self.notebook)

    def _note(self, code: str, slot: Slot | None, detail: str, effect: str = "no effect on the score") -> None:
        place = f"{self.notebook.name}.ipynb" + (f", {slot.cell.id}" if slot else "")
        self.findings.append(Finding(code, place, detail, effect))

    # -- whose cell is it? --------------------------------------------------------------------------------------------

    def _claim(self, pieces: list[Piece]) -> None:
        """Give each handed-in cell to its slot; what belongs nowhere stays behind the slot before it."""
        kept = self._small_enough(pieces)
        numbers = self._numbers(kept)
        in_place = longest_rise(numbers)
        anchor = -1
        for position, (piece, number) in enumerate(zip(kept, numbers, strict=True)):
            if number is None:
                self.extras.setdefault(anchor, []).append(piece)
                continue
            self.slots[number].claims.append(piece)
            if position in in_place:
                anchor = number
                self.anchors.append(number)
            else:
                self._note("cell_moved", self.slots[number], "the cell was put back in its place")

    def _small_enough(self, pieces: list[Piece]) -> list[Piece]:
        kept, total = [], 0
        for piece in pieces:
            if len(piece.text) <= min(MAX_CELL, MAX_TEXT - total):
                kept.append(piece)
                total += len(piece.text)
        if len(kept) < len(pieces):
            largest = max(len(piece.text) for piece in pieces)
            detail = f"{len(pieces) - len(kept)} cells were left out, the largest cell has {largest} characters"
            self._note("cell_too_large", None, detail, "answers in them count as not given")
        return kept

    def _numbers(self, pieces: list[Piece]) -> list[int | None]:
        """Say which slot each handed-in cell claims to be: by grade_id, question, id, else by a text only one has."""
        by_grade_id = {name: n for n, slot in enumerate(self.slots) if (name := grade_id_of(slot.cell))}
        by_question = {question: n for n, slot in enumerate(self.slots) if (question := slot.question)}
        by_id = {slot.cell.id: n for n, slot in enumerate(self.slots)}
        texts = [squeeze(slot.cell.source) for slot in self.slots]
        by_text = {text: n for n, text in enumerate(texts) if text and texts.count(text) == 1}
        found = []
        for piece in pieces:
            number = by_grade_id.get(piece.grade_id or "")
            number = by_question.get(piece.question or "") if number is None else number
            number = by_id.get(piece.cell_id or "") if number is None else number
            found.append(by_text.get(squeeze(piece.text)) if number is None else number)
        return found

    # -- answers in other places --------------------------------------------------------------------------------------

    def _find_in_questions(self) -> None:
        """Take what was written into a question's own cell as its answer."""
        for slot in self.slots:
            if not slot.question or slot.edited:
                continue
            for asked in self.slots:
                if grade_id_of(asked.cell) == slot.question and asked.edited:
                    given = {squeeze(line) for line in asked.cell.source.splitlines()}
                    lines = [line for line in asked.edited[-1].text.splitlines() if squeeze(line) not in given]
                    if lines:
                        slot.claims = [Piece("\n".join(lines).strip("\n"), code=False)]
                        self._note("answer_found", slot, "what was written into the question was taken as the answer")

    def _find_by_names(self) -> None:
        """Look in the student's own cells, then in edited given cells, for answers to untouched questions."""
        for number, slot in enumerate(self.slots):
            wanted = asked_names(self.notebook, slot.cell.id) if slot.answer and not slot.edited else set()
            if not wanted:
                continue
            own = [(anchor, piece) for anchor in sorted(self.extras) for piece in self.extras[anchor]]
            given = [(n, piece) for n, s in enumerate(self.slots) if not s.editable for piece in s.edited]
            for places in (own, given):
                matches = [(anchor, piece) for anchor, piece in places if piece.defines(wanted)]
                if matches:
                    before = [match for match in matches if match[0] <= number]
                    self._take(number, (before or matches[:1])[-1][1], f"defines {', '.join(sorted(wanted))}")
                    break

    def _find_by_order(self) -> None:
        """Give the student's own cells to the missing answers between the same neighbours, if that is unambiguous."""
        for anchor, pieces in list(self.extras.items()):
            following = min((n for n in self.anchors if n > anchor), default=len(self.slots))
            for code in (True, False):
                between = [(n, self.slots[n]) for n in range(anchor + 1, following)]
                missing = [n for n, slot in between if slot.answer and not slot.claims and slot.code == code]
                spare = [piece for piece in pieces if piece.code == code and piece.text.strip()]
                if not code and len(missing) == 1:  # prose in several cells: the last one, the others stay before it
                    spare = ([piece for piece in spare if not self._is_given(piece)] or spare)[-1:]
                if len(missing) == len(spare):
                    for number, piece in zip(missing, spare, strict=True):
                        self._take(number, piece, "stands in its place")

    def _take(self, number: int, piece: Piece, why: str) -> None:
        """Make one of the student's own cells an answer; what stood behind it stays behind it."""
        self.slots[number].claims = [piece]
        for anchor, pieces in list(self.extras.items()):
            if piece in pieces:
                before, behind = pieces[: pieces.index(piece)], pieces[pieces.index(piece) + 1 :]
                near = anchor < number and not any(anchor < n < number for n in self.anchors)
                self.extras[anchor] = before if near else before + behind
                if near:
                    self.extras[number] = behind + self.extras.get(number, [])
        if not self._is_given(piece):
            self._note("answer_found", self.slots[number], f"a cell that {why} was taken as the answer")

    def _is_given(self, piece: Piece) -> bool:
        return squeeze(piece.text) in self.given

    def _keep_other_versions(self) -> None:
        """Keep other copies of an answer as own cells before it: they may be the halves of a cell that was split."""
        for number, slot in enumerate(self.slots):
            if len(slot.claims) > 1 and (slot.editable or "nbgrader" in slot.cell.metadata):
                detail = f"{len(slot.claims)} copies; the last edited one was taken"
                self._note("duplicated_cell", slot, detail + (", the others run before it" if slot.editable else ""))
            if slot.editable:
                last = slot.edited[-1:]
                others = [piece for piece in slot.edited[:-1] if piece.text != last[0].text]
                self.extras.setdefault(number - 1, []).extend(others)

    # -- building -----------------------------------------------------------------------------------------------------

    def _built(self, number: int) -> list[NotebookNode]:
        """Return a slot's cell and the student's own cells behind it."""
        extras = [piece for piece in self.extras.get(number, []) if piece.text.strip() and not self._is_given(piece)]
        return ([self._filled(self.slots[number])] if number >= 0 else []) + [_extra(piece) for piece in extras]

    def _filled(self, slot: Slot) -> NotebookNode:
        """Return the release's cell with the student's text where the student may write."""
        cell = copy.deepcopy(slot.cell)
        graded = "nbgrader" in cell.metadata or slot.answer
        if not slot.claims:
            if slot.answer:
                self._note("missing_answer", slot, "the cell is not in the notebook", LOST)
            elif graded and cell.source:
                self._note("missing_cell", slot, "the cell was put back")
            return cell
        chosen = (slot.edited or slot.claims)[-1]
        if graded and chosen.code != slot.code:
            self._note("cell_type_changed", slot, f"the cell is a {cell.cell_type} cell again")
        if slot.editable:
            if slot.answer and not chosen.text.strip():
                self._note("emptied_cell", slot, "the answer cell is empty", LOST)
            cell.source = chosen.text
        elif graded and squeeze(chosen.text) != squeeze(cell.source):
            self._note("locked_cell_edited", slot, "the instructor's text was put back")
        return cell

    def _defuse(self, nb: NotebookNode) -> None:
        """Change in the student's own text what would act where it is opened, or pass for a marker of the grader's."""
        given = {slot.cell.id: slot.cell.source for slot in self.slots}
        price = Price()
        for cell in nb.cells:
            if cell.source == given.get(cell.id):
                continue
            text = self._unmarked(cell.source)
            if text != cell.source:
                cell.source = text
                self._note("marker_changed", None, f"{cell.id}: a line looked like a marker of the grader's")
            if cell.cell_type == "markdown":
                cell.source = neutral(text, self._page_ids(), price)
                if cell.source != text:
                    self._note(
                        "shown_as_text", None, f"{cell.id}: HTML, pictures or links are shown as they were typed"
                    )

    def _unmarked(self, text: str) -> str:
        """Return a text in which no line passes for a marker: nbgrader would take away what follows it."""
        for pair in (self.notebook.markers["HIDDEN TESTS"], self.notebook.markers["MARK SCHEME"]):
            for word in pair:
                broken = word.replace(" ", "-") if " " in word else f"{word[:1]}-{word[1:]}"
                text = text.replace(word, broken)
        return text

    def _page_ids(self) -> set[str]:
        """Return what the formgrader finds its fields by; a heading of the same name would take the field's place."""
        names = {name for slot in self.slots if (name := grade_id_of(slot.cell))}
        return names | {f"{name}{end}" for name in names for end in ("-comment", "_extra_credit")} | {"statusmessage"}


def _extra(piece: Piece) -> NotebookNode:
    make = new_code_cell if piece.code else new_markdown_cell
    return make(piece.text, metadata={"coursegrader": {"extra": True}})


def asked_names(notebook: Notebook, cell_id: str) -> set[str]:
    """Return the names that an answer must define: the reference defines them and another cell uses them."""
    mine = next(cell for cell in notebook.source.cells if cell.id == cell_id)
    others = "\n".join(c.source for c in notebook.source.cells if c is not mine and c.cell_type == "code")
    return defined_names(mine.source) & set(re.findall(r"\w+", others)) if mine.cell_type == "code" else set()


def suspicious(rebuilt: NotebookNode, notebook: Notebook) -> list[Finding]:
    """Flag answers that touch the machinery of tests; nothing is taken away for it."""
    given = {cell.source for cell in notebook.release.cells}
    findings = []
    for cell in rebuilt.cells:
        if cell.cell_type != "code" or cell.source in given:
            continue
        words = touched(cell.source)
        if words:
            findings.append(
                Finding("touches_internals", f"{notebook.name}.ipynb, {cell.id}", "uses " + ", ".join(sorted(words)))
            )
    return findings


class Repair(NbGraderPreprocessor):
    """Rebuild the submission inside ``nbgrader autograde``, before nbgrader looks at it."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Return the rebuilt notebook; findings are kept in its metadata for ``SaveScores``."""
        names = resources["nbgrader"]
        course = Course(Path.cwd(), self.config)
        notebook = course.assignment(names["assignment"]).notebooks[names["notebook"]]
        rebuilt, findings = rebuild(notebook, nb.cells)
        rebuilt.metadata[FINDINGS] = encoded(findings)
        for finding in findings:
            self.log.warning("%s: %s: %s (%s)", finding.code, finding.place, finding.detail, finding.effect)
        return rebuilt, resources
