"""Train the weights that the instructor would hand in with notebook 4, by running the notebook as a student does.

::

    python tools/train_reference.py                     # about half a minute on one core

The notebook runs in a temporary folder; ``last_names.pt`` and ``submission_log.json``, which it writes, are put into
``source/rnn/reference/``.  Run it again after a change to the model, the training loop or the names: grading compares
the class with these weights and refuses a reference that does not score full marks.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOK = "4_last_names"
WRITTEN = ("last_names.pt", "submission_log.json")


def train(source: Path, target: Path) -> float:
    """Run the notebook beside a copy of its data and keep what it writes.

    Args:
        source: The instructor's folder of the assignment.
        target: Folder for the weights and the log.

    Returns:
        The validation accuracy the notebook claims.
    """
    notebook = nbformat.read(source / f"{NOTEBOOK}.ipynb", as_version=4)
    os.environ.pop("NBGRADER_EXECUTION", None)  # it would skip the training
    with tempfile.TemporaryDirectory(prefix="reference-") as name:
        for folder in ("data", "hidden"):
            shutil.copytree(source / folder, Path(name) / folder)
        NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": name}}).execute()
        target.mkdir(parents=True, exist_ok=True)
        for file in WRITTEN:
            shutil.copyfile(Path(name) / file, target / file)
    log = json.loads((target / "submission_log.json").read_text("utf-8"))
    return float(log["training"]["claimed_accuracy"])


def main() -> None:
    """Train and print the accuracy."""
    parser = argparse.ArgumentParser(description="Train the reference weights of notebook 4.")
    parser.add_argument("--source", type=Path, default=Path("source/rnn"), help="the assignment (default: source/rnn)")
    parser.add_argument("--to", type=Path, help="where to put the two files (default: reference/ in the assignment)")
    options = parser.parse_args()
    accuracy = train(options.source, options.to or options.source / "reference")
    print(f"validation accuracy {accuracy:.1%}")


if __name__ == "__main__":
    main()
