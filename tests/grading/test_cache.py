"""The cache: equal inputs give equal keys, and nothing but a whole result ever comes out."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import threading
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coursegrader.grading import cache as module
from coursegrader.grading.cache import Cache, code_of, content_key, environment, libraries, versions

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KEY = content_key(kind="test")


@given(JSON)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_stored_comes_back(tmp_path, data):
    cache = Cache(tmp_path)
    cache.put(KEY, data)
    assert cache.get(KEY) == data


def test_an_unknown_key_gives_nothing(tmp_path):
    assert Cache(tmp_path / "not there yet").get(KEY) is None


def test_two_keys_never_share_a_result(tmp_path):
    cache, keys = Cache(tmp_path), ["ab" + 62 * "0", "ab" + 62 * "1"]
    for key in keys:
        cache.put(key, key)
    assert [cache.get(key) for key in keys] == keys


def test_the_last_result_counts_and_leaves_nothing_beside_it(tmp_path):
    for number in range(3):
        Cache(tmp_path).put(KEY, number)
    assert Cache(tmp_path).get(KEY) == 2
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


@given(st.data())
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_counts_as_absent(tmp_path, data):
    cache = Cache(tmp_path)
    stored = {"points": [1.5, 2.0], "text": "abc" * 50}
    cache.put(KEY, stored)
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    raw = path.read_bytes()
    place = data.draw(st.integers(0, len(raw) - 1))
    path.write_bytes(
        raw[:place] + data.draw(st.binary(max_size=2)) + (raw[place + 1 :] if data.draw(st.booleans()) else b"")
    )
    assert cache.get(KEY) in (None, stored)  # some bytes of gzip's header mean nothing


def test_threads_that_store_the_same_key_leave_one_whole_result(tmp_path):
    cache = Cache(tmp_path)
    threads = [threading.Thread(target=cache.put, args=(KEY, [number] * 10_000)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(cache.get(KEY))) == 1
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize("changed", [{"seed": "2"}, {"raw": "b"}, {"files": {"a": "1"}}, {"more": None}])
def test_a_key_changes_with_every_part(changed):
    parts = {"seed": "1", "raw": "a", "files": {}}
    assert content_key(**parts) == content_key(**dict(reversed(parts.items())))
    assert content_key(**parts) != content_key(**{**parts, **changed})


def test_parts_cannot_be_shifted_into_each_other():
    assert content_key(a="1", b="23") != content_key(a="12", b="3")
    assert content_key(a="1") != content_key(a=1)


def test_a_key_is_the_same_in_every_process():
    code = "from coursegrader.grading.cache import content_key; print(content_key(b={'x': 1, 'y': 2}, a='test'))"
    keys = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert keys[0] == keys[1] != ""


def test_the_environment_names_what_can_change_any_result():
    assert {"python", "numpy", "code"} <= set(environment())
    assert "absent" not in environment().values()


def test_a_result_depends_on_every_file_of_our_code_and_on_where_it_stands(tmp_path):
    (tmp_path / "room").mkdir()
    found = set()
    for path, text in (("a.py", "x = 1"), ("a.py", "x = 2"), ("room/b.py", "x = 1"), ("room/b.py", "x = 2")):
        (tmp_path / path).write_text(text)
        found.add(code_of(tmp_path))
    (tmp_path / "room" / "b.py").rename(tmp_path / "room" / "c.py")
    found.add(code_of(tmp_path))
    assert len(found) == 5
    (tmp_path / "notes.txt").write_text("no code")
    assert code_of(tmp_path) in found
    assert environment()["code"] == code_of(Path(module.__file__).parents[1])


@pytest.mark.parametrize("part", ["python", "code", "numpy"])
def test_a_key_depends_on_the_environment(monkeypatch, part):
    other = {**environment(), part: "another"}
    monkeypatch.setattr(module, "environment", lambda: other)
    assert content_key(kind="test") != KEY


def test_the_environment_is_that_of_the_python_that_runs(monkeypatch):
    monkeypatch.setattr(platform, "python_version", lambda: "3.99.0")
    monkeypatch.setattr(module, "_version", lambda name: f"of {name}")
    found = environment.__wrapped__()
    assert (found["python"], found["numpy"]) == ("3.99.0", "of numpy")


def test_a_result_depends_on_the_versions_of_what_its_notebook_imports_and_of_nothing_else(course):
    path = course.root / "source" / "week" / "1_numbers.ipynb"
    text = path.read_text("utf-8").replace("import math", "import PIL.Image as I, psutil\\n%load_ext autoreload")
    path.write_text(text, "utf-8")
    assignment = course.assignment("week")
    assert set(assignment.notebooks["1_numbers"].imported) >= {"PIL", "psutil", "coursegrader"}
    found = libraries(assignment.notebooks["1_numbers"])
    assert found == {"PIL": f"pillow {version('pillow')}", "psutil": version("psutil")}
    assert libraries(assignment.notebooks["2_words"]) == {}
    assert {**found, **environment()} == versions(assignment)


def test_what_an_assignment_requires_counts_although_nothing_imports_it(course):
    (course.root / "source" / "week" / "requirements.txt").write_text("# for students\nnumpy>=2\nno-such-library\n")
    found = libraries(course.assignment("week").notebooks["2_words"])
    assert found == {"numpy": version("numpy"), "no-such-library": "absent"}
