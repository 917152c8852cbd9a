"""What notebooks import is imported once, before the fork; nothing but time depends on it."""

from __future__ import annotations

import nbformat
import pytest

from coursegrader.box import forkserver
from coursegrader.engine import warm
from coursegrader.engine.execute import run_notebook

LATE = "import sys\nprint('xmlrpc.client' in sys.modules)"


@pytest.fixture(autouse=True)
def own_server():
    forkserver.close()
    yield
    forkserver.close()


def run(notebook, *sources, reference=False):
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    run = run_notebook(notebook, nb, files=None, seed="7", reference=reference)
    return ["".join(output.get("text", "") for output in cell.outputs) for cell in run.notebook.cells]


def test_what_the_reference_imports_is_there_when_the_next_box_begins(assignment):
    notebook = assignment.notebooks["1_numbers"]
    assert run(notebook, LATE) == ["False\n"]
    run(notebook, "import xmlrpc.client, no_such_library", reference=True)
    run(notebook, "import xmlrpc.client", reference=True)
    learnt = warm.modules(assignment)
    assert "xmlrpc.client" in learnt
    assert run(notebook, LATE) == ["True\n"]
    run(notebook, "import xmlrpc.client", reference=True)
    assert warm.modules(assignment) == learnt


def test_what_a_student_imports_is_nobody_elses(assignment):
    notebook = assignment.notebooks["1_numbers"]
    run(notebook, "import xmlrpc.client")
    assert warm.modules(assignment) == ()


def test_only_what_others_do_not_bring_along_is_remembered():
    assert warm.lasting(["numpy", "json", "http", "http.client", "xmlrpc", "xmlrpc.client"]) == [
        "xmlrpc",
        "http",
        "xmlrpc.client",
    ]


def test_a_file_of_the_course_and_what_is_not_there_are_left_to_the_box(tmp_path, monkeypatch):
    (tmp_path / "helper_of_week_three.py").write_text("answer = 42\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert warm.lasting(["helper_of_week_three", "no_such_library", "colorsys"]) == ["colorsys"]


def test_a_library_that_starts_a_thread_is_left_to_the_box_and_the_others_are_not(tmp_path, monkeypatch):
    (tmp_path / "starts_a_thread.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    )
    (tmp_path / "ends_the_process.py").write_text("import os\nos._exit(3)\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert warm.lasting(["starts_a_thread", "starts_a_thread.more", "colorsys"]) == ["colorsys"]
    assert warm.lasting(["ends_the_process", "colorsys"]) == []


@pytest.mark.parametrize("text", ["", "{", "7", "{}"])
def test_a_damaged_record_costs_nothing_but_time(assignment, text):
    folder = warm.folder(assignment)
    folder.mkdir(parents=True)
    (folder / "1_numbers.json").write_text(text)
    assert warm.modules(assignment) == ()
    assert run(assignment.notebooks["1_numbers"], "print(1)") == ["1\n"]


def test_a_library_draws_the_same_numbers_imported_early_or_late(assignment):
    pytest.importorskip("torch")
    notebook = assignment.notebooks["1_numbers"]
    draws = "import torch\nprint(torch.rand(3).tolist())"
    late = run(notebook, draws)
    run(notebook, "import torch", reference=True)
    assert "torch" in warm.modules(assignment)
    assert run(notebook, "import sys\nprint('torch' in sys.modules)", draws) == ["True\n", *late]
