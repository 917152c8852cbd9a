"""The audit: every planted leak is refused with its place and what to do, and the real course has none."""

from __future__ import annotations

import base64
import shutil

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook, new_output

from coursegrader.authoring.audit import LeakGate, audit, audit_notebook, audit_source
from coursegrader.authoring.leaks import marker_typo, regions, secrets_of
from coursegrader.course.markers import DEFAULT
from coursegrader.errors import ReleaseRefused
from coursegrader.grading.gradebook.converters import generate
from coursegrader.model import Finding

SOLUTION = "    both_halves_together = x + x"
HIDDEN = '    evidence(f"doubled vector of length {size}", double(rng("double", size).standard_normal(size)))'
SCHEME = "Three points for saying that two times two is four, in any words."


@pytest.fixture
def staged(course, tmp_path):
    """Return a clean release of the small course, as generating it would write it."""
    folder = tmp_path / "staged"
    shutil.copytree(course.root / "source" / "week" / "data", folder / "data")
    for name, notebook in course.assignment("week").notebooks.items():
        nbformat.write(notebook.release, folder / f"{name}.ipynb")
    return folder


def plant(staged, change) -> None:
    """Change a notebook of the release."""
    path = staged / "1_numbers.ipynb"
    nb = nbformat.read(path, as_version=4)
    change(nb, {cell.id: cell for cell in nb.cells})
    nbformat.write(nb, path)


def refused(findings: list[Finding], code: str, place: str) -> None:
    """Check that a finding with this code and place is there, and that every finding says what to do."""
    assert (code, place) in {(finding.code, finding.place) for finding in findings}
    for finding in findings:
        assert finding.effect == "the release is refused"
        assert ";" in finding.detail, finding.detail  # what is wrong; what to do


# -- nothing planted ---------------------------------------------------------------------------------------------------


def test_a_clean_release_has_no_finding(course, staged):
    assert audit(course.assignment("week"), staged) == []


def test_a_folded_cell_is_no_finding(course, staged):
    plant(staged, lambda nb, cells: cells["end"].metadata.update(jupyter={"source_hidden": True}, cellView="form"))
    assert audit(course.assignment("week"), staged) == []


def test_the_release_that_nbgrader_generates_has_no_finding(course, tmp_path):
    folder = generate(course, "week", tmp_path, database=False)
    assert sorted(path.name for path in folder.iterdir()) == ["1_numbers.ipynb", "2_words.ipynb", "data"]
    assert audit(course.assignment("week"), folder) == []


def test_the_real_course_has_no_finding(real_course):
    notebooks = real_course.assignment("rnn").notebooks
    secrets = secrets_of(notebooks.values())
    found = [
        finding
        for name, notebook in notebooks.items()
        for finding in audit_source(notebook.source, name) + audit_notebook(notebook.release, secrets, name)
    ]
    assert [f"{finding.place}: {finding.detail}" for finding in found] == []


def test_every_secret_of_the_real_course_is_found_when_it_is_pasted_into_a_notebook(real_course):
    notebooks = real_course.assignment("rnn").notebooks
    secrets = secrets_of(notebooks.values())
    missed = []
    for name, notebook in notebooks.items():
        for cell in notebook.source.cells:
            for lines in regions(cell.source)[0]:
                pasted = new_notebook(cells=[new_markdown_cell("\n".join(lines), id="pasted")])
                if not any(f.code == "secret_text" for f in audit_notebook(pasted, secrets, name)):
                    missed.append((name, "".join(lines)))
    assert not [secret for secret in missed if len(secret[1]) > 60]  # what is shorter is in everybody's code


# -- secret text -------------------------------------------------------------------------------------------------------


def hide_in_source(nb, cells, text):
    cells["end"].source += "\n" + text


def hide_split_over_lines(nb, cells, text):
    cells["end"].source += "\n" + "\n".join(text[n : n + 7] for n in range(0, len(text), 7))


def hide_split_over_strings(nb, cells, text):
    cells["setup"].source += "\nhint = " + " + ".join(repr(text[n : n + 9]) for n in range(0, len(text), 9))


def hide_in_cell_metadata(nb, cells, text):
    cells["end"].metadata["nbgrader"] = {"grade_id": "end", "points": [text[:20], text[20:]]}


def hide_in_a_metadata_key(nb, cells, text):
    nb.metadata["kernelspec"][text] = 1


def hide_in_notebook_metadata(nb, cells, text):
    nb.metadata["language_info"]["version"] = text


def hide_in_outputs(nb, cells, text):
    cells["my-try"].outputs = [new_output("stream", text=text)]


def hide_in_an_attachment(nb, cells, text):
    cells["end"].attachments = {"a.txt": {"text/plain": text}}


PNG = b"\x89PNG\r\n\x1a\n"


def attach(cell, name="a dot.png", kind="image/png", data=PNG, shown="a%20dot.png"):
    cell.attachments = {name: {kind: base64.b64encode(data).decode()}}
    cell.source += f"\n![a dot](attachment:{shown})"


def hide_in_a_picture(nb, cells, text):
    attach(cells["end"], data=PNG + b"tEXtComment\0" + text.encode())


HIDING = [
    hide_in_source,
    hide_split_over_lines,
    hide_split_over_strings,
    hide_in_cell_metadata,
    hide_in_a_metadata_key,
    hide_in_notebook_metadata,
    hide_in_outputs,
    hide_in_an_attachment,
    hide_in_a_picture,
]


@pytest.mark.parametrize("hide", HIDING, ids=lambda hide: hide.__name__)
@pytest.mark.parametrize(
    ("text", "origin"),
    [
        (SOLUTION + "\n    return both_halves_together", "1_numbers, double"),
        (HIDDEN, "1_numbers, test_double"),
        (SCHEME, "1_numbers, q_why"),
        ('return word.upper() + "!"', "2_words, shout"),
    ],
)  # fmt: skip
def test_secret_text_is_found_wherever_it_hides(course, staged, hide, text, origin):
    plant(staged, lambda nb, cells: hide(nb, cells, text))
    found = [f for f in audit(course.assignment("week"), staged) if f.code == "secret_text"]
    assert found
    assert origin in found[0].detail
    assert found[0].place.startswith("1_numbers.ipynb")


def test_the_cell_that_leaks_is_named(course, staged):
    plant(staged, lambda nb, cells: hide_in_source(nb, cells, SCHEME))
    refused(audit(course.assignment("week"), staged), "secret_text", "1_numbers.ipynb, end")


@pytest.mark.parametrize("name", ["data/notes.txt", "data/deep/er/more.py", "requirements.txt", "data/old.ipynb"])
def test_secret_text_in_a_released_file_is_found(course, staged, name):
    (staged / name).parent.mkdir(parents=True, exist_ok=True)
    (staged / name).write_text(f"something\n{SCHEME}\n")
    refused(audit(course.assignment("week"), staged), "secret_text", name)


@pytest.mark.parametrize("private", ["hidden/inputs.txt", "truth/labels.txt"])
def test_a_copy_of_a_private_file_is_found_under_any_name(course, staged, private):
    shutil.copyfile(course.root / "source" / "week" / private, staged / "data" / "table2.csv")
    refused(audit(course.assignment("week"), staged), "private_file", "data/table2.csv")


def test_a_solution_without_markers_is_a_secret_as_a_whole(course):
    path = course.root / "source" / "week" / "1_numbers.ipynb"
    nb = nbformat.read(path, as_version=4)
    cell = next(cell for cell in nb.cells if cell.id == "double")
    cell.source = "def double(x):\n    the_answer_is_simple = x * 2\n    return the_answer_is_simple"
    nb.cells[-1].source = "For example: the_answer_is_simple = x * 2, return the_answer_is_simple"
    nbformat.write(nb, path)
    notebook = course.assignment("week").notebooks["1_numbers"]
    found = audit_notebook(notebook.release, secrets_of([notebook]), "1_numbers.ipynb")
    assert {finding.place for finding in found} == {"1_numbers.ipynb, end"}


def test_what_students_see_in_the_same_cell_is_no_secret(course):
    path = course.root / "source" / "week" / "1_numbers.ipynb"
    nb = nbformat.read(path, as_version=4)
    line = "x_of_the_visible_test = [1.0, 2.0, 3.0, 4.0]"
    cell = next(cell for cell in nb.cells if cell.id == "test_double")
    cell.source = cell.source.replace("### BEGIN", f"{line}\n### BEGIN").replace("for size", f"{line}\nfor size")
    nbformat.write(nb, path)
    notebook = course.assignment("week").notebooks["1_numbers"]
    assert audit_notebook(notebook.release, secrets_of([notebook]), "1_numbers.ipynb") == []


# -- what does not belong in a release ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        (lambda nb, c: nb.metadata.update(jupytext={"formats": "ipynb,py"}), "metadata", "1_numbers.ipynb"),
        (lambda nb, c: nb.metadata.update(authors=["x"]), "metadata", "1_numbers.ipynb"),
        (lambda nb, c: c["end"].metadata.update(tags=["solution"]), "metadata", "1_numbers.ipynb, end"),
        (lambda nb, c: c["end"].metadata.update(jupyter={"outputs_hidden": True}), "metadata", "1_numbers.ipynb, end"),
        (lambda nb, c: c["best"].metadata.coursegrader.update(hint=1) if "coursegrader" in c["best"].metadata
         else c["best"].metadata.update(coursegrader={"hint": 1}), "metadata", "1_numbers.ipynb, best"),
        (lambda nb, c: c["double"].metadata.nbgrader.update(solution_text="x"), "metadata", "1_numbers.ipynb, double"),
        (lambda nb, c: c["my-try"].update(outputs=[new_output("stream", text="8")]), "outputs",
         "1_numbers.ipynb, my-try"),
        (lambda nb, c: c["my-try"].update(execution_count=3), "outputs", "1_numbers.ipynb, my-try"),
        (lambda nb, c: c["end"].update(attachments={"a.png": {"image/png": "AAAA"}}), "attachment",
         "1_numbers.ipynb, end"),
        (lambda nb, c: attach(c["end"], shown="another.png"), "attachment", "1_numbers.ipynb, end"),
        (lambda nb, c: attach(c["end"], kind="image/svg+xml", data=b"<svg/>"), "attachment", "1_numbers.ipynb, end"),
        (lambda nb, c: attach(c["end"], data=b"<script>"), "attachment", "1_numbers.ipynb, end"),
        (lambda nb, c: attach(c["end"], kind="text/plain", data=b"the answer"), "attachment", "1_numbers.ipynb, end"),
        (lambda nb, c: c["setup"].update(source="from coursegrader.evidence import rng"), "package",
         "1_numbers.ipynb, setup"),
        (lambda nb, c: c["setup"].update(source="import coursegrader as g"), "package", "1_numbers.ipynb, setup"),
        (lambda nb, c: c["end"].update(source="### BEGIN HIDDEN TESTS"), "marker", "1_numbers.ipynb, end"),
        (lambda nb, c: c["end"].update(source="x = 1 ### END SOLUTION"), "marker", "1_numbers.ipynb, end"),
        (lambda nb, c: c["end"].update(source="### begin hidden test"), "marker", "1_numbers.ipynb, end"),
    ],
)  # fmt: skip
def test_what_does_not_belong_in_a_notebook_is_refused(course, staged, change, code, place):
    plant(staged, change)
    refused(audit(course.assignment("week"), staged), code, place)


def test_a_picture_that_is_attached_to_the_cell_that_shows_it_is_released(course, staged):
    plant(staged, lambda nb, cells: attach(cells["end"]))
    assert audit(course.assignment("week"), staged) == []


@pytest.mark.parametrize(
    "name", ["notes.txt", "solution.py", "deep/1_numbers.ipynb", "data2/a.csv", ".hidden", "hidden/x"]
)
def test_a_file_that_is_not_on_the_list_is_refused(course, staged, name):
    (staged / name).parent.mkdir(parents=True, exist_ok=True)
    (staged / name).write_text("x")
    refused(audit(course.assignment("week"), staged), "stray_file", name)


@pytest.mark.parametrize("name", ["data/link.csv", "link", "1_more.ipynb"])
def test_a_link_is_refused_wherever_it_is(course, staged, name):
    (staged / name).symlink_to(course.root / "source")
    refused(audit(course.assignment("week"), staged), "link", name)


def test_a_notebook_on_one_side_only_is_refused(course, staged):
    (staged / "2_words.ipynb").rename(staged / "3_more.ipynb")
    found = audit(course.assignment("week"), staged)
    refused(found, "other_notebook", "2_words.ipynb")
    refused(found, "other_notebook", "3_more.ipynb")


# -- markers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    ["### BEGIN HIDDEN TEST", "### BEGIN HIDEN TESTS", "### begin hidden tests", "### BEGIN HIDDEN_TESTS",
     "###BEGIN  HIDDEN  TESTS", "# End Solution", "<!-- BEGIN MARKSCHEME -->", "### BEGIN SOLUTIONS X", "END SOLUTON",
     "### BEGIN-SOLUTION"],
)  # fmt: skip
def test_a_line_that_nbgrader_would_not_take_for_the_marker_it_was_meant_to_be_is_refused(course, line):
    source = course.assignment("week").notebooks["1_numbers"].source
    source.cells[-1].source = f"x\n{line}\ny"
    if line == "### BEGIN SOLUTIONS X":  # nbgrader does take this one
        assert DEFAULT.found(line) == ("BEGIN", "SOLUTION")
    else:
        refused(audit_source(source, "1_numbers.ipynb"), "marker_typo", "1_numbers.ipynb, end")


@pytest.mark.parametrize(
    "line",
    ["# begin training", "# BEGIN TRAINING", "END OF FILE", "Begin with the solution of the first part.",
     "end", "BEGIN", "The END SOLUTIO", "for begin, end in pairs:"],
)  # fmt: skip
def test_ordinary_lines_are_no_markers(line):
    assert (DEFAULT.found(line), marker_typo(line)) == (None, "")


@pytest.mark.parametrize(
    "lines",
    [["### BEGIN SOLUTION"], ["### END SOLUTION"], ["### BEGIN SOLUTION", "### END HIDDEN TESTS"],
     ["### BEGIN SOLUTION", "### BEGIN SOLUTION", "### END SOLUTION"],
     ["### BEGIN HIDDEN TESTS", "### BEGIN SOLUTION", "### END SOLUTION", "### END HIDDEN TESTS"]],
)  # fmt: skip
def test_markers_that_do_not_pair_are_refused(course, lines):
    source = course.assignment("week").notebooks["1_numbers"].source
    source.cells[-1].source = "\nx\n".join(lines)
    refused(audit_source(source, "1_numbers.ipynb"), "unbalanced_marker", "1_numbers.ipynb, end")


# -- inside nbgrader ---------------------------------------------------------------------------------------------------


def test_the_gate_inside_nbgrader_refuses_what_the_audit_refuses(course, monkeypatch):
    monkeypatch.chdir(course.root)
    gate = LeakGate(config=course.config)
    resources = {"nbgrader": {"assignment": "week", "notebook": "1_numbers", "student": "."}}
    released = course.assignment("week").notebooks["1_numbers"].release
    assert gate.preprocess(released, resources) == (released, resources)
    released.cells[-1].source += SCHEME
    with pytest.raises(ReleaseRefused, match=r"1_numbers\.ipynb, end: contains text of .*q_why"):
        gate.preprocess(released, resources)
