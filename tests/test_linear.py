"""Is every expression, parser and loop that meets student text linear in its length, and small in memory?

Every regular expression of the package is found in its source and fed what is worst for expressions like it;
every other parser stands in ``PARSERS`` with the worst megabyte for each.
Processor time is measured, never the clock, and each case runs in a process of its own.
A busy machine makes every instruction slower, so what is allowed grows with what a fixed piece of work takes there.
"""

from __future__ import annotations

import ast
import gc
import json
import multiprocessing
import re
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import coursegrader
from coursegrader.course.course import Notebook
from coursegrader.errors import EvidenceError, IngestError
from coursegrader.grading.logs import log
from coursegrader.intake import static
from coursegrader.intake.collecting.owners import original_name
from coursegrader.intake.collecting.roster import safe_id
from coursegrader.intake.neutral import neutral
from coursegrader.intake.reading import bulk
from coursegrader.intake.reading.cells import parse
from coursegrader.intake.repair import rebuild
from coursegrader.judging import sieve
from coursegrader.judging.values.decoding import decode
from coursegrader.publishing.exporting import sheets
from coursegrader.publishing.prose import code_to_html, to_html

PACKAGE = Path(coursegrader.__file__).parent
MEGABYTE = 1_000_000
SECONDS = 1.0  # of the processor, for a megabyte
LONGEST = 10  # seconds of the processor after which a case is ended
YARDSTICK = 0.06  # seconds of the processor that :func:`fixed_work` takes on a quiet machine
MEMORY = 300  # megabytes that a case may add
METHODS = ("search", "match", "fullmatch", "sub", "findall", "finditer", "split")


def fixed_work() -> float:
    """Return the seconds of the processor that the same parsing and counting takes here and now."""
    started = time.process_time()
    for _ in range(4):
        ast.parse("x = [a + 1, 'b']\n" * 1_000)
        sum(len(word) for word in ("a b c " * 20_000).split())
    return time.process_time() - started


def cost(function: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds of a quiet processor and the megabytes that a call takes, in a process of its own."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)

    def measure() -> None:
        gc.freeze()  # else what is parsed here has all that the tests imported looked through and copied, again and again
        resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, LONGEST))  # a test that fails should not take an hour
        slow = fixed_work()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.process_time()
        function()
        spent = time.process_time() - started
        slow = max(slow, fixed_work(), YARDSTICK) / YARDSTICK
        theirs.send((spent / slow, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024))

    child = context.Process(target=measure)
    child.start()
    theirs.close()
    try:
        found: tuple[float, float] = ours.recv()
    except EOFError:
        return float("inf"), float("inf")
    finally:
        child.join()
    return found


# -- regular expressions ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Expression:
    """A regular expression as it stands in the source: where, with which flags, and how it is used."""

    place: str
    pattern: str
    flags: int
    methods: tuple[str, ...]


def expressions() -> Iterator[Expression]:
    """Yield every expression of the package; what stands for values filled in is taken to be a word."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        used: dict[str, set[str]] = {}
        texts: dict[str, ast.expr] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
                used.setdefault(ast.unparse(node.func.value).rpartition(".")[2], set()).add(node.func.attr)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                texts[node.targets[0].id] = node.value
        names = {
            id(node.value): node.targets[0].id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.") and node.args):
                continue
            method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if method not in (*METHODS, "compile"):
                continue
            pattern = written(node.args[0], texts)
            flags = " | ".join(
                ast.unparse(part)
                for part in [*node.args[1:], *(word.value for word in node.keywords if word.arg == "flags")]
                if re.fullmatch(r"re\.[A-Z]+( \| re\.[A-Z]+)*", ast.unparse(part))
            )
            methods = used.get(names.get(id(node), ""), set()) or set(METHODS[:3]) if method == "compile" else {method}
            place = f"{path.relative_to(PACKAGE)}:{node.lineno}"
            yield Expression(place, pattern, eval(flags) if flags else 0, tuple(sorted(methods)))


def written(node: ast.expr, texts: dict[str, ast.expr]) -> str:
    """Return the text of a pattern; a name of the module stands for its text, any other value for a word."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(written(part, texts) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return written(node.value, texts)
    if isinstance(node, ast.BinOp):
        return written(node.left, texts) + written(node.right, texts)
    if isinstance(node, ast.Name) and isinstance(texts.get(node.id), (ast.Constant, ast.JoinedStr)):
        return written(texts[node.id], texts)
    return "word"


def worst_for(pattern: str, length: int) -> list[str]:
    """Return texts of one or two of the signs that an expression is about, again and again, with a bad end."""
    signs = {sign for sign in pattern if sign.isascii() and not sign.isspace() and sign not in "?:|^\\"} | set(
        " \n\ta0_-"
    )
    runs = [piece for piece in re.split(r"[^A-Za-z<>/_ -]", pattern) if len(piece) > 2][:6]
    signs -= set(sorted(signs - set(" \n\ta0_-(){}[]<>`$*=@.'\"!%#"))[3:])
    units = [*signs, *(a + b for a in signs for b in " \n\t" if a != b), *runs]
    return [(unit * (length // len(unit) + 1))[:length] + "\0" for unit in units]


@pytest.mark.parametrize("expression", list(expressions()), ids=lambda expression: expression.place)
def test_every_expression_of_the_package_is_linear(expression: Expression) -> None:
    """Fifty thousand signs: a linear expression needs milliseconds, a quadratic one many seconds."""
    compiled = re.compile(expression.pattern, expression.flags)
    texts = worst_for(expression.pattern, 50_000)

    def all_of_them() -> None:
        for method in expression.methods:
            for text in texts:
                found = compiled.sub("", text) if method == "sub" else getattr(compiled, method)(text)
                if method == "finditer":
                    list(found)

    spent, _ = cost(all_of_them)
    allowed = 0.02 * len(texts) * len(expression.methods)
    assert spent < allowed, f"{expression.pattern!r} is not linear"


@pytest.mark.slow
def test_the_worst_texts_find_what_is_not_linear() -> None:
    for pattern in (r"^\s*[%!].*$", r"[A-Za-z0-9+/\s]*={0,2}\s*x", r"<.*?>", r"(-\d+|\s*\(\d+\))+(?=\.ipynb$)"):
        compiled = re.compile(pattern, re.MULTILINE)
        times = [cost(partial(search_all, compiled, worst_for(pattern, length)))[0] for length in (1_000, 4_000)]
        grown = times[1] > 6 * times[0]
        assert grown, pattern


def search_all(compiled: re.Pattern[str], texts: list[str]) -> None:
    """Look for an expression in every text."""
    for text in texts:
        compiled.search(text)


# -- parsers ----------------------------------------------------------------------------------------------------------


def megabyte(unit: str) -> str:
    """Return a megabyte of the same again and again."""
    return (unit * (MEGABYTE // len(unit) + 1))[:MEGABYTE]


def notebook_of(sources: list[str], kind: str = "code", **more: Any) -> list[dict[str, Any]]:
    """Return cells as they are handed in."""
    return [{"cell_type": kind, "source": source, "metadata": {}, **more} for source in sources]


def bearing(function: Callable[[Any], object], *errors: type[Exception]) -> Callable[[Any], object]:
    """Return a function that may refuse what it is given."""

    def call(value: Any) -> object:
        try:
            return function(value)
        except errors:
            return None

    return call


CODE = ["(", "[", "-", "not ", "a.", "x\n", "\n", "    \n", "%", " %\n", "if x:\n", "'", "'''", "\\\n", "f'{", "lambda:",
        "x=", "a if b else ", "*", "@", "\x0c", "\t", "0", "0x", "1_", "é", "{x:", "with (", "#", ",", "a(", "::", "match x:\n",
        "def f(a):\n", "\ue0f0", "x if ", "[x for x in ", "async ", "await ", "yield ", "print(", "f'", "=", "!ls\n"]  # fmt: skip
PROSE = ["$", "$$", "\\\\[", "\\\\(", "\\begin{a}", "[", "![", "](", "]: ", "`", "``` ", "*", "_ ", "<", "<a ", "<!--", "<?",
         "> ", "- ", "1. ", "\n", " ", "&", "&#", "|", "~", "[a]: x\n", "http://a", "\\", "a\n: b\n", "# \n", "=\n", "<a@b",
         "[[a](b", "   \n", "$x$ ", "`a` ", "```\n", "\t", "\\href", "a", "{", "$\\frac{", "<b>", "www.", "a@b.c "]  # fmt: skip
#: What each parser is, and the worst that it can be given.
PARSERS: dict[str, tuple[Callable[[Any], object], list[Any]]] = {
    "cells.parse": (
        bearing(lambda text: parse(text.encode(), "x.ipynb"), IngestError),
        [megabyte(unit) for unit in ("[", "{", '{"a":', '"', "[1,", "\n", '{"cell_type":', ' , {"cell_type" :', "\\u0000", "\0")]
        + ['{"cells": [' + megabyte('{"cell_type":"code"},') + "{}]}", '{"cells":[{"source":[' + megabyte('"a",') + '""]}]}']
        + ['{"cells": ' + megabyte("1") + "}", '{"cells": ["' + megabyte("\\n") + '"]}'],
    ),
    "bulk.salvage": (bulk.salvage, [megabyte(unit) for unit in ("[", "[ ", ",\n", '[{"cell_type":"', '[{"cell_type":1},')]),
    "static.defined_names": (static.defined_names, [megabyte(unit)[:size] for unit in CODE for size in (static.MAX_PARSED, None)]),
    "static.touched": (static.touched, ["ctypes\n" + megabyte(unit)[:size] for unit in CODE for size in (24_000, None)]),
    "static.flagged_files": (
        lambda text: static.flagged_files({f"{n}.py": f"ctypes\n{text}".encode() for n in range(20)}),
        [megabyte(unit)[:size] for unit in CODE for size in (24_000, None)],
    ),
    "neutral.neutral": (neutral, [megabyte(unit) for unit in PROSE] + [megabyte(unit)[:20_000] for unit in PROSE]),
    "prose.to_html": (to_html, [neutral(megabyte(unit)[:size]) for unit in PROSE for size in (20_000, 100_000)]),
    "prose.code_to_html": (code_to_html, [megabyte(unit)[:100_000] for unit in CODE]),
    "sieve.plain_error": (
        lambda text: sieve.plain_error(text, "raise ValueError(f'{x} and {y} and {z}')"),
        [f"{name}: {megabyte(unit)}" for name in ("ValueError", "IndexError") for unit in ("1", "[", "list ", "(1x", "[1, ", "\n")],
    ),
    "log.read_claim": (
        lambda text: log.read_claim(text.encode()),
        [megabyte(unit) for unit in ("[", "{", '{"a":', '"', "1", "1e", "-", "\n")]
        + ['{"training":' + megabyte(unit) for unit in ("[", '{"a":', "[1,")]
        + ['{"training": {"x": [' + megabyte("1.5,") + "0]}}", '{"training": {"x": ' + megabyte("9") + "}}"],
    ),
    "decoding.decode": (
        bearing(decode, EvidenceError),
        [
            {"array": {"dtype": "<f8", "shape": [1], "data": megabyte(unit)}} for unit in ("A", "=", " ", "A=", "\n", "é")
        ]
        + [{"list": [{"list": [{"none": True}] * 10_000}] * 60}, {"text": megabyte("x")}]
        + [{"array": {"dtype": "<f8", "shape": [MEGABYTE] * 32, "data": ""}}],
    ),
    "owners.original_name": (lambda text: original_name(text, {"a.ipynb"}), [megabyte(u) for u in ("-1", "(1)", " ", "-", "1", "\n")]),
    "roster.safe_id": (safe_id, [megabyte(unit) for unit in (" ", "-", ".", "a", "é", "/")]),
    "sheets.harmless": (sheets.harmless, [megabyte(unit) for unit in (" ", "=", "\t", "'", "\u3000")]),
}  # fmt: skip
#: Cells that are worst for the rebuilding as a whole: many, the same, or all claiming the same place.
REBUILT: dict[str, list[dict[str, Any]]] = {
    "many small cells": notebook_of(["x"] * 2_000),
    "many cells of prose": notebook_of(["*a* $x$ [b](c)"] * 2_000, "markdown"),
    "many that claim one place": notebook_of([f"x = {n}\n" * 20 for n in range(2_000)], id="double"),
    "many that claim one question": notebook_of([f"{n} " * 40 for n in range(2_000)], "markdown", id="q_why_answer"),
    "many in one question": notebook_of([f"{n}\n" * 60 for n in range(2_000)], "markdown", id="q_why"),
    "blank lines": notebook_of(["\n" * 100_000] * 5),
    "blanks and a percent sign": notebook_of([" \n" * 49_000 + "%"] * 5),
    "no end of names": notebook_of(["".join(f"v{n}=1\n" for n in range(10_000))] * 5),
    "formulas without an end": notebook_of(["\\\\[" * 6_000] * 25, "markdown"),
    "brackets": notebook_of(["![" * 10_000] * 25, "markdown"),
    "a large cell": notebook_of(["a" * MEGABYTE]),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PARSERS)
def test_every_parser_reads_its_worst_megabyte_in_a_second(name: str) -> None:
    parser, worst = PARSERS[name]
    for value in worst:
        spent, memory = cost(lambda value=value: parser(value))
        shown = value[:30] if isinstance(value, str) else str(value)[:60]
        assert spent < SECONDS, f"{shown!r}: {spent:.1f} s"
        assert memory < MEMORY, f"{shown!r}: {memory:.0f} MB"


@pytest.mark.parametrize("name", REBUILT)
def test_the_worst_notebooks_are_rebuilt_in_a_few_seconds(name: str, notebook: Notebook) -> None:
    """Half a megabyte of text, which is all that is believed of a notebook, but two thousand cells of it."""
    spent, memory = cost(lambda: rebuild(notebook, json.loads(json.dumps(REBUILT[name]))))
    assert spent < 3 * SECONDS, f"{spent:.1f} s"
    assert memory < MEMORY


def test_every_module_that_meets_student_text_has_its_worst_case() -> None:
    """Whoever parses in a module that is not on this list says here what it parses, or adds its worst case above."""
    parses = re.compile(
        r"json\.loads?\(|ast\.parse\(|tree_of\(|yaml\.|csv\.reader|MarkdownWithMath|PythonLexer|b64decode|raw_decode"
    )
    rooms = ("engine", "grading", "intake", "judging", "publishing")
    paths = (path for room in rooms for path in (PACKAGE / room).rglob("*.py"))
    parsing = (path.relative_to(PACKAGE) for path in paths if parses.search(path.read_text("utf-8")))
    meets = {path.with_suffix("").as_posix() for path in parsing}
    told = {entry.partition(".")[0] for entry in PARSERS} | {"repair"}
    assert sorted(name for name in meets if name.rpartition("/")[2] not in told and name not in OTHERS) == []


#: Modules that parse, but what is no student's, or is bounded before they see it; each with the reason.
OTHERS = {
    "engine/conversation": "frames of a kernel, bounded by the limits of output; tested with the engine",
    "engine/messages": "frames of a kernel, bounded by the limits of output; tested with the engine",
    "engine/kernel": "our own messages",
    "engine/inside": "runs in the student's own box",
    "engine/runner": "the instructor's own cells",
    "engine/warm": "what the grader wrote itself, of reference runs",
    "engine/shell": "runs in the student's own box",
    "intake/collecting/parts": "the platform's metadata at the top of a download",
    "intake/collecting/sheet": "the instructor's own sheet",
    "publishing/exporting/gradescope": "the platform's metadata",
    "grading/cache": "what the grader wrote itself",
    "grading/cluster/foreman": "what our own worker made of a run, bounded as every run is",
    "grading/cluster/worker": "what the grader packed itself",
    "grading/logs/attempts": "what the grader wrote itself",
    "grading/gradebook/converters": "what nbgrader logged",
    "judging/sentences": "the instructor's own cells",
    "judging/judges/own": "the instructor's own file",
    "judging/reasons": "cells that are bounded when the notebook is rebuilt",
}
