"""Sharing out the processors of a machine."""

from __future__ import annotations

import os
from contextlib import ExitStack

from coursegrader.box.usage import cores


def test_everybody_gets_a_processor_that_exists_and_gives_it_back() -> None:
    before = dict(cores._taken)
    with ExitStack() as leases:
        given = [leases.enter_context(cores.lease()) for _ in range(2 * len(cores.usable()) + 1)]
        assert set(given) <= os.sched_getaffinity(0)
    assert {core: number for core, number in cores._taken.items() if number} == {k: v for k, v in before.items() if v}


def test_where_none_is_free_the_one_that_fewest_of_ours_have_is_given() -> None:
    with ExitStack() as leases:
        for _ in cores.usable() * 3:
            leases.enter_context(cores.lease())
        fewest = min(cores._taken[core] for core in cores.usable())
        with cores.lease() as core:
            assert cores._taken[core] <= fewest + 1 or len(cores.usable()) == 1
