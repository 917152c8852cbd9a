"""Harm: each of these tries to stop, fill, kill or outlive the grader; its right answers still count."""

from __future__ import annotations

import os
from pathlib import Path

from hostile.case import Case
from hostile.cheats import _IP, _SEND, MIME

#: Stands in the command line, or in the name, of everything that a submission leaves behind.
MARK = "hostile-leftover"
STOPPED = ("cell_stopped",)
#: Whether the box runs full or the grader has heard enough first depends on the machine.
FLOOD = "output_limit|memory_limit"


def cell(name: str, source: str, verdict: str = "", **more: object) -> Case:
    """A right submission with one harmful cell behind the set-up cell, which is all that it loses."""
    return Case(name, extra=source, stopped=verdict, findings=STOPPED if verdict and verdict[0] != "|" else (), **more)  # type: ignore[arg-type]


def in_answer(name: str, body: str, verdict: str, **more: object) -> Case:
    """A right submission, but for one answer that does harm when the tests call it; ``full`` if it loses nothing."""
    source = f"def last(x):\n    if len(x) == 4:\n        {body}\n    return x[-1]"
    loses = {} if verdict == "full" else {"test_last": verdict}
    return Case(name, answers={"last": source}, loses=loses, **more)  # type: ignore[arg-type]


def _planted(folder: Path) -> None:
    """Plant links where a grader will write."""
    for name in ("submission_log.json", "timestamp.txt", "feedback"):
        (folder / name).symlink_to("/etc/passwd")


def _loop(folder: Path) -> None:
    (folder / "around").symlink_to(".")
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data" / "up").symlink_to("../..")


LATE = "import os, threading\nthreading.Timer(0.7, lambda: os._exit(3)).start()"
LOOP = "while True:\n    try:\n        time.sleep(0.05)\n    except BaseException:\n        pass"

SABOTAGE = [
    # -- time
    cell("an endless loop", "while True:\n    pass", "timeout", weaker=True),
    cell("a loop that swallows interrupts", f"import time\n{LOOP}", "timeout", weaker=True),
    cell(
        "interrupts ignored",
        "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    time.sleep(0.1)",
        "timeout",
    ),
    cell("a busy loop in C", "sum(range(10 ** 12))", "timeout"),
    in_answer("an endless loop in an answer", "while True: pass", "timeout"),
    cell(
        "a lock that nobody opens",
        "import threading\nthreading.Lock().acquire() and threading.Event().wait()",
        "timeout",
    ),
    # whether it can still say that it had begun is a matter of luck
    cell("stops itself", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", "timeout|protocol_error"),
    Case(
        "its end forged while it goes on",
        extra=_SEND + "import time\nsend('done', status='ok')\nwhile True: time.sleep(1)",
        stopped="protocol_error",
        findings=STOPPED,
    ),
    cell(
        "children that nobody waits for take the time",
        "import os, signal, time\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\nwhile True:\n    if os.fork() == 0:\n"
        "        while time.process_time() < 0.3: pass\n        os._exit(0)\n    time.sleep(0.3)",
        "timeout",
        weaker=True,
    ),
    cell(
        "leaves its processor",
        "import ctypes, os\nbefore = os.sched_getaffinity(0)\nfor cores in (range(64), {0}, {1}):\n"
        "    try: os.sched_setaffinity(0, cores)\n    except OSError as e: print(e)\n"
        "ctypes.CDLL(None).sched_setaffinity(0, 8, b'\\xff' * 8)\nif os.sched_getaffinity(0) != before: os._exit(7)",
        weaker=True,
    ),
    # -- the end of the kernel
    cell("os._exit", "import os\nos._exit(0)", "kernel_died:exit 0", weaker=True),
    cell("a segmentation fault", "import ctypes\nctypes.string_at(0)", "kernel_died:SIGSEGV", weaker=True),
    cell("an abort", "import os\nos.abort()", "kernel_died:SIGABRT"),
    cell("kills itself", "import os\nos.kill(os.getpid(), 9)", "kernel_died:SIGKILL"),
    in_answer("os._exit in an answer", "__import__('os')._exit(0)", "kernel_died:exit 0"),
    in_answer("a segmentation fault in an answer", "__import__('ctypes').string_at(0)", "kernel_died:SIGSEGV"),
    Case(
        "every answer kills the kernel",
        answers={
            "scale": "import os\ndef scale(x, factor):\n    os._exit(1)",
            "fit": "import os\ndef predict(x):\n    os.kill(os.getpid(), 11)",
            "rows": "import os\ndef rows(path):\n    os.abort()",
        },
        loses={
            "test_scale": "kernel_died:exit 1",
            "test_fit": "kernel_died:SIGSEGV",
            "test_rows": "kernel_died:SIGABRT",
        },
    ),
    cell(
        "kills its parent and everybody else",
        "import os\nfor p in (os.getppid(), -1):\n    try: os.kill(p, 9)\n    except OSError as e: print(e)\nos.killpg(0, 9)",
        "kernel_died:SIGKILL",
        weaker=True,
    ),
    cell("dies a little later", LATE, "|kernel_died"),
    cell(
        "an alarm", "import signal\nsignal.setitimer(signal.ITIMER_REAL, 0.3)\n", "|kernel_died"
    ),  # whose cell runs when it rings depends on the machine
    # -- connections
    cell("closes every file", "import os\nos.closerange(0, 4096)", "kernel_died"),
    cell(
        "closes its output", "import os, sys\nos.closerange(0, 3)\nsys.stdout.close()\nsys.stderr = None", weaker=True
    ),
    cell("closes the kernel's stream", _IP + "import os\nos.close(voice._stream.fileno())", "kernel_died"),
    cell("shuts the kernel's stream", _IP + "voice._stream.shutdown(1)", "protocol_error|kernel_died"),
    cell("takes the kernel's voice", _IP + "voice.finish = lambda **_: None", "timeout"),
    cell(
        "holds the kernel's voice",
        _IP + "import threading\nt = threading.Thread(target=voice._lock.acquire)\nt.start(); t.join()",
        "timeout",
    ),
    cell(
        "stops the thread that listens to programs",
        _IP + "import os\nfor pipe in list(voice._pipes): os.close(pipe)\nos.write(1, b'x' * 1000)",
    ),
    cell(
        "stops and closes the event loop",
        "import asyncio\nloop = asyncio.get_event_loop()\nloop.stop()\nloop.call_soon(loop.close)",
        "|kernel_died",
    ),
    cell("cancels every task", "import asyncio\nfor task in asyncio.all_tasks(): task.cancel()", "|error"),
    cell(
        "two kernels on one stream",
        _SEND
        + "import os, time\nif os.fork() == 0:\n    for i in range(500): send('done', status='ok'); send('stream', name='stdout', text='x')\n"
        "    os._exit(0)\nos.wait()",
    ),
    cell(
        "writes rubbish into every socket",
        "import os, stat\nfor fd in range(3, 300):\n    try:\n        if stat.S_ISSOCK(os.fstat(fd).st_mode): os.write(fd, b'\\xff' * 4096)\n"
        "    except OSError: pass",
        "protocol_error",
    ),
    cell("a malformed frame", _SEND + "raw(b'{nothing')", "protocol_error", weaker=True),
    cell("a deep frame", _SEND + "raw(b'{\"a\":' + b'[' * 100_000 + b']' * 100_000 + b'}')", "protocol_error"),
    cell("a frame that is not UTF-8", _SEND + "raw(b'\\xff\\xfe\\x00')", "protocol_error"),
    cell("a frame of nothing", _SEND + "raw(b'')", "protocol_error"),
    cell("half of a frame", _SEND + "raw(b'{', 5000)", "protocol_error|timeout"),
    cell("a frame longer than any", _SEND + "raw(b'{', 2**32 - 1)", "protocol_error"),
    cell(
        "a frame without an end",
        _SEND + "raw(bytes(1 << 20), 400 << 20)\nwhile True: voice._stream.sendall(bytes(1 << 20))",
        FLOOD,
    ),
    cell("a very large frame", _SEND + "send('display', data={'text/plain': 'x' * (3 << 20)})"),
    cell(
        "a frame of very many parts", _SEND + "send('display', data={'text/plain': ''}, metadata={'a': [[]] * 350_000})"
    ),
    cell(
        "very many empty errors",
        _SEND + "for i in range(15_000): send('error')",
        "|output_limit",
    ),
    cell(
        "very many lines of errors",
        _SEND + "for i in range(400): send('error', traceback=[''] * 2000, evalue='\\n' * 2000)",
        "|output_limit",
    ),
    cell("an end twice", _SEND + "send('done', status='ok')\nsend('done', status='error', ename='Twice')"),
    cell(
        "wrong kinds of fields",
        _SEND + "for bad in (None, 5, [], 'x', {'a': 1}, True):\n"
        "    for kind in ('stream', 'display', 'result', 'error', 'clear', 'begun', 'ready', 'evidence', 'nothing', None, 5, [], {}):\n"
        "        send(kind, name=bad, text=bad, data=bad, metadata=bad, ename=bad, evalue=bad, traceback=bad, wait=bad, update=bad, display=bad, status=bad)",
    ),
    cell("an end of the wrong kind", _SEND + "send('done', status=['ok'], ename={'a': 1}, evalue=[[]])"),
    cell("surrogates in its output", "print('\\ud800')\nraise ValueError('\\ud83d')"),
    # -- output
    cell("endless output", "while True:\n    print('spam ' * 2000)", FLOOD, weaker=True),
    cell(
        "endless colours",
        "import sys\nwhile True:\n    sys.stderr.write('\\x1b[31mx\\x1b[0m\\r' * 4000)",
        FLOOD,
    ),
    cell(
        "very many small frames",
        _SEND + "while True:\n    send('begun')",
        FLOOD,
    ),
    cell("very many displays", "for i in range(3000):\n    display({'text/plain': str(i)}, raw=True)"),
    cell(
        "a flood of widgets",
        _SEND
        + "import ipywidgets\nwhile True:\n    display(ipywidgets.Output()); send('comm_open', data={'state': 'x' * 5000})",
        FLOOD,
    ),
    cell(
        "clears and updates without end",
        "from IPython.display import clear_output\nh = display('a', display_id='a')\nwhile True:\n    clear_output(wait=True)\n    h.update('b' * 10000)",
        FLOOD,
    ),
    cell(
        "a 60 MB image",
        "import os\nfrom IPython.display import Image, display\ndisplay(Image(data=b'\\x89PNG' + os.urandom(60 << 20), format='png'))",
        "output_limit|timeout|memory_limit",
    ),
    cell(
        "a page that acts",
        "from IPython.display import HTML, SVG, Javascript, display\ndisplay(HTML('<script>evil()</script>'), Javascript('evil()'))\n"
        "display({'image/png': 'x\" onerror=\"evil()', 'text/plain': 'x'}, metadata={'image/png': {'width': '1\" onload=\"evil()'}}, raw=True)",
    ),
    in_answer("endless output in an answer", "while True: print('spam ' * 2000)", FLOOD),
    Case(
        "a flood of evidence",
        extra="import coursegrader.evidence as ce, numpy\nbig = numpy.zeros(90_000)\n",
        answers={"last": "def last(x):\n    for i in range(100): ce.evidence(f'n{i}', big)\n    return x[-1]"},
        loses={"test_last": FLOOD},
        findings=("touches_internals",),
    ),
    Case(
        "evidence that takes all the room there is",
        answers={
            "scale": "def scale(x, factor):\n    if factor == 1.75:\n"
            "        for size in [2 ** k for k in range(15, -1, -1) for _ in range(3)]:\n"
            f"            display({{'{MIME}': {{'name': 'x', 'value': [[]] * size}}}}, raw=True)\n    return x * factor"
        },
        loses={"test_scale": "wrong|timeout"},
    ),
    in_answer(
        "evidence with a number of four thousand digits",
        f"display({{'{MIME}': {{'name': 'x', 'value': {{'array': {{'shape': [10 ** 4000]}}}}}}}}, raw=True)",
        "full",
    ),
    in_answer(
        "evidence named with half a character",
        f"display({{'{MIME}': {{'name': '\\ud800', 'value': {{'text': '\\udfff'}}}}}}, raw=True)",
        "full",
    ),
    cell(
        "a stream that claims to update a display",
        _SEND
        + "send('display', data={'text/plain': 'x'}, display='a')\n"
        + "for kind in ('stream', 'error', 'result', 'clear'): send(kind, name='stdout', text='y', display='a', update=True)",
    ),
    in_answer(
        "deep evidence",
        "import json; display({MIME: {'name': 'last entry', 'value': json.loads('[' * 900 + ']' * 900)}}, raw=True)",
        "full",
        extra=f"MIME = '{MIME}'",
    ),
    in_answer(
        "an exception of the wrong kind",
        "send('error', ename=json.loads('[' * 900 + ']' * 900), evalue={}, traceback=[[], {}])",
        "full",
        extra=_SEND,
    ),
    # -- processes
    cell(
        "a detached process",
        f"import subprocess, sys\nsubprocess.Popen(['bash', '-c', 'exec -a {MARK} sleep 4321'], start_new_session=True)\n"
        f"import os\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        os.execvp('bash', ['bash', '-c', 'exec -a {MARK} sleep 4321'])\n    os._exit(0)",
        weaker=True,
    ),
    cell(
        "three hundred forks",
        f"import os\nfor i in range(300): os.posix_spawn('/bin/bash', ['bash', '-c', 'exec -a {MARK} sleep 4321'], {{}})",
        "process_limit",
        weaker=True,
    ),
    cell(
        "a fork bomb",
        "import os, time\nwhile True:\n    try: os.fork()\n    except OSError: time.sleep(0.1)",
        "timeout",
    ),
    cell(
        "a thousand threads",
        "import threading, time\nfor i in range(1000): threading.Thread(target=time.sleep, args=(50,), daemon=True).start()",
        "process_limit",
    ),
    cell("a fork that pretends to be the kernel", "import os, time\nif os.fork(): time.sleep(0.2)\n"),
    # -- memory and disk
    cell(
        "more memory than there is",
        "pile = []\nwhile True: pile.append(bytearray(b'x' * (50 << 20)))",
        "memory_limit",
        weaker=True,
    ),
    cell(
        "sixty children that take memory at once",
        "import os, time\nfor i in range(60):\n    if os.fork() == 0:\n        pile = bytearray(b'x' * (100 << 20))\n"
        "        time.sleep(60)\n        os._exit(0)\nos.wait()",
        "memory_limit",
        weaker=True,
    ),
    cell(
        "children that copy what they inherited",
        "import os, time\npile = bytearray(b'x' * (150 << 20))\nfor i in range(40):\n    if os.fork() == 0:\n"
        "        for place in range(0, len(pile), 4096): pile[place] = 1\n        time.sleep(60)\n        os._exit(0)\nos.wait()",
        "memory_limit",
        weaker=True,
    ),
    cell("a tensor of 40 GB", "torch.ones(10 ** 10)", "memory_limit"),
    cell(
        "memory of many children",
        "import os, time\nfor i in range(6):\n    if os.fork() == 0:\n        pile = bytearray(b'x' * (200 << 20))\n        time.sleep(60)\n        os._exit(0)\nos.wait()",
        "memory_limit",
    ),
    cell(
        "300 MB of files",
        f"with open('{MARK}', 'wb') as f:\n    for i in range(300): f.write(bytes(1 << 20))",
        "disk_limit",
        weaker=True,
    ),
    cell("very many files", f"import os\nfor i in range(30_000): open(f'{MARK}-{{i}}', 'w').close()", "disk_limit"),
    cell(
        "files in every place",
        f"import os\nfor place in ('/tmp', '/dev/shm', '/var/tmp', os.path.expanduser('~'), '/', '..'):\n    try: open(f'{{place}}/{MARK}', 'w').write('x')\n    except OSError as e: print(e)",
        weaker=True,
    ),
    cell(
        "folders without end",
        f"import os\nhere = os.getcwd()\nos.makedirs('{MARK}')\ntry:\n    for i in range(5000):\n"
        "        os.mkdir('d')\n        os.chdir('d')\nfinally:\n    os.chdir(here)",
        "|disk_limit",
        weaker=True,
    ),
    cell(
        "files that cannot be removed",
        f"import os\nos.makedirs('{MARK}/a/b')\nopen('{MARK}/a/b/c', 'w')\nos.chmod('{MARK}/a/b', 0)\nos.chmod('{MARK}/a', 0)\nos.chmod('.', 0)",
        loses={"test_rows": 0.0},
    ),
    in_answer(
        "memory while it is encoded",
        "return type('Big', (list,), {'__len__': lambda s: 3, '__iter__': lambda s: (np.ones(90_000) for _ in iter(int, 1))})([1])",
        "memory_limit",
    ),
    # -- the interpreter
    cell("reset", "%reset -f"),
    cell("input", "input('your password?')\n"),
    cell("exit", "exit()\nimport sys\nsys.exit(3)", "|kernel_died"),
    cell(
        "no builtins",
        "import builtins\nfor name in ('print', 'open', 'len', 'isinstance', 'ValueError'):\n    pass\nbuiltins.print = None\nbuiltins.repr = None",
    ),
    cell("no output", "import sys\nsys.stdout = sys.stderr = None\nsys.__stdout__ = sys.__stderr__ = None"),
    cell(
        "tiny limits",
        "import resource\nfor kind in (resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC, resource.RLIMIT_STACK): resource.setrlimit(kind, (0, 0))",
    ),
    in_answer("an infinite recursion", "return last(x)", "wrong"),
    in_answer("an exception with an endless name", "raise type('E' * 10**6, (Exception,), {})('m' * 10**6)", FLOOD),
    in_answer(
        "an exception that cannot be printed",
        "raise type('Odd', (Exception,), {'__str__': lambda s: 1 / 0, '__repr__': lambda s: 1 / 0})()",
        "wrong",
    ),
    in_answer(
        "an exception that hangs when it is printed",
        "raise type('Odd', (Exception,), {'__str__': lambda s: __import__('time').sleep(999)})()",
        "timeout",
    ),
    in_answer(
        "an object that hangs when it is read",
        "return type('Odd', (), {'detach': lambda s: __import__('time').sleep(999)})()",
        "timeout",
    ),
    in_answer(
        "an object that kills when it is read",
        "return type('Odd', (), {'detach': lambda s: __import__('os')._exit(5)})()",
        "kernel_died:exit 5",
    ),
    cell(
        "threads that write during tests",
        "import threading, time, sys\ndef write():\n    while True:\n        print('noise', flush=True)\n        print('noise', file=sys.stderr, flush=True)\n        time.sleep(0.001)\nfor i in range(4): threading.Thread(target=write, daemon=True).start()",
        weaker=True,
    ),
    cell("threads that never end", "import threading\nthreading.Thread(target=threading.Event().wait).start()"),
    cell(
        "start-up files of IPython",
        "import os\nfolder = os.path.expanduser('~/.ipython/profile_default/startup')\nos.makedirs(folder, exist_ok=True)\nopen(f'{folder}/00.py', 'w').write('import os; os._exit(1)')\nos._exit(1)",
        "kernel_died:exit 1",
    ),
    cell(
        "a debugger and a shell",
        "get_ipython().system('sleep 0.1; echo hello')\nget_ipython().run_line_magic('pdb', 'on')\n1 / 0",
    ),
    # -- files that are handed in
    Case("links where the grader writes", folder=_planted, findings=("file_left_out",), weaker=True),
    Case("links in circles", folder=_loop, findings=("file_left_out",)),
    Case(
        "start-up files in the submission",
        files={
            name: b"import os; os._exit(1)\n"
            for name in (
                "sitecustomize.py",
                "usercustomize.py",
                ".ipython/profile_default/startup/00.py",
                "ipython_config.py",
                "ipython_kernel_config.py",
                ".ipython/profile_default/ipython_config.py",
                ".pth",
                "x.pth",
            )
        },
    ),
    Case(
        "side files named like modules that a kernel imports late",
        files={
            f"{name}.py": b"import os; os._exit(1)\n"
            for name in (
                "decimal",
                "jedi",
                "psutil",
                "pdb",
                "debugpy",
                "asyncio",
                "zmq",
                "tornado",
                "matplotlib_inline",
                "sqlite3",
                "IPython",
                "comm",
                "appnope",
                "ipywidgets",
                "pickleshare",
                "backcall",
                "prompt_toolkit",
                "stack_data",
                "cProfile",
                "pstats",
                "timeit",
                "webbrowser",
                "xmlrpc",
                "getpass",
                "code",
                "codeop",
                "bdb",
                "curses",
                "readline",
                "rlcompleter",
                "site",
                "this",
                "antigravity",
                "gi",
                "faulthandler",
                "xml",
                "html",
                "wave",
            )
        },
    ),
    Case("many small side files", files={f"many/{i}.txt": b"x" for i in range(4_000)}),
    Case(
        "large side files",
        folder=lambda folder: [os.truncate(_new(folder / f"{i}.bin"), 30 << 20) for i in range(4)],
        findings=("file_left_out",),
    ),
    Case(
        "large side files again",
        end="# again",
        folder=lambda folder: [os.truncate(_new(folder / f"{i}.bin"), 30 << 20) for i in range(4)],
        findings=("file_left_out",),
    ),
]


def _new(path: Path) -> Path:
    path.touch()
    return path
