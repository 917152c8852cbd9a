"""Graders on machines of several kinds: run as somebody else, where something is forbidden.

Run as a program, this file becomes such a grader and obeys commands, one JSON object a line.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ORDINARY_USER = 54_321
NAMESPACES = ("unshare", "mount", "setns", "pivot_root")
LANDLOCK = ("landlock_create_ruleset",)


class Machine:
    """A grader in a process of its own.

    Args:
        user: Who the grader is; None for whoever runs the tests.
        forbidden: System calls that fail; ``NAMESPACES`` makes it like a container with default settings.
        light: Whether kernels are forked from a process that has not imported PyTorch, which takes seconds.
        variables: More environment variables.
    """

    expected_rung = 0
    kind = ""

    def __init__(
        self,
        *,
        user: int | None = None,
        forbidden: tuple[str, ...] = (),
        light: bool = False,
        variables: dict[str, str] | None = None,
    ) -> None:
        self.settings = {"user": user, "forbidden": forbidden, "light": light}
        self.left: list[str] = []
        self.home = tempfile.mkdtemp(prefix="machine-")
        os.chmod(self.home, 0o755)
        Path(self.home, "tmp").mkdir()
        if user is not None:
            os.chown(self.home, user, user)
            os.chown(f"{self.home}/tmp", user, user)
        Path(self.home, "tmp").chmod(0o755)
        environment = {
            **os.environ,
            "HOME": self.home,
            "TMPDIR": f"{self.home}/tmp",
            "XDG_CACHE_HOME": "/var/tmp/coursegrader-tests",
            "OMP_NUM_THREADS": "1",
            **(variables or {}),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", __file__, json.dumps(self.settings)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, do: str, **arguments: Any) -> Any:
        """Have the grader do something and return what came of it."""
        self.send(do, **arguments)
        return self.receive()

    def send(self, do: str, **arguments: Any) -> None:
        """Have the grader do something."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self.process.stdin.flush()

    def receive(self) -> Any:
        """Wait for what came of it."""
        assert self.process.stdout is not None
        answer = json.loads(self.process.stdout.readline() or '{"error": "the grader has ended"}')
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]

    def has_answered(self) -> bool:
        """Say whether :meth:`receive` would return at once."""
        return bool(select.select([self.process.stdout], [], [], 0)[0])

    def open(self, **traits: Any) -> Box:
        """Start a kernel in a box."""
        return Box(self, self.ask("open", **traits))

    def close(self) -> None:
        """End the grader as a user would, by ending its input; ``left`` names the temporary files it leaves."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(120)
        self.process.stdout.close()
        self.left = os.listdir(f"{self.home}/tmp")
        subprocess.run(["rm", "-rf", self.home], check=True)


class Box:
    """A kernel that a :class:`Machine` runs."""

    def __init__(self, machine: Machine, number: int) -> None:
        self.machine = machine
        self.number = number

    def run(self, code: str, timeout: float = 120) -> str:
        """Execute a cell; return its text output, or ``[verdict]`` if the kernel died of it."""
        return self.machine.ask("run", box=self.number, code=code, timeout=timeout)

    def eval(self, expression: str) -> Any:
        """Evaluate an expression in the kernel and return its value."""
        return json.loads(self.run(f"import json; print(json.dumps({expression}))"))

    def interrupted(self, code: str, after: float) -> str:
        """Execute a cell and interrupt it after so many seconds."""
        return self.machine.ask("interrupted", box=self.number, code=code, after=after)

    def end(self, *, now: bool = False) -> None:
        """End the kernel."""
        self.machine.ask("end", box=self.number, now=now)

    def __enter__(self) -> Box:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


# ---- what runs as the grader ------------------------------------------------------------------------------------


def _become(user: int | None, forbidden: list[str]) -> None:
    """Turn this process into the wanted user on the wanted machine."""
    from coursegrader.box import isolation, lockup
    from coursegrader.box.linux import seccomp, syscalls

    if os.geteuid() == 0 and (user is not None or forbidden):
        syscalls.unshare(syscalls.NEW_MOUNTS)
        syscalls.mount(None, "/", None, syscalls.PRIVATE | syscalls.RECURSIVE)
        while closed := isolation._closed_folder():
            _open_folder(closed)
    if user is not None:
        lockup.become(user)
    if forbidden:
        seccomp.REFUSED["landlock_create_ruleset"] = (444, 444)
        code = seccomp.program(forbidden)
        del seccomp.REFUSED["landlock_create_ruleset"]
        seccomp.install(code)


def _open_folder(folder: str) -> None:
    """Let everybody through a folder, in this mount namespace, without showing more of it than Python."""
    from coursegrader.box import tree
    from coursegrader.box.linux import syscalls

    inside = {Path(part).relative_to(folder).parts[0] for part in tree.python_parts() if part.startswith(folder + "/")}
    handles = {name: os.open(f"{folder}/{name}", os.O_PATH) for name in inside}
    syscalls.mount("open", folder, "tmpfs", 0, "mode=0755")
    for name, handle in handles.items():
        os.mkdir(f"{folder}/{name}")
        syscalls.mount(f"/proc/self/fd/{handle}", f"{folder}/{name}", None, syscalls.BIND | syscalls.RECURSIVE)
        os.close(handle)


class Grader:
    """Does what the tests ask for."""

    def __init__(self) -> None:
        self.boxes: list[Any] = []

    async def open(self, limits: dict[str, int] | None = None, **wanted: Any) -> int:
        """Start a kernel and return its number."""
        from coursegrader.box.lockup import Limits
        from coursegrader.engine.conversation import Conversation
        from coursegrader.engine.kernel import Wanted

        self.boxes.append(await Conversation.begin(Wanted(limits=Limits(**(limits or {})), **wanted), 20_000_000))
        return len(self.boxes) - 1

    async def run(self, box: int, code: str, timeout: float) -> str:
        """Execute a cell until it is done, the kernel has died or time is up."""
        from coursegrader.engine.record import Room

        said = await self.boxes[box].execute(code, timeout, Room(10**6, 10**6, 10**6, 10**7))
        if said.verdict not in ("ok", "error") and not any(o.output_type == "error" for o in said.outputs):
            return f"[{said.verdict}]"
        return "".join(map(_shown, said.outputs)).strip()

    async def interrupted(self, box: int, code: str, after: float) -> str:
        """Execute a cell and interrupt it after so many seconds."""
        running = asyncio.ensure_future(self.run(box, code, 10))
        await asyncio.sleep(after)
        self.boxes[box].kernel.interrupt()
        return await running

    async def end(self, box: int, now: bool = False) -> None:
        """End a kernel; unless it is to be now, wait until nothing of it is left."""
        await self.boxes[box].close(wait=not now)

    async def rung(self) -> list[Any]:
        """Find out what this machine can do."""
        from coursegrader.box import isolation

        found = isolation.probe()
        return [found.rung, found.name, found.why, found.fix]

    async def server(self) -> list[Any]:
        """Return process id and folder of the fork server."""
        from coursegrader.box import forkserver

        server = next(iter(forkserver._servers.values()))
        return [server.process.pid, str(server.folder)]

    async def self(self) -> list[int]:
        """Return this process's id, and how many descriptors it has open."""
        return [os.getpid(), len(os.listdir("/proc/self/fd"))]


def _shown(output: Any) -> str:
    """Return an output as text: of a display its text and the names of its other kinds of data."""
    if output.output_type == "stream":
        return output.text
    if output.output_type == "error":
        return f"{output.ename}: {output.evalue}"
    return " ".join([output.data.get("text/plain", ""), *sorted(output.data)])


async def _obey() -> None:
    grader = Grader()
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        command = json.loads(line)
        try:
            answer = {"result": await getattr(grader, command.pop("do"))(**command)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
    for box in range(len(grader.boxes)):
        await grader.end(box)


if __name__ == "__main__":
    settings = json.loads(sys.argv[1])
    if settings.pop("light"):
        from coursegrader.box import forkserver

        forkserver.PRELOAD = tuple(name for name in forkserver.PRELOAD if "torch" not in name)
    _become(**settings)
    asyncio.run(_obey())
