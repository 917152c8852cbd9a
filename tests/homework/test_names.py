"""Do the bundled surnames keep their promises, and does the script that built them build the same again?"""

import re
import subprocess
import sys
from itertools import pairwise

import pytest
from course_harness import ROOT, SOURCE

RELEASED = {path.stem: path for path in sorted((SOURCE / "data" / "names").glob("*.txt"))}


def lines(path):
    text = path.read_bytes().decode("utf-8")
    assert text.endswith("\n")
    assert "\r" not in text
    return text[:-1].split("\n")


@pytest.fixture(scope="module")
def released():
    return {language: lines(path) for language, path in RELEASED.items()}


@pytest.fixture(scope="module")
def hidden():
    return lines(SOURCE / "hidden" / "surnames.txt"), lines(SOURCE / "truth" / "origins.txt")


def test_there_are_enough_languages_and_names_and_none_dominates(released):
    sizes = {language: len(names) for language, names in released.items()}
    assert len(sizes) >= 18
    assert sum(sizes.values()) >= 12_000
    assert max(sizes.values()) <= 0.12 * sum(sizes.values())
    assert min(sizes.values()) >= 100


def test_no_name_stands_twice_or_under_two_languages(released):
    names = [name for some in released.values() for name in some]
    assert len(names) == len(set(names))


def test_files_are_sorted_and_names_are_plain_letters_of_at_most_19(released):
    longest = 0
    for language, names in released.items():
        assert names == sorted(names), language
        for name in names:
            assert re.fullmatch(r"[A-Z][A-Za-z' ]+", name), name
            assert name == " ".join(name.split())
            longest = max(longest, len(name))
    assert longest == 19


def test_hidden_names_are_new_labelled_and_in_no_telling_order(released, hidden):
    surnames, origins = hidden
    assert len(surnames) == len(origins) == len(set(surnames)) >= 1_000
    assert not set(surnames) & {name for some in released.values() for name in some}
    assert set(origins) == set(released)
    for language, names in released.items():
        share = origins.count(language) / (origins.count(language) + len(names))
        assert 0.10 <= share <= 0.14, language
    assert all(re.fullmatch(r"[A-Z][A-Za-z' ]{1,18}", name) for name in surnames)
    assert surnames != sorted(surnames)
    neighbours = sum(a == b for a, b in pairwise(origins)) / len(origins)
    by_chance = sum((origins.count(language) / len(origins)) ** 2 for language in released)
    assert abs(neighbours - by_chance) < 0.03


def test_only_names_and_their_readme_are_released():
    assert {path.name for path in (SOURCE / "data").rglob("*") if path.is_file()} == {
        "README.md",
        *(f"{language}.txt" for language in RELEASED),
    }


def test_the_readme_says_where_the_names_come_from_and_hides_the_hidden_ones(released, hidden):
    readme = (SOURCE / "data" / "names" / "README.md").read_text("utf-8")
    assert "Copyright (c) 2012 Daniele Faraglia" in readme
    assert "Permission is hereby granted, free of charge" in readme
    assert f"{sum(map(len, released.values())):,} distinct surnames of {len(released)} languages" in readme
    for language, names in released.items():
        assert f"| {language} | {len(names)} |" in readme
    for recipe in ("hidden", "locale", "version", "40.54", "anyascii"):
        assert recipe not in readme.lower()


def test_building_again_gives_the_same_bytes(tmp_path):
    for package in ("faker", "anyascii"):
        pytest.importorskip(package, reason=f"{package} is not installed: pip install -e '.[data]'")
    script = [sys.executable, str(ROOT / "tools" / "build_names.py"), "--to", str(tmp_path)]
    # another hash seed gives sets another order, which must not matter
    subprocess.run(script, check=True, capture_output=True, env={"PYTHONHASHSEED": "77", "PATH": ""})
    built = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    committed = {path: (SOURCE / path).read_bytes() for path in built}
    assert built == committed
    assert len(built) == len(RELEASED) + 3
