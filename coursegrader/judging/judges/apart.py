"""How does an author's code judge, so that it can neither stop nor end the grading? In a process of its own."""

from __future__ import annotations

import multiprocessing
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

SECONDS = 10  # of the processor for one judgement, and for the start
PATIENCE = 200  # seconds by the clock, for one that sleeps
_LAST_BREATH = 20  # seconds by the clock, for one that hung up because it is ending: a busy machine takes its time
_START = "import sys; sys.path[:] = sys.argv[3:]; from coursegrader.judging.judges.court import serve; serve(int(sys.argv[1]), int(sys.argv[2]))"  # fmt: skip


class Failed(Exception):  # noqa: N818 -- said of a judge, in the word that is told
    """A judge gave no judgement; the text says why.

    Args:
        reason: Why.
        line: Of the file, or 0.
    """

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.where = f", line {line}" if line else ""


class Court:
    """The process in which the judges of one file judge; it is started when it is first asked, and again if it ended.

    Args:
        path: The file.
        source: What is in it.
        seconds: How long one answer may take, of the processor; :data:`SECONDS` by default.
    """

    def __init__(self, path: Path, source: str, seconds: int = 0) -> None:
        self._path, self._source, self._seconds = path, source, seconds or SECONDS
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._beginning = False  # whether it has been told to run the file, and has not been heard since
        self._judges: Connection | None = None
        self._end: Callable[[], object] = lambda: None

    def begin(self) -> None:
        """Have the process get ready while the grader does other things; who then asks it is told what went wrong."""
        with self._lock, suppress(Failed):
            if self._process is None:
                self._begin()

    def functions(self) -> dict[str, str]:
        """Return the public functions of the file, each with why it can be no judge, or an empty text.

        Raises:
            Failed: The file is no Python, or fails.
        """
        with self._lock:
            if not self._beginning:
                self._stop()
            return self._start()

    def share(self, name: str, value: Any, expected: Any, truth: Path) -> tuple[float, str]:
        """Return the share that a judge gives, and the sentence that it tells the student.

        Raises:
            Failed: It raised, hung, ended its process or returned something else than a share.
        """
        with self._lock:
            if self._process is None or self._beginning:
                self._start()
            kind, *found = self._ask("judge", name, value, expected, truth)
        if kind == "odd":
            raise Failed(f"it returned {found[0]!r}; it must return True, False or a share from 0 to 1")
        return (0.0, str(found[0])) if kind == "wrong" else (float(found[0]), "")

    def _start(self) -> dict[str, str]:
        if self._process is None:
            self._begin()
        self._beginning = False
        functions: dict[str, str] = self._hear()[1]
        return functions

    def _begin(self) -> None:
        self._judges, theirs = multiprocessing.Pipe()
        with theirs:
            command = [sys.executable, "-c", _START, str(theirs.fileno()), str(self._seconds), *sys.path]
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=[theirs.fileno()],
                start_new_session=True,
            )  # fmt: skip
        self._end = weakref.finalize(self, _end, self._process, self._judges)
        self._say("run", str(self._path), self._source)
        self._beginning = True

    def _ask(self, what: str, *question: Any) -> tuple[Any, ...]:
        self._say(what, *question)
        return self._hear()

    def _say(self, what: str, *question: Any) -> None:
        assert self._judges is not None
        try:
            self._judges.send((what, question))
        except OSError as error:
            raise Failed(self._how_it_ended()) from error

    def _hear(self) -> tuple[Any, ...]:
        assert self._judges is not None
        try:
            if not self._judges.poll(PATIENCE):
                self._stop()
                raise Failed(f"it did not come to an end in {PATIENCE} s")
            answer: tuple[Any, ...] = self._judges.recv()
        except (EOFError, OSError) as error:
            raise Failed(self._how_it_ended()) from error
        if answer[0] == "failed":
            _, line, kind, message = answer
            raise Failed(f"{kind}: {message}", line)
        return answer

    def _how_it_ended(self) -> str:
        assert self._process is not None
        code = self._stop(_LAST_BREATH)
        if code == -signal.SIGXCPU:
            return f"it took more than {self._seconds} s of the processor"
        return f"it ended its process ({signal.Signals(-code).name if code < 0 else f'exit code {code}'})"

    def _stop(self, patience: float = 0) -> int:
        """End the process, if there is one and it does not end by itself, and return its exit code."""
        process, self._process, self._beginning = self._process, None, False
        if process is None:
            return 0
        try:
            code = process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        self._end()
        return code


def _end(process: subprocess.Popen[bytes], judges: Connection) -> None:
    process.kill()
    process.wait()
    judges.close()
