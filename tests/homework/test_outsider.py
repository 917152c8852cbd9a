"""Do answers by somebody who has not seen the bank get what they deserve, graded as a class is graded?"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from coursegrader.authoring.demo import hand_in, hand_in_files
from coursegrader.course.course import Assignment, Course
from coursegrader.grading.gradebook.scores import read_results
from coursegrader.grading.pipeline import autograde
from coursegrader.model import CellResult

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
ANSWERS = Path(__file__).parent / "outsider"
#: They loop until they are stopped, which takes a minute each and is tested elsewhere.
ENDLESS = {"search_with_end__never_stops", "conv1d__loop_without_step"}
#: Whoever hands it in could not train, so there are no weights.
UNTRAINED = {"hyper_parameters__batch_size_lost"}
WRONG, RIGHT = (
    [path for path in sorted(ANSWERS.glob(f"*/{kind}/*.py")) if path.stem not in ENDLESS] for kind in ("wrong", "right")
)


@dataclass(frozen=True)
class Graded:
    """The autograded cells of the notebook that holds an answer, and which of them lost points."""

    cells: list[CellResult]

    @property
    def lost(self) -> list[CellResult]:
        """Return the cells that did not earn everything."""
        return [cell for cell in self.cells if cell.points is not None and cell.points < cell.max_points]

    @property
    def names(self) -> set[str]:
        """Return the known mistakes that were recognised."""
        return {cell.mistake for cell in self.lost if cell.mistake}


def source_of(path: Path) -> str:
    """Return an answer without the line that says what is wrong with it, which no student would write."""
    text = path.read_text("utf-8")
    return text.partition("\n")[2] if text.startswith(("# wrong:", "# right:")) else text


def submit(assignment: Assignment, path: Path, folder: Path) -> None:
    """Hand in a notebook with one of the answers, what belongs to it, and plain answers everywhere else."""
    name, kind, short = path.parts[-3], path.parts[-2], path.stem.split("__")[1]
    answers = {plain.stem: source_of(plain) for plain in (ANSWERS / name / "plain").glob("*.py")}
    together = (ANSWERS / name / "right").glob(f"*__{short}.py") if kind == "right" else []
    for answer in [*together, path]:
        answers[answer.stem.split("__")[0]] = source_of(answer)
    folder.mkdir(parents=True)
    made = hand_in(assignment.notebooks[name], lambda cell, _: answers.get(cell))
    nbformat.write(made, folder / f"{name}.ipynb")
    if name == "4_last_names" and path.stem not in UNTRAINED:
        hand_in_files(assignment, folder)


def student(path: Path) -> str:
    return f"{path.parts[-2]}-{path.parts[-3]}-{path.stem}".lower()


def asked(request: pytest.FixtureRequest) -> list[Path]:
    """Return the answers that the chosen tests look at: a sample of the tests needs no more graded."""
    chosen = [item for item in request.session.items if item.path == request.path]
    paths = {item.callspec.params["path"] for item in chosen if hasattr(item, "callspec")}
    all_wrong = any(not hasattr(item, "callspec") for item in chosen)
    return [path for path in [*WRONG, *RIGHT] if path in paths or (all_wrong and path in WRONG)]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[Path, Graded]:
    """Grade the answers, each handed in by a student of its own."""
    root = tmp_path_factory.mktemp("course")
    shutil.copyfile(ROOT / "nbgrader_config.py", root / "nbgrader_config.py")
    for folder in ("source", "release"):
        shutil.copytree(ROOT / folder, root / folder)
    course = Course.open(root)
    paths = asked(request)
    for path in paths:
        submit(course.assignment("rnn"), path, root / "submitted" / student(path) / "rnn")
    autograde(course, "rnn")
    found = {}
    gradings = {one.id: one.grading for one in read_results(course, "rnn").students}
    for path in paths:
        notebook = next(one for one in gradings[student(path)].notebooks if one.name == path.parts[-3])
        found[path] = Graded([cell for cell in notebook.cells if not cell.manual])
    return found


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_a_wrong_answer_loses_points(graded: dict[Path, Graded], path: Path) -> None:
    assert graded[path].lost


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_a_right_answer_gets_full_marks(graded: dict[Path, Graded], path: Path) -> None:
    losing = [cell for cell in graded[path].lost if cell.grade_id != "test_accuracy"]  # the weights are the reference's
    assert losing == []


def test_most_wrong_answers_are_called_by_their_name(graded: dict[Path, Graded]) -> None:
    nameless = [path.stem for path in WRONG if not graded[path].names]
    assert len(nameless) <= 0.3 * len(WRONG), nameless


def test_no_answer_is_called_by_the_name_of_another_question(graded: dict[Path, Graded]) -> None:
    for path in WRONG:
        known = {
            bank.stem
            for bank in (ROOT / "source/rnn/mistakes" / path.parts[-3] / path.stem.split("__")[0]).glob("*.py")
        }
        assert graded[path].names <= known, path.stem
