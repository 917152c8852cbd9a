"""Reading what was handed in: every damage ends with the cells that are still there, or with the reason in words."""

from __future__ import annotations

import copy
import json
import os
import threading
from pathlib import Path

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coursegrader.errors import IngestError
from coursegrader.intake import submission as intake
from coursegrader.intake.reading import cells as cells_room
from coursegrader.intake.reading.cells import parse, source_of
from coursegrader.intake.reading.regular import read_regular
from coursegrader.intake.repair import rebuild
from coursegrader.intake.submission import ingest

SHARED = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ANSWER = "def double(x):\n    return 2 * x  # \u00e9\u4e2d\U0001f600"


def handed_in(notebook) -> str:
    """Return a submission as JupyterLab writes it."""
    nb = copy.deepcopy(notebook.release)
    next(cell for cell in nb.cells if cell.id == "double").source = ANSWER
    return nbformat.writes(nb) + "\n"


def answer(notebook, raw: bytes) -> str:
    """Return what a damaged file's answer is taken to be."""
    rebuilt, _ = rebuild(notebook, parse(raw, "1_numbers.ipynb")[0])
    return next(cell.source for cell in rebuilt.cells if cell.id == "double")


def codes(findings) -> list[str]:
    """Return the findings' codes."""
    return [finding.code for finding in findings]


# -- a file ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_unicode_encoding_is_read_without_a_finding(notebook, encoding):
    raw = handed_in(notebook).encode(encoding)
    assert answer(notebook, raw) == ANSWER
    assert parse(raw, "x.ipynb")[1] == []


def test_a_file_that_is_not_utf8_is_read_and_said(notebook):
    raw = b"\xef\xbb\xbf" + handed_in(notebook).encode().replace("\u00e9".encode(), b"\xe9")
    assert answer(notebook, raw) == ANSWER.replace("\u00e9", "\ufffd")
    assert codes(parse(raw, "x.ipynb")[1]) == ["not_utf8"]


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_line_ends_of_other_systems_are_read(notebook, line_end):
    text = handed_in(notebook).replace("\n", line_end).replace("\\n", line_end.encode("unicode_escape").decode())
    assert answer(notebook, text.encode()) == ANSWER


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        (b"<!DOCTYPE html><html>Sign in</html>", "is not a notebook"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "is not a notebook"),
        (b"\0", "is not a notebook"),
        (b"\xff\xfe\xff", "is not a notebook"),
        (b"[" * 200_000, "is not a notebook"),
        (b"[1, 2]", "has no cells"),
        (b"null", "has no cells"),
        (b'{"cells": {"a": 1}}', "has no cells"),
        (b'{"metadata": {}}', "has no cells"),
        (b'{"worksheets": 3}', "has no cells"),
    ],
    ids=lambda value: repr(value[:12]),
)
def test_what_is_no_notebook_is_refused_in_words(raw, said):
    with pytest.raises(IngestError, match=r"^3_rnn\.ipynb ") as caught:
        parse(raw, "3_rnn.ipynb")
    assert said in str(caught.value)
    assert "hand in" in str(caught.value)


@given(place=st.integers(0, 100_000))
@SHARED
def test_a_file_cut_anywhere_gives_every_whole_cell_before_the_cut(notebook, place):
    raw = handed_in(notebook).encode()
    place %= len(raw)
    whole = nbformat.reads(raw.decode(), as_version=4).cells
    begun = raw[:place].count(b'"id": "')
    try:
        cells, findings = parse(raw[:place], "1_numbers.ipynb")
    except IngestError:
        assert begun <= 1  # not even the first cell is whole
        return
    assert [cell["id"] for cell in cells] == [cell.id for cell in whole][: len(cells)]
    assert len(cells) >= begun - 1  # only the last one may lack its end
    assert [source_of(cell) for cell in cells] == [cell.source for cell in whole][: len(cells)]
    complete = raw[:place].rstrip() == raw.rstrip()
    assert set(codes(findings)) - {"not_utf8"} == (set() if complete else {"damaged"})  # a character may be cut too


@given(place=st.integers(0, 100_000), junk=st.binary(max_size=30), length=st.integers(0, 40))
@SHARED
def test_damage_in_the_middle_costs_only_what_it_touches(notebook, place, junk, length):
    raw = handed_in(notebook).encode()
    place %= len(raw)
    try:
        cells, _ = parse(raw[:place] + junk + raw[place + length :], "1_numbers.ipynb")
    except IngestError:
        return
    rebuild(notebook, cells)


def test_cells_behind_the_damage_are_read_too(notebook):
    text = handed_in(notebook)
    marks = text.replace('"# Numbers"', '<<<<<<< HEAD\n"# Numbers"\n=======\n"# N"\n>>>>>>> mine')
    cells, findings = parse(marks.encode(), "1_numbers.ipynb")
    assert [cell["id"] for cell in cells] == [cell.id for cell in notebook.release.cells][1:]
    assert codes(findings) == ["damaged"]
    assert answer(notebook, marks.encode()) == ANSWER


def test_a_cell_nested_too_deeply_costs_only_itself(notebook):
    nb = json.loads(handed_in(notebook))
    text = json.dumps(nb).replace('"# Numbers"', "[" * 100_000 + "]" * 100_000)
    assert answer(notebook, text.encode()) == ANSWER


def test_a_file_made_to_be_searched_forever_is_given_up(monkeypatch):
    tried = []
    decode = json.JSONDecoder.raw_decode
    monkeypatch.setattr(json.JSONDecoder, "raw_decode", lambda *a, **k: tried.append(1) or decode(*a, **k))
    with pytest.raises(IngestError):
        parse(b'{"cell_type":[' * 5000, "x.ipynb")
    assert len(tried) < 50


def test_a_file_of_brackets_is_refused_before_it_fills_the_memory():
    with pytest.raises(IngestError, match="more parts"):
        parse(b'{"cells": [' + b"{}," * 2_000_001 + b"{}]}", "x.ipynb")


def test_nan_and_infinity_in_json_do_no_harm(notebook):
    text = handed_in(notebook).replace('"execution_count": null', '"execution_count": NaN, "x": [Infinity, -1e999]')
    assert answer(notebook, text.encode()) == ANSWER


def test_forty_megabytes_of_outputs_do_no_harm(notebook):
    nb = json.loads(handed_in(notebook))
    nb["cells"][3]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * (40 << 20)}]
    assert answer(notebook, json.dumps(nb).encode()) == ANSWER


def test_notebook_format_three_is_read_and_said(notebook):
    nb = json.loads(handed_in(notebook))
    for cell in nb["cells"]:
        cell.pop("id")
        if cell["cell_type"] == "code":
            cell["input"] = cell.pop("source")
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": nb["cells"]}]}
    assert answer(notebook, json.dumps(old).encode()) == ANSWER
    assert codes(parse(json.dumps(old).encode(), "x.ipynb")[1]) == ["old_format"]


def test_only_so_many_cells_are_read():
    raw = json.dumps({"cells": [{"cell_type": "code"}] * 3000}).encode()
    cells, findings = parse(raw, "x.ipynb")
    assert (len(cells), codes(findings)) == (cells_room.MAX_CELLS, ["too_many_cells"])


@pytest.mark.parametrize(
    ("source", "text"),
    [("a\r\nb\rc", "a\nb\nc"), (["a\n", 7, None, "b"], "a\nb"), ({"a": 1}, ""), (None, ""), ("\ud800", "?"), (3, "")],
)
def test_a_source_of_any_shape_is_text(source, text):
    assert source_of({"source": source}) == text


# -- a path ------------------------------------------------------------------------------------------------------------


def test_links_directories_pipes_and_huge_files_are_not_read(tmp_path):
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(1 << 20)
    for name, said in [
        ("link", "symbolic link"),
        ("folder", "directory"),
        ("pipe", "special file"),
        ("huge", "more than"),
        ("none", "cannot be read"),
    ]:
        with pytest.raises(IngestError, match=said):
            read_regular(tmp_path / name, 1000)
    assert read_regular(tmp_path / "secret", 6) == b"secret"


# -- a folder ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(course):
    """Return an empty submission folder of the small course."""
    path = course.root / "submitted" / "ada" / "week"
    path.mkdir(parents=True)
    return path


def read(course, folder, **more):
    """Read a submission folder."""
    return ingest(folder, "ada", course.assignment("week"), **more)


def text_of(course, name: str) -> str:
    """Return a released notebook as text."""
    return nbformat.writes(course.assignment("week").notebooks[name].release)


def test_notebooks_and_side_files_are_read(course, folder):
    (folder / "1_numbers.ipynb").write_text("one")
    (folder / "weights" / "best").mkdir(parents=True)
    (folder / "weights" / "best" / "last.pt").write_bytes(b"w")
    found = read(course, folder)
    assert found.notebooks == {"1_numbers": b"one"}
    assert found.files == {"weights/best/last.pt": b"w"}
    assert found.problems == {"2_words": "2_words.ipynb was not handed in"}
    assert found.findings == []


def test_only_the_wanted_notebooks_are_read(course, folder):
    for name in ("1_numbers", "2_words"):
        (folder / f"{name}.ipynb").write_text(name)
    found = read(course, folder, wanted=lambda name: name == "2_words")
    assert (found.notebooks, found.problems) == ({"2_words": b"2_words"}, {})


@pytest.mark.parametrize(
    "path",
    ["2_words (1).ipynb", "2_words(2).ipynb", "2_words-Copy1.ipynb", "2_words_final_v2.ipynb", "2_WORDS.IPYNB",
     "2_words.ipynb.txt", "2_words.ipynb.json", "2_words.ipynb.ipynb", "week/2_words.ipynb", "a/b/2_words.ipynb",
     "2 words.ipynb", "2-words.ipynb"],
)  # fmt: skip
def test_a_renamed_or_misplaced_notebook_is_graded_under_its_own_name(course, folder, path):
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text("not even a notebook")
    found = read(course, folder)
    assert found.notebooks == {"2_words": b"not even a notebook"}
    assert [(f.code, f.place) for f in found.findings] == [("renamed", path)]


@pytest.mark.parametrize("strip", [False, True])
def test_a_notebook_under_any_name_is_known_by_its_cells(course, folder, strip):
    nb = json.loads(text_of(course, "1_numbers"))
    for cell in nb["cells"] if strip else []:
        cell.pop("id")
        cell["metadata"] = {}
    (folder / "my homework.ipynb").write_text(json.dumps(nb))
    found = read(course, folder)
    assert list(found.notebooks) == ["1_numbers"]
    assert codes(found.findings) == ["renamed"]


def test_cells_that_every_notebook_has_tell_nothing(course, folder):
    nb = json.loads(text_of(course, "2_words"))
    nb["cells"] = [cell for cell in nb["cells"] if cell["id"] in ("title", "setup", "end")]
    nb["cells"][0]["source"] = "# Something else"
    (folder / "other.ipynb").write_text(json.dumps(nb))
    found = read(course, folder)
    assert (found.notebooks, codes(found.findings)) == ({}, ["unknown_notebook"])


def test_two_texts_in_common_make_no_notebook(course, folder):
    nb = json.loads(text_of(course, "1_numbers"))
    cells = [cell for cell in nb["cells"] if cell["id"] in ("double", "best", "triple")]
    for cell in cells:
        del cell["id"], cell["metadata"]["nbgrader"]
    for number, codes_said in ((2, ["unknown_notebook"]), (3, ["renamed"])):
        (folder / "my homework.ipynb").write_text(json.dumps({**nb, "cells": cells[:number]}))
        assert codes(read(course, folder).findings) == codes_said


def test_a_name_like_two_is_neither(course, folder):
    source = course.root / "source" / "week"
    for old, new in (("1_numbers", "homework_a"), ("2_words", "homework_b")):
        (source / f"{old}.ipynb").rename(source / f"{new}.ipynb")
    (folder / "homework_c.ipynb").write_text("not even a notebook")
    found = read(course, folder)
    assert (found.notebooks, codes(found.findings)) == ({}, ["unknown_notebook"])


def test_folders_without_end_are_given_up(course, folder, monkeypatch):
    monkeypatch.setattr(intake, "MAX_FOLDERS", 5)
    deep = folder.joinpath(*["in"] * 9)
    deep.mkdir(parents=True)
    (deep / "file").write_text("far away")
    (folder / "near").write_text("here")
    found = read(course, folder)
    assert found.files == {"near": b"here"}
    assert codes(found.findings) == ["too_many_files"]


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_becomes_something_else_after_it_was_looked_at_is_not_read(tmp_path, monkeypatch, kind):
    secret, path, said = tmp_path / "secret", tmp_path / "1_numbers.ipynb", []
    secret.write_text("somebody else's")
    path.symlink_to(secret) if kind == "link" else os.mkfifo(path)
    regular = secret.stat()
    monkeypatch.setattr(Path, "lstat", lambda self: regular)  # as it was a moment ago

    def open_it() -> None:
        try:
            said.append(read_regular(path, 1000))
        except IngestError as error:
            said.append(str(error))

    reader = threading.Thread(target=open_it, daemon=True)  # who waits for a writer waits for ever
    reader.start()
    reader.join(60)
    assert said in (["1_numbers.ipynb cannot be read: Too many levels of symbolic links"], [b""])


def test_a_second_copy_never_replaces_the_notebook_itself(course, folder):
    (folder / "2_words (1).ipynb").write_text("copy")
    (folder / "2_words.ipynb").write_text("original")
    found = read(course, folder)
    assert found.notebooks == {"2_words": b"original"}
    assert codes(found.findings) == ["unknown_notebook"]


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_only_looks_like_a_notebook_is_said_and_never_followed(course, folder, kind):
    path = folder / "1_numbers.ipynb"
    if kind == "link":
        (course.root / "elsewhere.ipynb").write_text("somebody else's")
        path.symlink_to(course.root / "elsewhere.ipynb")
    elif kind == "folder":
        path.mkdir()
        (path / "1_numbers.ipynb").write_text("inside")
    else:
        os.mkfifo(path)
    found = read(course, folder)
    assert "1_numbers" not in found.notebooks
    assert found.problems["1_numbers"].startswith("1_numbers.ipynb is a ")


def test_a_linked_folder_is_not_entered(course, folder):
    (folder / "data2").symlink_to(course.root / "source" / "week")
    found = read(course, folder)
    assert (found.files, found.notebooks) == ({}, {})
    assert codes(found.findings) == ["file_left_out"]


def test_clutter_of_tools_is_left_alone(course, folder):
    for name in (".ipynb_checkpoints", "__pycache__", "__MACOSX", ".git"):
        (folder / name).mkdir()
        (folder / name / "1_numbers.ipynb").write_text("old")
        (folder / name / "more").write_text("x")
    (folder / "._1_numbers.ipynb").write_bytes(b"\0\5\x16\7")
    (folder / ".DS_Store").write_bytes(b"\0")
    found = read(course, folder)
    assert (found.files, found.notebooks, found.findings) == ({}, {}, [])


def test_files_in_the_place_of_released_ones_are_left_out(course, folder):
    (folder / "data").write_text("a file where the course has a folder")
    assert codes(read(course, folder).findings) == ["file_left_out"]
    (folder / "data").unlink()
    (folder / "data" / "table.csv" / "deep").mkdir(parents=True)
    (folder / "data" / "table.csv" / "deep" / "file").write_text("a folder where the course has a file")
    assert codes(read(course, folder).findings) == ["file_left_out"]


def test_a_changed_copy_of_a_released_file_is_not_used(course, folder):
    (folder / "data").mkdir()
    (folder / "data" / "table.csv").write_text("easier numbers")
    (folder / "data" / "mine.csv").write_text("my own")
    found = read(course, folder)
    assert (found.files, found.findings) == ({"data/mine.csv": b"my own"}, [])


def test_a_name_that_is_not_utf8_is_left_out_and_can_be_written(course, folder):
    for name in (b"caf\xe9.txt", b"caf\xe9.ipynb"):
        (folder / os.fsdecode(name)).write_bytes(b"x")
    found = read(course, folder)
    assert sorted(codes(found.findings)) == ["file_left_out", "unknown_notebook"]
    assert all(f.place.encode() for f in found.findings)
    assert found.files == {}


def test_too_much_is_cut_and_the_notebooks_are_still_read(course, folder, monkeypatch):
    monkeypatch.setattr(intake, "MAX_PATHS", 20)
    monkeypatch.setattr(intake, "MAX_FILES", 100)
    (folder / ".venv").mkdir()
    for number in range(30):
        (folder / ".venv" / f"{number}.txt").write_text("x")
    (folder / "a.bin").write_bytes(b"a" * 99)
    (folder / "b.bin").write_bytes(b"b" * 99)
    (folder / "2_words.ipynb").write_text("words")
    found = read(course, folder)
    assert found.notebooks == {"2_words": b"words"}
    assert sum(map(len, found.files.values())) <= 100
    assert set(codes(found.findings)) == {"too_many_files", "file_left_out"}


def test_an_empty_folder_says_what_is_missing(course, folder):
    found = read(course, folder)
    assert found.problems == {name: f"{name}.ipynb was not handed in" for name in ("1_numbers", "2_words")}


def test_files_that_find_no_room_are_not_read(tmp_path, assignment, monkeypatch):
    read = []

    def counted(path, limit):
        data = read_regular(path, limit)
        read.append(len(data))
        return data

    monkeypatch.setattr(intake, "read_regular", counted)
    monkeypatch.setattr(intake, "MAX_FILES", 1000)
    folder = tmp_path / "handed in"
    folder.mkdir()
    for number in range(50):
        (folder / f"{number:02}.bin").write_bytes(b"x" * 600)
    submission = ingest(folder, "ada", assignment)
    assert list(submission.files) == ["00.bin"]
    assert read == [600]
    assert {finding.code for finding in submission.findings} == {"file_left_out"}
    assert len(submission.findings) == 49
