"""Is there a seed on which a known mistake earns full marks? A hidden test must tell it from the right answer on every one.

    python tools/seeds.py 6_convolution --seeds 100

Runs the notebook once per seed and mistake in this process, without a box: these answers are our own.
Prints each mistake that loses nothing, and ends with 1 if there is one.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
import course_harness as course


def survivors(name: str, seed: str) -> list[str]:
    """Return the mistakes of a notebook that lose nothing on a seed, as ``cell/mistake``."""
    notebook = course.load(name)
    found = []
    for mistake in course.bank("mistakes", name):
        shares = course.shares(name, course.run(notebook, {mistake.cell: mistake.source}, seed), seed)
        if all(share == 1.0 for share in shares.values()):
            found.append(f"{mistake.cell}/{mistake.slug}")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Try a notebook's mistakes on many seeds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebook", choices=sorted(path.stem for path in course.SOURCE.glob("*.ipynb")))
    parser.add_argument("--seeds", type=int, default=20, help="how many")
    options = parser.parse_args(arguments)
    survived = 0
    with course.beside():
        for number in range(options.seeds):
            for mistake in survivors(options.notebook, f"seed {number}"):
                survived += 1
                print(f"seed {number}: {mistake} loses nothing", flush=True)
    print(f"{options.notebook}: {options.seeds} seeds, {survived} mistakes that lost nothing on one of them")
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main())
