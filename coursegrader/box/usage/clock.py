"""How much time of its own has a box taken?

What its processes took of processors, with those that have ended, and the time in which all of them slept.
Time in which one of them waited for a processor, or for a disk, is the machine's and is nobody's.

The process that guards a box counts; the grader reads the count at any moment from a page that both of them see.
"""

from __future__ import annotations

import mmap
import os
import struct
from dataclasses import dataclass, field
from typing import NamedTuple

_PAIR = struct.Struct("dd")


class Usage(NamedTuple):
    """Seconds that a box has taken.

    Attributes:
        cpu: On processors, of all its processes together.
        idle: While none of them ran or could have run.
    """

    cpu: float = 0.0
    idle: float = 0.0

    @property
    def own(self) -> float:
        """All that is charged to a student."""
        return self.cpu + self.idle


class Process(NamedTuple):
    """A process at one moment.

    Attributes:
        own: Seconds that its threads took, with those that have ended.
        waited: Seconds of the children that it waited for, and of theirs.
        ready: Whether one of its threads runs, or would run if the machine were quicker.
    """

    own: float
    waited: float
    ready: bool


#: Processes by id and by the moment at which they started: ids are used again.
Processes = dict[tuple[int, int], Process]


@dataclass
class Account:
    """Adds up, from one look at the processes of a box to the next, what the box has taken.

    Nobody escapes by ending: what is known of a process that is gone stays charged, also where nobody waited for it,
    which is when the system forgets it.

    Attributes:
        cpu: See :class:`Usage`.
        idle: See :class:`Usage`.
    """

    cpu: float = 0.0
    idle: float = 0.0
    _reaped: float = 0.0
    _known: Processes = field(default_factory=dict)

    def take(self, processes: Processes, reaped: float, seconds: float) -> None:
        """Look at the processes again.

        Args:
            processes: All that there are now.
            reaped: Seconds of those that the guard itself has waited for, since the box began.
            seconds: How long ago the last look was.
        """
        before = self._known
        nothing = Process(0.0, 0.0, False)
        grown = sum(max(0.0, now.own - before.get(key, nothing).own) for key, now in processes.items())
        handed_on = reaped - self._reaped
        handed_on += sum(max(0.0, now.waited - before.get(key, nothing).waited) for key, now in processes.items())
        gone = sum(was.own + was.waited for key, was in before.items() if key not in processes)
        taken = grown + max(0.0, handed_on - gone)
        self.cpu += taken
        if not any(process.ready for process in processes.values()):
            self.idle += max(0.0, seconds - taken)
        self._known, self._reaped = dict(processes), reaped


class Meter:
    """A page of memory on which the guard of a box writes what it has taken.

    Args:
        descriptor: Of the page, where it was handed over; a new one is made without.
    """

    def __init__(self, descriptor: int | None = None) -> None:
        if descriptor is None:
            descriptor = os.memfd_create("meter")
            os.ftruncate(descriptor, mmap.PAGESIZE)
        self.descriptor = descriptor
        self._page = mmap.mmap(descriptor, mmap.PAGESIZE)

    def write(self, cpu: float, idle: float) -> None:
        """Say what was taken until now."""
        _PAIR.pack_into(self._page, 0, cpu, idle)

    def read(self) -> Usage:
        """Return what was taken until a moment ago."""
        return Usage(*_PAIR.unpack_from(self._page))

    def close_descriptor(self) -> None:
        """Keep the page only."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
