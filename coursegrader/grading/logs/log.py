"""What does ``submission_log.json`` say?

One document per student and assignment.
``training`` is what the student claims (written by the notebook that trains a model);
``grading`` is what the grader measured, signed with a key only the instructor has.
The student's view is the instructor's view less what would give hidden tests away.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
from pathlib import Path
from typing import Any

import msgspec

from coursegrader.errors import LogError
from coursegrader.files import kept_secret, write_whole
from coursegrader.judging.report import public_name, told
from coursegrader.model import Grading, canonical, decoded, encoded

SCHEMA_NAME = "coursegrader/submission_log/v1"
FILE_NAME = "submission_log.json"
MAX_CLAIM_BYTES = 1_000_000
MAX_CLAIM_DEPTH = 20
_LARGEST = 1 << 63  # whole numbers beyond it are no measurement of a training


def schema() -> dict[str, Any]:
    """Return the JSON schema of ``submission_log.json`` (draft 2020-12), which follows from the types of the data."""
    (_,), definitions = msgspec.json.schema_components([Grading], ref_template="#/$defs/{name}")
    for definition in definitions.values():
        definition["description"] = definition["description"].partition("\n")[0]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SCHEMA_NAME,
        "type": "object",
        "properties": {
            "schema": {"const": SCHEMA_NAME},
            "view": {"enum": ["student", "instructor"]},
            "training": {"type": "object"},
            "grading": {"$ref": "#/$defs/Grading"},
            "signature": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        },
        "required": ["schema"],
        "dependentRequired": {"grading": ["view", "signature"]},
        "additionalProperties": False,
        "$defs": definitions,
    }


def instructor_view(grading: Grading, training: dict[str, Any] | None, key: bytes) -> dict[str, Any]:
    """Return the full log, signed."""
    return _signed("instructor", _plain(encoded(grading)), training, key)


def student_view(grading: Grading, training: dict[str, Any] | None, key: bytes) -> dict[str, Any]:
    """Return the log without seed, hidden names, expected values and kernel texts, signed."""
    data = _plain(encoded(told(grading)))
    del data["seed"]
    for notebook in data["notebooks"]:
        del notebook["seed"]
        for cell in notebook["cells"]:
            del cell["detail"], cell["mistake"]
            for number, evidence in enumerate(cell["evidence"], 1):
                del evidence["expected"], evidence["got"], evidence["fault"]
                evidence["name"] = public_name(evidence["name"], number, evidence["label"])
    return _signed("student", data, training, key)


def sign(log: dict[str, Any], key: bytes) -> str:
    """Return the HMAC-SHA256 of everything in the log but its signature, in hexadecimal."""
    return hmac.new(key, canonical({k: v for k, v in log.items() if k != "signature"}), hashlib.sha256).hexdigest()


def verify(log: dict[str, Any], key: bytes, place: str = FILE_NAME) -> Grading:
    """Check a graded log's signature and read it.

    Raises:
        LogError: The log is not graded, was changed after it was signed, or does not follow the schema.
    """
    if "grading" not in log:
        raise LogError(f"{place}: holds no grading; run `coursegrader autograde` first")
    if not _is_signed(log, key):
        raise LogError(
            f"{place}: the signature does not match, the log was changed after grading; "
            "grade the submission again to write it anew"
        )
    try:  # another version may have signed it
        return decoded(Grading, log["grading"])
    except ValueError as error:
        raise LogError(f"{place}: {error}; grade the submission again to write it anew") from error


def _is_signed(log: dict[str, Any], key: bytes) -> bool:
    try:
        return hmac.compare_digest(str(log.get("signature")).encode(), sign(log, key).encode())
    except ValueError:
        return False  # it holds what is never written: a nan, or half a character


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
    write_whole(path, msgspec.json.format(canonical(log), indent=1) + b"\n")


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


def _signed(view: str, grading: dict[str, Any], training: dict[str, Any] | None, key: bytes) -> dict[str, Any]:
    log: dict[str, Any] = {"schema": SCHEMA_NAME, "view": view, "grading": grading}
    if training:
        log["training"] = training
    log["signature"] = sign(log, key)
    return log


def _plain(data: Any) -> Any:
    """Return JSON data that can be written and signed: no nan, no half characters, no endless numbers, no tuples."""
    if isinstance(data, str):
        return data if data.isascii() else data.encode("utf-8", "replace").decode("utf-8")
    if data is None or isinstance(data, bool):
        return data
    if isinstance(data, float):
        return data if math.isfinite(data) else str(data)
    if isinstance(data, int):
        return data if abs(data) <= _LARGEST else "a number too large"
    if isinstance(data, dict):
        return {_plain(str(key)): _plain(value) for key, value in data.items()}
    return [_plain(item) for item in data] if isinstance(data, (list, tuple)) else data


def _deeper(data: Any, levels: int) -> bool:
    """Tell whether JSON data is nested deeper than a number of levels."""
    if not isinstance(data, (dict, list)):
        return False
    inner = data.values() if isinstance(data, dict) else data
    return levels == 0 or any(_deeper(item, levels - 1) for item in inner)
