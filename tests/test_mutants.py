"""Can the list of lies about the package be trusted, and is the tool that tries them right?"""

import importlib.util
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from small_course import ROOT


def tool(name: str, folder: str = "tools"):
    """Import a script by its place."""
    spec = importlib.util.spec_from_file_location(f"{folder}_{name}", ROOT / folder / f"{name}.py")
    sys.modules[spec.name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


mutants = tool("mutants")
LIST = mutants.mutants()


@pytest.mark.parametrize("mutant", LIST, ids=lambda mutant: f"{mutant.file}: {mutant.says}")
def test_a_lie_changes_one_place_and_names_tests_that_exist(mutant):
    text = (ROOT / "coursegrader" / mutant.file).read_text("utf-8")
    assert text.count(mutant.old) == 1
    compile(text.replace(mutant.old, mutant.new), mutant.file, "exec")  # what does not parse is noticed by no test
    assert mutant.tests
    for name in mutant.tests:
        assert (ROOT / "tests" / name).exists(), name


def test_there_are_enough_lies_and_none_is_told_twice():
    assert len(LIST) >= 150
    assert max(Counter((mutant.file, mutant.old, mutant.new) for mutant in LIST).values()) == 1
    assert sum(bool(mutant.argued) for mutant in LIST) <= 0.05 * len(LIST)


def test_a_lie_is_killed_by_a_test_that_fails_and_survives_where_none_does(tmp_path: Path):
    (tmp_path / "coursegrader").mkdir()
    (tmp_path / "tests").mkdir()
    module = tmp_path / "coursegrader" / "half.py"
    module.write_text("def half(x):\n    return x / 2\n")
    (tmp_path / "tests" / "test_half.py").write_text(
        "from coursegrader.half import half\n\n\ndef test_half():\n    assert half(4) == 2\n"
    )

    def lie(new: str, old: str = "x / 2", argued: str = "") -> str:
        # in a process of its own: this one has imported the package already
        code = (
            f"import sys; sys.path.insert(0, {str(ROOT / 'tools')!r}); import pathlib, mutants\n"
            f"mutant = mutants.Mutant('half.py', '', {old!r}, {new!r}, ('test_half.py',), {argued!r})\n"
            f"print('found:', *mutants.tried([mutant], [pathlib.Path({str(tmp_path)!r})]))"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
        return done.stdout.rpartition("found: ")[2].strip()

    assert lie("x / 3") == "killed"
    assert lie("x // 2") == "survived"
    assert lie("x // 2", argued="whole numbers only") == "argued"
    assert lie("x", old="x * 2") == "not there"
    assert module.read_text() == "def half(x):\n    return x / 2\n"


def test_the_table_counts_and_only_a_survivor_is_a_failure(capsys: pytest.CaptureFixture[str]):
    one = mutants.Mutant("half.py", "", "a", "b", ())
    assert mutants.report([one, one], ["killed", "argued"]) == 0
    assert mutants.report([one, one], ["killed", "survived"]) == 1
    assert mutants.report([one], ["not run"]) == 1
    assert "half.py" in capsys.readouterr().out
