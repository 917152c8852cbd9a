"""A course's own markers hide what they stand around, everywhere; nbgrader's default words are then none."""

import nbformat
import pytest
from small_course import cell, write_course
from traitlets.config import Config

from coursegrader.authoring.audit import audit_source
from coursegrader.authoring.release import release
from coursegrader.course.course import Course
from coursegrader.course.markers import Markers, split_hidden, without_markers
from coursegrader.errors import AuthoringError, ReleaseRefused
from coursegrader.intake.repair import rebuild

OWN = """
c.ClearSolutions.begin_solution_delimeter = "# <answer>"
c.ClearSolutions.end_solution_delimeter = "# </answer>"
c.ClearHiddenTests.begin_test_delimeter = "# <secret>"
c.ClearHiddenTests.end_test_delimeter = "# </secret>"
c.ClearMarkScheme.begin_mark_scheme_delimeter = "<!-- marks"
c.ClearMarkScheme.end_mark_scheme_delimeter = "marks -->"
"""
WORDS = {
    "### BEGIN SOLUTION": "# <answer>",
    "### END SOLUTION": "# </answer>",
    "### BEGIN HIDDEN TESTS": "# <secret>",
    "### END HIDDEN TESTS": "# </secret>",
    "### BEGIN MARK SCHEME": "<!-- marks",
    "### END MARK SCHEME": "marks -->",
}


@pytest.fixture
def own(tmp_path) -> Course:
    """Return the small course with markers of its own."""
    course = write_course(tmp_path / "course")
    for path in (course.root / "source" / "week").glob("*.ipynb"):
        nb = nbformat.read(path, as_version=4)
        for part in nb.cells:
            for old, new in WORDS.items():
                part.source = part.source.replace(old, new)
        nbformat.write(nb, path)
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(OWN)
    return Course.open(course.root)


def test_the_release_holds_nothing_that_stands_between_a_courses_own_markers(own):
    release(own, "week")
    text = "".join(path.read_text() for path in (own.root / "release" / "week").glob("*.ipynb"))
    for secret in ("both_halves_together", "41.5", "coursegrader.evidence", "Three points", "answer>", "marks"):
        assert secret not in text
    assert "twice 3 is 6" in text


def test_an_own_marker_without_its_partner_is_refused_where_it_stands(own):
    source = own.assignment("week").notebooks["1_numbers"].source
    source.cells[3].source = source.cells[3].source.replace("# </secret>", "")
    found = audit_source(source, "1_numbers.ipynb", own.markers)
    assert [(finding.code, finding.place) for finding in found] == [
        ("unbalanced_marker", "1_numbers.ipynb, test_double")
    ]


def test_a_default_marker_in_a_course_with_its_own_is_taken_for_a_slip(own):
    path = own.root / "source" / "week" / "1_numbers.ipynb"
    nb = nbformat.read(path, as_version=4)
    nb.cells[3].source = (
        nb.cells[3]
        .source.replace("# <secret>", "### BEGIN HIDDEN TESTS")
        .replace("# </secret>", "### END HIDDEN TESTS")
    )
    nbformat.write(nb, path)
    with pytest.raises(ReleaseRefused, match="'### BEGIN HIDDEN TESTS' is no marker; write '### # <secret>'"):
        release(Course.open(own.root), "week")


def test_a_student_cannot_write_a_courses_own_marker(own):
    notebook = own.assignment("week").notebooks["1_numbers"]
    handed_in = [dict(part) for part in notebook.release.cells]
    handed_in.append(dict(cell("free", "mine", "# <secret>\nx = 1\n# </secret>")))
    rebuilt, findings = rebuild(notebook, handed_in)
    assert "marker_changed" in [finding.code for finding in findings]
    assert split_hidden(rebuilt.cells[-1].source, markers=own.markers)[1] is None


def test_cells_are_split_at_the_configured_words_only():
    markers = Markers.of(Config({"ClearHiddenTests": {"begin_test_delimeter": "<<", "end_test_delimeter": ">>"}}))
    assert split_hidden("a\n# <<\nb\n# >>\n### BEGIN HIDDEN TESTS", markers=markers) == (
        "a\n### BEGIN HIDDEN TESTS",
        "b",
    )
    with pytest.raises(AuthoringError, match="<<"):
        split_hidden("a\n# <<\nb", markers=markers)


def test_a_solution_without_marker_lines_is_what_a_student_would_have():
    own = Markers((("# <", "# >"), ("h", "i"), ("m", "n")))
    assert without_markers("def f():\n    # <\n    return 1\n    # >", own) == "def f():\n    return 1"


def test_header_and_footer_are_part_of_what_is_run_and_released(own):
    folder = own.root / "source"
    for name, line in (("header", "NAME = ''"), ("footer", "FINISHED = True")):
        nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(line, id=name)])
        nbformat.write(nb, folder / f"{name}.ipynb")
    with (own.root / "nbgrader_config.py").open("a") as config:
        config.write("c.IncludeHeaderFooter.header = 'source/header.ipynb'\n")
        config.write("c.IncludeHeaderFooter.footer = 'source/footer.ipynb'\n")
    notebook = Course.open(own.root).assignment("week").notebooks["2_words"]
    for nb in (notebook.source, notebook.release):
        assert [part.id for part in nb.cells] == ["header", "title", "setup", "shout", "test_shout", "end", "footer"]
    (folder / "header.ipynb").unlink()
    with pytest.raises(AuthoringError, match=r"header.*c\.IncludeHeaderFooter"):
        _ = Course.open(own.root).assignment("week").notebooks
