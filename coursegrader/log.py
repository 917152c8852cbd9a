"""What does ``submission_log.json`` say?

One document per student and assignment.
``training`` is what the student claims (written by the notebook that trains a model);
``grading`` is what the grader measured, signed with a key only the instructor has.
The student's view is the instructor's view less what would give hidden tests away.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
import math
import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema

from coursegrader.errors import LogError

SCHEMA_NAME = "coursegrader/submission_log/v1"
FILE_NAME = "submission_log.json"
MAX_CLAIM_BYTES = 1_000_000
MAX_CLAIM_DEPTH = 20
_LARGEST = 1 << 63  # whole numbers beyond it are no measurement of a training


@dataclass(frozen=True)
class Finding:
    """One thing the grader noticed or repaired, with its effect on the score.

    Attributes:
        code: Stable word, e.g. ``missing_cell``.
        place: File, notebook or cell the finding is about.
        detail: What was found, in words.
        effect: What it means for the score, in words.
    """

    code: str
    place: str
    detail: str
    effect: str = "no effect on the score"


@dataclass
class EvidenceResult:
    """How one piece of evidence was judged.

    Attributes:
        name: Name given by the instructor.
        verdict: ``passed``, ``wrong_value``, ``wrong_shape``, ``wrong_type``, ``missing``, ``repeated``,
            ``malformed`` or ``partial``.
        fraction: Share of the evidence's weight that was earned, 0 to 1.
        weight: Relative to the other evidence of the cell.
        max_error: Largest absolute difference, of those outside the tolerance if there are any; None without numbers.
        tolerance: Absolute tolerance (or the bound of the judge), or None.
        relative: Relative tolerance, added as a share of the expected value, or None.
        where: Index of that largest difference, or None for scalars.
        message: One sentence for the student.
        expected: Expected value at ``where`` (instructor's view only).
        got: The student's value at ``where`` (instructor's view only).
        judge: How it was judged: ``close``, ``equal``, ``mse_below``, ``accuracy`` or a judge of the course's own.
        label: What a student reads for this case, or empty: then the cases are numbered.
    """

    name: str
    verdict: str
    fraction: float
    weight: float = 1.0
    max_error: float | None = None
    tolerance: float | None = None
    relative: float | None = None
    where: list[int] | None = None
    message: str = ""
    expected: str | None = None
    got: str | None = None
    judge: str = "close"
    label: str = ""


@dataclass
class CellResult:
    """What one graded cell earned and why.

    Attributes:
        grade_id: nbgrader's name of the cell.
        points: Points earned, or None while a written answer waits for a grader.
        max_points: Points that can be earned.
        optional: Whether the points are a bonus on top of the required maximum.
        manual: Whether a person grades the cell.
        verdict: ``full``, ``partial``, ``wrong``, ``manual``, ``no_response`` or the way the run ended
            (``timeout``, ``kernel_died:SIGSEGV``, ``output_limit`` ...).
        message: One sentence for the student; empty where the evidence says it all.
        evidence: How each piece of evidence was judged.
        mistake: Name of the known mistake that gave exactly this evidence, or None.
        category: The mistake's category, or None.
        hint: What a teacher would say to it, or None.
        seconds: Time the cell's tests took.
        reasons: What the student should read first: the answer did not run, a test they can see fails ...
        answer: Digest of a written answer, so that a grader's score can stay while the answer does; else empty.
        detail: Error text of the run (instructor's view only: it comes from the student's kernel).
    """

    grade_id: str
    points: float | None
    max_points: float
    optional: bool = False
    manual: bool = False
    verdict: str = ""
    message: str = ""
    evidence: list[EvidenceResult] = field(default_factory=list)
    mistake: str | None = None
    category: str | None = None
    hint: str | None = None
    seconds: float = 0.0
    reasons: list[str] = field(default_factory=list)
    answer: str = ""
    detail: str = ""


@dataclass
class NotebookResult:
    """What the grader found out about one notebook of one student.

    Attributes:
        name: Notebook name without ``.ipynb``.
        cells: Every graded cell, in the order of the notebook.
        findings: Repairs and flags.
        rung: Isolation rung the kernel ran on.
        seconds: Time the notebook took.
        key: Content address of everything the result depends on.
        submission_hash: SHA-256 of the handed-in notebook file, or empty if there was none.
        source_hash: SHA-256 of the instructor's side.
        seed: Seed of the hidden inputs it was graded with (instructor's view only).
        degraded: Why this result is less than a normal grading, or empty.
    """

    name: str
    cells: list[CellResult] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    rung: int = 0
    seconds: float = 0.0
    key: str = ""
    submission_hash: str = ""
    source_hash: str = ""
    seed: str = ""
    degraded: str = ""

    @property
    def points(self) -> float:
        """Points earned so far, bonus included; written answers not yet graded count 0."""
        return sum(cell.points or 0.0 for cell in self.cells)

    @property
    def max_points(self) -> float:
        """Points of the required part."""
        return sum(cell.max_points for cell in self.cells if not cell.optional)


@dataclass
class Grading:
    """The signed part of the log: everything the grader measured for one student.

    Attributes:
        student: Student id.
        assignment: Assignment name.
        seed: Seed of the hidden inputs.
        environment: Versions of what graded.
        notebooks: Result per notebook.
        claims: What the student's own log claimed beside what was measured.
        findings: Findings about the submission as a whole.
    """

    student: str
    assignment: str
    seed: str
    environment: dict[str, str] = field(default_factory=dict)
    notebooks: list[NotebookResult] = field(default_factory=list)
    claims: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def notebook(self, name: str) -> NotebookResult | None:
        """Return the result of one notebook, or None if it was not graded."""
        return next((notebook for notebook in self.notebooks if notebook.name == name), None)


def load_dataclass(cls: type, data: Any) -> Any:
    """Build a dataclass of this module from plain JSON data; unknown keys are an error."""
    kinds = {"evidence": EvidenceResult, "cells": CellResult, "notebooks": NotebookResult, "findings": Finding}
    return cls(
        **{
            key: [load_dataclass(kinds[key], item) for item in value] if key in kinds else value
            for key, value in data.items()
        }
    )


def schema() -> dict[str, Any]:
    """Return the JSON schema of ``submission_log.json`` (draft 2020-12)."""
    text: dict[str, Any] = {"type": "string"}
    number: dict[str, Any] = {"type": "number"}
    maybe_number = {"type": ["number", "string", "null"]}  # JSON has no nan and no inf: they are written as text
    maybe_text = {"type": ["string", "null"]}

    def record(properties: dict[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
        required = [name for name in properties if name not in optional]
        return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}

    def many(item: dict[str, Any]) -> dict[str, Any]:
        return {"type": "array", "items": item}

    finding = record({"code": text, "place": text, "detail": text, "effect": text})
    evidence = record(
        {
            "name": text,
            "verdict": text,
            "fraction": {"type": "number", "minimum": 0, "maximum": 1},
            "weight": number,
            "max_error": maybe_number,
            "tolerance": maybe_number,
            "relative": maybe_number,
            "judge": text,
            "where": {"type": ["array", "null"], "items": {"type": "integer"}},
            "message": text,
            "label": text,
            "expected": maybe_text,
            "got": maybe_text,
        },
        optional=("expected", "got", "label"),
    )
    cell = record(
        {
            "grade_id": text,
            "points": {"type": ["number", "null"], "minimum": 0},
            "max_points": {"type": "number", "minimum": 0},
            "optional": {"type": "boolean"},
            "manual": {"type": "boolean"},
            "verdict": text,
            "message": text,
            "evidence": many(evidence),
            "mistake": maybe_text,
            "category": maybe_text,
            "hint": maybe_text,
            "seconds": number,
            "reasons": many(text),
            "answer": text,
            "detail": text,
        },
        optional=("mistake", "detail", "reasons", "answer"),
    )
    notebook = record(
        {
            "name": text,
            "cells": many(cell),
            "findings": many(finding),
            "rung": {"type": "integer", "minimum": 0, "maximum": 5},
            "seconds": number,
            "key": text,
            "submission_hash": text,
            "source_hash": text,
            "seed": text,
            "degraded": text,
        },
        optional=("seed",),
    )
    grading = record(
        {
            "student": text,
            "assignment": text,
            "seed": text,
            "environment": {"type": "object", "additionalProperties": text},
            "notebooks": many(notebook),
            "claims": {"type": "object"},
            "findings": many(finding),
        },
        optional=("seed",),
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SCHEMA_NAME,
        "type": "object",
        "properties": {
            "schema": {"const": SCHEMA_NAME},
            "view": {"enum": ["student", "instructor"]},
            "training": {"type": "object"},
            "grading": grading,
            "signature": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        },
        "required": ["schema"],
        "dependentRequired": {"grading": ["view", "signature"]},
        "additionalProperties": False,
    }


def canonical(data: Any) -> bytes:
    """Return the one byte string that stands for JSON data: sorted keys, no spaces, UTF-8, no nan."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def instructor_view(grading: Grading, training: dict[str, Any] | None, key: bytes) -> dict[str, Any]:
    """Return the full log, signed."""
    return _signed("instructor", _plain(dataclasses.asdict(grading)), training, key)


def student_view(grading: Grading, training: dict[str, Any] | None, key: bytes) -> dict[str, Any]:
    """Return the log without seed, hidden names, expected values and kernel texts, signed."""
    data = _plain(dataclasses.asdict(grading))
    del data["seed"]
    for notebook in data["notebooks"]:
        del notebook["seed"]
        for cell in notebook["cells"]:
            del cell["detail"], cell["mistake"]
            for number, evidence in enumerate(cell["evidence"], 1):
                del evidence["expected"], evidence["got"]
                evidence["name"] = public_name(evidence["name"], number, evidence["label"])
    return _signed("student", data, training, key)


def public_name(name: str, number: int, label: str = "") -> str:
    """Return what a student may read of an evidence's name: its first word and its label or its number in the cell.

    The rest of a name often tells sizes and inputs of the hidden case.
    """
    if label:
        return f"{_first_word(name)} ({label})"
    return f"{_first_word(name)} (case {number})"


def _first_word(name: str) -> str:
    words = name.split()
    return words[0].strip(",.;:") if words else "value"


def sign(log: dict[str, Any], key: bytes) -> str:
    """Return the HMAC-SHA256 of everything in the log but its signature, in hexadecimal."""
    return hmac.new(key, canonical({k: v for k, v in log.items() if k != "signature"}), hashlib.sha256).hexdigest()


def verify(log: dict[str, Any], key: bytes, place: str = FILE_NAME) -> Grading:
    """Check a graded log against the schema and its signature.

    Raises:
        LogError: The log does not follow the schema, is not graded, or was changed after it was signed.
    """
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema()).iter_errors(log))
    if error is not None:
        raise LogError(
            f"{place}: {error.json_path}: {error.message[:200]}; grade the submission again to write it anew"
        )
    if "grading" not in log:
        raise LogError(f"{place}: holds no grading; run `coursegrader autograde` first")
    try:
        signature = sign(log, key)
    except ValueError:
        signature = ""  # it holds what is never written: a nan, or half a character
    if not hmac.compare_digest(log["signature"], signature):
        raise LogError(
            f"{place}: the signature does not match, the log was changed after grading; "
            "grade the submission again to write it anew"
        )
    grading: Grading = load_dataclass(Grading, {"seed": "", **log["grading"]})
    return grading


def read_claim(raw: bytes) -> tuple[dict[str, Any] | None, str]:
    """Read the log a student handed in; return the claimed training and, if unusable, a sentence why.

    Only ``training`` is ever taken: a ``grading`` that a student wrote is dropped.
    """
    if len(raw) > MAX_CLAIM_BYTES:
        return None, f"{FILE_NAME} is larger than {MAX_CLAIM_BYTES // 1_000_000} MB"
    try:
        data = json.loads(raw.decode("utf-8-sig"), parse_constant=str)
    except (ValueError, RecursionError):
        return None, f"{FILE_NAME} is not JSON: hand in the file that the notebook wrote"
    training = data.get("training") if isinstance(data, dict) else None
    if not isinstance(training, dict):
        return None, f"{FILE_NAME} has no `training`: hand in the file that the notebook wrote"
    if _deeper(training, MAX_CLAIM_DEPTH):
        return None, f"{FILE_NAME} is nested too deeply: hand in the file that the notebook wrote"
    return _plain(training), ""


def write(log: dict[str, Any], path: Path) -> None:
    """Write a log as indented JSON, replacing the file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(log, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
    os.replace(temporary, path)


def read(path: Path) -> dict[str, Any]:
    """Read a log file.

    Raises:
        LogError: There is no such file or it is not JSON.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise LogError(f"{path}: {error.strerror}; grade the submission first") from error
    except (ValueError, RecursionError) as error:
        raise LogError(f"{path}: not JSON ({error}); grade the submission again to write it anew") from error
    if not isinstance(data, dict):
        raise LogError(f"{path}: not a JSON object; grade the submission again to write it anew")
    return data


def signing_key(folder: Path) -> bytes:
    """Return the course's signing key; it is made on first use, readable by its owner only."""
    return kept_secret(folder / "keys" / "log.key", 32).encode()


def kept_secret(path: Path, size: int) -> str:
    """Return the text kept in a file; a random one is made on first use, whole or not at all.

    Raises:
        LogError: The file is empty.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(size) + "\n")
        with suppress(FileExistsError):  # another process was first, and both use its secret
            os.link(temporary, path)
        os.unlink(temporary)
    text = path.read_text("utf-8", "replace").strip()
    if not text:
        raise LogError(f"{path}: is empty; restore it, or delete it and grade everything anew")
    return text


def _signed(view: str, grading: dict[str, Any], training: dict[str, Any] | None, key: bytes) -> dict[str, Any]:
    log: dict[str, Any] = {"schema": SCHEMA_NAME, "view": view, "grading": grading}
    if training:
        log["training"] = training
    log["signature"] = sign(log, key)
    return log


def _plain(data: Any) -> Any:
    """Return JSON data that can be written and signed: no nan, no half characters, no endless numbers, no tuples."""
    if isinstance(data, str):
        return data.encode("utf-8", "replace").decode("utf-8")
    if isinstance(data, float) and not math.isfinite(data):
        return str(data)
    if isinstance(data, int) and abs(data) > _LARGEST:
        return "a number too large"
    if isinstance(data, dict):
        return {_plain(str(key)): _plain(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_plain(item) for item in data]
    return data


def _deeper(data: Any, levels: int) -> bool:
    """Tell whether JSON data is nested deeper than a number of levels."""
    if not isinstance(data, (dict, list)):
        return False
    inner = data.values() if isinstance(data, dict) else data
    return levels == 0 or any(_deeper(item, levels - 1) for item in inner)
