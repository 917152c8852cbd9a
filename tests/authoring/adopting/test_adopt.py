"""A course is adopted whole or not at all; what its instructor wrote is kept, and settings of theirs are gone on from."""

import base64
import json
from pathlib import Path

import pytest
from public_courses import NESTED, OLD, OWN_WORDS, PIXEL, code, graded, md, notebook, solution
from traitlets.config import PyFileConfigLoader

from coursegrader.authoring.adopting.adopt import adopt
from coursegrader.authoring.audit import audit
from coursegrader.cli import main
from coursegrader.course.course import Course
from coursegrader.errors import CourseError
from coursegrader.grading.gradebook.converters import generate
from coursegrader.plugins import Repair


def write(root: Path, made=OLD) -> Path:
    made.write(root)
    return root


def contents(root: Path) -> dict[str, bytes]:
    return {
        p.relative_to(root).as_posix(): p.read_bytes()
        for p in root.rglob("*")
        if p.is_file() and "grading" not in p.parts
    }


def adopted(root: Path):
    return adopt(Course.open(root, plugged=False))


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("source/ps1/second.ipynb", "{", r"source/ps1/second\.ipynb: cannot be read as a notebook"),
        ("source/ps1/second.ipynb", b"\xff\xfe", r"source/ps1/second\.ipynb: cannot be read"),
        (
            "source/ps1/second.ipynb",
            json.dumps(notebook(code("import no_such_library_x")) | {"metadata": {}}),
            "imports no_such_library_x, which is not installed",
        ),
        (
            "source/ps1/second.ipynb",
            json.dumps(notebook(graded("test_x", "### BEGIN HIDDEN TESTS\nassert x"))),
            "test_x: the region 'BEGIN HIDDEN TESTS' has no end",
        ),
        (
            "source/ps1/second.ipynb",
            json.dumps(notebook() | {"metadata": {"language_info": {"name": "R"}}}),
            "its kernel runs R, and only Python is graded",
        ),
        ("source/ps1/reference/data.csv", "1", "reference: a name under which files stay with instructors; rename it"),
        (
            "nbgrader_config.py",
            "c = get_config()\nfrom nbgrader.preprocessors import *\nc.Autograde.sanitize_preprocessors.append(ClearOutput)\n",
            "cannot be added to",
        ),
    ],
)
def test_what_stands_against_an_adoption_changes_nothing(tmp_path, capsys, file, content, said):
    root = write(tmp_path / "course")
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    before = contents(root)
    with pytest.raises(CourseError, match=said):
        adopted(root)
    assert contents(root) == before
    assert main(["--course", str(root), "adopt", "--evidence"]) == 2
    error = capsys.readouterr().err
    assert "nothing was changed" in error
    assert "Traceback" not in error
    assert contents(root) == before


def test_all_that_stands_against_it_is_said_at_once(tmp_path):
    root = write(tmp_path / "course")
    (root / "source" / "ps1" / "a.ipynb").write_text("{")
    (root / "source" / "ps1" / "b.ipynb").write_text("{")
    with pytest.raises(CourseError) as error:
        adopted(root)
    assert ["a.ipynb" in str(error.value), "b.ipynb" in str(error.value)] == [True, True]


def test_a_second_adoption_finds_nothing_to_do_and_keeps_the_first_copies(tmp_path):
    root = write(tmp_path / "course")
    before = contents(root)
    first = adopted(root)
    written = {path.as_posix() for path in first.written}
    assert written == {"source/ps1/first.ipynb", "nbgrader_config.py", ".gitignore"}
    after = contents(root)
    second = adopted(root)
    assert (second.written, second.copies, contents(root)) == ([], None, after)
    for path in written - {".gitignore"}:  # there was none
        assert (first.copies / path).read_bytes() == before[path]


def test_an_instructors_own_settings_stand_and_their_lists_are_gone_on_from(tmp_path):
    root = write(tmp_path / "course", OWN_WORDS)
    with (root / "nbgrader_config.py").open("a") as file:
        file.write("c.Autograde.sanitize_preprocessors = c.Autograde.sanitize_preprocessors[:2]\n")
    adopted(root)
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    names = [entry.__name__ for entry in config.Autograde.sanitize_preprocessors]
    assert names == [Repair.__name__, "ClearOutput", "DeduplicateIds"]
    assert config.Execute.timeout == 60
    assert config.IncludeHeaderFooter.header == "source/top.ipynb"


def test_files_that_students_got_before_they_still_get_and_others_not(tmp_path):
    root = write(tmp_path / "course", NESTED)
    adopted(root)
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    assert config.LeakGate.released_files == ["helpers.py", "tables/a.csv"]
    ignored = Course.open(root).directory.ignore
    assert {"notes", "__pycache__", "hidden", "judges.py"} <= set(ignored)


def test_evidence_that_the_instructors_own_answers_do_not_give_is_left_out(tmp_path):
    """The first cell's tests hold only once, the second's values are others in each run."""
    root = tmp_path / "course"
    cells = [
        solution("counter", "calls = []\ndef f(x):\n    calls.append(x)\n    return x"),
        graded("test_calls", "assert f(1) == 1\nassert len(calls) < 2"),
        solution("folder", "import os\ndef born():\n    return os.stat('.').st_mtime_ns"),
        graded("test_born", "assert born() == os.stat('.').st_mtime_ns"),
        solution("right", "def one():\n    return 1"),
        graded("test_one", "assert one() == 1"),
    ]
    path = root / "source" / "a" / "n.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook(*cells)))
    (root / "nbgrader_config.py").write_text("c = get_config()\n")
    found = adopt(Course.open(root, plugged=False), evidence=True)
    reports = {report.place: report for report in found.notebooks[0].reports}
    assert reports["n, test_one"].kind == "could have evidence"
    assert "does not hold on your own answers" in reports["n, test_calls"].reasons[0]
    assert "other values each time" in reports["n, test_born"].reasons[0]
    assert path.read_text().count("from coursegrader.evidence import evidence") == 1


@pytest.mark.parametrize(
    ("before", "added"),
    [
        (None, {"/grading/", "/exports/"}),
        ("*.log\n", {"/grading/", "/exports/"}),
        ("*.log\ngrading\n", {"/exports/"}),
        ("/exports/\ngrading/\n# mine", set()),
    ],
)
def test_git_is_told_of_keys_and_grades_and_what_an_instructor_told_it_stays(tmp_path, before, added):
    root = write(tmp_path / "course")
    path = root / ".gitignore"
    if before is not None:
        path.write_text(before)
    found = adopted(root)
    text = path.read_text() if path.exists() else ""
    assert text.startswith(before or "")
    new = set(text.removeprefix(before or "").split("\n"))
    assert {line for line in new if line.startswith("/")} == added
    assert (Path(".gitignore") in found.written) == bool(added)
    if before and added:
        assert (found.copies / ".gitignore").read_text() == before


def test_a_picture_attached_to_a_cell_stays_and_is_released(tmp_path):
    root = write(tmp_path / "course", OLD)
    path = root / "source" / "ps1" / "first.ipynb"
    nb = json.loads(path.read_text())
    nb["nbformat_minor"] = 2
    shown = md("![a dot](attachment:dot.png)")
    shown["attachments"] = {"dot.png": {"image/png": base64.b64encode(PIXEL).decode()}}
    nb["cells"].append(shown)
    path.write_text(json.dumps(nb))
    adopted(root)
    course = Course.open(root)
    staged = generate(course, "ps1", tmp_path / "staged", database=False)
    released = json.loads((staged / "first.ipynb").read_text())["cells"][-1]
    assert released["attachments"] == shown["attachments"]
    assert audit(course.assignment("ps1"), staged) == []
    assert (staged / "picture.png").read_bytes() == PIXEL
