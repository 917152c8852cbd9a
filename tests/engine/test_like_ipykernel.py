"""Whatever a notebook says in Jupyter it says in a box too: both run the same cells here, and are compared.

Compared are text, errors, figures byte by byte, and evidence; not what is left out of outputs on purpose (HTML and
whatever else could act in a page), and not the lines of a traceback, which are shorter in a box.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from course_harness import bank
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from coursegrader.box import forkserver
from coursegrader.box.inside.speech import KEPT
from coursegrader.course.course import Course, Notebook
from coursegrader.engine.conversation import Conversation
from coursegrader.engine.kernel import Wanted
from coursegrader.engine.record import Room
from coursegrader.evidence import MIME, SEED_VARIABLE
from coursegrader.judging.values.decoding import decode

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ("1_backprop", "2_beam_search", "3_rnn", "4_last_names", "5_fast_training", "6_convolution")
VARIABLES = {SEED_VARIABLE: "a seed", "NBGRADER_EXECUTION": "autograde"}
BEGIN = "import random, numpy, torch\nrandom.seed(1)\nnumpy.random.seed(1)\ntorch.manual_seed(1);"
Output = tuple[Any, ...]

HABITS = {
    "context begins": "import contextvars, decimal\nimport numpy as np\nv = contextvars.ContextVar('v')\nv.set(7)\n"
    "decimal.getcontext().prec = 5\nnp.set_printoptions(precision=1)\nold = np.seterr(all='raise')",
    "context goes on": "print(decimal.Decimal(1) / 3, np.array([2.25]), np.geterr()['divide'], v.get())\n"
    "decimal.getcontext().prec = 28\nnp.set_printoptions(precision=8)\nold = np.seterr(**old)",
    "values": "x = 3\nx",
    "quiet values": "x;",
    "the last of several": "1\n2\n[3, 4]",
    "none": "None",
    "earlier values": "_, __, _1, Out, In[1]",
    "wide values": "list(range(200)), {'a' * 50: 'b' * 50, 'c' * 50: 'd' * 50}",
    "print": "import sys\nprint('a', end='')\nprint('b', file=sys.stderr)\nsys.stdout.write('c')\nprint('d', flush=True)",
    "write wants text": "sys.stdout.write(b'x')",
    "what stdout is": "sys.stdout.isatty(), sys.stdout.encoding, sys.stdout.name, sys.stdout.writable(), sys.stdout.readable()",
    "unicode": "print('üñ→\\U0001f600 \\x00')",
    "carriage returns": "for i in range(3): print(i, end='\\r')",
    "warnings": "import warnings\nwarnings.warn('look out')\nwarnings.warn('again')",
    "warnings of the source": "x = 1\nprint(x is 1)",
    "logging": "import logging\nlogging.warning('beware')\nlogging.getLogger('quiet').info('nothing')",
    "an exception": "1 / 0",
    "an exception in a function": "def f(x):\n    return x.nothing\nf(5)",
    "an exception with a cause": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError('k') from e",
    "an exception of their own": "class Odd(Exception): pass\nraise Odd('odd', 1)",
    "a group of exceptions": "raise ExceptionGroup('many', [ValueError(1), TypeError(2)])",
    "an endless recursion": "def g(): return g()\ng()",
    "a syntax error": "def h(:\n    pass",
    "an indentation error": "x = 1\n  y = 2",
    "an assertion": "assert 1 == 2, 'one is not two'",
    "leaving": "import sys\nsys.exit(3)",
    "interrupting oneself": "raise KeyboardInterrupt",
    "magics": "here = %pwd\nimport os\nhere == os.getcwd()",
    "line magic with a value": "files = %who_ls int\nfiles",
    "unknown magic": "%nothing",
    "timing": "%time y = 5",
    "cell magics": "%%capture kept\nprint('hidden')\n5",
    "what was captured": "kept.stdout, len(kept.outputs)",
    "capturing": "from IPython.utils.capture import capture_output\nwith capture_output() as c:\n    print('in'); display(1)\nc.stdout",
    "redirecting": "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as s:\n    print('gone')\ns.getvalue()",
    "a shell": "!echo one; echo two >&2; exit 3\nprint(_exit_code)",
    "a shell with variables": "word = 'hello'\n!echo $word {word.upper()}",
    "lines of a shell": "lines = !printf 'a\\nb\\n'\nlines, lines.n",
    "bash": "%%bash\necho out\necho err >&2",
    "bash that fails": "%%bash\nexit 4",
    "python in a process": "%%python3\nprint('other')",
    "a file": "%%writefile mine.py\nanswer = 42",
    "importing a file": "import mine\nmine.answer, mine.__name__",
    "running a file": "%run mine.py\nanswer",
    "loading": "%load_ext autoreload\n%autoreload 2",
    "help": "len?",
    "more help": "?len",
    "source": "f??",
    "where things are": "%whos int",
    "history": "%history -l 1",
    "the module": "__name__, __builtins__.__name__, __doc__",
    "pickles": "import pickle\nclass P:\n    x = 5\npickle.loads(pickle.dumps(P())).x, P.__module__",
    "main": "import __main__\n__main__.x, __main__ is sys.modules['__main__']",
    "source of what was defined": "import inspect\nprint(inspect.getsource(f))",
    "arguments": "'ipykernel' in sys.argv[0]",
    "the first places to import from": "'' in sys.path or sys.path[0]",
    "the shell's name": "type(get_ipython()).__name__, 'IPKernelApp' in get_ipython().config",
    "a loop that runs": "import asyncio\nasyncio.get_running_loop().is_running()",
    "running a loop in it": "nap = asyncio.sleep(0, 5)\ntry: asyncio.run(nap)\nfinally: nap.close()",
    "awaiting": "await asyncio.sleep(0.01, 'waited')",
    "awaiting in a block": "async def a():\n    await asyncio.sleep(0)\n    return 7\nfor _ in range(2): print(await a())",
    "async with": "async with asyncio.Lock(): print('held')",
    "awaiting what fails": "async def b(): raise ValueError('async')\nawait b()",
    "tasks that go on": "done = []\nasync def later():\n    await asyncio.sleep(0.01); done.append(1)\ntask = asyncio.create_task(later())",
    "tasks that went on": "await task\ndone",
    "asking": "input('name? ')",
    "asking secretly": "import getpass\ngetpass.getpass()",
    "reading": "sys.stdin.read()",
    "exit": "callable(exit), callable(quit)",
    "display": "display('a', 5, [1])",
    "display with data": "display({'text/plain': 'plain', 'text/html': '<b>'}, raw=True)",
    "display of classes": "class R:\n    def __repr__(self): return 'repr'\n    def _repr_html_(self): return '<i>'\n    def _repr_latex_(self): return '$x$'\ndisplay(R())\nR()",
    "a broken repr": "class B:\n    def __repr__(self): raise ValueError('no')\nB()",
    "html": "from IPython.display import HTML, Image, Latex, Markdown, Math\ndisplay(HTML('<b>x</b>'), Markdown('*x*'), Math('x'))",
    "an image": "import base64\nImage(data=base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='), format='png')",
    "updating": "h = display('before', display_id=True)\nh.update('after')",
    "updating by name": "display('first', display_id='n')\ndisplay('second', display_id='n', update=True)",
    "clearing": "from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('stays')",
    "clearing later": "for i in range(3):\n    clear_output(wait=True)\n    print(i)",
    "clearing at the end": "print('stays')\nclear_output(wait=True)",
    "figures": "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.title('t')\nplt.show()",
    "figures without show": "fig, ax = plt.subplots()\nax.imshow([[1, 2], [3, 4]]);",
    "two figures": "plt.figure(); plt.plot([1])\nplt.figure(); plt.plot([2]);\nprint('before them')",
    "a figure as a value": "fig",
    "a figure and an error": "plt.plot([1, 2])\n1 / 0",
    "inline": "%matplotlib inline\nplt.plot([1]);",
    "another format": "%config InlineBackend.figure_format = 'retina'\nplt.plot([1]);",
    "closing": "plt.plot([1]); plt.close('all')",
    "tables": "import pandas as pd\npd.DataFrame({'a': [1, 2], 'b': ['x', 'y']})",
    "tensors": "torch.arange(6.0).reshape(2, 3), torch.rand(2)",
    "random numbers": "random.random(), numpy.random.rand(), torch.randn(1)",
    "widgets": "import ipywidgets as widgets\nwidgets.IntSlider(value=3)",
    "interact": "@widgets.interact(n=3)\ndef show(n): print(n * 2)",
    "output widgets": "o = widgets.Output()\nlen(o.outputs)",
    "progress": "from tqdm import tqdm\nfor i in tqdm(range(3), file=sys.stdout, bar_format='{n}'): pass",
    "progress of notebooks": "from tqdm.auto import tqdm as auto\nfor i in auto(range(3), bar_format='{n}'): pass",
    "threads": "import threading\nt = threading.Thread(target=print, args=('from a thread',))\nt.start(); t.join()",
    "processes": "import subprocess\nsubprocess.run(['echo', 'captured'], capture_output=True, text=True).stdout",
    "pools": "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(2) as p: print(list(p.map(abs, [-1, 2])))",
    "forked pools": "import multiprocessing as mp\nwith mp.get_context('fork').Pool(2) as p: print(p.map(abs, [-1, 2]))",
    "doctests": "import doctest\ndef d():\n    '''\n    >>> d()\n    5\n    '''\n    return 5\ndoctest.testmod()",
    "unit tests": "import unittest\nclass T(unittest.TestCase):\n    def test(self): self.assertEqual(1, 1)\nunittest.TextTestRunner(verbosity=0).run(T()).wasSuccessful()",
    "dataclasses": "from dataclasses import dataclass\n@dataclass\nclass D:\n    x: int = 3\nD()",
    "events": "def after(*_): print('after')\nget_ipython().events.register('post_run_cell', after)",
    "an event": "get_ipython().events.unregister('post_run_cell', after)",
    "registered formatters": "get_ipython().display_formatter.formatters['text/plain'].for_type(int, lambda n, p, c: p.text(f'<{n}>'))\n5",
    "transformers": "get_ipython().input_transformers_post.append(lambda lines: [l.replace('ONE', '1') for l in lines])",
    "transformed": "ONE + ONE",
    "quick display": "get_ipython().input_transformers_post.clear()\nget_ipython().ast_node_interactivity = 'all'\n1\n2",
    "quick display again": "get_ipython().ast_node_interactivity = 'last_expr'\n1\n2",
    "deleting": "del x\nx",
    "storing": "z = 5\n%store z\n%store -r z\nz",
    "saving": "%autosave 60",
    "next input": "get_ipython().set_next_input('nothing')",
    "environment variables": "%env MINE=5\nos.environ['MINE']",
    "precision": "%precision 2\n3.14159",
    "a new start": "%reset -f\n'x' in globals()",
}
NOT_THE_SAME = {
    "warnings of the source": "said once in a box, three times in Jupyter",
    "rnn_layer/prints_in_forward, tests, hidden": "its warning is said once in a box, too",
    "history": "none is written in a box, except for In and Out",
    "interact": "what an Output widget catches is shown below it in a box, where no widgets are rendered",
}


@pytest.fixture(scope="module", autouse=True)
def _no_server_is_left() -> Iterator[None]:
    yield
    forkserver.close()


@cache
def course() -> Course:
    return Course.open(ROOT)


def sources(name: str) -> dict[str, str]:
    """Return a notebook's cells with hidden regions, then each alternative with the tests of its question."""
    notebook: Notebook = course().assignment("rnn").notebooks[name]
    cells = {"begin": BEGIN}
    for cell in notebook.source.cells:
        if cell.cell_type == "code":
            graded = notebook.graded.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
            cells[cell.id] = graded.visible if graded is not None else cell.source
            if graded is not None and graded.hidden:
                cells[f"{cell.id}, hidden"] = graded.hidden
    for answer in bank("alternatives", name):
        cells[str(answer)] = answer.source
        for part in ("", ", hidden"):
            tests = cells.get(f"test_{answer.cell}{part}", "")
            cells[f"{answer}, tests{part}"] = tests
    return {key: source for key, source in cells.items() if source.strip()}


def in_a_box(cells: dict[str, str], files: Path | None, hidden: Path | None) -> dict[str, list[Output]]:
    """Run cells in the engine."""

    async def go() -> dict[str, list[Output]]:
        wanted = Wanted(str(files) if files else None, str(hidden) if hidden else None, VARIABLES)
        talk = await Conversation.begin(wanted, 10**9)
        found = {}
        for key, source in cells.items():
            said = await talk.execute(source, 120, Room(10**9, 10**9, 10**9, 10**9), evidence=True)
            assert talk.alive, (key, said.verdict)
            found[key] = normal(said.outputs)
            found[key] += [("evidence", record) for record in said.records]
        await talk.close(wait=True)
        return found

    return asyncio.run(go())


def in_jupyter(cells: dict[str, str], folder: Path) -> dict[str, list[Output]]:
    """Run cells in ipykernel, by nbclient."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells.values()])
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": str(folder)}}
    )
    one_thread = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT)}
    home = {"IPYTHONDIR": f"{folder}/../ipython", "TERM": "xterm-color"}
    client.execute(env={**os.environ, **one_thread, **home, **VARIABLES})
    found = {}
    for key, cell in zip(cells, notebook.cells, strict=True):
        found[key] = normal([output for output in cell.outputs if MIME not in output.get("data", {})])
        found[key] += [("evidence", o.data[MIME]) for o in cell.outputs if MIME in o.get("data", {})]
    return found


def normal(outputs: list[Any]) -> list[Output]:
    """Return what is compared of a cell's outputs: each stream as a whole, for Jupyter cuts them by the clock."""
    texts, others = {"stdout": "", "stderr": ""}, []
    for output in outputs:
        if output.output_type == "stream":
            texts[output.name] += output.text
        elif output.output_type == "error":
            others.append(("error", output.ename, plain(output.evalue)))
        elif data := {mime: plain(output.data[mime].strip()) for mime in KEPT if mime in output.data}:
            others.append(("data", data))
    return [*((name, plain(text)) for name, text in texts.items() if text), *others]


def plain(text: str) -> str:
    text = re.sub(r"/tmp/ipykernel_\d+/\d+\.py|<ipython-input-[^>]+>|\b\d{6,}\.py", "CELL", text)
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    text = re.sub(r"\b0x[0-9a-f]{6,}", "0x", text)
    text = re.sub(
        r"\b(0\.0|\d(\.\d+)?e-1[4-9])\b", "TINY", text
    )  # what is left of zero depends on how memory happens to lie
    text = re.sub(r"[\d.]+(e[+-]\d+)? ?(µs|μs|us|ms|ns|s)\b|\d\.\d{3}s", "TIME", text)
    return text.replace("\r\n", "\n")  # what IPython runs in a terminal ends its lines like one


def rounded(output: Any) -> Any:
    """Return an output with its numbers to five digits: the last bits of a sum depend on how memory happens to lie."""
    if isinstance(output, dict) and set(output) == {"array"}:
        array = np.asarray(decode(output))
        return (
            str(array.dtype),
            array.shape,
            [f"{value:.4e}" for value in array.ravel().tolist()] if array.dtype.kind in "fc" else array.tolist(),
        )
    if isinstance(output, dict):
        return {key: rounded(value) for key, value in output.items()}
    return [rounded(item) for item in output] if isinstance(output, (list, tuple)) else output


def assert_the_same(ours: dict[str, list[Output]], theirs: dict[str, list[Output]]) -> None:
    different = {
        key: (ours[key], theirs[key])
        for key in ours
        if [rounded(one) for one in ours[key]] != [rounded(one) for one in theirs[key]] and key not in NOT_THE_SAME
    }
    for key, (one, other) in different.items():
        print(f"---- {key}\n  box:     {str(one)[:600]}\n  jupyter: {str(other)[:600]}")
    assert not different, sorted(different)


@pytest.mark.slow
def test_habits(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    cells = {"begin": f"{BEGIN}\nimport os", **HABITS}
    assert_the_same(in_a_box(cells, None, None), in_jupyter(cells, tmp_path / "work"))


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_with_all_its_alternatives(name: str, tmp_path: Path) -> None:
    assignment = course().assignment("rnn")
    work = tmp_path / "work"
    for relative in assignment.side_files():
        (work / relative).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(assignment.folder / relative, work / relative)
    work.mkdir(exist_ok=True)
    hidden = assignment.folder / "hidden"
    cells = sources(name)
    ours = in_a_box(cells, work, hidden if hidden.is_dir() else None)
    if hidden.is_dir():
        shutil.copytree(hidden, work / "hidden")
    assert sum(output[0] == "evidence" for outputs in ours.values() for output in outputs) > 5
    assert_the_same(ours, in_jupyter(cells, work))
