"""Budgets, with a clock that tests set."""

from __future__ import annotations

from coursegrader.engine.budget import LONGEST_LOOK, PATIENCE, SHORTEST_LOOK, Budget


def ends_at(seconds: float, share: float, wall: float | None = None) -> float:
    """Return when code is stopped whose box takes a share of the wall clock's time as its own."""
    began, before = 1000.0, 50.0
    budget = Budget.begin(seconds, before, began, wall)
    now = began
    while pause := budget.left(before + share * (now - began), now):
        assert SHORTEST_LOOK <= pause <= LONGEST_LOOK
        now += pause
    return now - began


def test_on_a_quiet_machine_both_clocks_agree():
    assert 5.0 <= ends_at(5.0, 1.0) < 5.2


def test_who_gets_a_quarter_of_a_processor_has_four_times_as_long():
    assert 20.0 <= ends_at(5.0, 0.25) < 21.0


def test_who_takes_nothing_is_stopped_by_the_wall_clock():
    assert 5.0 * PATIENCE <= ends_at(5.0, 0.0) < 5.0 * PATIENCE + 0.2
    assert 7.0 <= ends_at(5.0, 0.0, wall=7.0) < 7.2


def test_many_processors_are_noticed_within_a_look():
    assert ends_at(5.0, 8.0) < 2 * LONGEST_LOOK


def test_no_time_is_over_at_once():
    assert ends_at(0.0, 1.0) == 0.0


def test_what_was_taken_before_is_not_charged():
    assert Budget.begin(5.0, 50.0, 0.0).spent(51.5) == 1.5
    assert Budget.begin(5.0, 50.0, 0.0).spent(49.0) == 0.0  # a page not written yet
