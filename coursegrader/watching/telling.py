"""What does a student's page say about attempts: which one it shows, what became of a later one, what to do?"""

from __future__ import annotations

import time


def used_up(handed_in: float, most: int) -> str:
    """Say that a hand-in was not graded because there are no attempts left."""
    return (
        f"You handed in again ({when(handed_in)}). That was not graded: {_all(most)} used up. The points below stay "
        f"those of {_attempt(most, most)}. If one of your attempts should not count, ask your instructor."
    )


def waits(handed_in: float, due: float, cool_down: float) -> str:
    """Say when a hand-in that came too soon is graded."""
    return (
        f"You handed in again ({when(handed_in)}). That will be graded by itself, {when(due)} or soon after: only one "
        f"hand-in of yours is graded in {_span(cool_down)}. Until then, the points below are those of the hand-in "
        "before. You need not hand it in once more."
    )


def counted(number: int, most: int, due: float | None) -> str:
    """Say which attempt a page shows, what is left, and from when on the next one is graded; empty if that is free.

    Args:
        number: Which attempt it is, from 1.
        most: How many are graded, or 0 for any number.
        due: From when on the next is graded, or None for at once.
    """
    if most and number >= most:
        last = "" if most == 1 else ", the last one"
        return f"This is {_attempt(most, most)}{last}: what you hand in from now on is not graded."
    said = [f"This is attempt {number} of {most}; the one that was graded last counts."] if most else []
    if due is not None:
        said.append(f"What you hand in next is graded from {when(due)} on.")
    return " ".join(said)


def when(seconds: float) -> str:
    """Return a time as the clock on the wall says it here."""
    return time.strftime("%d %B %Y, %H:%M", time.localtime(seconds))


def _all(most: int) -> str:
    return "your one attempt is" if most == 1 else f"all {most} attempts are"


def _attempt(number: int, most: int) -> str:
    return "your one attempt" if most == 1 else f"attempt {number} of {most}"


def _span(seconds: float) -> str:
    """Return a time span in whole hours, minutes or seconds."""
    for unit, size in (("hour", 3600), ("minute", 60), ("second", 1)):
        count = round(seconds / size)
        if seconds >= size and (count * size == seconds or size == 1):
            article = "an" if unit == "hour" else "a"
            return f"{article} {unit}" if count == 1 else f"{count} {unit}s"
    return "a second"
