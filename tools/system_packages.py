"""Install the Debian packages that the tests need, or say which are missing and what is skipped without them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

#: Package: (how to tell that it is there, what is skipped without it).
KNOWN = {
    "chromium": (lambda: shutil.which("chromium"), "the browser tests"),
    "postgresql": (lambda: next(Path("/usr/lib/postgresql").glob("*/bin/postgres"), None), "the PostgreSQL tests"),
}


def main(packages: list[str]) -> int:
    """Install what is missing when that is possible; never fail, the tests skip what they cannot run."""
    missing = [package for package in packages if not KNOWN[package][0]()]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing],
        ):
            subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
        missing = [package for package in missing if not KNOWN[package][0]()]
    for package in missing:
        print(
            f"{package} is not installed: {KNOWN[package][1]} are skipped; `sudo apt-get install {package}` brings it"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
