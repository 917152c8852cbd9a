"""The time of a box: what is charged, whoever ends, and what is not."""

from __future__ import annotations

import os

import pytest

from coursegrader.box.usage.clock import Account, Meter, Process, Processes, Usage


def taken(*looks: tuple[Processes, float]) -> Usage:
    """Return what an account says after looks at one second's distance, each with what the guard has reaped."""
    account = Account()
    for processes, reaped in looks:
        account.take(processes, reaped, 1.0)
    return Usage(account.cpu, account.idle)


def busy(own: float, waited: float = 0.0) -> Process:
    return Process(own, waited, True)


def asleep(own: float, waited: float = 0.0) -> Process:
    return Process(own, waited, False)


KERNEL, CHILD, OTHER = (2, 100), (3, 200), (3, 300)  # the last two have the same number, one after the other


def test_all_processes_are_added_up():
    assert taken(({KERNEL: busy(0.5), CHILD: busy(0.5)}, 0.0)).cpu == pytest.approx(1.0)


def test_waiting_for_a_processor_is_free():
    assert taken(({KERNEL: busy(0.0)}, 0.0), ({KERNEL: busy(0.1)}, 0.0)) == pytest.approx((0.1, 0.0))


def test_sleeping_is_not():
    assert taken(({KERNEL: asleep(0.0)}, 0.0), ({KERNEL: asleep(0.25)}, 0.0)) == pytest.approx((0.25, 1.75))


def test_one_that_could_run_keeps_the_others_sleep_from_counting():
    assert taken(({KERNEL: asleep(0.0), CHILD: busy(0.0)}, 0.0)).idle == 0.0


@pytest.mark.parametrize(
    ("processes", "reaped"),
    [({KERNEL: busy(0.0, 0.9)}, 0.0), ({KERNEL: busy(0.0)}, 0.9)],
    ids=["waited for by its parent", "an orphan, waited for by the guard"],
)
def test_a_child_that_ended_is_charged_to_its_last_moment_and_once(processes: Processes, reaped: float):
    assert taken(({KERNEL: busy(0.0), CHILD: busy(0.8)}, 0.0), (processes, reaped)).cpu == pytest.approx(0.9)


def test_a_child_that_came_and_went_between_two_looks_is_charged():
    assert taken(({KERNEL: busy(0.0)}, 0.0), ({KERNEL: busy(0.0, 0.7)}, 0.2)).cpu == pytest.approx(0.9)


def test_a_child_that_nobody_waits_for_stays_charged():
    looks = [({KERNEL: busy(0.0), (3, start): busy(0.9)}, 0.0) for start in range(10)]
    assert taken(*looks).cpu == pytest.approx(9.0)


def test_a_number_that_is_used_again_is_another_process():
    assert taken(({CHILD: busy(0.8)}, 0.0), ({OTHER: busy(0.5)}, 0.8)).cpu == pytest.approx(1.3)


def test_a_parent_that_ends_hands_its_children_s_time_on():
    first = {KERNEL: busy(0.0), CHILD: busy(0.1, 0.6)}
    assert taken((first, 0.0), ({KERNEL: busy(0.0, 0.7)}, 0.0)).cpu == pytest.approx(0.7)


def test_both_sides_of_a_meter_see_the_same():
    ours = Meter()
    theirs = Meter(os.dup(ours.descriptor))
    theirs.close_descriptor()
    theirs.write(1.5, 2.25)
    assert ours.read() == Usage(1.5, 2.25)
    assert ours.read().own == 3.75
