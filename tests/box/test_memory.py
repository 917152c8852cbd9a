"""Bounds for the memory of processes that share pages; the figures are those of a system that is made up here."""

from __future__ import annotations

from coursegrader.box.usage.memory import PAGE, SHORTEST_LOOK, Footprint, Pages, State

MB = 1 << 20
LIBRARIES = 300 * MB  # of the warm process, which every kernel shares with it


def kernel(more: int = 0, faults: int = 0) -> Pages:
    return Pages(LIBRARIES + more, faults)


def test_what_was_there_before_the_fork_is_not_counted_for_certain():
    footprint = Footprint(500 * MB)
    assert footprint.look({"kernel": kernel()}, files=10 * MB) is State.BELOW
    assert footprint.at_least == 10 * MB
    assert footprint.at_most == 10 * MB


def test_memory_that_one_process_takes_is_certain():
    footprint = Footprint(500 * MB)
    footprint.look({"kernel": kernel()}, files=0)
    assert footprint.look({"kernel": kernel(501 * MB)}, files=0) is State.ABOVE
    assert footprint.at_least == 501 * MB


def test_files_count():
    footprint = Footprint(500 * MB)
    footprint.look({"kernel": kernel()}, files=0)
    assert footprint.look({"kernel": kernel(300 * MB)}, files=201 * MB) is State.ABOVE


def test_sixty_children_that_take_memory_at_once_need_no_closer_look():
    footprint = Footprint(2000 * MB)
    footprint.look({"kernel": kernel()}, files=0)
    children = {f"child {n}": kernel(40 * MB) for n in range(60)}
    assert footprint.look({"kernel": kernel(), **children}, files=0) is State.ABOVE


def test_a_child_shares_no_more_than_the_largest_could_have_had():
    footprint = Footprint(2000 * MB)
    footprint.look({"kernel": kernel()}, files=0)
    footprint.look({"kernel": kernel(200 * MB), "child": kernel(200 * MB)}, files=0)
    assert footprint.at_least == 400 * MB  # nobody had these 200 MB when the child was born, as far as is known
    footprint.look({"kernel": kernel(200 * MB), "child": kernel(200 * MB), "next": kernel(200 * MB)}, files=0)
    assert footprint.at_least == 400 * MB


def test_honest_children_that_share_are_below_without_a_closer_look():
    footprint = Footprint(1000 * MB)
    footprint.look({"kernel": kernel()}, files=0)
    children = {f"child {n}": kernel(0, faults=100) for n in range(8)}
    assert footprint.look({"kernel": kernel(), **children}, files=0) is State.BELOW


def test_pages_that_are_copied_when_written_leave_doubt_until_they_are_measured():
    footprint = Footprint(1000 * MB)
    footprint.look({"kernel": kernel()}, files=0)
    copied = 250 * MB // PAGE
    children = {f"child {n}": kernel(0, copied) for n in range(5)}
    assert footprint.look({"kernel": kernel(), **children}, files=0) is State.UNSURE
    assert footprint.settle(900 * MB) is State.BELOW
    assert footprint.look({"kernel": kernel(), **children}, files=0) is State.BELOW  # nothing has changed
    children["child 0"] = kernel(0, copied + 110 * MB // PAGE)
    assert footprint.look({"kernel": kernel(), **children}, files=0) is State.UNSURE
    assert footprint.settle(1001 * MB) is State.ABOVE


def test_who_gives_memory_back_and_takes_other_is_not_taken_for_one_that_shares():
    footprint = Footprint(500 * MB)
    footprint.look({"kernel": kernel()}, files=0)
    footprint.look({"kernel": Pages(50 * MB, 0)}, files=0)  # it runs another program now
    assert footprint.look({"kernel": Pages(560 * MB, 0)}, files=0) is State.ABOVE


def test_the_closer_to_the_limit_the_sooner_the_next_look():
    footprint = Footprint(500 * MB)
    footprint.look({"kernel": kernel()}, files=0)
    early = footprint.next_look
    footprint.look({"kernel": kernel(450 * MB)}, files=0)
    assert SHORTEST_LOOK <= footprint.next_look < early / 5
