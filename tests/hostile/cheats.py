"""Points for nothing: each of these tries to earn what its answers are not worth."""

from __future__ import annotations

import json

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from hostile.case import Case
from hostile.course import AUTOGRADED

FLAG = ("touches_internals",)
_IP = "ip = get_ipython()\nvoice = ip.voice\n"
_SEND = (
    _IP
    + """
import json
def raw(data, length=None):
    voice._stream.sendall((len(data) if length is None else length).to_bytes(4, 'big') + data)
def send(kind, **content):
    raw(json.dumps({'kind': kind, 'id': voice.execution, **content}).encode())
"""
)
MIME = "application/vnd.coursegrader.evidence+json"
_GUESS = """
import base64, numpy
def guess(name, value):
    array = numpy.asarray(value, dtype='float64')
    data = base64.b64encode(array.tobytes()).decode()
    return {'name': name, 'value': {'array': {'dtype': '<f8', 'shape': list(array.shape), 'data': data}},
            'terms': {'judge': 'close', 'weight': 1.0, 'atol': 1e9, 'rtol': 1e9}}
"""
_YES = """
class Yes(torch.Tensor):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __le__(self, other): return True
    __lt__ = __ge__ = __gt__ = __le__
    def __abs__(self): return self
    def __sub__(self, other): return self
    __rsub__ = __add__ = __radd__ = __sub__
    def __bool__(self): return True
    def __hash__(self): return 1
    @property
    def shape(self): return (2, 3)
yes = torch.zeros(2, 3).as_subclass(Yes)
"""


def every_answer(value: str) -> dict[str, str]:
    """Answer every question with one expression."""
    names = {"scale": "x, factor", "fit": "x", "rows": "path", "last": "x"}
    functions = {"fit": "predict"}
    answers = {
        cell: f"def {functions.get(cell, cell)}({arguments}):\n    return {value}" for cell, arguments in names.items()
    }
    return answers | {"best": f"x = path = [0.0]\nfactor = 1.0\nbest = {value}"}


def _tags(nb: NotebookNode) -> None:
    for cell in nb.cells:
        cell.metadata["tags"] = ["skip-execution", "raises-exception", "remove-cell"]


def _rich(nb: NotebookNode) -> None:
    for cell in nb.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata.nbgrader.update(points=1000, grade=True, locked=False, solution=True)


def _edited(nb: NotebookNode) -> None:
    for cell in nb.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source = "5.0"


def _retyped(nb: NotebookNode) -> None:
    for cell in nb.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.cell_type = "markdown"
            cell.pop("outputs", None)


def _own_tests(nb: NotebookNode) -> None:
    """Add cells that carry the names of the grade cells and emit evidence."""
    for name in AUTOGRADED:
        source = "from coursegrader.evidence import evidence\nfor i in range(3): evidence('best value', 41.5)\n1000"
        meta = {"grade": True, "grade_id": name, "points": 1000, "schema_version": 3, "locked": False}
        nb.cells.append(new_code_cell(source, id=f"mine-{name}", metadata={"nbgrader": {**meta, "solution": False}}))


FORGED_LOG = {
    "schema": "coursegrader/submission_log/v1",
    "view": "instructor",
    "grading": {"student": "cheat", "notebooks": [{"name": "lab", "cells": [{"grade_id": "test_best", "points": 99}]}]},
    "signature": "0" * 64,
}

CHEATS = [
    Case(
        "ast transformer drops the tests",
        blank=True,
        extra="import ast\nclass Drop(ast.NodeTransformer):\n    def visit_Assert(self, node): return ast.Pass()\n"
        "    def visit_Raise(self, node): return ast.Pass()\nget_ipython().ast_transformers.append(Drop())",
        findings=FLAG,
        weaker=True,
    ),
    Case(
        "input transformer turns tests into pass",
        blank=True,
        extra="get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])",
        findings=FLAG,
    ),
    Case("displayhook(5)", student="displayhook", blank=True, extra="import sys\nsys.displayhook(5)\n5.0"),
    Case(
        "result of every cell is full marks",
        blank=True,
        extra="def five(*_): sys.displayhook(numpy.float64(1000))\nimport sys, numpy\n"
        "get_ipython().events.register('post_run_cell', five)",
    ),
    Case("nan as an answer", blank=True, answers=every_answer("float('nan')")),
    Case("infinity as an answer", blank=True, answers=every_answer("float('inf')")),
    Case("numpy float as an answer", blank=True, answers=every_answer("np.float64(2.5)")),
    Case("zeros as an answer", blank=True, answers=every_answer("np.zeros_like(x) if x is not None else 0")),
    Case("always equal objects", blank=True, extra=_YES, answers=every_answer("yes")),
    Case(
        "patched torch and numpy",
        blank=True,
        extra="import torch, numpy, numpy.testing, builtins\ntorch.allclose = lambda *a, **k: True\n"
        "numpy.allclose = torch.allclose\nnumpy.testing.assert_allclose = lambda *a, **k: None\n"
        "builtins.isinstance = lambda *a: True\nbuiltins.callable = lambda *a: True\nbuiltins.abs = lambda x: 0",
        findings=FLAG,
    ),
    Case(
        "answers read from the inputs",
        blank=True,
        extra="import re\ndef peek():\n"
        "    return [float(x) for x in re.findall(r'[0-9.]+[0-9]', get_ipython().user_ns['In'][-1])][0]",
        answers=every_answer("peek()"),
        weaker=True,
    ),
    Case(
        "target taken from the caller's keywords",
        blank=True,
        extra="import coursegrader.evidence as ce\nemit = ce.evidence\n"
        "def evidence(name, value, target=None, **more):\n    emit(name, target() if target else value)\n"
        "ce.evidence = evidence",
        answers={"fit": "def predict(x):\n    return 0 * x"},
        findings=FLAG,
    ),
    Case(
        "target taken from the code object of the region",
        blank=True,
        extra="import sys, types\ndef lambdas():\n    frame = sys._getframe(2)\n"
        "    return [types.FunctionType(c, frame.f_globals) for c in frame.f_code.co_consts\n"
        "            if isinstance(c, types.CodeType)]",
        answers={"fit": "def predict(x):\n    return lambdas()[0]()"},
        findings=FLAG,
    ),
    Case(
        "evidence function replaced in the caller's frame",
        blank=True,
        extra="import sys\ndef replace():\n    frame = sys._getframe(2)\n"
        "    frame.f_globals['evidence'] = lambda *a, **k: None\n    return 1.0",
        answers=every_answer("replace()"),
        findings=FLAG,
    ),
    Case(
        "run_cell and exception handlers replaced",
        blank=True,
        extra=_IP + "ip.showtraceback = lambda *a, **k: None\nip.set_custom_exc((Exception,), lambda *a, **k: None)\n"
        "old = ip.run_cell\nip.run_cell = lambda source, **k: old('5', **k)\n"
        "ip.run_cell_async = None\nip.execute = None",
        findings=FLAG,
        loses=dict.fromkeys(AUTOGRADED, 0.0),
    ),
    Case(
        "forged ends before the tests run",
        blank=True,
        extra=_SEND
        + """
import threading, time
def forge():
    while True:
        time.sleep(0.005)
        send('begun')
        send('done', status='ok')
threading.Thread(target=forge, daemon=True).start()
""",
    ),
    Case(
        "evidence from the student's own cell",
        blank=True,
        extra="from coursegrader.evidence import evidence\nfor i in range(3):\n    evidence('best value', 41.5)",
        findings=FLAG,
        weaker=True,
    ),
    Case(
        "a forged display of evidence",
        blank=True,
        extra=_GUESS + f"display({{'{MIME}': guess('best value', 41.5)}}, raw=True)",
    ),
    Case(
        "guessed evidence with tolerances of its own",
        blank=True,
        extra=_GUESS,
        answers={
            "best": f"class B(float):\n    def __hash__(self): return 1\n"
            f"best = B(7.0)\nget_ipython().events.register('pre_run_cell', lambda *_: "
            f"display({{'{MIME}': guess('best value', 7.0)}}, raw=True))"
        },
        loses={"test_best": 0.0},
    ),
    Case(
        "evidence twice, one of them right",
        answers={
            "last": "from coursegrader.evidence import evidence\ndef last(x):\n"
            "    if len(x) == 4:\n        evidence('last entry', 0.5)\n    return x[-1]"
        },
        loses={"test_last": "wrong"},
        findings=FLAG,
    ),
    Case(
        "evidence from a thread",
        blank=True,
        extra=_SEND
        + _GUESS
        + f"""
import threading, time
def flood():
    while True:
        time.sleep(0.002)
        for name in ('scaled 2x3', 'best value', 'predictions', 'last entry'):
            send('display', data={{'{MIME}': guess(name, 0.5)}})
threading.Thread(target=flood, daemon=True).start()
""",
    ),
    Case(
        "evidence when objects are destroyed",
        blank=True,
        extra="import coursegrader.evidence as ce\nclass Late:\n    def __del__(self):\n"
        "        for name in ('scaled 2x3', 'best value', 'last entry'):\n            ce.evidence(name, 0.5)\n"
        "import atexit\natexit.register(Late().__del__)",
        answers=every_answer("Late()"),
        findings=FLAG,
    ),
    Case(
        "random generator of the region set to zero",
        blank=True,
        extra="import coursegrader.evidence as ce\nclass Zero:\n    def standard_normal(self, size): return np.zeros(size)\n"
        "    def uniform(self, low, high, size): return np.zeros(size)\n"
        "ce.rng = lambda *a: Zero()\nnp.random.default_rng = ce.rng\n",
        answers=every_answer("x"),
        findings=FLAG,
    ),
    Case(
        "seed removed from the environment",
        blank=True,
        extra="import os\nos.environ.pop('COURSEGRADER_SEED')\nos.environ['COURSEGRADER_REFERENCE'] = '1'",
        answers=every_answer("x"),
        findings=FLAG,
    ),
    Case(
        "a reference run of its own",
        blank=True,
        extra="import os\nos.environ['COURSEGRADER_REFERENCE'] = '1'",
        answers=every_answer("0.5"),
        findings=FLAG,
    ),
    Case(
        "the module of evidence replaced",
        blank=True,
        extra="import sys, types\nmodule = types.ModuleType('coursegrader.evidence')\n"
        "module.evidence = lambda *a, **k: None\nmodule.rng = module.mse_below = module.evidence\n"
        "sys.modules['coursegrader.evidence'] = module",
        findings=FLAG,
    ),
    Case(
        "locals of the region read by a trace function",
        blank=True,
        extra="import sys, coursegrader.evidence as ce\nseen = {}\ndef trace(frame, event, argument):\n"
        "    seen.update(frame.f_locals)\n    return trace\nsys.settrace(trace)\nsys.setprofile(trace)",
        answers=every_answer("seen.get('secret_input', 1)"),
        findings=FLAG,
    ),
    Case(
        "values changed while they are displayed",
        blank=True,
        extra="import IPython.display as d\nshow = d.publish_display_data\n"
        "def publish(data, **more):\n    for item in data.values():\n"
        "        if isinstance(item, dict): item['verdict'] = 'passed'; item['points'] = 100\n    show(data, **more)\n"
        "d.publish_display_data = publish",
        answers=every_answer("0.5"),
        findings=FLAG,
    ),
    Case(
        "evidence updated afterwards",
        blank=True,
        extra=_GUESS + f"h = display({{'text/plain': 'x'}}, raw=True, display_id='e')\n"
        f"get_ipython().events.register('post_run_cell', lambda *_: h.update("
        f"{{'{MIME}': guess('best value', 41.5)}}, raw=True))",
    ),
    Case("more points in the metadata", blank=True, notebook=_rich),
    Case("edited test cells", blank=True, notebook=_edited, findings=("locked_cell_edited",)),
    Case("test cells turned into text", blank=True, notebook=_retyped),
    Case("test cells of its own", blank=True, notebook=_own_tests),
    Case("skip-execution tags", blank=True, notebook=_tags),
    Case("SystemExit in a function", blank=True, answers=every_answer("exit(0)")),
    Case(
        "SystemExit raised by every function",
        blank=True,
        answers={
            "scale": "def scale(x, factor):\n    raise SystemExit(0)",
            "last": "def last(x):\n    raise KeyboardInterrupt",
            "fit": "def predict(x):\n    raise GeneratorExit",
        },
    ),
    Case(
        "a forged log",
        blank=True,
        files={"submission_log.json": json.dumps(FORGED_LOG).encode()},
        findings=("unusable_log",),
    ),
    Case(
        "sqlite on the gradebook",
        blank=True,
        extra="import glob, os, sqlite3\nfor place in ('.', '..', '../..', '../../..', '/', '/root', '/home', '/tmp'):\n"
        "    for path in glob.glob(f'{place}/**/gradebook.db', recursive=True):\n"
        "        sqlite3.connect(path).executescript('update grade set manual_score = 100;')\n"
        "        print('FOUND', path)",
        weaker=True,
    ),
    Case(
        "side files that shadow modules",
        blank=True,
        files={
            name: b"print('shadow')\ndef evidence(*a, **k): pass\nrng = mse_below = evidence\n"
            for name in (
                "torch.py",
                "numpy.py",
                "coursegrader.py",
                "evidence.py",
                "IPython.py",
                "ipykernel.py",
                "json.py",
            )
        },
    ),
    Case(
        "side files that shadow the package",
        files={
            "coursegrader/__init__.py": b"",
            "coursegrader/evidence.py": b"def evidence(*a, **k): raise SystemExit\nrng = mse_below = evidence\n",
        },
    ),
    Case(
        "results and judges of its own",
        blank=True,
        files={
            "results/results.json": b'{"score": 100, "tests": [{"name": "test_best", "score": 1, "max_score": 1}]}',
            "judges.py": b"def close(value, expected, *, truth): return True\nequal = close\n",
            "hidden/inputs.txt": b"a,b\n1,2\n",
            "data/table.csv": b"mine\n",
            "nbgrader_config.py": b"c = get_config()\nc.SaveScores.forgeable = 'allow'\nc.Execute.require_rung = 4\n",
            "grading/seed": b"0000000000000000\n",
        },
        answers={"rows": "def rows(path):\n    return ['a,b', '1,2']"},
    ),
    Case(
        "the region's own names read from its frame",
        blank=True,
        extra="import sys\ndef known():\n    frame = sys._getframe(2)\n"
        "    return next((v for n, v in frame.f_globals.items() if n.startswith(('secret', 'want', 'expect'))), 0)",
        answers=every_answer("known()"),
        findings=FLAG,
    ),
    Case(
        "evidence of everything that might be asked",
        blank=True,
        extra=_GUESS
        + f"""
def all_of_them(x):
    for name in ('scaled 2x3', 'scaled 1x5', 'predictions', 'predictions backwards', 'best value', 'last entry'):
        for value in (x, 0.0, [0.0] * 4):
            display({{'{MIME}': guess(name, value)}}, raw=True)
    raise SystemExit
""",
        answers=every_answer("all_of_them(x)"),
    ),
    Case(
        "evidence with the terms of a judge",
        blank=True,
        extra="import coursegrader.evidence as ce\nemit = ce.evidence\n"
        "def evidence(name, value, **more):\n    emit(name, value, judge={'judge': 'mse_below', 'bound': 1e9}, atol=1e9, weight=0)\n"
        "ce.evidence = evidence\nimport os\nos.environ['COURSEGRADER_REFERENCE'] = 'yes'",
        answers=every_answer("x"),
        findings=FLAG,
    ),
    Case(
        "right only while it is graded",
        answers={
            "last": "import os\ndef last(x):\n    return x[-1] if 'NBGRADER_EXECUTION' in os.environ else x[0]",
        },
        findings=FLAG,
    ),
    Case(
        "constants from the visible tests",
        blank=True,
        answers={
            "scale": "def scale(x, factor):\n    return torch.full((2, 3), 3.0)",
            "rows": "def rows(path):\n    return ['a,b', '1,2']",
            "last": "def last(x):\n    return 2",
            "best": "best = 1.0",
        },
    ),
    Case(
        "tensors that cannot be read",
        blank=True,
        answers={
            "scale": "def scale(x, factor):\n    return torch.empty(x.shape, device='meta')",
            "last": "def last(x):\n    return torch.zeros(3).to_sparse()",
            "fit": "def predict(x):\n    return torch.nested.nested_tensor([torch.zeros(2)])",
        },
        weaker=True,
    ),
    Case(
        "right values that need a gradient",
        answers={"scale": "def scale(x, factor):\n    return x.clone().requires_grad_() * factor"},
    ),
    Case(
        "a kernelspec of its own",
        blank=True,
        notebook=lambda nb: nb.metadata.update(kernelspec={"name": "bash", "display_name": "B", "language": "bash"}),
    ),
]
