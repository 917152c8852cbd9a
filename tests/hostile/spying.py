"""Looking where there is nothing to see: each of these prints FOUND before whatever it got hold of."""

from __future__ import annotations

from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from hostile.case import Case
from hostile.cheats import FLAG
from hostile.course import secrets

_LOOK = """
import glob, os
def look(pattern, words=("BEGIN HIDDEN", "MARK SCHEME", "only the judge", "submitted", "sqlite")):
    for path in glob.glob(pattern, recursive=True):
        try:
            text = open(path, "rb").read(100_000).decode("latin-1")
        except OSError:
            continue
        for word in words:
            if word.lower() in text.lower() and not path.startswith(("/usr", "/proc")):
                print("FOUND", path, word)
"""

_SMUGGLE = """
import sys
def region():
    frame = sys._getframe(1)
    while frame is not None:
        if "evidence" in frame.f_globals:
            return get_ipython().user_ns["In"][-1]
        frame = frame.f_back
    return ""
"""


_ENDS = """
def tell(number):
    letter = [source for source in In if "secret" + "_input" in source][0].encode()[60 + number // 4]
    end = [None, OSError(28, ""), MemoryError(""), BlockingIOError(11, "")][letter >> number % 4 * 2 & 3]
    if end is not None: raise end
"""


def _tell_by_ends(nb: NotebookNode) -> None:
    """Add a cell for every two bits of a hidden region: it ends in one of four ways that harm nothing."""
    nb.cells += [
        new_code_cell(source, id=f"told-{n}") for n, source in enumerate([_ENDS, *map("tell({})".format, range(120))])
    ]


def _links(folder: Path) -> None:
    """Link to everything that a submission folder lies beside."""
    for name, target in {
        "source": "../../../source",
        "solution.ipynb": "../../../source/week/lab.ipynb",
        "gradebook.db": "../../../gradebook.db",
        "others": "../..",
        "passwd": "/etc/passwd",
        "root": "/root",
        "environment": "/proc/self/environ",
        "data": "../../../source/week/hidden",
    }.items():
        (folder / name).symlink_to(target)


def _notebook_link(folder: Path) -> None:
    (folder / "lab.ipynb").unlink()
    (folder / "lab.ipynb").symlink_to("../../first-and-right/week/lab.ipynb")


#: Words that the grader knows, each in two halves, so that the search does not find itself.
_MEMORY = """
halves = [(b'confidential', b' reason'), (b'a truth that', b' only the judge'), (b'3.0 * x ', b'+ 1.25'), (b'Because it is one', b', three times'),
          (b'secret_', b'points'), (b'SECRET_TOKEN', b'=FOUND')]
with open('/proc/self/mem', 'rb', 0) as memory:
    for line in open('/proc/self/maps'):
        start, end = (int(n, 16) for n in line.split()[0].split('-'))
        if ' rw' not in line or end - start > 300 << 20: continue
        for place in range(start, end, 1 << 22):
            try:
                memory.seek(place)
                chunk = memory.read(min(1 << 22, end - place))
            except (OSError, ValueError, OverflowError): break
            for first, second in halves:
                at = chunk.find(first)
                while at >= 0:
                    if chunk.startswith(second, at + len(first)): print('FOUND', first)
                    at = chunk.find(first, at + 1)
"""

SPYING = [
    Case(
        "looks for source and truth",
        extra=_LOOK
        + "for top in ('..', '../..', '/home', '/tmp', '/root', '/work', '/var/tmp', '/mnt', '/srv', '/opt', '/data'):\n"
        "    for name in ('*.ipynb', 'labels.txt', 'gradebook.db', 'nbgrader_config.py', 'log.key', 'seed'):\n"
        "        look(f'{top}/**/{name}')\n"
        "for word in ('source', 'truth', 'grading', 'submitted', 'gradebook.db'):\n"
        "    if os.path.exists(f'COURSE/{word}') or os.path.exists(f'../../{word}'): print('FOUND', word)",
        weaker=True,
    ),
    Case(
        "looks into other processes",
        extra="import glob, os\nfor path in glob.glob('/proc/[0-9]*/environ') + glob.glob('/proc/[0-9]*/cwd/*'):\n"
        "    if path.split('/')[2] == str(os.getpid()): continue\n"
        "    try:\n        text = open(path, 'rb').read()\n    except OSError: continue\n"
        "    if text: print('FOUND', path, text[:50])\n"
        "for key, value in os.environ.items():\n"
        "    if any(word in key.upper() for word in ('TOKEN', 'SECRET', 'PASSWORD', 'API', 'AWS', 'REFERENCE')): print('FOUND', key)",
        findings=(),
        weaker=True,
    ),
    Case(
        "calls home",
        extra="import socket, urllib.request\nfor family, address in ((socket.AF_INET, ('127.0.0.1', 22)), (socket.AF_INET, ('8.8.8.8', 53)),\n"
        "    (socket.AF_INET6, ('::1', 80)), (socket.AF_UNIX, '\\0dbus'), (socket.AF_UNIX, '/var/run/docker.sock'), (socket.AF_UNIX, '/run/systemd/notify')):\n"
        "    try:\n        s = socket.socket(family)\n        s.settimeout(0.3)\n        s.connect(address)\n        print('FOUND', address)\n"
        "    except OSError as e: pass\n"
        "try: socket.getaddrinfo('example.com', 80); print('FOUND dns')\nexcept OSError: pass",
        weaker=True,
    ),
    Case(
        "links out of the folder",
        folder=_links,
        extra="import os\nfor name in ('source', 'solution.ipynb', 'gradebook.db', 'others', 'passwd', 'root', 'environment', 'data/inputs.txt'):\n"
        "    if os.path.exists(name): print('FOUND', name)",
        findings=("file_left_out",),
        weaker=True,
    ),
    Case(
        "looks through the memory that it was forked with",
        extra=_MEMORY,
        weaker=True,
    ),
    Case(
        "looks into what it has open",
        extra="import os, socket\nfor fd in os.listdir('/proc/self/fd'):\n"
        "    try: target = os.readlink(f'/proc/self/fd/{fd}')\n    except OSError: continue\n"
        "    if target.startswith('/') and not target.startswith(('/dev/', '/proc/', '/usr/', '/home/student', '/tmp/', '/sys/')):\n"
        "        if any(word in target for word in ('course', 'submitted', 'gradebook', 'source', 'grading')): print('FOUND', target)\n"
        "    if 'memfd' in target: print('FOUND', target)\n"
        "    if target.startswith('socket:') and int(fd) != get_ipython().voice._stream.fileno():\n"
        "        try: print('FOUND', socket.socket(fileno=os.dup(int(fd))).recv(100, socket.MSG_DONTWAIT))\n"
        "        except OSError: pass",
        weaker=True,
    ),
    Case("a link to somebody's notebook", student="copycat", blank=True, folder=_notebook_link, degraded="link"),
    Case(
        "hidden tests printed into later outputs",
        extra="seen = []\nget_ipython().events.register('pre_run_cell', lambda info: seen.append(info.raw_cell))",
        answers={"last": "def last(x):\n    print(*seen, In)\n    return x[-1]"},
        end="print(*seen)\nprint(In)\nopen('seen.txt', 'w').write(str(seen))",
    ),
    Case(
        "hidden tests as the name of an exception",
        extra=_SMUGGLE,
        answers={
            "scale": "def scale(x, factor):\n    raise type(region().replace('\\n', ' ')[:400], (Exception,), {})(region())",
            "last": "def last(x):\n    raise ValueError(region())",
            "fit": "def predict(x):\n    raise RecursionError('maximum recursion depth exceeded ' + region()[-40:].replace('\\n', ' '))",
            "rows": "def rows(path):\n    raise IndexError(f\"index {int.from_bytes(region().encode()[:150], 'big')} is out of bounds for axis 0 with size 3\")",
        },
        loses=dict.fromkeys(("test_scale", "test_last", "test_fit", "test_rows"), "wrong"),
        findings=FLAG,
    ),
    Case(
        "hidden tests as a value",
        extra=_SMUGGLE,
        answers={
            "scale": "def scale(x, factor):\n    return region()",
            "last": "def last(x):\n    return [region(), region()]",
            "best": "best = region()",
            "fit": "def predict(x):\n    return np.zeros((0, *region().encode()[:30]))",
        },
        loses=dict.fromkeys(("test_scale", "test_last", "test_fit", "test_best"), "wrong"),
        findings=FLAG,
    ),
    Case(
        "hidden tests told by how added cells end",
        notebook=_tell_by_ends,
        degraded="memory_limit",
        stopped="disk_limit|memory_limit|process_limit",
        findings=("cell_stopped",),
    ),
    Case(
        "hidden tests in the verdict",
        answers={"last": "import os\ndef last(x):\n    os._exit(len(In[-1]) % 256)"},
        loses={"test_last": "kernel_died:exit"},
    ),
]

SECRETS = secrets()
