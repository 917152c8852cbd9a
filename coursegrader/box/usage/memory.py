"""How much memory do the processes of a box use together, and how soon must that be asked again?

After a fork, parent and child share their pages until one of them writes. What the system tells quickly counts such a
page once for each; what counts it once is slow to ask, and slowest for the many processes that a submission may start
to outrun it. So there are bounds from what is told quickly, and the slow question is put only where these leave doubt.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from enum import Enum
from typing import NamedTuple

PAGE = 4096
GROWTH = 5 << 30  # bytes a second: what one processor can fill with large pages
SHORTEST_LOOK = 0.005  # seconds


class Pages(NamedTuple):
    """What the system tells quickly of one process.

    Attributes:
        size: Bytes of its own pages, shared after a fork or not, of those swapped out and of its page tables.
        faults: How often it was given a page.
    """

    size: int
    faults: int


class State(Enum):
    """What the bounds say of a limit."""

    BELOW = 1
    ABOVE = 2
    UNSURE = 3


class Footprint:
    """Bounds for the memory of a box, from one look at its processes to the next.

    Args:
        limit: Bytes that all of them may use together, with the files that are memory.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.files = 0
        self._now: Mapping[Hashable, Pages] = {}
        self._inherited: dict[Hashable, int] = {}  # what a process may share with others, at most
        self._measured = 0
        self._then: dict[Hashable, Pages] = {}  # when the box was measured
        self._inheritable = 0

    def look(self, processes: Mapping[Hashable, Pages], files: int) -> State:
        """Take in what the system tells quickly, and say what is known of the limit.

        Args:
            processes: By a name that is used once.
            files: Bytes of files that are memory.
        """
        largest = max((pages.size for pages in processes.values()), default=0)
        if not self._now:  # the first look: nothing but what was there before the fork
            self._then, self._inheritable = dict(processes), largest
        for name, pages in processes.items():
            shared = min(pages.size, self._inherited.get(name, self._inheritable))
            then = self._then.get(name, Pages(shared, 0))
            # what it has given back and takes again is new
            self._inherited[name], self._then[name] = shared, Pages(min(then.size, pages.size), then.faults)
        self._now, self.files, self._inheritable = processes, files, largest
        if self.at_most <= self.limit:
            return State.BELOW
        return State.ABOVE if self.at_least > self.limit else State.UNSURE

    @property
    def at_least(self) -> int:
        """Bytes that are used for certain: what has come since each process began is shared with nobody."""
        return self.files + sum(pages.size - self._inherited[name] for name, pages in self._now.items())

    @property
    def at_most(self) -> int:
        """Bytes that may be used: every page counted for each process, or what was measured and has changed since."""
        everything = sum(pages.size for pages in self._now.values())
        since = sum(self._changed(name, pages) for name, pages in self._now.items())
        return self.files + min(everything, self._measured + since)

    def _changed(self, name: Hashable, pages: Pages) -> int:
        """Return the bytes that a process may use now and did not when the box was measured.

        A page that was shared and is written to appears only as one more time that it was given a page.
        """
        then = self._then[name]
        return pages.size - then.size + PAGE * (pages.faults - then.faults)

    def settle(self, measured: int) -> State:
        """Take in what the slow question has found for the processes seen last, files not counted.

        Args:
            measured: Bytes, pages that several share counted once.
        """
        self._measured, self._then = measured, dict(self._now)
        return State.ABOVE if measured + self.files > self.limit else State.BELOW

    @property
    def next_look(self) -> float:
        """Seconds in which the limit cannot be passed by much."""
        return max(SHORTEST_LOOK, (self.limit - self.at_most) / GROWTH)
