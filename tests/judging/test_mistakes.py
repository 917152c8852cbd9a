"""A mistake's name is given to exactly the evidence it gives, and to nothing else."""

from pathlib import Path

import nbformat
import numpy as np
import pytest
from small_course import canonical, cell, write_course

from coursegrader.course.banks import bank
from coursegrader.course.cells import Answer
from coursegrader.course.course import Assignment, Course, Notebook
from coursegrader.errors import AuthoringError
from coursegrader.evidence import encode
from coursegrader.grading.cache import Cache
from coursegrader.grading.reference import KnownMistakes, run_source
from coursegrader.judging.judge import judge_cell
from coursegrader.judging.judges.builtin import Expectation
from coursegrader.judging.mistakes import KnownMistake, recognise
from coursegrader.model import CellRun

TERMS = {"judge": "close", "atol": 1e-4, "rtol": 1e-4, "weight": 1.0}
WANTED = [Expectation("mean", np.array([1.0, 2.0, 3.0]), TERMS), Expectation("sum", np.array(6.0), TERMS)]


class Bank:
    """Stands for a bank whose mistakes were run already."""

    def __init__(self, **values: dict[str, object]) -> None:
        self.known = [
            KnownMistake(
                Answer("nb", "cell", slug, "", f"hint of {slug}", ("test_cell",)), {"test_cell": run(**records)}
            )
            for slug, records in values.items()
        ]

    def losing(self, grade_id: str) -> list[KnownMistake]:
        """Return the mistakes that lose a cell."""
        return [known for known in self.known if grade_id in known.answer.loses]


def run(**values: object) -> CellRun:
    return CellRun(verdict="ok", visible="ok", records=[{"name": k, "value": encode(v)} for k, v in values.items()])


def named(known: Bank, **values: object) -> str | None:
    from coursegrader.course.course import GradedCell

    student = run(**values)
    result = judge_cell(GradedCell("test_cell", 2.0, False, False, "", "hidden"), student, WANTED)
    found = recognise(result, student.records, WANTED, known.losing)  # type: ignore[arg-type]
    return found.slug if found else None


TWICE = {"mean": [2.0, 4.0, 6.0], "sum": 12.0}
SHIFTED = {"mean": [0.0, 1.0, 2.0], "sum": 3.0}


def test_the_same_wrong_values_get_the_mistakes_name():
    assert named(Bank(twice=TWICE, shifted=SHIFTED), **TWICE) == "twice"


def test_a_wrong_value_of_no_known_mistake_gets_no_name():
    assert named(Bank(twice=TWICE, shifted=SHIFTED), mean=[2.0, 4.0, 6.5], sum=12.0) is None


def test_a_value_that_is_only_near_a_mistakes_gets_no_name():
    assert named(Bank(twice=TWICE), **TWICE) == "twice"
    assert named(Bank(twice=TWICE), mean=[2.0, 4.0, 6.004], sum=12.0) is None


def test_right_values_get_no_name_even_if_a_mistake_gives_them():
    right = {"mean": [1.0, 2.0, 3.0], "sum": 6.0}
    assert named(Bank(harmless=right), **right) is None


def test_two_mistakes_with_the_same_evidence_name_nothing():
    assert named(Bank(twice=TWICE, doubled=TWICE), **TWICE) is None


def test_two_mistakes_that_differ_by_less_than_ten_tolerances_name_nothing():
    near = {"mean": [2.0, 4.0, 6.001], "sum": 12.0}
    assert named(Bank(twice=TWICE, near=near), **TWICE) is None


def test_half_of_a_mistakes_evidence_is_not_the_mistake():
    assert named(Bank(twice=TWICE), mean=[2.0, 4.0, 6.0], sum=6.0) is None
    assert named(Bank(twice=TWICE), mean=[2.0, 4.0, 6.0]) is None


def test_a_cell_that_emitted_nothing_gets_no_name():
    assert named(Bank(silent={})) is None


def test_a_wrong_shape_is_recognised_by_its_values():
    flat = {"mean": [[1.0], [2.0], [3.0]], "sum": 6.0}
    assert named(Bank(column=flat), **flat) == "column"


@pytest.fixture
def files(assignment: Assignment) -> Path:
    folder = assignment.folder / "mistakes" / "1_numbers" / "double"
    folder.mkdir(parents=True)
    return folder


def test_a_bank_file_is_read_with_hint_category_and_cells(assignment: Assignment, files: Path):
    (files / "thrice.py").write_text(
        '"""You add x twice too often."""\n# loses: test_double\n# category: wrong factor\ndef double(x):\n    return 3 * x\n'
    )
    (answer,) = bank(assignment, "mistakes", "1_numbers")
    assert (answer.cell, answer.slug, answer.text) == ("double", "thrice", "You add x twice too often.")
    assert (answer.loses, answer.category) == (("test_double",), "wrong factor")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('"""Hint."""\n# loses: test_doubel\n', "test_doubel"),
        ("# loses: test_double\n", "docstring"),
        ('"""Hint."""\n', "loses"),
        ('"""Hint."""\n# loses: test_double\ndef double(x:\n', "not Python"),
    ],
)
def test_a_broken_bank_file_is_refused_with_its_place(assignment: Assignment, files: Path, text: str, problem: str):
    (files / "broken.py").write_text(text)
    with pytest.raises(AuthoringError, match=problem) as caught:
        bank(assignment, "mistakes", "1_numbers")
    assert "broken.py" in str(caught.value)


def test_an_answer_to_a_cell_that_does_not_exist_is_refused(assignment: Assignment):
    folder = assignment.folder / "alternatives" / "1_numbers" / "treble"
    folder.mkdir(parents=True)
    (folder / "style.py").write_text('"""Style."""\n')
    with pytest.raises(AuthoringError, match="treble"):
        bank(assignment, "alternatives", "1_numbers")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("r.py", "belongs to no cell"),
        ("1_numbers/r.py", "belongs to no cell"),
        ("1_numbers/double/more/r.py", "belongs to no cell"),
        ("1_numers/double/r.py", "there is no notebook '1_numers'; is '1_numbers' meant"),
    ],
)
def test_a_bank_file_that_belongs_to_no_cell_is_refused(assignment: Assignment, place: str, said: str):
    path = assignment.folder / "mistakes" / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('"""Hint."""\n# loses: test_double\n')
    with pytest.raises(AuthoringError, match=f"{place}: {said}"):
        bank(assignment, "mistakes", "1_numbers")


@pytest.mark.parametrize("name", ["7_numbers", "3_sorting"])
def test_the_bank_of_a_notebook_that_was_left_out_may_stay(assignment: Assignment, name: str):
    path = assignment.folder / "mistakes" / name / "double" / "r.py"
    path.parent.mkdir(parents=True)
    path.write_text("")
    bank(assignment, "mistakes", "1_numbers")


def test_what_an_editor_leaves_in_a_bank_is_no_answer(assignment: Assignment):
    left = assignment.folder / "alternatives" / "1_numbers" / "double" / ".ipynb_checkpoints" / "r-checkpoint.py"
    left.parent.mkdir(parents=True)
    left.write_text("")
    assert bank(assignment, "alternatives", "1_numbers") == []


def test_a_mistake_is_only_run_when_it_is_asked_for(assignment: Assignment, files: Path, tmp_path: Path):
    (files / "thrice.py").write_text('"""Hint."""\n# loses: test_double\ndef double(x):\n    return 3 * x\n')
    cache = Cache(tmp_path / "cache")
    known = KnownMistakes(assignment.notebooks["1_numbers"], "7", cache)
    assert known.losing("test_triple") == []
    assert not (tmp_path / "cache").exists()
    (thrice,) = known.losing("test_double")
    assert thrice.cells["test_double"].verdict == "ok"
    assert len(thrice.cells["test_double"].records) == 2


def with_regions(root: Path, *regions: str) -> Notebook:
    """Return a notebook with one question and grade cells ``test_0``, ``test_1`` ... of these regions, and a mistake."""
    tests = [
        f"### BEGIN HIDDEN TESTS\nfrom coursegrader.evidence import evidence\n{region}\n### END HIDDEN TESTS"
        for region in regions
    ]
    answer = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
    cells = [cell("given", "setup", "import math"), cell("solution", "double", answer)]
    cells += [cell("test", f"test_{number}", source, 1) for number, source in enumerate(tests)]
    folder = write_course(root).root / "source" / "week"
    nbformat.write(canonical(cells), folder / "1_numbers.ipynb")
    (folder / "mistakes" / "1_numbers" / "double").mkdir(parents=True)
    (folder / "mistakes" / "1_numbers" / "double" / "thrice.py").write_text(
        '"""Hint."""\n# loses: test_1\ndef double(x):\n    return 3 * x\n'
    )
    return Course.open(root).assignment("week").notebooks["1_numbers"]


@pytest.mark.parametrize(
    ("first", "second", "run"),
    [
        ("evidence('a', double(1))", "evidence('b', double(2))", {"test_1"}),
        ("base = 4\nevidence('a', double(base))", "evidence('b', double(base))", {"test_0", "test_1"}),
    ],
    ids=["alone", "with what it uses"],
)
def test_a_mistake_runs_the_regions_that_it_loses(tmp_path: Path, first: str, second: str, run: set[str]):
    notebook = with_regions(tmp_path / "course", first, second, "evidence('c', double(3))")
    cache = Cache(tmp_path / "cache")
    (thrice,) = KnownMistakes(notebook, "7", cache).losing("test_1")
    assert set(thrice.cells) == run
    kept = run_source(notebook, "7", cache, {"double": thrice.answer.source}, ("test_1",))
    assert (kept.cells, kept.notebook.cells[-1].id) == (thrice.cells, "test_1")
    again = KnownMistakes(notebook, "7", cache)
    again.only_kept = True
    assert again.nameable == ["double/thrice"]
    whole = run_source(notebook, "7", cache, {"double": thrice.answer.source})
    assert set(whole.cells) == {"test_0", "test_1", "test_2"}
    assert thrice.cells["test_1"].records == whole.cells["test_1"].records != []


def test_a_region_that_lends_nothing_stays_out_before_one_that_does(tmp_path: Path):
    lends, uses = "base = 4\nevidence('b', double(base))", "evidence('c', double(base))"
    notebook = with_regions(tmp_path / "course", "evidence('a', double(1))", lends, uses)
    run = run_source(notebook, "7", Cache(tmp_path / "cache"), tests=("test_2",))
    assert set(run.cells) == {"test_1", "test_2"}


def test_a_whole_run_of_a_mistake_that_is_kept_is_not_run_again(tmp_path: Path):
    notebook = with_regions(tmp_path / "course", "evidence('a', double(1))", "evidence('b', double(2))")
    cache = Cache(tmp_path / "cache")
    source = bank(notebook.assignment, "mistakes", "1_numbers")[0].source
    whole = run_source(notebook, "7", cache, {"double": source})
    known = KnownMistakes(notebook, "7", cache)
    known.only_kept = True
    assert known.nameable == ["double/thrice"]
    (thrice,) = known.losing("test_1")
    assert thrice.cells == whole.cells
