"""Does every script beside the package run? The figures of benchmarks are nobody's promise, their end is."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hostile.honest import HONEST
from small_course import ROOT
from test_mutants import tool

NOTEBOOK = "1_backprop"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the benchmarks beside a course of one notebook and two wrong answers to it."""
    root = tmp_path_factory.mktemp("benchmarks") / "project"
    shutil.copytree(ROOT / "benchmarks", root / "benchmarks", ignore=shutil.ignore_patterns("results", "__pycache__"))
    shutil.copytree(ROOT / "source", root / "source")
    shutil.copyfile(ROOT / "nbgrader_config.py", root / "nbgrader_config.py")
    for path in (root / "source" / "rnn").glob("*.ipynb"):
        if path.stem != NOTEBOOK:
            path.unlink()
    for path in sorted((root / "source" / "rnn" / "mistakes" / NOTEBOOK).glob("*/*.py"))[2:]:
        path.unlink()
    return root


def bench(root: Path, script: str, *arguments: str) -> str:
    """Run a benchmark to its end and return what it printed."""
    done = subprocess.run(
        [sys.executable, root / "benchmarks" / script, *arguments],
        env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False, cwd=root,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def written(root: Path, name: str) -> dict:
    return json.loads((root / "benchmarks" / "results" / f"{name}.json").read_text())


@pytest.mark.slow
def test_a_class_is_compared_with_nbgrader_and_the_floor(small: Path):
    said = bench(small, "grading.py", "compare", "--students", "2", "--vanilla", "1", "--notebooks", NOTEBOOK)
    rows = written(small, "compare")["seconds_per_submission"]
    assert set(rows) == {"floor", "coursegrader autograde", "nbgrader autograde"}
    assert all(seconds > 0 for seconds in rows.values())
    assert "x floor" in said


@pytest.mark.slow
def test_the_cost_of_a_further_submission_is_measured(small: Path):
    bench(small, "grading.py", "scale", "--students", "1", "2", "--notebooks", NOTEBOOK)
    assert set(written(small, "scale")["seconds_per_submission"]) == {"1", "2"}


@pytest.mark.slow
def test_the_start_of_a_kernel_is_measured(small: Path):
    bench(small, "grading.py", "kernels", "--count", "1")
    assert written(small, "kernels")["ready_ms"]["median"] > 0


@pytest.mark.slow
def test_judging_a_class_anew_is_measured_and_starts_no_box(small: Path):
    bench(small, "rejudge.py", "--students", "3", "--distinct", "2", "--notebooks", NOTEBOOK)
    figures = written(small, "rejudge")
    for judged in (figures["one"], figures["every"]):
        assert (judged["students"], judged["degraded"], judged["boxes"]) == (3, 0, 0)
        assert judged["changed"]


@pytest.mark.slow
def test_a_class_is_graded_beside_busy_processes_and_a_greedy_student(small: Path):
    bench(small, "busy.py", "--students", "2", "--busy", "2", "--processes", "3", "--notebooks", NOTEBOOK)
    figures = written(small, "busy")
    assert figures["students"] == 2
    assert figures["differ_beside_busy_processes"] == figures["differ_beside_a_greedy_student"] == []
    # who answers rightly and takes all he can get has his points, or has spent his own time
    assert set() < set(figures["greedy_ended"]) <= {"full", "timeout", "cpu_limit", "not_run"}


def test_what_a_busy_machine_changed_is_named_with_its_place():
    busy = tool("busy", "benchmarks")
    cell = {"grade_id": "test_x", "points": 2.0, "evidence": [{"name": "w", "max_error": 1e-5, "where": [3]}]}
    quiet = {"ann": {"degraded": None, "notebooks": [{"name": "1_backprop", "cells": [cell]}]}}
    evidence = [{"name": "w", "max_error": 2e-5, "where": [3]}]
    beside = {
        "ann": {
            "degraded": "1_backprop",
            "notebooks": [{"name": "1_backprop", "cells": [cell | {"evidence": evidence}]}],
        }
    }
    assert busy.differences(quiet, quiet) == []
    assert busy.differences(quiet, beside) == [
        "ann/degraded: None -> 1_backprop",
        "ann/notebooks/0 1_backprop/cells/0 test_x/evidence/0 w/max_error: 1e-05 -> 2e-05",
    ]
    assert busy.differences(quiet, {}) == [f"ann: {quiet['ann']} -> None"]
    lost = {"ann": {"degraded": None, "notebooks": []}}
    assert busy.differences(quiet, lost) == [f"ann/notebooks: {quiet['ann']['notebooks']} -> []"]


@pytest.mark.slow
def test_grading_on_arrival_is_measured_and_loses_nothing_when_it_is_killed(small: Path):
    bench(small, "watch.py", "--students", "3", "--kills", "1", "--notebooks", NOTEBOOK)
    figures = written(small, "watch")
    assert (figures["lost"], figures["graded_twice"], figures["said_twice"], figures["changed_afterwards"]) == (
        0,
        0,
        0,
        0,
    )
    assert figures["alone_seconds"] > 0


@pytest.mark.slow
def test_the_way_over_a_cluster_is_measured(small: Path):
    said = bench(small, "cluster.py", "--students", "2", "--rounds", "1", "--notebooks", NOTEBOOK)
    assert "a further submission" in said
    assert written(small, "cluster")["kilobytes"]["once_to_a_worker"] > 0


@pytest.mark.slow
def test_attacks_are_counted(tmp_path: Path):
    command = [sys.executable, ROOT / "benchmarks" / "attacks.py", "--kinds", "cheats", "--only", "displayhook"]
    command += ["--without-nbgrader", "--output", tmp_path / "attacks.json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (tally,) = json.loads((tmp_path / "attacks.json").read_text())
    assert (tally["submissions"], tally["paid"], tally["lost"], tally["others"]) == (1 + len(HONEST), [], [], [])


def test_the_names_packed_in_the_notebook_are_those_of_the_files(tmp_path: Path):
    shutil.copytree(ROOT / "source", tmp_path / "source")
    subprocess.run([sys.executable, ROOT / "tools" / "embed_names.py"], check=True, cwd=tmp_path)
    written, kept = (root / "source" / "rnn" / "4_last_names.ipynb" for root in (tmp_path, ROOT))
    assert written.read_bytes() == kept.read_bytes()


def test_a_mistake_that_loses_nothing_and_a_right_answer_that_loses_on_a_seed_are_found(
    monkeypatch: pytest.MonkeyPatch,
):
    seeds, name = tool("seeds"), "6_convolution"
    right = next(cell for cell in seeds.course.load(name).cells if cell.id == "upsampled").source
    wrong, *_ = (one for one in seeds.course.bank("mistakes", name) if one.cell == "upsampled")
    banks = {"mistakes": [replace(wrong, source=right, slug="none")], "alternatives": [replace(wrong, slug="bad")]}
    monkeypatch.setattr(seeds.course, "bank", lambda kind, _: banks[kind])
    assert seeds.misjudged(name, "any") == [
        "upsampled/none of the mistakes loses nothing",
        f"upsampled/bad of the alternatives loses {', '.join(sorted(wrong.loses))}",
    ]
    assert seeds.main([name, "--seeds", "2"]) == 1


def test_a_constant_that_passes_on_a_seed_is_found(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    seeds, name = tool("seeds"), "6_convolution"
    notebook = seeds.course.load(name)
    cell = next(cell for cell in notebook.cells if "### END HIDDEN TESTS" in cell.source)
    cell.source = cell.source.replace("### END HIDDEN TESTS", "evidence('all ones', [1.0, 1.0])\n### END HIDDEN TESTS")
    monkeypatch.setattr(seeds.course, "load", lambda _: notebook)
    seeds.course.reference.cache_clear()
    assert seeds.main([name, "--seeds", "1", "--constants"]) == 1
    seeds.course.reference.cache_clear()
    said = capsys.readouterr().out
    assert f"seed 0: {cell.id}, all ones is passed by ones\n{name}: 1 seeds, 1 problems" in said


def test_every_benchmark_is_run_here():
    run = {
        "grading.py",
        "floor.py",
        "cluster.py",
        "classes.py",
        "attacks.py",
        "rejudge.py",
        "busy.py",
        "watch.py",
    }  # the floor by `compare`, the classes by all
    assert {path.name for path in (ROOT / "benchmarks").glob("*.py")} == run
    tested = {
        "mutants.py",
        "build_names.py",
        "train_reference.py",
        "system_packages.py",
        "embed_names.py",
        "seeds.py",
    }  # names: test_names.py
    assert {path.name for path in (ROOT / "tools").glob("*.py")} == tested


def test_training_the_reference_keeps_what_the_notebook_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    script = tool("train_reference")

    class Client:
        def __init__(self, notebook, resources, **options):
            self.folder = Path(resources["metadata"]["path"])

        def execute(self):
            assert "NBGRADER_EXECUTION" not in os.environ, "it would skip the training"
            assert (self.folder / "data").is_dir()
            (self.folder / "last_names.pt").write_bytes(b"weights")
            (self.folder / "submission_log.json").write_text('{"training": {"claimed_accuracy": 0.8}}')

    monkeypatch.setattr(script, "NotebookClient", Client)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert script.train(ROOT / "source" / "rnn", tmp_path / "reference") == 0.8
    assert (tmp_path / "reference" / "last_names.pt").read_bytes() == b"weights"
    assert (tmp_path / "reference" / "submission_log.json").exists()


def test_what_cannot_be_installed_is_said_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    script = tool("system_packages")
    monkeypatch.setattr(script, "KNOWN", {"chromium": (lambda: None, "the browser tests")})
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert script.main(["chromium"]) == 0
    assert "chromium is not installed: the browser tests are skipped" in capsys.readouterr().out
