"""What runs the cells inside a box?

IPython's own shell, as Jupyter's kernels have it, except that nobody is there to be asked or shown a page, and that
what it says goes to the grader.
"""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import sys
import warnings
from typing import Any

from IPython.core import page
from IPython.core.application import ProfileDir
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell, InteractiveShellABC
from IPython.core.magic import Magics, line_magic, magics_class
from IPython.paths import get_ipython_dir
from traitlets import Type, default


class Publisher(DisplayPublisher):
    """Sends what ``display`` is given."""

    def publish(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        source: str | None = None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **_: Any,
    ) -> None:
        """Send the data of an object, or new data for one that is shown already."""
        self._validate_data(data, metadata)
        self.shell.voice.show("display", data, display=(transient or {}).get("display_id"), update=update)

    def clear_output(self, wait: bool = False) -> None:
        """Have the output so far removed, at once or when there is something new."""
        self.shell.voice.say("clear", wait=bool(wait))


class Hook(DisplayHook):
    """Sends the value of a cell's last line."""

    def write_output_prompt(self) -> None:
        """Write nothing: pages number their outputs themselves."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        """Send the data of the value."""
        self.shell.voice.show("result", format_dict)

    def finish_displayhook(self) -> None:
        """Write no empty lines either."""
        self._is_active = False


@magics_class
class NotebookMagics(Magics):
    """Magics that only notebooks have, and that do nothing where nobody looks on."""

    @line_magic
    def autosave(self, line: str) -> None:
        """Say what would happen in Jupyter."""
        print(f"Autosaving every {line.strip()} seconds" if line.strip() != "0" else "Autosave disabled")

    @line_magic
    def clear(self, line: str) -> None:
        """Clear no terminal."""

    @line_magic
    def less(self, line: str) -> None:
        """Show nothing: pages of a pager are no output."""

    more = line_magic("more")(less)
    man = line_magic("man")(less)


class Shell(InteractiveShell):
    """IPython's shell, which does not look for magics where there can be none: that takes longer than most cells."""

    displayhook_class = Type(Hook)
    display_pub_class = Type(Publisher)
    voice: Any = None
    kernel: Any = None  # widgets look here for somebody to talk to
    _plain = ("", False)
    _usual: Any = None

    @property
    def user_global_ns(self) -> dict[str, Any]:
        """The names of the code that runs: a hidden region has some of its own, see :mod:`.footing`."""
        names: dict[str, Any] = self.user_ns
        return names

    # -- what differs from IPython in a terminal -----------------------------------------------------------------------

    @default("profile_dir")
    def _profile_when_it_is_needed(self) -> ProfileDir:
        return ProfileDir.create_profile_dir_by_name(get_ipython_dir())

    def init_ipython_dir(self, ipython_dir: str | None) -> None:
        """Make no folder before the fork."""

    def init_profile_dir(self, profile_dir: ProfileDir | None) -> None:
        """Make no folder before the fork."""

    def init_virtualenv(self) -> None:
        """Look for no other Python than our own."""

    def init_magics(self) -> None:
        """Add the magics of notebooks."""
        super().init_magics()
        self.register_magics(NotebookMagics)

    def init_hooks(self) -> None:
        """Have ``?`` and ``%load`` show nothing, as in every notebook that is executed."""
        super().init_hooks()
        self.set_hook("show_in_pager", page.as_hook(lambda *_, **__: None), 99)

    def enable_gui(self, gui: str | None = None) -> None:
        """Open no windows."""

    def enable_matplotlib(self, gui: str | None = None) -> tuple[str | None, str]:
        """Draw into the notebook, whatever is asked for: there is no screen."""
        found: tuple[str | None, str] = super().enable_matplotlib("inline")
        return found

    def ask_exit(self) -> None:
        """Stay after ``exit`` and ``quit``: the cells below still count."""

    def set_next_input(self, s: str, replace: bool = False) -> None:
        """Write no cells: nobody would see them."""

    def system_piped(self, cmd: str) -> None:
        """Run what a cell says after ``!``, without the terminal that IPython would ask for and a box has not."""
        if cmd.rstrip().endswith("&"):
            raise OSError("Background processes not supported.")
        self.user_ns["_exit_code"] = run_shell_command(self.var_expand(cmd, depth=1))

    system = system_piped

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.voice.say("error", ename=etype.__name__, evalue=text(evalue), traceback=list(stb))

    # -- what is quicker than in IPython -------------------------------------------------------------------------------

    def transform_cell(self, raw_cell: str) -> str:
        """Return the cell as Python; unchanged if it is Python already and nobody registered a transformer."""
        if self._transformers() == self._usual and self._is_plain(raw_cell):
            return raw_cell if raw_cell.endswith("\n") else f"{raw_cell}\n"
        transformed: str = super().transform_cell(raw_cell)
        return transformed

    def should_run_async(self, raw_cell: str, **kwargs: Any) -> bool:
        """Say whether the cell awaits something outside of functions; compile it only if it could."""
        return ("await" in raw_cell or "async" in raw_cell) and super().should_run_async(raw_cell, **kwargs)

    def _transformers(self) -> list[Any]:
        inputs = self.input_transformer_manager
        return [
            *inputs.cleanup_transforms,
            *inputs.line_transforms,
            *inputs.token_transformers,
            *self.input_transformers_post,
        ]

    def _is_plain(self, source: str) -> bool:
        """Say whether IPython would leave the source as it is.

        A single line may be a magic's name or ``exit``, and lines of blanks are emptied, also those in texts.
        """
        if source != self._plain[0]:  # it is asked twice for every cell
            several = "\n" in source.strip() and all(line.strip() or not line for line in source.split("\n"))
            self._plain = source, several and "In [" not in source and _compiles(source)
        return self._plain[1]

    # -- running -------------------------------------------------------------------------------------------------------

    async def execute(self, source: str) -> BaseException | None:
        """Run a cell to its end and return what it raised."""
        if "await" in source or "async" in source:
            transformed, failed = source, None
            try:
                transformed = self.transform_cell(source)
            except Exception:
                failed = sys.exc_info()
            seen = {"transformed_cell": transformed, "preprocessing_exc_tuple": failed}
            if self.should_run_async(source, **seen):
                return await self._await(self.run_cell_async(source, store_history=True, **seen))
        result = self.run_cell(source, store_history=True)
        return result.error_before_exec or result.error_in_exec

    async def _await(self, cell: Any) -> BaseException | None:
        """Run a cell that awaits; an interrupt cancels it."""
        task, result = asyncio.ensure_future(cell), None
        loop = asyncio.get_running_loop()
        signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(task.cancel))
        try:
            result = await task
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self.events.trigger("post_execute")
            self.events.trigger("post_run_cell", result)
        return result.error_before_exec or result.error_in_exec


InteractiveShellABC.register(Shell)
Shell.__name__ = "ZMQInteractiveShell"  # libraries ask for this name to know whether they are in a notebook


def text(error: BaseException) -> str:
    """Return an exception's message, if it can be had."""
    try:
        return str(error)
    except Exception:
        return "<exception str() failed>"


def _compiles(source: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # IPython compiles it again, and shows them
            compile(source, "cell", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, MemoryError, RecursionError):  # then IPython finds out, and says so in its words
        return False
    return True


def run_shell_command(command: str) -> int:
    """Run a command line, and print what it says while it runs."""
    bash = shutil.which("bash")
    with subprocess.Popen(
        command, shell=True, executable=bash, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.write(line.decode(errors="replace"))
    return process.returncode
