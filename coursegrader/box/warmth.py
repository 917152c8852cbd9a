"""What is imported before the fork, to lie in memory that all boxes share, and in which surroundings?"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from coursegrader.box.linux import syscalls

#: What every kernel needs; what an assignment imports besides comes by :func:`bring`.
PRELOAD = (
    "numpy",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "matplotlib_inline.backend_inline",
    "matplotlib_inline.config",
    "PIL.PngImagePlugin",
    "PIL.BmpImagePlugin",
    "PIL.GifImagePlugin",
    "PIL.JpegImagePlugin",
    "PIL.PpmImagePlugin",
    "IPython.core.debugger",
    "IPython.core.magic_arguments",
    "IPython.core.magics",
    "IPython.core.magics.ast_mod",
    "IPython.core.magics.execution",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "IPython.utils.module_paths",
    "pygments.formatters.terminal256",
    "pygments.lexers.python",
    "pygments.styles.default",
    "stack_data",
    "coursegrader.evidence",
    "coursegrader.box.inside.loop",
)


def warm_up(modules: Iterable[str]) -> None:
    """Import what every kernel needs, and do what each would have to do at its start.

    Raises:
        RuntimeError: A module has started a thread.
    """
    _import(modules)
    if "coursegrader.box.inside.loop" in sys.modules:
        sys.modules["coursegrader.box.inside.loop"].warm_up()
    _settle()
    syscalls.prctl(syscalls.SUBREAPER, 1)
    syscalls.prctl(syscalls.DUMPABLE, 0)  # nobody of our user reads our memory


def bring(modules: Iterable[str]) -> None:
    """Import what the notebooks to come need besides.

    Raises:
        RuntimeError: A module has started a thread.
    """
    _import(modules)
    _settle()


def _import(modules: Iterable[str]) -> None:
    for name in modules:
        with contextlib.suppress(Exception):  # what is not there is not missed until a notebook imports it
            importlib.import_module(name)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


def _settle() -> None:
    """Make sure that this process can be forked, and that forks share its memory."""
    gc.collect()
    gc.freeze()  # a collection in a child would write to every page it shares with us
    gc.disable()
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        raise RuntimeError(f"{threads} threads after the imports: only a process with one can be forked safely")


def clean_environment() -> dict[str, str]:
    """Return the environment that every kernel can read in ``/proc/self/environ``: nothing of ours."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",  # the order of a student's sets is the same in every grading run
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "IPYTHONDIR": "/nonexistent",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "passive",
    }


def font_cache(fallback: str) -> str:
    """Return a folder for matplotlib's list of fonts, which takes a second to make."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "coursegrader", "matplotlib")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # no home, or not ours
        return f"{fallback}/matplotlib"
    return str(folder)


def throw_away_users() -> range:
    """Return user numbers that belong to nobody, from the largest range this (user) namespace knows."""
    import pwd  # Windows has none

    lines = Path("/proc/self/uid_map").read_text().splitlines()
    first, length = max(((int(line.split()[0]), int(line.split()[2])) for line in lines), key=lambda pair: pair[1])
    taken = max((entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid < 65_000), default=0)
    last = min(first + length, 1 << 31)
    start = max(1 << 20 if last > 1 << 21 else last // 2, first, taken + 1)
    return range(start, last)
