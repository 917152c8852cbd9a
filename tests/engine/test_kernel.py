"""Kernels in boxes: what works inside, what does not, and what is left afterwards; real boxes, on each rung."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from machines import NAMESPACES, ORDINARY_USER, Box, Machine

import coursegrader
from coursegrader.box import forkserver
from coursegrader.engine.conversation import Conversation
from coursegrader.engine.kernel import Wanted
from coursegrader.engine.record import Room

ROOT = os.geteuid() == 0
SECRET = "correct horse battery staple"
KINDS: dict[str, tuple[int, dict[str, Any]]] = {
    "root with namespaces": (1, {}),
    "user with namespaces": (1, {"user": ORDINARY_USER, "light": True}),
    "root without": (2, {"forbidden": NAMESPACES, "light": True}),
    "user without": (3, {"user": ORDINARY_USER, "forbidden": NAMESPACES, "light": True}),
}
EXTREMES = ("root with namespaces", "user without")
TRY = """
def attempt(f):
    try:
        return repr(f())
    except BaseException as error:
        return type(error).__name__
"""


@pytest.fixture(scope="module", params=KINDS)
def machine(request: pytest.FixtureRequest) -> Iterator[Machine]:
    """A grader on each kind of machine."""
    rung, settings = KINDS[request.param]
    if not ROOT and settings:
        pytest.skip("only root can play another user")
    machine = Machine(**settings, variables={"A_SECRET": SECRET})
    machine.expected_rung = rung if ROOT else 1
    machine.kind = request.param
    yield machine
    machine.close()
    assert machine.left == []


@pytest.fixture
def namespaces(machine: Machine) -> None:
    """Only where a box has namespaces of its own."""
    if machine.expected_rung != 1:
        pytest.skip("this rung shares the machine's files and processes")


@pytest.fixture
def extremes(machine: Machine) -> None:
    """Only on the strongest and on the weakest machine: the others run the same code of ours."""
    if machine.kind not in EXTREMES:
        pytest.skip("our part of it is the same as on the strongest or the weakest machine")


@pytest.fixture
def box(machine: Machine) -> Iterator[Box]:
    """A fresh box."""
    with machine.open() as box:
        box.run(TRY)
        yield box


def processes(*command: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        if process.info["cmdline"] == list(command) and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def test_each_machine_gives_the_rung_it_can(machine: Machine) -> None:
    rung, _, why, fix = machine.ask("rung")
    assert rung == machine.expected_rung
    assert bool(why) == bool(fix) == (rung > 1)


def test_a_kernel_computes_prints_and_draws(box: Box) -> None:
    assert box.run("import torch; print(torch.arange(4.0).sum().item())") == "6.0"
    assert box.run("import os, time; os.write(1, b'from below'); time.sleep(1)") == "from below"
    assert box.run("!echo from a shell; exit 3\nprint(_exit_code)") == "from a shell\n3"
    assert "image/png" in box.run("import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()")
    assert box.run("1 / 0") == "ZeroDivisionError: division by zero"


def test_evidence_is_there_and_the_grader_is_not(box: Box) -> None:
    assert "evidence name" in box.run("from coursegrader.evidence import evidence, rng; evidence('name', [1.5])")
    assert box.run("import coursegrader.judging.judge").startswith(("ModuleNotFoundError", "PermissionError"))
    package = str(Path(coursegrader.__file__).parent)
    assert box.eval(f"attempt(lambda: open({package + '/evidence.py'!r}).read())") in (
        "'FileNotFoundError'",
        "FileNotFoundError",
        "PermissionError",
    )


def test_a_fork_of_the_kernel_may_print(box: Box) -> None:
    code = "import os\nif os.fork() == 0:\n    print('child', flush=True); os._exit(0)\nos.wait(); print('parent')"
    assert "parent" in box.run(code)


def test_no_file_of_the_machine_can_be_opened(
    machine: Machine, box: Box, tmp_path_factory: pytest.TempPathFactory
) -> None:
    secret = Path("/var/tmp", f"coursegrader-secret-{os.getpid()}")
    secret.write_text(SECRET)
    secret.chmod(0o644)
    repository = Path(__file__).parents[2]
    try:
        for path in (secret, "/etc/shadow", "/etc/hostname", repository / "pyproject.toml", "/proc/1/environ"):
            found = box.eval(f"attempt(lambda: open({str(path)!r}, 'rb').read())")
            assert found in ("FileNotFoundError", "PermissionError", "NotADirectoryError"), path
        for path in ("/root", "/srv", "/var/tmp", repository / "source", machine.home):
            found = box.eval(f"attempt(lambda: __import__('os').listdir({str(path)!r}))")
            python_is_in_there = str(path) == "/root" and found == "['.pyenv']"
            assert found in ("FileNotFoundError", "PermissionError") or python_is_in_there, path
    finally:
        secret.unlink()


def test_nothing_outside_can_be_written(machine: Machine, box: Box) -> None:
    _, folder = machine.ask("server")
    for path in ("/x", "/usr/x", "/etc/x", "/dev/x", "/var/tmp/x", f"{folder}/x", "/proc/sys/kernel/hostname"):
        found = box.eval(f"attempt(lambda: open({path!r}, 'w').write('x'))")
        assert found in ("FileNotFoundError", "PermissionError", "OSError", "NotADirectoryError"), path


def test_there_is_no_network(box: Box) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind(f"\0coursegrader-test-{os.getpid()}")
        abstract.listen()
        port = server.getsockname()[1]
        assert (
            box.eval(f"attempt(lambda: __import__('socket').create_connection(('127.0.0.1', {port}), 2))") == "OSError"
        )
        for family in (10, 16, 17, 40):  # IPv6, netlink, packet, vsock
            assert box.eval(f"attempt(lambda: __import__('socket').socket({family}))") == "OSError"
        name = f"\\0coursegrader-test-{os.getpid()}"
        connect = f"attempt(lambda: __import__('socket').socket(1).connect('{name}'))"
        assert box.eval(connect) in (
            "ConnectionRefusedError",
            "PermissionError",
            "OSError",
        )  # the last: no sockets at all


def test_nothing_of_the_grader_s_environment_is_inside(box: Box) -> None:
    for place in ("__import__('os').environ.values()", "[open('/proc/self/environ').read()]"):
        assert not any(SECRET in value for value in box.eval(f"list({place})"))


def test_only_the_given_variables_are_inside(machine: Machine) -> None:
    with machine.open(variables={"NBGRADER_EXECUTION": "autograde"}) as box:
        assert box.eval("__import__('os').environ['NBGRADER_EXECUTION']") == "autograde"


def test_no_process_outside_can_be_reached(machine: Machine, box: Box) -> None:
    grader, _ = machine.ask("self")
    server, _ = machine.ask("server")
    for process in (grader, server):
        # in a pid namespace the number may be that of nobody
        found = box.eval(f"attempt(lambda: __import__('os').kill({process}, 0))")
        assert found in ("ProcessLookupError", "PermissionError")
        for name in ("environ", "mem", "maps", "root/etc/shadow"):
            found = box.eval(f"attempt(lambda: open('/proc/{process}/{name}', 'rb').read(1))")
            assert found in ("FileNotFoundError", "PermissionError")
    assert box.eval("attempt(lambda: __import__('os').kill(__import__('os').getppid(), 9))") in (
        "None",
        "PermissionError",
    )
    assert box.run("print('still here')") == "still here"


@pytest.mark.usefixtures("namespaces")
def test_only_the_box_s_own_processes_are_seen(box: Box) -> None:
    seen = box.eval("[int(name) for name in __import__('os').listdir('/proc') if name.isdigit()]")
    assert seen == [1, 2]
    assert box.eval("__import__('os').getpid()") == 2


def test_two_boxes_share_nothing(machine: Machine, box: Box) -> None:
    if machine.expected_rung == 3:
        pytest.skip("one box at a time on this rung")
    box.run("open('mine', 'w').write('x'); import numpy; numpy.ones = None")
    path = box.eval("__import__('os').getcwd()") + "/mine"
    with machine.open() as other:
        other.run(TRY)
        assert other.eval(f"attempt(lambda: open({path!r}).read())") in ("FileNotFoundError", "PermissionError")
        assert other.eval("float(__import__('numpy').ones(2).sum())") == 2


def test_dangerous_system_calls_are_refused(box: Box) -> None:
    box.run("import ctypes, os; libc = ctypes.CDLL(None, use_errno=True)")
    for call in ("ptrace(16, 1, 0, 0)", "unshare(0x10000000)", "mount(0, 0, 0, 0, 0)", "memfd_create(b'x', 0)",
                 "shmget(0, 4096, 0o1600)", "setns(0, 0)", "chroot(b'.')"):  # fmt: skip
        assert box.eval(f"(libc.{call}, ctypes.get_errno())") == [-1, 1], call
    anonymous = (
        "attempt(lambda: __import__('mmap').mmap(-1, 4096))"  # shared: stays allocated when it is mapped nowhere
    )
    assert box.eval(anonymous) == "PermissionError"


def test_endless_forking_stops(machine: Machine) -> None:
    code = """
import os, signal, time
children = []
try:
    while len(children) < 400:
        child = os.fork()
        if child == 0:
            time.sleep(20)
            os._exit(0)
        children.append(child)
except OSError as error:
    print(type(error).__name__, end=" ")
for child in children:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
print(len(children))
"""
    with machine.open(limits={"processes": 40}) as box:
        refused, count = box.run(code).split()
        assert refused == "BlockingIOError"
        assert 10 < int(count) < 40
        assert box.run("print('still here')") == "still here"


def test_too_much_memory_in_one_process_is_an_error_in_the_cell(box: Box) -> None:
    assert box.run("x = bytearray(2500 << 20)").startswith("MemoryError")
    assert box.run("print('still here')") == "still here"


def test_too_much_memory_in_many_processes_ends_the_box(machine: Machine) -> None:
    code = """
import os, time
for child in range(6):
    if os.fork() == 0:
        x = bytearray(b"x") * (120 << 20)
        time.sleep(20)
        os._exit(0)
time.sleep(20)
"""
    with machine.open(limits={"memory_mb": 600}) as box:
        assert box.run(code) == "[memory_limit]"


@pytest.mark.usefixtures("extremes")
def test_memory_that_is_shared_after_a_fork_is_counted_once(machine: Machine) -> None:
    code = """
import os, time
x = bytearray(b"x") * (200 << 20)
children = []
for _ in range(5):
    child = os.fork()
    if child == 0:
        time.sleep(0.5)
        os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
print("done")
"""
    with machine.open(limits={"memory_mb": 700}) as box:
        assert box.run(code) == "done"


@pytest.mark.usefixtures("namespaces")
def test_files_count_as_memory_where_they_are_memory(machine: Machine) -> None:
    code = "import time\nopen('file', 'wb').write(bytes(160 << 20))\nx = bytearray(b'x') * (160 << 20)\ntime.sleep(100)"
    with machine.open(limits={"memory_mb": 300}) as box:
        assert box.run(code) == "[memory_limit]"


def test_too_many_bytes_on_disk_are_refused(machine: Machine) -> None:
    code = """
import time
written = 0
try:
    for number in range(3):
        with open(f"file{number}", "wb") as file:
            for _ in range(100):
                written += file.write(bytes(1 << 20))
    time.sleep(100)
except OSError as error:
    print(type(error).__name__, written >> 20)
"""
    with machine.open() as box:
        answer = box.run(code)
        if machine.expected_rung == 1:
            refused, megabytes = answer.split()
            assert refused == "OSError"
            assert 200 < int(megabytes) < 257
        else:
            assert answer == "[disk_limit]"


def test_what_a_student_detaches_ends_with_the_box(machine: Machine) -> None:
    seconds = f"47.{os.getpid()}"
    code = f"""
import os, subprocess
subprocess.Popen(["sleep", "{seconds}"], start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv("/bin/sleep", ["sleep", "{seconds}"])
    os._exit(0)
"""
    with machine.open() as box:
        box.run(code)
        while len(processes("sleep", seconds)) < 2:
            time.sleep(0.02)
    assert processes("sleep", seconds) == []


def test_an_endless_loop_is_interrupted(box: Box) -> None:
    assert box.interrupted("while True: pass", after=0.3).startswith("KeyboardInterrupt")
    assert box.run("print('still here')") == "still here"


def test_an_interrupt_reaches_a_kernel_whose_other_threads_hang(box: Box) -> None:
    code = (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\ntime.sleep(60)"
    )
    assert box.interrupted(code, after=0.3).startswith("KeyboardInterrupt")


DEATHS = [
    ("import ctypes; ctypes.string_at(0)", "kernel_died:SIGSEGV"),
    ("import os; os._exit(3)", "kernel_died:exit 3"),
    ("import os; os.abort()", "kernel_died:SIGABRT"),
    ("import os; os.kill(os.getpid(), 9)", "kernel_died:SIGKILL"),
    ("import os, signal; os.kill(os.getpid(), signal.SIGRTMIN + 3)", f"kernel_died:signal {signal.SIGRTMIN + 3}"),
]


@pytest.mark.usefixtures("extremes")
def test_the_death_of_a_kernel_has_a_name(machine: Machine) -> None:
    for code, verdict in DEATHS:
        with machine.open() as box:
            assert box.run(code) == f"[{verdict}]"


@pytest.mark.usefixtures("extremes")
def test_too_much_time_on_the_processor_ends_the_box(machine: Machine) -> None:
    with machine.open(limits={"cpu_seconds": 1}) as box:
        assert box.run("while True: pass") == "[cpu_limit]"


@pytest.mark.usefixtures("namespaces")
def test_a_loader_with_workers_works(box: Box) -> None:
    code = """
from torch.utils.data import DataLoader
print(sum(len(batch) for batch in DataLoader(list(range(8)), num_workers=2)))
"""
    assert box.run(code) == "8"


def test_regular_files_are_copied_in_and_nothing_comes_out(machine: Machine, tmp_path: Path) -> None:
    folder = Path(machine.home, "files")
    folder.mkdir()
    (folder / "data").mkdir()
    (folder / "data" / "names.txt").write_text("Ada\n")
    (folder / "link.txt").symlink_to("/etc/hostname")
    (folder / "linked").symlink_to("/etc")
    os.mkfifo(folder / "pipe")
    (folder / "hidden").mkdir()  # a student's own must not stand in the way
    (folder / "hidden" / "inputs.txt").write_text("8\n")
    hidden = Path(machine.home, "hidden")
    hidden.mkdir()
    (hidden / "inputs.txt").write_text("7\n")
    with machine.open(files=str(folder), hidden=str(hidden)) as box:
        box.run(TRY + "import os")
        assert box.eval("sorted(os.listdir('.'))") == ["data", "hidden"]
        assert box.run("print(open('data/names.txt').read() + open('hidden/inputs.txt').read())") == "Ada\n7"
        box.run("open('data/names.txt', 'a').write('Eve'); open('new', 'w').write('x')")
        assert box.run("print(open('data/names.txt').read())") == "Ada\nEve"
        for attack in ("open('hidden/inputs.txt', 'w')", "open('hidden/x', 'w')", "os.remove('hidden/inputs.txt')"):
            assert box.eval(f"attempt(lambda: {attack})") in ("OSError", "PermissionError"), attack
    assert (folder / "data" / "names.txt").read_text() == "Ada\n"
    assert sorted(os.listdir(folder)) == ["data", "hidden", "link.txt", "linked", "pipe"]
    assert (hidden / "inputs.txt").read_text() == "7\n"


def test_hidden_files_that_a_box_could_not_read_are_named(machine: Machine) -> None:
    if (machine.expected_rung, machine.settings["user"]) != (1, None) or not ROOT:
        pytest.skip("the grader is the boxes' user, or copies what is hidden")
    hidden = Path(machine.home, "closed")
    hidden.mkdir()
    (hidden / "inputs.txt").touch(mode=0o600)
    with pytest.raises(
        RuntimeError, match=rf"inputs.txt is closed to the users of boxes; to mend it: chmod .* {hidden}"
    ):
        machine.open(hidden=str(hidden))


def test_files_larger_than_the_box_are_refused_in_words(machine: Machine) -> None:
    if machine.expected_rung != 1:
        pytest.skip("on this rung the watchdog ends the box instead")
    folder = Path(machine.home, "large")
    folder.mkdir()
    (folder / "large.bin").write_bytes(bytes(9 << 20))
    with pytest.raises(RuntimeError, match="No space left"):
        machine.open(files=str(folder), limits={"disk_mb": 8})


def test_random_numbers_follow_the_grading_seed(machine: Machine) -> None:
    draw = "[__import__('random').random(), __import__('numpy').random.rand()]"
    if not machine.settings["light"]:
        draw += " + __import__('torch').rand(1).tolist()"
    drawn = []
    for variables in ({"COURSEGRADER_SEED": "7"}, {"COURSEGRADER_SEED": "7"}, {"COURSEGRADER_SEED": "8"}, {}, {}):
        with machine.open(variables=variables) as box:
            drawn.append(tuple(box.eval(draw)))
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) == 4


def test_many_boxes_one_after_another_leave_nothing(machine: Machine) -> None:
    machine.open().end()
    server, folder = machine.ask("server")
    grader, descriptors = machine.ask("self")
    kept = sorted(os.listdir(folder))
    for number in range(3 if machine.settings["light"] else 20):
        box = machine.open()
        assert box.run(f"print({number})") == str(number)
        box.end()
    assert machine.ask("self") == [grader, descriptors]
    assert sorted(os.listdir(folder)) == kept
    zygote = 1 if machine.expected_rung == 1 else 0  # besides the process that waits for it
    zygote += 1  # and the fork that was made ahead
    psutil.wait_procs(
        psutil.Process(server).children(recursive=True)[zygote:], timeout=60
    )  # watchdogs on their way out
    assert len(psutil.Process(server).children(recursive=True)) == zygote


@pytest.mark.usefixtures("extremes")
def test_nothing_outlives_a_killed_grader(machine: Machine) -> None:
    grader = Machine(**{**machine.settings, "light": True})
    box = grader.open()
    box.run("import subprocess; subprocess.Popen(['sleep', '48'], start_new_session=True)")
    server, folder = grader.ask("server")
    everybody = [psutil.Process(server), *psutil.Process(server).children(recursive=True)]
    assert len(everybody) >= 4
    grader.process.kill()
    grader.process.communicate()
    psutil.wait_procs(everybody, timeout=60)
    assert [process for process in everybody if process.is_running()] == []
    assert not os.path.exists(folder)
    grader.close()


@pytest.fixture
def warm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels of this very process, without PyTorch."""
    monkeypatch.setattr(forkserver, "PRELOAD", [name for name in forkserver.PRELOAD if "torch" not in name])


@pytest.mark.usefixtures("warm")
def test_several_threads_start_kernels_at_once() -> None:
    answers = []

    async def compute(number: int) -> None:
        talk = await Conversation.begin(Wanted(), 10**6)
        said = await talk.execute(f"print({number} ** 2)", 30, Room(10**5, 10**5, 0, 10**6))
        answers.extend(output.text for output in said.outputs)
        await talk.close()

    threads = [threading.Thread(target=lambda n=n: asyncio.run(compute(n))) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["0\n", "1\n", "4\n", "9\n"]
    forkserver.close()


@pytest.mark.usefixtures("warm")
def test_a_fork_is_made_ahead_for_the_next_box_and_a_dead_one_is_not_used() -> None:
    async def compute() -> str:
        talk = await Conversation.begin(Wanted(variables={"MINE": "7"}), 10**6)
        said = await talk.execute("import os; print(os.environ['MINE'])", 30, Room(10**5, 10**5, 0, 10**6))
        await talk.close(wait=True)
        return said.outputs[0].text

    assert asyncio.run(compute()) == "7\n"
    (server,) = forkserver._servers.values()
    assert len(server._spares) == 1
    assert asyncio.run(compute()) == "7\n"
    assert len(server._spares) == 1
    zygote = psutil.Process(server.process.pid).children()[0]
    while len(spares := zygote.children()) > 1:  # a watchdog on its way out
        time.sleep(0.02)
    spares[0].kill()
    while server._spares[0][0].recv(1, socket.MSG_PEEK):
        pass
    assert asyncio.run(compute()) == "7\n"
    forkserver.close()
    assert not spares[0].is_running()


def test_a_box_inherits_no_open_file(box: Box) -> None:
    targets = box.eval(
        "[__import__('os').readlink(f'/proc/self/fd/{n}') for n in range(3, 200) if __import__('os').path.lexists(f'/proc/self/fd/{n}')]"
    )
    assert len(targets) >= 4  # the stream to the grader, two pipes, an event loop
    assert {target.partition(":")[0] for target in targets} <= {"pipe", "socket", "anon_inode", "/dev/null"}


def test_a_later_box_finds_no_earlier_order_in_its_memory(machine: Machine) -> None:
    marker = f"marker-{os.getpid()}"
    with machine.open(variables={"MARKER": marker}) as box:
        assert box.eval("__import__('os').environ['MARKER']") == marker
    scan = """
hits = 0
for line in open("/proc/self/maps"):
    fields = line.split()
    if fields[1].startswith("rw") and (len(fields) < 6 or fields[5] == "[heap]"):
        low, high = (int(x, 16) for x in fields[0].split("-"))
        with open("/proc/self/mem", "rb", 0) as memory:
            memory.seek(low)
            hits += (memory.read(high - low) or b"").count(bytes.fromhex("%s"))
print(hits)
""".replace("%s", marker.encode().hex())
    with machine.open(variables={"MARKER": marker}) as box:
        assert int(box.run(scan)) > 0
    with machine.open() as box:
        assert box.run(scan) == "0"


@pytest.mark.usefixtures("namespaces")
def test_buffers_of_sockets_count_as_memory(machine: Machine) -> None:
    code = """
import os, socket, time
held = []
for _ in range(8):
    if os.fork() == 0:
        while True:
            try:
                pair = socket.socketpair()
                pair[0].setblocking(False)
                held.append(pair)
                while pair[0].send(bytes(1 << 16)):
                    pass
            except BlockingIOError:
                continue
            except OSError:
                time.sleep(20)
time.sleep(20)
"""
    with machine.open(limits={"memory_mb": 600}) as box:
        assert box.run(code) == "[memory_limit]"


def test_without_namespaces_one_box_waits_for_another(machine: Machine) -> None:
    if machine.expected_rung != 3:
        pytest.skip("boxes do not reach each other on this rung")
    first, second = Machine(**machine.settings), Machine(**machine.settings)
    box = first.open()
    second.send("open")
    time.sleep(1)
    assert not second.has_answered()
    box.end()
    assert Box(second, second.receive()).run("print('at last')") == "at last"
    for grader in (first, second):
        grader.close()
