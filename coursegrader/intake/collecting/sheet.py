"""What does a table say that somebody else wrote, and how was it written down?"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from coursegrader.errors import CourseError

Rows = list[list[str]]


@dataclass
class Sheet:
    """A CSV file as somebody else wrote it: its cells and how they were written down."""

    path: Path
    rows: Rows
    delimiter: str
    newline: str
    bom: bool

    @classmethod
    def read(cls, path: Path) -> Sheet:
        """Read a sheet.

        Raises:
            CourseError: There is no such file, or it is no UTF-8 CSV with a header.
        """
        try:
            raw = path.read_bytes()
            text = raw.decode("utf-8-sig")
        except OSError as error:
            raise CourseError(f"{path}: {error.strerror}; name the CSV file that you exported") from error
        except UnicodeDecodeError as error:
            raise CourseError(f"{path}: not UTF-8; export the sheet again as CSV, do not save it from Excel") from error
        first = text.partition("\n")[0]
        delimiter = max(",;\t", key=first.count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            rows = list(reader)
        except csv.Error as error:  # mostly a quote without its partner, behind which all the rest is one cell
            raise CourseError(f"{path}, line {reader.line_num}: {error}; export the sheet again as CSV") from error
        if not rows or not any(rows[0]):
            raise CourseError(f"{path}: no table with a header; export the sheet again as CSV")
        return cls(path, rows, delimiter, "\r\n" if "\r\n" in text else "\n", raw.startswith(b"\xef\xbb\xbf"))

    def write(self, path: Path) -> None:
        """Write the sheet the way it was written."""
        buffer = io.StringIO()
        csv.writer(buffer, delimiter=self.delimiter, lineterminator=self.newline).writerows(self.rows)
        path.write_bytes((b"\xef\xbb\xbf" if self.bom else b"") + buffer.getvalue().encode())

    def column(self, wanted: Callable[[str], bool], column: str, what: str) -> int:
        """Return the one column with grades: the one named, or else the only one that looks right.

        Raises:
            CourseError: There is none, or more than one.
        """
        header = self.rows[0]
        found = [i for i, name in enumerate(header) if (name.strip() == column if column else wanted(name))]
        if len(found) != 1:
            problem = f"{len(found)} columns fit" if found else "no column fits"
            raise CourseError(
                f"{self.path}: {problem} {column or what!r}; name one with --column, of: {', '.join(header)}"
            )
        return found[0]
