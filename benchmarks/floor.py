"""What is the least a grader could take? A warm process that forks for each notebook and executes its cells, nothing else.

    python benchmarks/floor.py COURSE STUDENTS WORKERS

No kernel, no box, no output, no judge; prints seconds per submission.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.update(OMP_NUM_THREADS="1", MPLBACKEND="agg", NBGRADER_EXECUTION="autograde", COURSEGRADER_SEED="floor")

from coursegrader.course.course import Course
from coursegrader.grading.reference import staged
from coursegrader.intake.reading.cells import parse
from coursegrader.intake.repair import rebuild

for module in (
    "numpy",
    "torch",
    "torch.optim",
    "torch._dynamo",
    "matplotlib.pyplot",
    "ipywidgets",
    "IPython.display",
    "tqdm",
):
    importlib.import_module(module)


def sources(course: Course, student: Path) -> list[list[str]]:
    """Return the code of each notebook of a student, visible and hidden parts apart, as a grader executes it."""
    found = []
    for notebook in course.assignment("rnn").notebooks.values():
        cells, _ = parse((student / f"{notebook.name}.ipynb").read_bytes(), notebook.name)
        code = []
        for cell in rebuild(notebook, cells)[0].cells:
            if cell.cell_type == "code":
                graded = notebook.graded.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
                code += [graded.visible, graded.hidden or ""] if graded else [cell.source]
        found.append(code)
    return found


def execute(code: list[str], folder: str) -> None:
    """Execute a notebook's code in this process; an error ends the cell, as in a kernel."""
    os.chdir(folder)
    namespace: dict[str, object] = {
        "__name__": "__main__",
        "get_ipython": lambda: None,
        "display": lambda *a, **k: None,
    }
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for source in code:
            with contextlib.suppress(Exception):
                exec(compile(source, "cell", "exec"), namespace)


def main() -> None:
    """Fork and execute, as many at once as there are workers."""
    course, students, workers = Course.open(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    folders = [p / "rnn" for p in sorted((course.root / "submitted").iterdir())[:students]]
    work = [code for folder in folders for code in sources(course, folder)]
    assignment = course.assignment("rnn")
    with staged(assignment, {}, reference=True) as files, tempfile.TemporaryDirectory():
        if (assignment.folder / "hidden").is_dir():
            os.symlink(assignment.folder / "hidden", files / "hidden")
        gc.collect()
        gc.freeze()
        started, running = time.perf_counter(), 0
        for code in work:
            if running == workers:
                os.wait()
                running -= 1
            if os.fork() == 0:
                execute(code, str(files))
                os._exit(0)
            running += 1
        while running:
            os.wait()
            running -= 1
        print((time.perf_counter() - started) / len(folders))


if __name__ == "__main__":
    main()
