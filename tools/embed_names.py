"""Pack the released names into notebook 4, so that it runs where its folder `data` is missing (in Colab, say).

::

    python tools/embed_names.py

Run it after `tools/build_names.py`; a test compares what is packed with the files.
"""

from __future__ import annotations

import base64
import lzma
from pathlib import Path

import nbformat

SOURCE = Path("source/rnn")
TITLE = "#@title The names, packed (used where the folder `data` is missing)"


def packed(folder: Path) -> str:
    """Return all files of names as one text: blocks of a language and its names, compressed, in base 85."""
    blocks = [f"{file.stem}\n{file.read_text('utf-8').strip()}" for file in sorted(folder.glob("*.txt"))]
    return base64.b85encode(lzma.compress("\n\n".join(blocks).encode(), preset=9 | lzma.PRESET_EXTREME)).decode()


def main() -> None:
    """Write the cell."""
    path = SOURCE / "4_last_names.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell = next(cell for cell in notebook.cells if cell.id == "packed_names")
    cell.source = f'{TITLE}\nPACKED = "{packed(SOURCE / "data" / "names")}"'
    path.write_text(nbformat.writes(notebook) + "\n", "utf-8")


if __name__ == "__main__":
    main()
