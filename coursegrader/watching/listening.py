"""When is it worth looking at the folders again?

Only folders of hand-ins are listened to, not what lies in them, and no link is followed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import watchfiles

from coursegrader.course.course import Course
from coursegrader.course.setup import folders

LOOK = 5.0  # seconds after which the folders are looked at even if nobody tells of a change
MAX_HEARD = 4000  # folders whose changes the system is asked to tell
_AGAIN = 500  # milliseconds after which we look once more when we have begun to listen


def heard(course: Course, assignment: str, downloads: Path | None) -> list[Path]:
    """Return the folders in which something may come or change: downloads, students' folders, their hand-ins."""
    top = folders.collection(course.directory, "submitted", assignment)
    found = dict.fromkeys(folder for folder in (top, downloads) if folder is not None and folder.is_dir())
    for student in course.students("submitted", assignment):
        folder = course.step("submitted", student, assignment)
        own = [path for path in (folder, *folder.parents) if path.is_relative_to(top) and path != top]
        if not any(path.is_symlink() for path in own):
            found |= dict.fromkeys(own)
        if len(found) > MAX_HEARD:
            break
    return list(found)


def listen(where: Callable[[], list[Path]], stop: threading.Event, changed: threading.Event) -> None:
    """Wake the watcher when something changes; where the system cannot tell, it looks by itself now and then."""
    while not stop.is_set():
        try:
            _listen(where, stop, changed)
        except (OSError, RuntimeError):  # a folder went away, or the system listens to no more of them
            stop.wait(LOOK)


def _listen(where: Callable[[], list[Path]], stop: threading.Event, changed: threading.Event) -> None:
    """Listen until there are other folders to listen to."""
    known, fresh = where(), True
    ears = watchfiles.watch(
        *known, stop_event=stop, debounce=100, watch_filter=None, recursive=False, rust_timeout=_AGAIN,
        yield_on_timeout=True,
    )  # fmt: skip
    for changes in ears:
        if changes or fresh:  # fresh: what came just before we listened, nobody told us
            changed.set()
        if changes and where() != known:
            return
        fresh = False
