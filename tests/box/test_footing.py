"""A hidden region stands on what its author wrote; answers are found where the student's own code finds them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from coursegrader.box import forkserver
from coursegrader.engine.conversation import Conversation, Said
from coursegrader.engine.kernel import Wanted
from coursegrader.engine.record import Room

GIVEN: dict[str, Any] = {"given": True}
OWN: dict[str, Any] = {}
SETUP = "import math\nimport numpy as np\nimport torch\ndef helper(x):\n    return sum(np.atleast_1d(x)) + math.pi\nlimit = 3\nimport os\nHERE = os.getcwd()"
ANSWER = "def doubled(x):\n    return 2 * x\ndef twice_double(x):\n    return doubled(doubled(x))"


def hidden(*theirs: str) -> dict[str, Any]:
    """Return what says that a piece of code is a hidden region."""
    return {"theirs": ("doubled", "twice_double", *theirs)}


@pytest.fixture(scope="module", autouse=True)
def _no_server_is_left():
    yield
    forkserver.close()


def execute(*pieces: tuple[str, dict[str, Any]]) -> list[Said]:
    """Run pieces of code of the instructor and of a student in one boxed kernel."""

    async def go() -> list[Said]:
        kernel = await Conversation.begin(Wanted(variables={"COURSEGRADER_SEED": "s"}), 10**7)
        try:
            room = Room(10**7, 10**7, 10**5, 10**7)
            return [await kernel.execute(source, 20, room, **footing) for source, footing in pieces]
        finally:
            await kernel.close()

    return asyncio.run(go())


def last(*pieces: tuple[str, dict[str, Any]]) -> str:
    """Return what the last piece printed, or its error."""
    said = execute(*pieces)[-1]
    return said.error or "".join(output.get("text", "") for output in said.outputs).strip()


def last_two(*pieces: tuple[str, dict[str, Any]]) -> list[str]:
    """Return what the last two pieces printed."""
    return [said.outputs[0].text for said in execute(*pieces)[-2:]]


REGION = """
import os, warnings
print(sum([1, 2]), max(1, 2), limit, round(helper(1) - math.pi, 9), np.zeros(1).sum(), doubled(4), end=" ")
print(torch.ones(1).dtype, (torch.ones(1, requires_grad=True) * 1).requires_grad, torch.ones(1).device, end=" ")
print(os.getcwd() == HERE, list(map(len, ["ab"])))
np.float64(1) / 0
warnings.warn("only a warning")
"""
EXPECTED = "3 2 3 1.0 0.0 8 torch.float32 True cpu True [2]"


@pytest.mark.parametrize(
    "slip",
    [
        "",
        "sum = max = map = len = list = print = round = 0",
        "from numpy import *",
        "from math import *\nfrom torch import *",
        "np = math = torch = None",
        "del np, math, helper",
        "limit = 99\nhelper = None",
        "def helper(x): return 'mine'",
        "os = warnings = 'mine'",
        "import builtins\nbuiltins.sum = None",
        "torch.set_default_dtype(torch.float64)",
        "torch.set_grad_enabled(False)",
        "torch.set_default_device('meta')",
        "import os\nos.chdir('/')",
        "np.seterr(all='raise')",
        "import warnings\nwarnings.simplefilter('error')",
        "globals().clear()",
        "%reset -f",
    ],
)
def test_what_a_student_does_to_names_and_settings_costs_nothing(slip: str):
    again = (ANSWER, OWN) if "clear" in slip or "reset" in slip else ("pass", OWN)
    found = last((SETUP, GIVEN), (ANSWER, OWN), (slip, OWN), again, (REGION, hidden()))
    assert EXPECTED in found
    assert "Error" not in found


def test_students_code_goes_on_as_the_student_left_it():
    slip = "from numpy import *\ntorch.set_default_dtype(torch.float64)\nimport os\nos.chdir('/')"
    mine = "print(sum(ones((2, 2)), axis=0), torch.ones(1).dtype, os.getcwd())"
    answer = "def doubled(x):\n    return sum(array([x, x]), axis=0)"
    pieces = (SETUP, GIVEN), (slip, OWN), (answer, OWN), ("print(doubled(4), sum([1, 2]))", hidden()), (mine, OWN)
    assert last_two(*pieces) == ["8 3\n", "[2. 2.] torch.float64 /\n"]


def test_nothing_of_a_region_is_left_to_students_but_to_later_regions():
    region = "def secret(): return 41\nfrom math import tau\nprint(secret())"
    mine = "print('secret' in globals(), 'tau' in globals(), 'secret' in dir())"
    pieces = (SETUP, GIVEN), (ANSWER, OWN), (region, hidden()), (mine, OWN), ("print(secret() + 1)", hidden())
    assert last_two(*pieces) == ["False False False\n", "42\n"]


def test_a_regions_own_variable_leaves_the_students_of_that_name_alone():
    answer = "h = 5\ndef doubled(x):\n    return x * h"
    assert last((answer, OWN), ("h = 7\nprint(doubled(1), h)", hidden()), ("print(h)", OWN)) == "5"


SPY = """
original = doubled
del doubled
try:
    twice_double(1)
except NameError:
    print("uses it", end=" ")
calls = []
def doubled(x):
    calls.append(x)
    return original(x)
print(twice_double(3), calls, end=" ")
doubled = original
"""


def test_a_region_can_take_an_answer_away_and_put_a_spy_in_its_place():
    assert last((ANSWER, OWN), (SPY + "print(twice_double(1))", hidden())) == "uses it 12 [3, 6] 4"


def test_a_region_can_do_so_with_a_given_function():
    answer = "def ask(x):\n    return helper(x)"
    region = "helper = lambda x: 'spied'\nprint(ask(1))"
    assert last((SETUP, GIVEN), (answer, OWN), (region, hidden("ask"))) == "spied"


METHODS = """
import functools
class Base:
    def total(self):
        return sum(self.parts)
class Model(Base):
    kind = "model"
    def __init__(self, *parts):
        self.parts = list(parts)
    def total(self):
        return super().total() + limit
    @property
    def size(self):
        return len(self.parts)
    @classmethod
    def of(cls, count):
        return cls(*map(float, range(count)))
    @staticmethod
    def root(x):
        return math.sqrt(x)
    @functools.cached_property
    def twice(self):
        return 2 * self.total()
kept = Model(1, 2)
"""
USES = "print(Model(1, 2).total(), kept.total(), kept.size, Model.of(3).total(), Model.root(4), len(Model.of(2).parts))"


@pytest.mark.parametrize(
    "slip", ["pass", "sum = len = list = map = float = range = super = 0", "limit = 99\nmath = None", "del math, limit"]
)
def test_methods_of_given_classes_stand_there_too(slip: str):
    pieces = (SETUP, GIVEN), (METHODS, GIVEN), (slip, OWN), (USES, hidden())
    assert last(*pieces) == "6 6 2 6.0 2.0 2"


def test_methods_are_the_students_again_after_a_region_and_what_a_student_put_there_stays():
    slip = "limit = 99\nlen = None\ndef size(self): return limit\nModel.size = size\nfirst = Model.total"
    mine = "print(kept.total(), Model.total is first, kept.size())"
    region = "print(kept.total(), kept.size())"
    pieces = (SETUP, GIVEN), (METHODS, GIVEN), (slip, OWN), (region, hidden()), (mine, OWN)
    assert last_two(*pieces) == ["6 99\n", "102 True 99\n"]


def test_a_region_can_put_a_spy_into_a_given_class():
    region = "Model.total = lambda self: 'spied'\nprint(ask())"
    answer = "limit = 99\ndef ask():\n    return kept.total()"
    pieces = (SETUP, GIVEN), (METHODS, GIVEN), (answer, OWN), (region, hidden("ask")), ("print(ask())", OWN)
    assert last_two(*pieces) == ["spied\n", "spied\n"]


@pytest.mark.parametrize("slip", ["pass", "sum = 0"])
def test_what_given_functions_count_is_seen_by_all(slip: str):
    given = "calls = 0\ndef count():\n    global calls\n    calls += 1"
    answer = "def go():\n    count()\n    count()\ngo()"
    region = "print(calls, end=' ')\ncalls = 0\ngo()\ncount()\ngo()\nprint(calls)"
    assert last((given, GIVEN), (answer, OWN), (slip, OWN), (region, hidden("go", "calls"))) == "2 5"


def test_an_answer_may_be_called_like_a_built_in_name():
    assert last(("def filter(x): return x + 1", OWN), ("print(filter(1))", hidden("filter"))) == "2"


def test_settings_of_the_instructor_hold():
    given = "import torch\ntorch.set_default_dtype(torch.float64)\nimport os\nos.mkdir('in')\nos.chdir('in')"
    slip = "torch.set_default_dtype(torch.float32)\nos.chdir('..')"
    region = "import os, torch\nprint(torch.ones(1).dtype, os.getcwd().endswith('/in'))"
    assert last((given, GIVEN), (slip, OWN), (region, hidden())) == "torch.float64 True"


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("class A:\n    kept = doubled(limit)\n    @staticmethod\n    def f(): return doubled(1), len('ab')\nprint(A.kept, A.f())", "6 (2, 2)"),
        ("print([doubled(i) for i in range(limit)], {i: doubled(i) for i in range(2)})", "[0, 2, 4] {0: 0, 1: 2}"),
        ("def f():\n    global g\n    g = 5\nf()\nprint(g)", "5"),
        ("print('doubled' in globals(), 'doubled' in dir(), 'no' in globals(), globals()['limit'])", "True True False 3"),
        ("print(globals().get('doubled')(2), globals().get('nothing', 1), callable(locals()['doubled']))", "4 1 True"),
        ("print(eval('doubled(limit)'))\nexec('x = doubled(1)')\nprint(x)", "6\n2"),
        ("try:\n    nothing\nexcept NameError as error:\n    print(error)", "name 'nothing' is not defined"),
        ("x = 5\n!echo {x} $limit {doubled(2)}", "5 3 4"),
        ("import pickle\nprint(pickle.loads(pickle.dumps(doubled))(2))", "4"),
        ("import asyncio\nawait asyncio.sleep(0)\nprint(doubled(2))", "4"),
        ("from math import *\nprint(floor(2.5))", "2"),
        ("import dataclasses\n@dataclasses.dataclass\nclass P:\n    x: int = 0\nprint(P(1), P.__module__)", "P(x=1) __main__"),
        ("print(__name__)", "__main__"),
    ],
)  # fmt: skip
def test_a_region_is_python_like_any_other(region: str, expected: str):
    assert last((SETUP, GIVEN), (ANSWER, OWN), (region, hidden())) == expected


def test_a_regions_last_line_is_its_result():
    assert execute((ANSWER, OWN), ("doubled(2)", hidden()))[-1].result == "4"


def test_a_region_that_fails_or_is_interrupted_takes_nothing_away():
    async def go() -> list[Said]:
        kernel = await Conversation.begin(Wanted(variables={"COURSEGRADER_SEED": "s"}), 10**7)
        room = Room(10**7, 10**7, 10**5, 10**7)
        try:
            await kernel.execute(ANSWER, 20, room)
            return [
                await kernel.execute("1 / 0", 20, room, theirs=()),
                await kernel.execute("while True: pass", 0.5, room, theirs=()),
                await kernel.execute("print(doubled(4))", 20, room),
            ]
        finally:
            await kernel.close()

    failed, stopped, after = asyncio.run(go())
    assert failed.error == "ZeroDivisionError: division by zero"
    assert stopped.verdict == "timeout"
    assert after.outputs[0].text == "8\n"


COUNTED = "def score(x):\n    score.calls += 1\n    return x\nscore.calls = 0"


@pytest.mark.parametrize("slip", ["", "sum = 0", "helper = limit = 0"])
def test_a_given_function_is_the_same_for_the_region_and_the_student(slip: str):
    answer = "def peak(n):\n    return max(range(n), key=score)"
    region = "score.calls = 0\npeak(7)\nprint(score.calls)"
    assert last((COUNTED, GIVEN), (SETUP, GIVEN), (slip, OWN), (answer, OWN), (region, hidden("peak"))) == "7"


def test_what_a_given_function_counts_is_counted_where_it_stands_on_other_names_too():
    setup = "def score(x):\n    score.calls += 1\n    return sum([x])\nscore.calls = 0"
    region = "score.calls = 0\nscore(1)\nprint(score.calls)"
    assert last_two((setup, GIVEN), ("sum = 0", OWN), (region, hidden()), ("print(score.calls)", OWN)) == ["1\n", "1\n"]


def test_a_given_function_is_found_in_a_given_table_whatever_a_student_calls_sum():
    setup = "def relu(x):\n    return x if x is None else x.sum()\nSLOPES = {relu: 1}\ndef slope(act):\n    return SLOPES[act]"
    assert last((setup, GIVEN), ("sum = id = 0", OWN), ("print(slope(relu))", hidden())) == "1"


@pytest.mark.parametrize(
    "wrapper",
    [
        "@torch.no_grad()\ndef total(x):\n    return sum(x)",
        "def wrapped(f):\n    return lambda x: f(x)\n@wrapped\ndef total(x):\n    return sum(x)",
        "import contextlib\n@contextlib.contextmanager\ndef made(x):\n    yield sum(x)\ndef total(x):\n    with made(x) as y:\n        return y",
        "import functools\ndef add(y, x):\n    return sum(x) + y\ntotal = functools.partial(add, 0)",
        "def first(x):\n    return sum(x)\ndef total(x):\n    return first(x)",
    ],
    ids=["a decorator of PyTorch", "a decorator", "a context", "a partial function", "a function in another"],
)
def test_wrapped_functions_of_the_instructor_stand_on_their_names_too(wrapper: str):
    assert last(("import torch\n" + wrapper, GIVEN), ("sum = 0", OWN), ("print(total([1, 2]))", hidden())) == "3"


def test_how_a_student_has_numbers_printed_is_theirs():
    pieces = [("import numpy as np", GIVEN), ("np.set_printoptions(precision=1)", OWN)]
    assert last_two(*pieces, ("print(np.array([1.25]))", hidden()), ("print(np.array([1.25]))", OWN)) == [
        "[1.25]\n",
        "[1.2]\n",
    ]


def test_how_a_given_cell_has_numbers_printed_counts_in_a_region():
    assert (
        last(("import numpy as np\nnp.set_printoptions(precision=1)", GIVEN), ("print(np.array([1.25]))", hidden()))
        == "[1.2]"
    )


def test_a_regions_own_import_takes_nothing_away_from_the_student():
    answer = "from numpy import *\ndef decay(x):\n    return exp(-x).shape"
    region = "from math import exp\nimport numpy as np\nprint(decay(np.ones(2)), exp(0))"
    assert last(("from math import exp", GIVEN), (answer, OWN), (region, hidden("decay"))) == "(2,) 1.0"


def test_a_spy_is_put_back_to_what_the_student_had():
    spy = "true = helper\nhelper = lambda x: 'spied'\nprint(uses())\nhelper = true"
    pieces = [(SETUP, GIVEN), ("helper = lambda x: 'own'\ndef uses():\n    return helper(1)", OWN)]
    assert last_two(*pieces, (spy, hidden("uses")), ("print(uses())", OWN)) == ["spied\n", "own\n"]


DRAWS = "import random\nprint(random.random(), np.random.rand(), torch.rand(1).item())"


@pytest.mark.parametrize(
    "before",
    [
        "random.random()",
        "np.random.rand(3)",
        "torch.rand(2)",
        "random.seed(1)\nnp.random.seed(1)\ntorch.manual_seed(1)",
    ],
)
def test_a_region_draws_the_same_numbers_whatever_was_drawn_before(before: str):
    setup = (SETUP + "\nimport random", GIVEN)
    plain, drawn = last(setup, (DRAWS, hidden())), last(setup, (before, OWN), (DRAWS, hidden()))
    assert len(plain.split()) == 3
    assert plain == drawn == last(setup, (DRAWS, hidden()), (DRAWS, hidden()))


def test_what_a_region_draws_changes_nothing_of_what_is_drawn_after_it():
    setup, seeded = (SETUP, GIVEN), ("import random\nrandom.seed(1)\nnp.random.seed(1)\ntorch.manual_seed(1)", OWN)
    assert last(setup, seeded, (DRAWS, OWN)) == last(setup, seeded, (DRAWS, hidden()), (DRAWS, OWN))


def test_what_a_region_draws_from_a_library_that_it_imports_first_changes_nothing_after_it():
    plain, region = ("import torch\nprint(torch.rand(2))", OWN), ("import torch\ntorch.rand(3)", hidden())
    assert last(plain) == last(region, plain)


def test_what_a_student_calls_torch_takes_no_region_away():
    pieces = [(SETUP, GIVEN), (ANSWER, OWN), ("import sys\nsys.modules['torch'] = None", OWN)]
    assert last(*pieces, ("print(doubled(4))", hidden())) == "8"
