"""Running notebooks in boxes: what one cell may do to another, and what it may not."""

from __future__ import annotations

import asyncio
import copy
import json
from typing import Any

import pytest
from hostile import course as hostile_course
from hostile.case import Case
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_code_cell
from traitlets.config import Config

from coursegrader.authoring.demo import hand_in
from coursegrader.box import forkserver
from coursegrader.course.course import Notebook
from coursegrader.course.setup.settings import Execute
from coursegrader.engine import conversation, execute
from coursegrader.engine.execute import run_notebook
from coursegrader.engine.messages import MalformedFrame
from coursegrader.evidence import REFERENCE_VARIABLE, SEED_VARIABLE
from coursegrader.grading.reference import _with_terms, staged
from coursegrader.judging.values.decoding import decode
from coursegrader.model import NotebookRun, decoded, encoded

TESTS = hostile_course.AUTOGRADED


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Notebook:
    """Return the hostile course's notebook; shared, so only to be read."""
    return hostile_course.write(tmp_path_factory.mktemp("engine") / "course").assignment("week").notebooks["lab"]


@pytest.fixture(scope="module", autouse=True)
def _no_server_is_left():
    yield
    forkserver.close()


def run(lab: Notebook, nb: NotebookNode | None = None, *, reference: bool = False, **limits: Any) -> NotebookRun:
    """Run a notebook, the right one by default, with budgets of a test."""
    config = Config({"Execute": {"timeout": 5, "notebook_seconds": 60, **limits}})
    nb = nb or hand_in(lab, lambda _, solution: solution)
    with staged(lab.assignment, {}) as files:
        return run_notebook(lab, nb, files=files, seed="a seed", reference=reference, limits=Execute(config=config))


def handed_in(lab: Notebook, **case: Any) -> NotebookNode:
    """Return the notebook of a student, see :class:`Case`."""
    nb = from_dict(json.loads(Case("student", **case).handed_in(lab.assignment.course)))
    for cell in nb.cells:
        if cell.id in ("extra", "at-the-end"):
            cell.metadata["coursegrader"] = {"extra": True}  # as they are when a notebook was rebuilt
    return nb


def verdicts(found: NotebookRun) -> dict[str, str]:
    return {name: cell.verdict for name, cell in found.cells.items()}


def outputs(found: NotebookRun, cell_id: str) -> str:
    """Return all text that a cell put out."""
    cell = next(cell for cell in found.notebook.cells if cell.id == cell_id)
    return "".join(output.get("text", "") + output.get("evalue", "") for output in cell.outputs)


FINE = dict.fromkeys(TESTS, "ok")


def test_the_right_notebook_runs_to_its_end(lab: Notebook):
    found = run(lab)
    assert verdicts(found) == FINE
    assert {cell.visible for cell in found.cells.values()} == {"ok"}
    assert found.others == {}
    assert found.restarts == 0
    assert found.rung == 1
    names = [record["name"] for record in found.cells["test_fit"].records]
    assert names == ["predictions", "predictions backwards"]
    assert decoded(NotebookRun, json.loads(json.dumps(encoded(found)))) == found


def test_two_runs_give_the_same(lab: Notebook):
    first, second = run(lab), run(lab)
    assert [cell.records for cell in first.cells.values()] == [cell.records for cell in second.cells.values()]
    assert first.notebook == second.notebook


# -- visible part and hidden region ------------------------------------------------------------------------------------


def test_the_region_runs_although_the_visible_part_failed(lab: Notebook):
    source = "def scale(x, factor):\n    if factor == 3.0: raise KeyError('visible only')\n    return x * factor"
    found = run(lab, handed_in(lab, answers={"scale": source}))
    cell = found.cells["test_scale"]
    assert (cell.visible, cell.verdict) == ("error", "ok")
    assert len(cell.records) == 2
    assert "visible only" in outputs(found, "test_scale")


def test_a_slip_in_a_cell_of_ones_own_costs_no_region_anything(lab: Notebook):
    slip = "from math import *\nimport os\nos.chdir('..')\nsum = range = evidence = rng = np = torch = 0"
    found = run(lab, handed_in(lab, extra=slip))
    assert verdicts(found) == FINE
    assert found.cells["test_scale"].visible == "error"
    assert [cell.records for cell in found.cells.values()] == [cell.records for cell in run(lab).cells.values()]


def test_names_of_answers_stay_the_students(lab: Notebook):
    best = "best = 41.5\nscale = last = None"  # the first is asked for here, the others were or will be
    found = run(lab, handed_in(lab, answers={"best": best}))
    assert verdicts(found) == FINE
    found = run(lab, handed_in(lab, answers={"last": "predict = None\ndef last(x): return x[-1]"}, extra="predict = 1"))
    assert verdicts(found) == FINE


def test_the_visible_part_counts_where_there_is_no_region(lab: Notebook):
    graded = copy.copy(lab.graded["test_best"])
    object.__setattr__(graded, "hidden", None)
    other = copy.copy(lab)
    other.graded = {**lab.graded, "test_best": graded}
    assert run(other).cells["test_best"].verdict == "ok"
    found = run(other, handed_in(lab, answers={"best": "best = 'text'"})).cells["test_best"]
    assert (found.verdict, found.visible) == ("error", "error")


def test_no_hidden_line_is_left_in_the_notebook(lab: Notebook):
    text = json.dumps(run(lab, handed_in(lab, answers={"last": "def last(x):\n    raise ValueError(In[-1])"})).notebook)
    assert not [secret for secret in hostile_course.secrets() if secret in text]


def test_tests_are_taken_from_the_instructor_never_from_the_notebook(lab: Notebook):
    nb = hand_in(lab, lambda _, solution: solution)
    next(cell for cell in nb.cells if cell.id == "test_scale").source = "raise SystemError('not mine')"
    found = run(lab, nb)
    assert verdicts(found) == FINE
    kept = next(cell for cell in found.notebook.cells if cell.id == "test_scale")
    assert kept.source == lab.graded["test_scale"].visible


# -- evidence ----------------------------------------------------------------------------------------------------------

EMIT = "from coursegrader.evidence import evidence\nevidence('best value', 41.5)\n"


def test_evidence_counts_only_during_its_own_region(lab: Notebook):
    last = f"def last(x):\n    {'; '.join(EMIT.split(chr(10)))}return x[-1]"
    found = run(lab, handed_in(lab, extra=EMIT, end=EMIT, answers={"last": last}))
    names = {name: [record["name"] for record in cell.records] for name, cell in found.cells.items()}
    assert names["test_best"] == ["best value"]
    assert names["test_last"] == ["best value", "last entry"]
    assert names["test_rows"] == ["rows of a file"]


def test_what_is_emitted_where_nobody_asks_takes_no_room(lab: Notebook):
    nb = hand_in(lab, lambda _, solution: solution)
    emit = "from coursegrader.evidence import evidence\nfor number in range(500):\n    evidence(str(number), number)"
    own = {"coursegrader": {"extra": True}}
    nb.cells[2:2] = [new_code_cell(emit, id=f"own-{number}", metadata=own) for number in range(8)]
    found, alone = run(lab, nb, evidence_bytes=100_000), run(lab, evidence_bytes=100_000)
    assert [cell.records for cell in found.cells.values()] == [cell.records for cell in alone.cells.values()]


def test_a_student_emits_values_and_nothing_else(lab: Notebook):
    for cell in run(lab).cells.values():
        for record in cell.records:
            assert set(record) == {"name", "value"}


def test_the_reference_emits_its_terms_and_targets(lab: Notebook):
    found = run(lab, copy.deepcopy(lab.source), reference=True).cells["test_fit"].records
    record = _with_terms(lab, "test_fit", found)[1]  # what is written out is read from the source, not from the run
    assert record["terms"] == {"judge": "mse_below", "bound": 0.0123, "weight": 2.0, "atol": 1e-4, "rtol": 1e-4}
    assert (decode(record["target"]) == decode(record["value"])).all()


def test_evidence_is_bounded_in_memory(lab: Notebook):
    flood = "for i in range(500): ce.evidence(str(i), [[]] * 900)"
    found = run(
        lab,
        handed_in(
            lab,
            extra="import coursegrader.evidence as ce",
            answers={"last": f"def last(x):\n    {flood}\n    return x[-1]"},
        ),
        evidence_bytes=2_000_000,
    )
    records = found.cells["test_last"].records
    assert 0 < len(records) <= 2_000_000 // (900 * 100)


def test_nothing_of_the_reference_is_in_a_students_kernel(lab: Notebook):
    look = """
import gc, json, os, sys
heap = [o for o in gc.get_objects() if isinstance(o, (str, bytes, dict, list, tuple))]
texts = json.dumps([dict(os.environ), sys.argv, [str(o)[:5000] for o in get_ipython().user_ns.values()]])
for root, _, names in os.walk(os.path.expanduser('~')):
    for name in names:
        texts += name + open(os.path.join(root, name), errors='replace').read()
print(texts)
"""
    found = run(lab, handed_in(lab, extra=look, end=look))
    for cell_id in ("extra", "at-the-end"):
        text = outputs(found, cell_id)
        assert SEED_VARIABLE in text
        for word in (
            REFERENCE_VARIABLE,
            "0.000123",
            "0.0123",
            "lambda: 3.0",
            "mse_below(",
            "41.5 is",
            "only the judge",
        ):
            assert word not in text, word


# -- cells that harm the kernel ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("import os; os._exit(7)", "kernel_died:exit 7"),
        ("import os; os.kill(os.getpid(), 11)", "kernel_died:SIGSEGV"),
        ("get_ipython().voice._stream.sendall(b'\\0\\0\\0\\1['); 1", "protocol_error"),
    ],
)
def test_a_cell_that_breaks_the_kernel_loses_only_itself(lab: Notebook, code: str, verdict: str):
    found = run(lab, handed_in(lab, extra="kept = 1", end=f"print('kept', kept, best)\nlost = 1\n{code}"))
    assert verdicts(found) == FINE
    assert found.others == {"at-the-end": verdict}
    found = run(lab, handed_in(lab, extra=code, end="print('best', best)"))
    assert verdicts(found) == FINE
    assert found.others == {"extra": verdict}
    assert outputs(found, "at-the-end") == "best 41.5\n"
    assert found.restarts >= 1


def test_an_answer_that_kills_the_kernel_loses_only_its_own_points(lab: Notebook):
    found = run(lab, handed_in(lab, answers={"fit": "import os\ndef predict(x):\n    os.abort()"}))
    assert verdicts(found) == {**FINE, "test_fit": "kernel_died:SIGABRT"}
    assert found.cells["test_fit"].visible == "ok"


def test_evidence_that_arrived_before_the_death_counts(lab: Notebook):
    die_later = "    if x.shape == (1, 5):\n        time.sleep(1)  # what was said before is on its way by then\n        os._exit(1)\n"
    source = f"import os, time\ndef scale(x, factor):\n{die_later}    return x * factor"
    cell = run(lab, handed_in(lab, answers={"scale": source})).cells["test_scale"]
    assert cell.verdict == "kernel_died:exit 1"
    assert [record["name"] for record in cell.records] == ["scaled 2x3"]


def test_a_cell_is_not_blamed_for_what_an_earlier_one_left_behind(lab: Notebook):
    bomb = "import os, threading, time\nthreading.Timer(1.5, lambda: os._exit(9)).start()"
    slow = {
        "scale": "def scale(x, factor):\n    time.sleep(0.3)\n    return x * factor",
        "fit": "def predict(x):\n    time.sleep(0.4)\n    return 3 * x + 1.25",
    }
    found = run(lab, handed_in(lab, extra=bomb, answers=slow))
    assert verdicts(found) == FINE
    assert found.restarts >= 1


def test_an_answer_is_tried_without_the_cells_that_the_student_added_where_it_dies_of_one(lab: Notebook):
    nb = handed_in(
        lab,
        extra="import os\ntrap, seen = True, []",
        answers={"last": "def last(x):\n    if len(x) == 4 and 'trap' in globals(): os._exit(3)\n    return x[-1]"},
        end="seen.append(1)",
    )
    done = run(lab, nb)
    assert (done.cells["test_last"].verdict, len(done.cells["test_last"].records)) == ("ok", 1)
    assert "at-the-end" not in {*done.others}
    assert [cell.outputs for cell in done.notebook.cells if cell.source == "seen.append(1)"] == [[]]  # it found `seen`


@pytest.mark.parametrize("moment", [0.05, 0.2, 0.4, 0.8, 1.6])
def test_what_an_added_cell_set_off_costs_no_answer_whenever_it_strikes(lab: Notebook, moment: float):
    slow = {
        "scale": "import time\ndef scale(x, factor):\n    return x * factor\ntime.sleep(0.3)",
        "fit": "def predict(x):\n    time.sleep(0.2)\n    return 3 * x + 1.25",
        "last": "def last(x):\n    return scale(x, 1)[-1]\ntime.sleep(0.3)",
    }
    bomb = f"import os, threading\nthreading.Timer({moment}, lambda: os._exit(9)).start()"
    assert verdicts(run(lab, handed_in(lab, extra=bomb, answers=slow))) == FINE


def test_an_alarm_that_nobody_waits_for_ends_nothing(lab: Notebook):
    alarms = "import signal, time\nfor timer in range(3): signal.setitimer(timer, 0.01, 0.01)\n"
    found = run(
        lab, handed_in(lab, extra=f"{alarms}until = time.process_time() + 0.1\nwhile time.process_time() < until: pass")
    )
    assert (verdicts(found), found.restarts) == (FINE, 0)


def test_an_answer_that_dies_by_itself_is_not_saved_by_that(lab: Notebook):
    nb = handed_in(
        lab,
        extra="helper = True",
        answers={"last": "import os\ndef last(x):\n    if len(x) == 4: os._exit(3 if helper else 4)\n    return x[-1]"},
    )
    assert run(lab, nb).cells["test_last"].verdict == "kernel_died:exit 3"


def test_a_cell_that_only_pretends_to_have_ended_is_found_out(lab: Notebook):
    pretend = """
import json, time
voice = get_ipython().voice
voice.say('done', status='ok')
while True: time.sleep(1)
"""
    found = run(lab, handed_in(lab, extra=pretend), timeout=3)
    assert verdicts(found) == FINE
    assert found.others == {"extra": "protocol_error"}


def test_what_was_replayed_is_not_put_out_twice(lab: Notebook):
    found = run(lab, handed_in(lab, extra="print('once')", answers={"scale": "import os\nos._exit(1)"}))
    assert outputs(found, "extra") == "once\n"


def test_a_kernel_that_never_answers_is_given_up(lab: Notebook, monkeypatch: pytest.MonkeyPatch):
    attempts = []

    async def fail(reader: object) -> None:
        attempts.append(reader)
        raise MalformedFrame("silence")

    monkeypatch.setattr(conversation, "_greeting", fail)
    found = run(lab)
    assert set(verdicts(found).values()) == {"not_run"}
    assert len(attempts) == 3
    assert "does not answer" in found.cells["test_last"].error


# -- time --------------------------------------------------------------------------------------------------------------


def test_a_cell_that_takes_too_long_is_interrupted_and_the_kernel_goes_on(lab: Notebook):
    found = run(lab, handed_in(lab, extra="kept = 5\nwhile True: pass", end="print(kept)"), timeout=2)
    assert found.others == {"extra": "timeout"}
    assert verdicts(found) == FINE
    assert found.restarts == 0
    assert outputs(found, "at-the-end") == "5\n"


def test_a_cell_that_ignores_the_interrupt_is_killed(lab: Notebook):
    loop = "import time\nwhile True:\n    try:\n        time.sleep(0.05)\n    except BaseException:\n        pass"
    found = run(lab, handed_in(lab, extra=loop), timeout=2)
    assert found.others == {"extra": "timeout"}
    assert verdicts(found) == FINE
    assert found.restarts == 1


@pytest.mark.slow
def test_each_loss_of_time_leaves_less_to_lose(lab: Notebook):
    hang = {"scale": "def scale(x, factor):\n    while True: pass", "fit": "def predict(x):\n    while True: pass"}
    found = run(lab, handed_in(lab, answers=hang), timeout=8)
    assert found.seconds < 8 + 4 + 2 + 2 + 4 * 2 + 5  # of its own: visible, hidden, hidden, and all the rest
    assert verdicts(found) == {**FINE, "test_scale": "timeout", "test_fit": "timeout"}


def test_a_notebook_keeps_to_one_processor(lab: Notebook):
    extra = "import os\nprint(len(os.sched_getaffinity(0)))\nos.sched_setaffinity(0, range(64))"
    found = run(lab, handed_in(lab, extra=extra))
    assert outputs(found, "extra").startswith("1\n")
    assert "Operation not permitted" in outputs(found, "extra")
    assert verdicts(found) == FINE


def test_when_the_notebooks_time_is_up_the_rest_is_not_run(lab: Notebook):
    found = run(lab, handed_in(lab, extra="while True: pass"), timeout=60, notebook_seconds=3)
    assert found.others == {"extra": "timeout"} | dict.fromkeys(found.others.keys() - {"extra"}, "not_run")
    assert set(verdicts(found).values()) == {"not_run"}
    assert "3 s" in found.cells["test_last"].error


# -- output ------------------------------------------------------------------------------------------------------------


def test_output_is_cut_while_it_streams(lab: Notebook):
    found = run(
        lab,
        handed_in(lab, extra="for i in range(40): print('x' * 10_000, flush=True)\nprint('end')"),
        output_bytes=100_000,
    )
    text = outputs(found, "extra")
    assert 50_000 < len(text) <= 100_100
    assert text.endswith("was cut]\n")
    assert found.others == {}


def test_one_cell_cannot_take_the_room_of_all_others(lab: Notebook):
    found = run(lab, handed_in(lab, extra="print('y' * 10**6)", end="print('still here')"), output_bytes=20_000)
    assert outputs(found, "at-the-end") == "still here\n"


def test_what_is_tried_again_takes_the_room_of_one(lab: Notebook):
    """Each of these questions fills its share of the evidence and ends its kernel, as often as it is tried."""
    fill = (
        "import os\nfrom coursegrader.evidence import MIME\nfrom IPython.display import publish_display_data\n"
        "def fill(size=40_000):\n    while size > 1:\n        size //= 2\n"
        "        for _ in range(2): publish_display_data({MIME: {'name': 'x', 'value': 'x' * size}})\n    os._exit(3)\n"
    )
    answers = {
        "scale": f"{fill}def scale(x, factor):\n    return x * factor if factor == 3 else fill()",
        "fit": "def predict(x):\n    fill()",
    }
    found = run(lab, handed_in(lab, extra="pass", answers=answers), evidence_bytes=40_000)
    died = dict.fromkeys(("test_scale", "test_fit"), "kernel_died:exit 3")
    assert verdicts(found) == FINE | died
    assert [len(found.cells[name].records) for name in ("test_best", "test_rows", "test_last")] == [1, 1, 1]


def test_kernels_in_others_places_cost_a_notebook_time(lab: Notebook, monkeypatch: pytest.MonkeyPatch):
    """Each takes a while that is measured nowhere; a thousand cells that end theirs would take the grader's evening."""
    nb = handed_in(lab, extra="import os\nos._exit(1)", end="x = 1")
    assert run(lab, copy.deepcopy(nb)).others == {"extra": "kernel_died:exit 1"}
    monkeypatch.setattr(execute, "RESTART", 30.0)
    found = run(lab, nb, notebook_seconds=59)
    assert (found.others["extra"], found.others["at-the-end"]) == ("kernel_died:exit 1", "not_run")


def test_a_flood_is_stopped(lab: Notebook):
    found = run(lab, handed_in(lab, extra="while True: print('x' * 1000)", end="print('after')"), flood_bytes=1_000_000)
    assert found.others == {"extra": "output_limit"}
    assert verdicts(found) == FINE
    assert outputs(found, "at-the-end") == "after\n"


def test_streams_are_joined_and_errors_are_kept(lab: Notebook):
    code = "import sys\nfor i in range(3): print(i, flush=True)\nprint('e', file=sys.stderr, flush=True)\nraise KeyError('k')"
    cell = next(cell for cell in run(lab, handed_in(lab, extra=code)).notebook.cells if cell.id == "extra")
    assert [(o.output_type, o.get("text", o.get("ename"))) for o in cell.outputs] == [
        ("stream", "0\n1\n2\n"), ("stream", "e\n"), ("error", "KeyError")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("raise OSError(28, 'No space left on device')", "disk_limit"),
        ("raise BlockingIOError(11, 'Resource temporarily unavailable')", "process_limit"),
        ("raise MemoryError", "memory_limit"),
        ("torch.empty(10**13)", "memory_limit"),
        ("raise OSError(2, 'No such file')", ""),
    ],
)
def test_an_exception_that_tells_of_a_limit_is_that_limit(lab: Notebook, code: str, verdict: str):
    found = run(lab, handed_in(lab, extra=code))
    assert found.others.get("extra", "") == verdict
    assert found.restarts == 0


# -- in other people's programs ----------------------------------------------------------------------------------------


def test_it_runs_where_an_event_loop_runs_already_as_in_jupyterlab(lab: Notebook):
    async def button() -> NotebookRun:
        return run(lab)

    assert verdicts(asyncio.run(button())) == FINE


def test_no_kernel_runs_when_the_required_rung_cannot_be_had(lab: Notebook):
    from coursegrader.errors import NoBoxError

    with pytest.raises(NoBoxError, match="required"):
        run(lab, require_rung=0)
