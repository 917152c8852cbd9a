"""What do the notebooks of an assignment import, so that it is imported once and not in every box?

It is recorded from the reference runs; nothing but time depends on it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from coursegrader.box import forkserver, warmth
from coursegrader.course.course import Assignment, Notebook
from coursegrader.files import write_whole

#: Run in a kernel at the end of a notebook: prints what was imported since the fork, in order.
IMPORTED = (
    "import sys\nfor _name in list(sys.modules)[sys.modules['coursegrader.box.inside.loop'].warm:]:\n    print(_name)"
)
_SECONDS = 300  # for the imports, on a machine that is slow
_ATTEMPTS = 5
# imports one name after the other; keeps what brings something along, lies where libraries lie and starts no thread
_TRY = """import importlib, json, os, site, sys
wanted, base, sys.path[:], cold = json.load(sys.stdin)
homes = tuple(os.path.join(os.path.realpath(path), "") for path in
              {sys.prefix, sys.base_prefix, site.getusersitepackages()})
lasting, starts = [], None
for name in base + wanted:
    if name in sys.modules or name.partition(".")[0] in cold:
        continue
    try:
        module = importlib.import_module(name)
    except Exception:
        continue
    if len(os.listdir("/proc/self/task")) > 1:
        starts = name.partition(".")[0]
        break
    if name not in base and os.path.realpath(getattr(module, "__file__", None) or "").startswith(homes):
        lasting.append(name)
print("\\n" + json.dumps([lasting, starts]), flush=True)
os._exit(0)
"""


def folder(assignment: Assignment) -> Path:
    """Return the folder with one file a notebook: beside the runs that it was learnt from, as both go together."""
    return assignment.course.grading / "cache" / "imports" / assignment.name


def modules(assignment: Assignment) -> tuple[str, ...]:
    """Return what the notebooks of an assignment import, as far as it is known."""
    files = sorted(folder(assignment).glob("*.json"))
    return tuple(dict.fromkeys(name for file in files for name in _read(file)))


def _read(file: Path) -> list[str]:
    try:
        return [str(name) for name in json.loads(file.read_text("utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def learn(notebook: Notebook, imported: list[str]) -> None:
    """Remember what the reference run of a notebook imported although nothing had imported it before."""
    if new := lasting(imported):
        file = folder(notebook.assignment) / f"{notebook.name}.json"
        write_whole(file, json.dumps(list(dict.fromkeys([*_read(file), *new]))).encode())


def lasting(imported: list[str]) -> list[str]:
    """Return those modules that can be imported before a fork, without those that another one brings along."""
    cold: list[str] = []
    # a module stands behind those that it imports, but a package brings most of its own along
    wanted = sorted(reversed(imported), key=lambda name: name.count("."))
    for _ in range(_ATTEMPTS):
        done = subprocess.run(
            [sys.executable, "-c", _TRY],
            input=json.dumps([wanted, forkserver.PRELOAD, [path for path in sys.path if path], cold]),
            env=warmth.clean_environment(),
            cwd="/",
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        try:
            names, starts = json.loads(done.stdout.splitlines()[-1])
        except (IndexError, ValueError):  # a library that ends the process
            return []
        if starts is None:
            return list(names)
        cold.append(starts)
    return []
