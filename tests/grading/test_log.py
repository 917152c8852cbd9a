"""The log: what it says follows the schema, its student view gives nothing away, and every change to it is noticed."""

from __future__ import annotations

import json
import math
import os
import stat
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursegrader.errors import LogError
from coursegrader.grading.logs import log
from coursegrader.grading.logs.records import log_paths, previous, write_logs
from coursegrader.model import CellResult, EvidenceResult, Finding, Grading, NotebookResult, canonical

KEY = b"a key of the instructor's"


def grading() -> Grading:
    """Return a grading with every kind of entry, each secret recognisable by its text."""
    evidence = [
        EvidenceResult("all_h HIDDENSIZES 3x5", "wrong_value", 0.0, 2.0, math.inf, 1e-4, 1e-4, [0, 1], "",
                       "EXPECTEDVALUE", "GOTVALUE"),
        EvidenceResult("last_h HIDDENSIZES", "passed", 1.0, 1.0, 0.0, 1e-4, 1e-4),
    ]  # fmt: skip
    cells = [
        CellResult("test_rnn", 1.5, 3.0, verdict="partial", evidence=evidence, mistake="MISTAKENAME",
                   category="shape", hint="look at the bias", detail="KERNELTEXT", seconds=0.25),
        CellResult("q3e", None, 4.0, manual=True, verdict="manual", message="waits for a grader"),
        CellResult("test_lstm", 2.0, 2.0, optional=True, verdict="full"),
    ]  # fmt: skip
    findings = [Finding("missing_cell", "3_rnn.ipynb, test_rnn", "the cell was put back")]
    notebooks = [
        NotebookResult("3_rnn", cells, findings, 1, 3.5, "0" * 64, "1" * 64, "2" * 64),
        NotebookResult("1_backprop", degraded="1_backprop.ipynb was not handed in"),
    ]
    return Grading("ada", "rnn", "SECRETSEED", {"python": "3.11"}, notebooks, {"measured_accuracy": 0.79}, findings)


TRAINING = {"claimed_accuracy": 0.9, "history": [0.1, 0.9]}
VIEWS = {"student": log.student_view, "instructor": log.instructor_view}


def keys_of(data) -> set[str]:
    """Return every key anywhere in JSON data."""
    if isinstance(data, dict):
        return set(data).union(*map(keys_of, data.values()))
    return set().union(*map(keys_of, data)) if isinstance(data, list) else set()


# -- both views --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("training", [None, TRAINING])
def test_both_views_follow_the_schema_and_verify(view, training):
    document = VIEWS[view](grading(), training, KEY)
    jsonschema.Draft202012Validator(log.schema()).validate(document)
    assert log.verify(document, KEY).student == "ada"
    assert document.get("training") == training


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(log.schema())


def test_a_log_as_a_student_hands_it_in_follows_the_schema():
    jsonschema.Draft202012Validator(log.schema()).validate({"schema": log.SCHEMA_NAME, "training": TRAINING})


def test_the_instructors_view_comes_back_as_it_was_graded():
    back = log.verify(log.instructor_view(grading(), None, KEY), KEY)
    want = grading()
    want.notebooks[0].cells[0].evidence[0].max_error = "inf"  # JSON has no infinity
    assert back == want


def test_the_students_view_holds_nothing_that_gives_hidden_tests_away():
    document = log.student_view(grading(), TRAINING, KEY)
    text = json.dumps(document)
    for secret in ("SECRETSEED", "EXPECTEDVALUE", "GOTVALUE", "MISTAKENAME", "KERNELTEXT", "HIDDENSIZES"):
        assert secret not in text
        assert secret in json.dumps(log.instructor_view(grading(), TRAINING, KEY))
    assert not keys_of(document) & {"seed", "expected", "got", "mistake"}
    assert not any("detail" in cell for cell in document["grading"]["notebooks"][0]["cells"])


def test_the_students_view_keeps_what_helps():
    cell = log.student_view(grading(), None, KEY)["grading"]["notebooks"][0]["cells"][0]
    assert (cell["points"], cell["hint"], cell["category"]) == (1.5, "look at the bias", "shape")
    assert [item["name"] for item in cell["evidence"]] == ["all_h (case 1)", "last_h (case 2)"]
    assert cell["evidence"][0]["max_error"] == "inf"
    assert cell["evidence"][0]["where"] == [0, 1]


def test_points_count_the_bonus_but_the_maximum_does_not():
    notebook = grading().notebooks[0]
    assert (notebook.points, notebook.max_points) == (3.5, 7.0)


@pytest.mark.parametrize("view", VIEWS)
def test_a_log_that_was_stored_before_still_verifies(view):
    stored = Path(__file__).parent / "stored_logs" / f"{view}.json"
    document = log.read(stored)
    jsonschema.Draft202012Validator(log.schema()).validate(document)
    grading = log.verify(document, KEY)
    cell = grading.notebooks[0].cells[0]
    assert (grading.student, cell.points, cell.evidence[0].max_error, grading.moved[0].after) == ("ada", 1, "inf", 1.0)
    assert (grading.seed, grading.notebooks[0].seed) == (("0123", "77") if view == "instructor" else ("", ""))


def test_what_the_schema_does_not_know_is_refused_with_its_place():
    document = log.instructor_view(grading(), None, KEY)
    document["grading"]["notebooks"][0]["cells"][0]["more"] = 1
    document["signature"] = log.sign(document, KEY)
    with pytest.raises(LogError, match=r"unknown field `more`.*notebooks\[0\]\.cells\[0\]"):
        log.verify(document, KEY)


# -- tampering ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Return a graded log's path and bytes."""
    path = tmp_path_factory.mktemp("log") / log.FILE_NAME
    log.write(log.instructor_view(grading(), TRAINING, KEY), path)
    return path, path.read_bytes()


@given(data=st.data())
@settings(deadline=None, max_examples=300)
def test_any_changed_byte_is_noticed_unless_it_changes_nothing(written, data):
    path, raw = written
    place = data.draw(st.integers(0, len(raw) - 1))
    kind = data.draw(st.sampled_from(["replace", "insert", "delete", "cut"]))
    new = data.draw(st.binary(min_size=1, max_size=2))
    tail = {"replace": raw[place + len(new) :], "insert": raw[place:], "delete": raw[place + 1 :], "cut": b""}[kind]
    changed = raw[:place] + (b"" if kind in ("delete", "cut") else new) + tail
    other = path.with_name("changed.json")
    other.write_bytes(changed)
    try:
        log.verify(log.read(other), KEY)
    except LogError:
        return
    assert json.loads(changed) == json.loads(raw)  # white space, or the same number written in another way


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["grading"]["notebooks"][0]["cells"][0].update(points=3.0),
        lambda d: d["grading"].update(student="bob"),
        lambda d: d["grading"].update(seed="other"),
        lambda d: d["training"].update(claimed_accuracy=1.0),
        lambda d: d["training"].update(claimed_accuracy=math.nan),
        lambda d: d["training"].update(note="\ud800"),
        lambda d: d.pop("training"),
        lambda d: d.update(view="student"),
        lambda d: d.update(signature="0" * 64),
        lambda d: d.update(signature=d["signature"] + "\n"),
        lambda d: d.update(signature=None),
        lambda d: d.pop("signature"),
        lambda d: d.pop("grading"),
        lambda d: d.update(more=1),
        lambda d: d["grading"]["notebooks"].append("not a notebook"),
    ],
)
def test_every_forged_entry_is_refused(change):
    document = log.instructor_view(grading(), dict(TRAINING), KEY)
    change(document)
    with pytest.raises(LogError):
        log.verify(document, KEY)


def test_another_key_does_not_verify():
    with pytest.raises(LogError, match="signature does not match"):
        log.verify(log.instructor_view(grading(), None, KEY), b"another key")


def test_what_a_student_signs_with_nothing_does_not_verify():
    forged = log.instructor_view(grading(), None, b"")
    with pytest.raises(LogError):
        log.verify(forged, KEY)


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'"text"', b'{"a": ' * 5000], ids=lambda raw: repr(raw[:8])
)
def test_a_file_that_is_no_log_is_refused_with_its_name(tmp_path, raw):
    path = tmp_path / "some.json"
    path.write_bytes(raw)
    with pytest.raises(LogError, match=r"some\.json"):
        log.read(path)


def test_a_missing_log_says_what_to_do(tmp_path):
    with pytest.raises(LogError, match="grade the submission first"):
        log.read(tmp_path / "none.json")


# -- writing -----------------------------------------------------------------------------------------------------------


def test_a_log_is_replaced_in_one_step_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "a" / log.FILE_NAME
    for training in (None, TRAINING):
        log.write(log.instructor_view(grading(), training, KEY), path)
    assert log.read(path)["training"] == TRAINING
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_json_cannot_hold_is_never_signed_as_if_it_could(value):
    with pytest.raises(ValueError, match="JSON"):
        canonical({"points": value})


def test_text_no_encoding_can_hold_is_written_and_verified(tmp_path):
    marked = grading()
    marked.findings = [Finding("file_left_out", "caf\udce9.txt", "half a character: \ud83d")]
    log.write(log.instructor_view(marked, None, KEY), tmp_path / log.FILE_NAME)
    assert log.verify(log.read(tmp_path / log.FILE_NAME), KEY).findings[0].place == "caf?.txt"


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    key = log.signing_key(tmp_path)
    assert log.signing_key(tmp_path) == key
    assert len(key) >= 32
    path = tmp_path / "keys" / "log.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["log.key"]


def test_processes_that_start_together_use_one_key(tmp_path):
    code = "import sys, pathlib; from coursegrader.grading.logs.log import signing_key as k; print(k(pathlib.Path(sys.argv[1])))"
    command = [sys.executable, "-c", code, str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert len({process.communicate(timeout=60)[0] for process in running} - {""}) == 1


def test_a_key_that_another_process_made_first_is_the_one_that_is_used(tmp_path, monkeypatch):
    def slow(size):
        monkeypatch.undo()
        assert log.signing_key(tmp_path) != b"too late"
        return "too late"

    monkeypatch.setattr("coursegrader.files.secrets.token_hex", slow)
    assert log.signing_key(tmp_path) not in (b"", b"too late")
    assert os.listdir(tmp_path / "keys") == ["log.key"]


def test_an_empty_key_file_is_never_used_as_a_key(tmp_path):
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "log.key").write_text("\n")
    with pytest.raises(LogError, match="empty"):
        log.signing_key(tmp_path)


# -- claims ------------------------------------------------------------------------------------------------------------


def claim(training) -> bytes:
    """Return a log as a student hands it in."""
    return json.dumps({"schema": log.SCHEMA_NAME, "training": training}).encode()


def test_the_claimed_training_is_read():
    assert log.read_claim(claim(TRAINING)) == (TRAINING, "")
    assert log.read_claim(b"\xef\xbb\xbf" + claim(TRAINING)) == (TRAINING, "")


def test_a_grading_that_a_student_wrote_is_dropped():
    forged = log.instructor_view(grading(), TRAINING, KEY)
    assert log.read_claim(json.dumps(forged).encode()) == (TRAINING, "")


def test_a_claim_of_a_megabyte_is_read_and_nothing_larger():
    padded = claim(TRAINING).ljust(log.MAX_CLAIM_BYTES)
    assert log.read_claim(padded) == (TRAINING, "")
    assert log.read_claim(padded + b" ") == (None, "submission_log.json is larger than 1 MB")


@pytest.mark.parametrize(
    "raw",
    [b"", b"no json", b"\xff\xfe", b"[]", b"{}", claim([]), claim("x"), b"{" * 100_000, b" " * 2_000_000,
     claim(json.loads("[" * 50 + "]" * 50)), b'{"training": ' + b'{"a": ' * 400 + b"1" + b"}" * 401],
    ids=lambda raw: repr(raw[:12]),
)  # fmt: skip
def test_a_useless_claim_is_said_in_words(raw):
    training, problem = log.read_claim(raw)
    assert training is None
    assert problem.startswith(log.FILE_NAME)


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(st.characters()), ODD, max_size=3))
@settings(deadline=None)
def test_whatever_a_student_claims_can_be_signed_and_verified(training):
    claimed, problem = log.read_claim(claim(training))
    assert claimed is not None, problem
    document = log.instructor_view(grading(), claimed, KEY)
    assert log.verify(json.loads(canonical(document)), KEY).student == "ada"


def test_nan_infinity_and_endless_numbers_become_text():
    raw = b'{"training": {"a": NaN, "b": 1e999, "c": -Infinity, "d": 1' + b"0" * 4000 + b', "e": [NaN]}}'
    training, _ = log.read_claim(raw)
    assert training == {"a": "NaN", "b": "inf", "c": "-Infinity", "d": "a number too large", "e": ["NaN"]}


# -- a student's log over several gradings -----------------------------------------------------------------------------


def graded(course, results, training=None, student="ada"):
    """Record results the way a grading run does and return what both files say afterwards."""
    write_logs(course, Grading(student, "week", course.seed), training, results)
    key = log.signing_key(course.grading)
    return [log.verify(log.read(path), key) for path in log_paths(course, student, "week")]


def notebook_result(name, points):
    """Return the result of a notebook with one cell."""
    return NotebookResult(name, [CellResult("test_x", points, 2.0)])


def test_grading_one_notebook_again_keeps_the_others_and_signs_anew(course):
    graded(course, [notebook_result("2_words", 1.0), notebook_result("1_numbers", 2.0)])
    first = (course.grading / "ada" / "week" / log.FILE_NAME).read_bytes()
    for found in graded(course, [notebook_result("2_words", 0.5)]):
        assert [(notebook.name, notebook.points) for notebook in found.notebooks] == [
            ("1_numbers", 2.0),
            ("2_words", 0.5),
        ]
    assert (course.grading / "ada" / "week" / log.FILE_NAME).read_bytes() != first


def test_the_same_results_give_the_same_bytes(course):
    texts = set()
    for _ in range(2):
        graded(course, [notebook_result("1_numbers", 2.0)], TRAINING)
        texts |= {path.read_bytes() for path in log_paths(course, "ada", "week")}
    assert len(texts) == 2  # the student's view and the instructor's


def test_what_was_changed_after_grading_is_not_merged(course):
    graded(course, [notebook_result("1_numbers", 0.0)])
    path = log_paths(course, "ada", "week")[1]
    path.write_text(path.read_text().replace('"points": 0.0', '"points": 2.0'))
    grading, (finding,) = previous(course, "ada", "week")
    assert grading is None
    assert finding.code == "unusable_log"
    found = graded(course, [notebook_result("2_words", 1.0)])[1]
    assert [notebook.name for notebook in found.notebooks] == ["2_words"]


def test_one_students_log_is_no_other_students(course):
    graded(course, [notebook_result("1_numbers", 2.0)])
    assert [n.name for n in graded(course, [notebook_result("2_words", 1.0)], student="bob")[1].notebooks] == [
        "2_words"
    ]


def test_a_claim_stands_beside_what_was_measured_and_earns_nothing(course):
    evidence = EvidenceResult("origins", "partial", 0.5, max_error=0.25, judge="accuracy")
    result = NotebookResult("4_last_names", [CellResult("test_accuracy", 5.0, 10.0, evidence=[evidence])])
    found = graded(course, [result], {"claimed_accuracy": 0.95})[1]
    assert found.claims == {"claimed_accuracy": 0.95, "measured_accuracy": 0.75, "difference": 0.2}
    assert found.notebooks[0].points == 5.0


@pytest.mark.parametrize("claimed", [True, "0.99", None, [1], "NaN"])
def test_a_claim_that_is_no_number_is_no_claim(course, claimed):
    assert graded(course, [notebook_result("1_numbers", 1.0)], {"claimed_accuracy": claimed})[1].claims == {}


def test_a_suspicion_is_told_to_instructors_only():
    flag, repair = (
        Finding("touches_internals", "1_a.ipynb, x", "uses _getframe"),
        Finding("damaged", "1_a.ipynb", "cut off"),
    )
    notebook = NotebookResult("1_a", findings=[flag, repair])
    grading = Grading("ada", "week", "7", notebooks=[notebook], findings=[flag, repair])
    told = log.student_view(grading, None, b"key")["grading"]
    kept = log.instructor_view(grading, None, b"key")["grading"]
    for part in (told, told["notebooks"][0]):
        assert [finding["code"] for finding in part["findings"]] == ["damaged"]
    for part in (kept, kept["notebooks"][0]):
        assert [finding["code"] for finding in part["findings"]] == ["touches_internals", "damaged"]
