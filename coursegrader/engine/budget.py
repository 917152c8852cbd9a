"""When has code had its time?

Counted is the time of its own box, see :mod:`coursegrader.box.usage.clock`; a much longer limit by the wall clock is for what
takes none. There is no clock in here, so that tests need not wait.
"""

from __future__ import annotations

from dataclasses import dataclass

PATIENCE = 10.0  # times its own seconds by the wall clock: a machine on which ten others are busy costs nobody a point
RESTART = 0.2  # seconds of its own that a kernel in another's place costs: starting it is measured nowhere
SHORTEST_LOOK = 0.05  # seconds: the guard of a box does not count more often
LONGEST_LOOK = 1.0


@dataclass(frozen=True)
class Budget:
    """Time that an execution may take.

    Attributes:
        seconds: Of its own.
        own: What its box had taken when it began.
        began: When that was, by the wall clock.
        wall: Seconds by the wall clock.
    """

    seconds: float
    own: float
    began: float
    wall: float

    @classmethod
    def begin(cls, seconds: float, own: float, now: float, wall: float | None = None) -> Budget:
        """Start counting.

        Args:
            seconds: Of its own that it may take.
            own: What its box has taken.
            now: The wall clock.
            wall: Seconds by the wall clock that it may take; by default :data:`PATIENCE` times its own.
        """
        return cls(seconds, own, now, PATIENCE * seconds if wall is None else wall)

    def spent(self, own: float) -> float:
        """Return what is charged for it."""
        return max(0.0, own - self.own)

    def left(self, own: float, now: float) -> float:
        """Return how long to wait before looking again; zero when the time is over."""
        of_its_own = self.seconds - self.spent(own)
        by_the_wall = self.wall - (now - self.began)
        if of_its_own <= 0 or by_the_wall <= 0:
            return 0.0
        return min(max(of_its_own, SHORTEST_LOOK), LONGEST_LOOK, max(by_the_wall, SHORTEST_LOOK))
