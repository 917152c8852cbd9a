"""A release is what the source generates, proven before anything is changed."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.preprocessors import CheckCellMetadata

from coursegrader.authoring.audit import prove, untouched_points
from coursegrader.authoring.release import check_release, release
from coursegrader.course.course import Assignment, Course
from coursegrader.course.setup.gradebook import open_gradebook
from coursegrader.errors import AuthoringError, ReleaseRefused
from coursegrader.grading.cache import Cache
from coursegrader.grading.gradebook.converters import generate
from coursegrader.grading.reference import reference

ROOT = Path(__file__).resolve().parents[2]


def edit(assignment: Assignment, notebook: str, cell_id: str, change) -> Assignment:
    """Change the source of one cell and return the assignment as it is now."""
    path = assignment.folder / f"{notebook}.ipynb"
    nb = nbformat.read(path, as_version=4)
    cell = next(cell for cell in nb.cells if cell.id == cell_id)
    cell.source = change(cell.source)
    nbformat.write(nb, path)
    return Assignment(assignment.course, assignment.name)


def snapshot(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_committed_release_is_byte_for_byte_what_the_source_generates():
    assert check_release(Course.open(ROOT), "rnn") == []


def test_a_release_holds_the_notebooks_and_released_files_only(assignment: Assignment):
    files = release(assignment.course, assignment.name)
    assert sorted(map(str, files)) == ["1_numbers.ipynb", "2_words.ipynb", "data/table.csv"]
    assert check_release(assignment.course, assignment.name) == []


def test_a_release_is_in_the_gradebook(assignment: Assignment):
    """Who grades with nbgrader's own button or command next finds the assignment there."""
    settings = dict(assignment.course.config.CourseDirectory)
    release(assignment.course, assignment.name)
    with open_gradebook(assignment.course.directory) as gradebook:
        assert [found.name for found in gradebook.assignments] == [assignment.name]
        assert [book.name for book in gradebook.find_assignment(assignment.name).notebooks] == ["1_numbers", "2_words"]
    assert dict(assignment.course.config.CourseDirectory) == settings


def test_a_changed_file_in_the_release_is_found(assignment: Assignment):
    release(assignment.course, assignment.name)
    (assignment.course.step("release", "", assignment.name) / "data" / "table.csv").write_text("a,b\n1,3\n")
    assert check_release(assignment.course, assignment.name) == ["data/table.csv"]


def test_a_refused_release_changes_nothing(assignment: Assignment):
    release(assignment.course, assignment.name)
    course = assignment.course
    before = snapshot(course.root / "release"), (course.root / "gradebook.db").read_bytes()
    edit(
        assignment,
        "1_numbers",
        "title",
        lambda text: text + "\n    both_halves_together = x + x; return both_halves_together",
    )
    with pytest.raises(ReleaseRefused, match="1_numbers"):
        release(course, assignment.name)
    assert (snapshot(course.root / "release"), (course.root / "gradebook.db").read_bytes()) == before


def test_untouched_release_scores_zero(assignment: Assignment, tmp_path: Path):
    for notebook in assignment.notebooks.values():
        known = reference(notebook, "3", Cache(tmp_path / "cache"))
        points = untouched_points(notebook, "3", known)
        assert points
        assert not any(points.values())


def test_a_reference_that_fails_its_own_tests_is_refused(assignment: Assignment, tmp_path: Path):
    changed = edit(assignment, "1_numbers", "double", lambda text: text.replace("x + x", "x + x + 1"))
    findings = prove(changed.notebooks["1_numbers"], "3", Cache(tmp_path / "cache"))
    assert [finding.code for finding in findings] == ["reference_fails"]
    assert "test_double" in findings[0].detail


def test_evidence_that_differs_between_two_reference_runs_is_refused(assignment: Assignment, tmp_path: Path):
    unseeded = "import os\nfrom coursegrader.evidence import evidence\nevidence('noise', float(int.from_bytes(os.urandom(4), 'big')))"
    changed = edit(
        assignment,
        "1_numbers",
        "test_double",
        lambda text: text.replace("### END HIDDEN TESTS", f"{unseeded}\n### END HIDDEN TESTS"),
    )
    findings = prove(changed.notebooks["1_numbers"], "3", Cache(tmp_path / "cache"))
    assert ("not_deterministic", True) in [(finding.code, "noise" in finding.detail) for finding in findings]


def test_a_question_that_an_untouched_notebook_answers_is_refused(assignment: Assignment, tmp_path: Path):
    changed = edit(
        assignment,
        "1_numbers",
        "test_best",
        lambda text: text.replace('evidence("best value", best)', 'evidence("best value", 41.5)'),
    )
    findings = prove(changed.notebooks["1_numbers"], "3", Cache(tmp_path / "cache"))
    assert [finding.code for finding in findings] == ["untouched_scores"]


def test_generating_refuses_with_the_cell_that_nbgrader_stumbles_over(assignment: Assignment, tmp_path: Path):
    edit(assignment, "1_numbers", "double", lambda text: text.replace("### END SOLUTION", ""))
    with pytest.raises(AuthoringError, match=r"cell 3 \(double\): nbgrader's ClearSolutions says: no end solution"):
        generate(assignment.course, assignment.name, tmp_path / "staging", database=False)


def test_generating_refuses_with_what_nbgrader_says(
    assignment: Assignment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: object) -> None:
        raise RuntimeError("something that only nbgrader looks at")

    monkeypatch.setattr(CheckCellMetadata, "preprocess", refuse)
    with pytest.raises(ReleaseRefused, match=r"could not generate week: .*something that only nbgrader looks at"):
        generate(assignment.course, assignment.name, tmp_path / "staging", database=False)


def generate_by_nbgrader(assignment: Assignment) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "nbgrader"), "generate_assignment", assignment.name, "--force"]
    return subprocess.run(command, cwd=assignment.course.root, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("leak", "said"),
    [
        ("\n    both_halves_together = x + x; return both_halves_together", "contains text of a secret region of"),
        ("\n### BEGIN HIDDEN TEST", "is no marker"),
    ],
)
def test_what_nbgraders_own_command_refuses_changes_nothing(assignment: Assignment, leak: str, said: str):
    """The formgrader's button runs the same converter; nbgrader alone would have removed the release first."""
    done = generate_by_nbgrader(assignment)
    assert done.returncode == 0, done.stderr
    before = snapshot(assignment.course.root / "release")
    assert before
    edit(assignment, "1_numbers", "title", lambda text: text + leak)
    (assignment.folder / "data" / "new.csv").write_text("1\n")
    done = generate_by_nbgrader(assignment)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert snapshot(assignment.course.root / "release") == before
