"""What runs inside a box is IPython, only quicker: whatever IPython would make of a cell, ours makes of it too."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.interactiveshell import InteractiveShell

from coursegrader.box import forkserver
from coursegrader.box.inside.shell import Shell
from coursegrader.course.course import Course
from coursegrader.engine.conversation import Conversation, Said
from coursegrader.engine.kernel import Wanted
from coursegrader.engine.record import Room

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", autouse=True)
def _no_server_is_left():
    yield
    forkserver.close()


@pytest.fixture(scope="module")
def shell():
    Shell.clear_instance()
    made = Shell.instance()
    made._usual = made._transformers()
    yield made
    Shell.clear_instance()
    InteractiveShell.clear_instance()


def execute(*sources: str) -> list[Said]:
    """Run pieces of code in one boxed kernel."""

    async def go() -> list[Said]:
        kernel = await Conversation.begin(Wanted(variables={"COURSEGRADER_SEED": "s"}), 10**7)
        try:
            return [await kernel.execute(source, 10, Room(10**7, 10**7, 10**5, 10**7)) for source in sources]
        finally:
            await kernel.close()

    return asyncio.run(go())


def printed(said: Said) -> str:
    return "".join(output.get("text", "") for output in said.outputs)


CELLS = [
    "x = 1",
    "x = 1\ny = 2",
    "\n\nx = 1\ny = 2\n\n",
    "  x = 1\n  y = 2",
    "x = 5\n%time y = x\nz = 1",
    "%%time\nx = 1",
    "files = !ls\nfiles",
    "x = %pwd\nx",
    "len?\nx = 1",
    ">>> x = 1\n>>> y = 2",
    "In [1]: x = 5\nIn [2]: y = 6",
    "In [1]: x = 5\n   ...: y = 6",
    "if True:\n    %pwd\n    x = 1",
    "text = '''\n%pwd\n!ls\n'''\nprint(text)",
    "(5\n%3)",
    "pwd\npwd",
    "x = 1;\ny = 2;",
    "def f(:\n    pass",
    "x = '\\d'\ny = 1",
    "await g()\nx = 1",
    "x = 1\x00\ny = 2",
    "ü = 1\r\ny = 2\r\n",
    "x = 1\nx = 1\n\t",
    "x = '''a\n  \n\t\nb'''\ny = x",
    "# only\n# comments",
    "",
]


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_becomes_what_ipython_makes_of_it(shell: Any, cell: str):
    assert _same_code(shell.transform_cell(cell), ZMQInteractiveShell.transform_cell(shell, cell))


def _same_code(ours: str, theirs: str) -> bool:
    """Blank lines may stay and be more than empty: they change nothing but line numbers."""
    try:
        return ast.dump(ast.parse(ours)) == ast.dump(ast.parse(theirs))
    except (SyntaxError, ValueError):
        return ours.strip("\n") == theirs.strip("\n")


def test_every_cell_of_the_course_becomes_what_ipython_makes_of_it(shell: Any):
    for notebook in Course.open(ROOT).assignment("rnn").notebooks.values():
        for cell in notebook.source.cells:
            if cell.cell_type == "code":
                assert _same_code(
                    shell.transform_cell(cell.source), ZMQInteractiveShell.transform_cell(shell, cell.source)
                )


@given(
    st.lists(st.sampled_from(["x = 1", "%pwd", "!ls", "x?", "(", ")", "if x:", "    y", "'''", "In [1]: z", "\t", ""]))
)
def test_whatever_lines_a_cell_has_it_becomes_what_ipython_makes_of_it(shell: Any, lines: Sequence[str]):
    cell = "\n".join(lines)
    assert _same_code(shell.transform_cell(cell), ZMQInteractiveShell.transform_cell(shell, cell))


def test_a_transformer_that_somebody_registered_is_asked(shell: Any):
    def shout(lines: list[str]) -> list[str]:
        return [line.upper() for line in lines]

    shell.input_transformers_post.append(shout)
    try:
        assert shell.transform_cell("x = 1\ny = x") == "X = 1\nY = X\n"
    finally:
        shell.input_transformers_post.remove(shout)


def test_top_level_await_and_magics_still_work():
    sources = [
        "import asyncio\nasync def g():\n    return 7\nx = await g()\nprint(x)",
        "y = %pwd\nprint(y)",
        "async with asyncio.Lock():\n    print('held')",
        "exit_codes = !echo hello\nprint(exit_codes)",
    ]
    waited, magic, held, shouted = execute(*sources)
    assert [said.verdict for said in (waited, magic, held, shouted)] == ["ok"] * 4
    assert printed(waited) == "7\n"
    assert printed(magic).startswith("/")
    assert printed(held) == "held\n"
    assert "hello" in printed(shouted)


def test_a_warning_about_the_source_is_shown_once():
    (said,) = execute("x = 1\nprint(x is 1)")
    assert printed(said).count("SyntaxWarning") == 1


def test_output_arrives_in_the_order_in_which_it_was_made():
    lines = "for i in range(300):\n    print(i)\n    print(i, file=__import__('sys').stderr)\n    display(i)\n"
    (said,) = execute(f"from IPython.display import display\n{lines}")
    shown = [
        word
        for output in said.outputs
        for word in (output.get("text") or output.get("data", {}).get("text/plain", "")).split()
    ]
    assert shown == [str(i) for i in range(300) for _ in range(3)]
