"""What becomes of a command that somebody ends: with Ctrl-C, as a service that is stopped, by closing its terminal?"""

from __future__ import annotations

import signal
from types import TracebackType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """Makes the first signal a KeyboardInterrupt, whichever it is, and remembers it.

    It strikes anywhere, also where a library swallows it or makes an error of its own out of it;
    so whoever goes on for long, or puts an error into words, asks afterwards.

    Attributes:
        asked: Whether somebody has asked for the end.
    """

    def __init__(self) -> None:
        """Have heard nothing yet."""
        self.asked = False
        self._before: dict[int, object] = {}

    def __enter__(self) -> Interruption:
        """Listen to each signal that whoever started us (``nohup``, a shell in the background) did not have ignored."""
        for number in SIGNALS:
            if (handler := signal.getsignal(number)) != signal.SIG_IGN:
                self._before[number] = handler
                signal.signal(number, self._end)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Listen no more."""
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _end(self, *_: object) -> None:
        if not self.asked:  # clearing up is not to be broken off
            self.asked = True
            raise KeyboardInterrupt
