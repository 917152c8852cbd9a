"""The attack exam names cases that exist, and its benchmark counts what it says."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from hostile.cheats import CHEATS
from hostile.damage import DAMAGE
from hostile.honest import HONEST
from hostile.sabotage import SABOTAGE
from hostile.spying import SPYING

ROOT = Path(__file__).parent.parent
EXAM = (ROOT / "docs" / "attack-exam.md").read_text("utf-8")
NAMES = {case.name for case in [*HONEST, *CHEATS, *SABOTAGE, *SPYING, *DAMAGE]}
ROWS = [
    line
    for line in EXAM.partition("## What was measured")[0].splitlines()
    if line.startswith("| ") and not line.startswith(("| flaw", "| pattern", "| group"))
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:50])
def test_every_kind_is_tried_or_does_not_apply_for_a_reason(row):
    cell = row.split("|")[2]
    named = [name for name in re.findall(r"`([^`]+)`", cell) if not name.startswith("coursegrader ")]
    named = [name for name in named if not name.endswith(".py")]
    assert set(named) <= NAMES, f"no such case: {sorted(set(named) - NAMES)}"
    assert named or "does not apply" in cell or "tolerances are the author's" in cell


def test_the_benchmark_tells_paid_lost_and_changed_apart(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import attacks

    right, cheat = HONEST[0], CHEATS[0]
    full = right.expected()
    given = {right.id: {**full, "test_best": 0.0}, cheat.id: dict(full)}
    monkeypatch.setattr(attacks, "scores", lambda course, cases: {case.id: given[case.id] for case in cases})
    tally = attacks.count(attacks.Tally("x", 2), None, [right, cheat], {right.id})
    assert (tally.lost, tally.others, tally.paid) == ([right.name], [right.name], [cheat.name])
    given = {right.id: dict(full), cheat.id: None}
    tally = attacks.count(attacks.Tally("x", 2), None, [right, cheat], {right.id})
    assert (tally.lost, tally.others, tally.paid) == ([cheat.name], [], [])
    assert "| x | 2 | 0 | 1 | 0 |" in attacks.table([tally])
    sys.modules.pop("attacks")
