"""In which surroundings do kernels begin: which environment, which fonts, whose user?"""

from __future__ import annotations

import os
from pathlib import Path


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
