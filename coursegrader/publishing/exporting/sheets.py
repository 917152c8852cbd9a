"""How do points get into a table that a spreadsheet opens?"""

from __future__ import annotations

import csv
import io
import unicodedata
from pathlib import Path

from coursegrader.grading.gradebook.results import Results

#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def number(value: float) -> str:
    """Return points as a number with at most four decimals, without needless zeros."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    first = next((sign for sign in text if not (sign.isspace() or unicodedata.category(sign) == "Cf")), "")
    formula = text[:1] in _FORMULA[4:] or unicodedata.normalize("NFKC", first).startswith(_FORMULA[:4])
    return f"'{text}" if text and formula else text


def write_csv(results: Results, path: Path) -> list[str]:
    """Write one line a student: names, points per notebook, bonus, late penalty, total."""
    header = ["student_id", "last_name", "first_name", "email", "handed_in", "timestamp_utc", *results.notebooks]
    header += ["bonus", "raw", "late_penalty", "total", "max_points", "waiting_for_grader"]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")  # RFC 4180
    writer.writerow([harmless(name) for name in header])
    for student in results.students:
        writer.writerow(
            [
                *map(harmless, (student.id, student.last_name, student.first_name, student.email)),
                "yes" if student.handed_in else "no",
                student.timestamp.isoformat(" ", "seconds") if student.timestamp else "",
                *(number(student.notebook_points(name)) for name in results.notebooks),
                number(student.bonus),
                number(student.raw),
                number(student.penalty),
                number(student.total),
                number(results.max_points),
                student.waiting,
            ]
        )
    path.write_bytes(b"\xef\xbb\xbf" + buffer.getvalue().encode())  # with a byte order mark Excel reads UTF-8
    return []
