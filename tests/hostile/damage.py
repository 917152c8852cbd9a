"""Accidents: files as they arrive from real students, real editors and real disks."""

from __future__ import annotations

import gzip
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from hostile.case import Case
from hostile.course import AUTOGRADED, SCALE

LOST = dict.fromkeys(AUTOGRADED, "no_response")


def _cut(before: bytes) -> Callable[[bytes], bytes]:
    """Return what cuts a file in the middle of the cell with that id."""
    return lambda raw: raw[: raw.index(before) + 20]


def _json(change: Callable[[dict[str, Any]], Any]) -> Callable[[bytes], bytes]:
    """Return what changes the parsed file."""

    def damage(raw: bytes) -> bytes:
        data = json.loads(raw)
        change(data)
        return json.dumps(data).encode()

    return damage


def _each(change: Callable[[dict[str, Any]], Any]) -> Callable[[bytes], bytes]:
    return _json(lambda data: [change(cell) for cell in data["cells"]])


def _find(nb: Any, cell_id: str) -> Any:
    return next(cell for cell in nb["cells"] if cell["id"] == cell_id)


def _remove(*ids: str) -> Callable[[NotebookNode], None]:
    def change(nb: NotebookNode) -> None:
        nb.cells = [cell for cell in nb.cells if cell.id not in ids]

    return change


def _version_3(raw: bytes) -> bytes:
    return nbformat.writes(nbformat.convert(nbformat.reads(raw.decode(), 4), 3), version=3).encode()


def _copied(nb: NotebookNode) -> None:
    """Copy and paste the answer, edit the copy, and leave the first as it was released."""
    first = _find(nb, "scale")
    second = new_code_cell(first.source, metadata=first.metadata)
    first.source = "def scale(x, factor):\n    raise NotImplementedError()"
    nb.cells.insert(nb.cells.index(first) + 1, second)


def _elsewhere(nb: NotebookNode) -> None:
    """Answer in a new cell."""
    answer = _find(nb, "scale")
    nb.cells.insert(nb.cells.index(answer) + 1, new_code_cell(answer.source))
    answer.source = SCALE.partition("    ### BEGIN")[0] + "    # YOUR CODE HERE\n    raise NotImplementedError()"


def _as_markdown(nb: NotebookNode) -> None:
    for cell in nb.cells:
        if cell.id in ("scale", "last"):
            cell.cell_type = "markdown"
            cell.pop("outputs")
            cell.pop("execution_count")


def _rename(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / "lab.ipynb").rename(folder / name) and None


def _instead(make: Callable[[Path], Any]) -> Callable[[Path], None]:
    """Put something else in the place of the notebook."""

    def change(folder: Path) -> None:
        (folder / "lab.ipynb").unlink()
        make(folder / "lab.ipynb")

    return change


def _socket(path: Path) -> None:
    here = os.getcwd()
    os.chdir(path.parent)  # a socket's name must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path.name)
    os.chdir(here)


def _odd_names(folder: Path) -> None:
    base = os.fsencode(folder)
    for name in (
        b"caf\xe9.txt",
        b"line\nbreak.txt",
        b"\xff\xfe",
        b"-rf",
        b"a" * 255,
        "日本語 データ.csv".encode(),
        b"$(touch x)",
    ):
        with open(base + b"/" + name, "wb") as file:
            file.write(b"odd")


def _many(folder: Path) -> None:
    """Put each file at the end of a chain of folders of its own."""
    for number in range(300):
        chain = folder / str(number) / "/".join("d" * 40)
        chain.mkdir(parents=True)
        (chain / "file.txt").write_text("one of many")


def _deep(folder: Path) -> None:
    """Nest folders as deep as a path can be written."""
    path = str(folder)
    while len(path) < 3900:
        path += "/" + "d" * 100
    path += "/" + "d" * (4080 - len(path))
    os.makedirs(path)
    Path(path, "file.txt").write_text("deep")


def _chain(folder: Path) -> None:
    """Put a file at the end of very many folders with short names."""
    chain = folder / "/".join("d" * 400)
    chain.mkdir(parents=True)
    (chain / "file.txt").write_text("deep")


#: What instructors, graders and platforms keep under these names.
OURS = ("judges.py", "truth/labels.txt", "mistakes/lab/last/twice.py", "reference/lab.txt", "grading/seed", "grading/lock",
        "grading/keys/log.key", "gradebook.db", "nbgrader_config.py", "results.json", "results/results.json", "run_autograder",
        "submission_log.json", "timestamp.txt", "submission_metadata.yml", "attempts.json", "coursegrader.json")  # fmt: skip


def _outputs(nb: NotebookNode) -> None:
    text = "spam and eggs, " * 62_000
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("stream", text=text) for _ in range(4)]


def whole(name: str, raw: bytes, words: str = "", **more: Any) -> Case:
    """A file that is no notebook at all."""
    return Case(name, damage=lambda _: raw, loses=dict(LOST), degraded=words or "hand in", **more)


def fine(name: str, damage: Callable[[bytes], bytes], *findings: str, **more: Any) -> Case:
    """A damaged file that is graded as if nothing had happened."""
    return Case(name, damage=damage, findings=findings, **more)


DAMAGE = [
    # -- the file
    whole("empty file", b""),
    whole("only spaces", b" \n\t \n"),
    whole("a web page", b"<!DOCTYPE html><html><body>Please log in</body></html>"),
    whole("a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20),
    whole("a zip file", gzip.compress(b"{}")),
    whole("a list", b"[]"),
    whole("an object without cells", b'{"nbformat": 4}'),
    whole("cells that are no list", b'{"cells": {"a": 1}}'),
    whole("null", b"null"),
    whole("deep JSON", b'{"cells": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"),
    whole("a number of a million digits", b'{"cells": ' + b"9" * 1_000_000 + b"}"),
    Case("not a cell is left", notebook=lambda nb: nb.update(cells=[]), loses=dict.fromkeys(AUTOGRADED, "no_response"), findings=("missing_answer",)),
    Case("truncated", damage=_cut(b'"id": "rows"'), loses=dict.fromkeys(("test_rows", "test_last"), "no_response"), findings=("damaged", "missing_answer")),
    fine("byte order mark", lambda raw: b"\xef\xbb\xbf" + raw),
    fine("UTF-16", lambda raw: raw.decode().encode("utf-16")),
    fine("Windows line ends", lambda raw: raw.replace(b"\n", b"\r\n").replace(b"\\n", b"\\r\\n")),
    fine("not UTF-8", lambda raw: raw.replace(b"# Lab", b"# Lab\xff\xe9"), "not_utf8"),
    fine("NaN in JSON", lambda raw: raw.replace(b'"metadata": {', b'"metadata": {"x": NaN, "y": -Infinity, ', 3)),
    fine("notebook format 3", _version_3, "old_format"),
    Case("40 MB of outputs", notebook=_outputs),
    Case("40 MB of outputs again", notebook=_outputs, end="# again"),
    Case("40 MB cut off", notebook=_outputs, damage=lambda raw: raw[:-2000], findings=("damaged",)),
    Case(
        "twelve million empty lists",
        damage=lambda raw: raw.replace(b'"# Lab"', b"[" + b"[]," * 12_000_000 + b"0]"),
        loses=dict(LOST),
        degraded="too large",
    ),
    fine("forty levels of metadata", _json(lambda data: data["metadata"].update(x=json.loads("[" * 400 + "]" * 400)))),
    # -- fields
    fine("no metadata at all", _each(lambda cell: cell.pop("metadata"))),
    fine("neither metadata nor ids", _each(lambda cell: (cell.pop("metadata"), cell.pop("id")))),
    fine("sources in lines", _each(lambda cell: cell.update(source=cell["source"].splitlines(True) if isinstance(cell["source"], str) else cell["source"]))),
    fine("metadata of the wrong kind", _each(lambda cell: cell.update(metadata=["tags"], outputs="none", attachments=5))),
    fine("grade_ids of the wrong kind", _each(lambda cell: cell.update(metadata={"nbgrader": {"grade_id": ["scale"], "points": "many"}}))),
    fine("ids of the wrong kind", _json(lambda data: [cell.update(id=n) for n, cell in enumerate(data["cells"])])),
    fine("cells of the wrong kind", _json(lambda data: data["cells"].extend(["cell", None, 5, {}, {"cell_type": "x"}, {"source": 5, "cell_type": "code"}]))),
    fine("every id is the same", _each(lambda cell: cell.update(id="same"))),
    fine("surrogates", _json(lambda data: _find(data, "title").update(source="\ud800 \udfff"))),
    fine("a surrogate in code", _json(lambda data: data["cells"].append({"cell_type": "code", "source": "x = '\ud800'", "metadata": {}, "outputs": []}))),
    fine("null bytes", _json(lambda data: data["cells"].append({"cell_type": "code", "source": "x = 1\x00", "metadata": {}, "outputs": []}))),
    Case("kernel of another language", notebook=lambda nb: nb.metadata.update(kernelspec={"name": "ir", "language": "R", "display_name": "R"})),
    # -- cells
    Case("a missing answer", notebook=_remove("scale"), loses={"test_scale": "no_response"}, findings=("missing_answer",)),
    Case("missing tests", notebook=_remove(*AUTOGRADED), findings=("missing_cell",)),
    Case("moved cells", notebook=lambda nb: nb.cells.reverse(), findings=("cell_moved",)),
    Case("an answer copied and the copy edited", notebook=_copied, findings=("duplicated_cell",)),
    Case("an answer in another cell", notebook=_elsewhere, findings=("answer_found",)),
    Case("duplicated tests", notebook=lambda nb: nb.cells.extend([dict(cell) for cell in nb.cells if cell.id in AUTOGRADED])),
    Case("answers turned into text", notebook=_as_markdown, findings=("cell_type_changed",)),
    Case("an emptied answer", answers={"last": "  \n"}, loses={"test_last": "no_response"}, findings=("emptied_cell",)),
    Case("a syntax error", answers={"last": "def last(x:\n    return x[-1"}, loses={"test_last": "wrong"}),
    Case("tabs and spaces", answers={"last": "def last(x):\n\ty = x\n        return y[-1]"}, loses={"test_last": "wrong"}),
    Case("shell and magics", extra="!pip install --quiet nothing-of-that-name\n!ls -la / > listing.txt\n%matplotlib inline\n%timeit -n1 -r1 pass"),
    Case("a bash cell", extra="%%bash\nrm -rf / 2>/dev/null\necho done"),
    Case("a cell that changes the folder", extra="%cd /tmp"),
    Case("scripts in Markdown", answers={"q_why": "<script>evil()</script> <img src=x onerror=evil()> [a](javascript:evil()) because"}),
    Case("an attachment", notebook=lambda nb: _find(nb, "q_why_answer").update(attachments={"a.svg": {"image/svg+xml": "PHN2Zz4="}})),
    Case("a cell of a megabyte", end="x = '" + "y" * 1_000_000 + "'", findings=("cell_too_large",)),
    Case("three thousand cells", notebook=lambda nb: nb.cells.extend(new_code_cell("") for _ in range(3000)), findings=("too_many_cells",)),
    # -- the folder
    Case("lab (1)", folder=_rename("lab (1).ipynb"), findings=("renamed",)),
    Case("Lab-final", folder=_rename("Lab-FINAL.ipynb"), findings=("renamed",)),
    Case("another name", folder=_rename("homework.ipynb"), findings=("renamed",)),
    Case("two copies", folder=lambda folder: (folder / "lab (1).ipynb").write_text("{}") and None, findings=("unknown_notebook",)),
    Case("a pipe as a notebook", folder=_instead(os.mkfifo), loses=dict(LOST), degraded="special file"),
    Case("a folder as a notebook", folder=_instead(os.mkdir), loses=dict(LOST), degraded="directory"),
    Case("a socket as a notebook", folder=_instead(_socket), loses=dict(LOST), degraded="special file"),
    Case("a link as a notebook", folder=_instead(lambda path: path.symlink_to("/etc/passwd")), loses=dict(LOST), degraded="link"),
    Case("a link to nothing as a notebook", folder=_instead(lambda path: path.symlink_to("nothing")), loses=dict(LOST), degraded="link"),
    Case("no notebook", folder=lambda folder: (folder / "lab.ipynb").unlink(), loses=dict(LOST), degraded="not handed in"),
    Case("pipes beside the notebook", folder=lambda folder: [os.mkfifo(folder / name) for name in ("submission_log.json", "timestamp.txt", "x")] and None, findings=("file_left_out", "unusable_log")),
    Case("odd file names", folder=_odd_names),
    Case("very many folders", folder=_many, findings=("too_many_files",)),
    Case("deep folders", folder=_deep, findings=("file_left_out",)),
    Case("a file called hidden", files={"hidden": b"mine"}),
    Case("files in the place of hidden ones", files={"hidden/inputs.txt": b"mine", "hidden/more/inputs.txt": b"mine"}),
    Case("a file under four hundred folders", folder=_chain, findings=("file_left_out",)),
    Case("files named like the grader's own", files={name: b"mine" for name in OURS}, findings=("bad_timestamp", "unusable_log")),
    Case("a useless timestamp", files={"timestamp.txt": b"yesterday, I think \xff"}, findings=("bad_timestamp",)),
    Case("a useless log", files={"submission_log.json": b"{]"}, findings=("unusable_log",)),
    Case("a log with odd values", files={"submission_log.json": b'{"training": {"a": NaN, "b": "\\ud800", "c": 1e999, "claimed_accuracy": Infinity}}'}),
    Case("a deep log", files={"submission_log.json": b'{"training": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"}, findings=("unusable_log",)),
    Case("an archive beside the notebook", files={"../bomb.zip".lstrip("./"): gzip.compress(bytes(1 << 24))}),
    # -- students
    Case("spaces in the name", student="Ada van der Berg"),
    Case("letters of the world", student="Zoë-李-Ω"),
    Case("a name like an option", student="--student"),
    Case("a name like a pattern", student="[a-z]*?", ungraded=True, degraded="rename it"),
    Case("a name like a command", student="$(touch hostile-leftover);'\""),
    Case("a name with a line break", student="two\nlines", ungraded=True, degraded="rename it"),
    Case("a name that is not UTF-8", student=os.fsdecode(b"caf\xe9"), ungraded=True, degraded="rename it"),
    Case("a name like markup", student="<img src=x onerror=evil()>"),
    Case("a very long name", student="n" * 200),
]  # fmt: skip
