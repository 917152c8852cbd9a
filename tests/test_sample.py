"""What does the quick test command leave out, and does it say so; and are the tests of a file kept together?"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def collected(*options: str) -> tuple[list[str], str]:
    """Return the tests of one file that pytest would run, and all that it prints."""
    command = [sys.executable, "-m", "pytest", "-n0", "-q", "--collect-only", *options, "tests/test_hostile.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return re.findall(r"^tests/\S+::.*$", done.stdout, re.MULTILINE), done.stdout


def test_a_sample_keeps_a_tenth_of_slow_cases_and_says_what_it_left_out():
    whole, said = collected()
    assert "left out" not in said
    sample, said = collected("--sample")
    cases = [[name for name in names if "::test_each_ends_as_it_must[" in name] for names in (whole, sample)]
    assert len(cases[0]) // 10 == len(cases[1]) > 10
    assert set(sample) < set(whole)
    assert f"{len(whole) - len(sample)} slow tests, which `make test-all` runs: hostile" in said
    assert any(name.endswith("::test_nothing_is_left_and_the_grader_stays_small") for name in sample)


def test_the_tests_of_a_file_run_in_one_process_which_makes_what_they_share_once():
    files = ["tests/course/test_folders.py", "tests/judging/test_moves.py", "tests/publishing/exporting/test_table.py"]
    command = [sys.executable, "-m", "pytest", "-v", "-n2", "--dist=loadgroup", "--no-loadscope-reorder", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    ran = set(re.findall(r"^\[(gw\d)\].* PASSED (tests/\S+?)::", done.stdout, re.MULTILINE))
    assert sorted(file for _, file in ran) == files
    assert len({worker for worker, _ in ran}) == 2
