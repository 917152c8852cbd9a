"""Which threads drive boxes side by side, and what becomes of them when the whole is broken off?"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from coursegrader.box import forkserver


@contextmanager
def threads(count: int) -> Iterator[ThreadPoolExecutor]:
    """Provide threads that run notebooks; they are done at the end.

    Whoever breaks off, with an error or with Ctrl-C, does not wait for what runs: its boxes are ended.
    """
    pool = ThreadPoolExecutor(count)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        with forkserver.closed():
            pool.shutdown()
        raise
    pool.shutdown()
