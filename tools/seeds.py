"""Is there a seed on which the hidden tests take wrong for right, or right for wrong?

    python tools/seeds.py 6_convolution --seeds 100
    python tools/seeds.py 6_convolution --seeds 100 --constants

Runs the notebook once per seed, mistake and right answer in this process, without a box: these answers are our own.
With ``--constants`` it runs the reference alone, and tries what takes no computing for each piece of its evidence.
Prints what a seed judges wrong, and ends with 1 if there is something.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
import course_harness as course

from coursegrader.authoring.constants import weakness


def misjudged(name: str, seed: str) -> list[str]:
    """Return what a seed judges wrong: mistakes that do not lose exactly what they should, right answers that lose."""
    found = []
    for kind in ("mistakes", "alternatives"):
        for answer in course.bank(kind, name):
            shares = course.shares_with(name, answer.cell, answer.source, seed)
            lost = {place for place, share in shares.items() if share < 1.0}
            if lost != set(answer.loses if kind == "mistakes" else ()):
                found.append(f"{answer.cell}/{answer.slug} of the {kind} loses {', '.join(sorted(lost)) or 'nothing'}")
    return found


def passing_constants(name: str, seed: str) -> list[str]:
    """Return the evidence of a notebook that constants pass for on a seed, as ``cell, evidence is passed by ones``."""
    return [
        f"{place}, {want.name} {problem}"
        for place, wanted in course.expected(name, seed).items()
        for want in wanted
        if want.weight > 0 and (problem := weakness(want))
    ]


def main(arguments: list[str] | None = None) -> int:
    """Try a notebook's banks, or constants, on many seeds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebook", choices=sorted(path.stem for path in course.SOURCE.glob("*.ipynb")))
    parser.add_argument("--seeds", type=int, default=20, help="how many")
    parser.add_argument("--constants", action="store_true", help="try constants instead of the banks")
    options = parser.parse_args(arguments)
    judged = passing_constants if options.constants else misjudged
    problems = 0
    with course.beside():
        for number in range(options.seeds):
            for problem in judged(options.notebook, f"seed {number}"):
                problems += 1
                print(f"seed {number}: {problem}", flush=True)
    print(f"{options.notebook}: {options.seeds} seeds, {problems} problems")
    return int(problems > 0)


if __name__ == "__main__":
    sys.exit(main())
