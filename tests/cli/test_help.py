"""The command line answers before it brings the grader along."""

from __future__ import annotations

import subprocess
import sys

import pytest

from coursegrader.cli import commands, entry
from coursegrader.publishing.exporting import FORMATS
from coursegrader.publishing.exporting.export import FORMATS as WRITERS
from coursegrader.publishing.exporting.export import ZIP

HEAVY = ("nbgrader", "nbconvert", "nbformat", "sqlalchemy", "numpy", "torch", "matplotlib", "traitlets", "tqdm")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["autograde", "--help"], ["no such command"]], ids=str
)
def test_help_is_given_without_the_grader(arguments):
    code = (
        f"import sys\nfrom coursegrader.cli import main\ntry:\n    main({arguments!r})\nexcept SystemExit: pass\n"
        f"print('loaded:', *[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded:"


def test_garbage_is_looked_for_again_once_the_commands_are_loaded():
    code = (
        "import gc, sys\nfrom coursegrader.cli import main\nmain(['--course', '/nowhere', 'report'])\n"
        "print('nbgrader' in sys.modules, gc.isenabled(), gc.get_freeze_count() > 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "True True True"


def test_every_command_that_can_be_asked_for_is_there():
    parser = entry._parser()
    (choices,) = [action.choices for action in parser._actions if isinstance(action.choices, dict)]
    assert set(choices) == {*commands.COMMANDS, "init"}


def test_every_format_that_can_be_asked_for_can_be_written():
    assert set(FORMATS) == {*WRITERS, ZIP}
