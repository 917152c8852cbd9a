"""On what does a hidden region stand, whatever the student's cells have done to names and settings?

A student's ``sum = 0`` or ``from torch import *`` in a cell of their own is no mistake in an answer, so it may cost none.
A region therefore finds the built-in names, what the cells of the instructor defined, and the settings that these left;
everything else, the answers above all, it finds where the student's own code looks for it.
What it does to the name of an answer happens there as well: so a region can take a function away to see who calls it.
"""

from __future__ import annotations

import builtins
import contextlib
import dis
import re
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from os import chdir, getcwd  # as they are before a student can replace them
from typing import Any

import numpy as np

from coursegrader.box.inside.shell import Shell

_ABSENT = object()
_HOUSEKEEPING = re.compile(r"In|Out|_+|_i{1,3}|_i?\d+|_[oid]h")  # the names that IPython binds anew with every cell


class Footing:
    """What the instructor's cells have left in one kernel.

    Args:
        shell: The shell that runs the cells.
    """

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._builtins, self._begun = dict(vars(builtins)), dict(shell.user_ns)
        self._known: dict[str, Any] = {}  # what cells of the instructor and earlier regions have bound
        self._given: set[str] = set()  # the names of these that students can see
        self._methods: list[tuple[type, str, Any]] = []  # of the classes among these
        self._settings = _read()

    def under(self, command: dict[str, Any]) -> contextlib.AbstractContextManager[None]:
        """Return what a command runs in: a region stands on what is known, a given cell adds to it, others do neither."""
        if command.get("theirs") is not None:
            return self._region(frozenset(command["theirs"]))
        return self._learning() if command.get("given") else contextlib.nullcontext()

    @contextlib.contextmanager
    def _learning(self) -> Iterator[None]:
        names = self._shell.user_ns
        before, settings = dict(names), _read()
        try:
            yield
        finally:
            for name in before.keys() - names.keys():
                self._known.pop(name, None)
            for name, value in names.items():
                if before.get(name, _ABSENT) is not value and not _HOUSEKEEPING.fullmatch(name):
                    self._known[name] = value
                    self._given.add(name)
                    if isinstance(value, type):
                        self._methods += [(value, part, method) for part, method in vars(value).items()]
            for name, now in _read().items():
                if now != settings[name]:
                    self._settings[name] = now

    @contextlib.contextmanager
    def _region(self, theirs: frozenset[str]) -> Iterator[None]:
        outside = self._shell.user_ns
        own = self._names(theirs)
        begun = dict(dict.items(own))
        before = _read()
        self._shell.user_ns = own
        lent = self._lend(own, outside) if own.shadowed else []
        try:
            _set(self._settings)
            yield
        finally:
            self._shell.user_ns = outside
            for kind, name, method, copy in lent:
                if vars(kind).get(name) is copy:
                    type.__setattr__(kind, name, method)
            _set(before)
            self._known |= {name: value for name, value in dict.items(own) if begun.get(name, _ABSENT) is not value}

    def _lend(self, names: _Names, outside: dict[str, Any]) -> list[tuple[type, str, Any, Any]]:
        """Have the methods of the instructor's classes find their names where a region does, for as long as it runs."""
        lent = []
        for kind, name, method in self._methods:
            copy = _standing_on(names, outside, method)
            if copy is not method and vars(kind).get(name) is method:  # else a student has put another one there
                type.__setattr__(kind, name, copy)
                lent.append((kind, name, method, copy))
        return lent

    def _names(self, theirs: frozenset[str]) -> _Names:
        """Return the names of a region, in which those of answers mean what they mean to students' code."""
        outside = self._shell.user_ns
        known = {name: value for name, value in self._known.items() if name not in theirs}
        usual = {**vars(builtins), **self._builtins}
        others = {*theirs, *known, "__doc__", "__loader__", "__name__", "__package__", "__spec__"}
        usual = {name: value for name, value in usual.items() if name not in others}
        names = _Names(outside, theirs, self._given - theirs)
        names.update({name: value for name, value in outside.items() if _HOUSEKEEPING.fullmatch(name)})
        names.update(known, __name__="__main__", __builtins__=_Builtins(usual, outside))
        hidden = {
            name
            for name, value in usual.items()
            if outside.get(name, _ABSENT) is not self._begun.get(name, _ABSENT) or vars(builtins).get(name) is not value
        }
        if hidden or any(outside.get(name, _ABSENT) is not known[name] for name in self._given & known.keys()):
            names.shadowed = True
            names.update({name: _standing_on(names, outside, value) for name, value in known.items()})
        return names


class _Names(dict[str, Any]):
    """The names of a region; binding or deleting one that answers or given cells define, does so for students' code, too."""

    def __init__(self, outside: dict[str, Any], theirs: frozenset[str], given: set[str]) -> None:
        super().__init__()
        self._outside, self._theirs, self._given = outside, theirs, given
        self.shadowed = False  # whether a student has given a name that the instructor's code may use to something else

    def __setitem__(self, name: str, value: Any) -> None:
        if name in self._theirs or name in self._given:
            self._outside[name] = value
        if name not in self._theirs:
            super().__setitem__(name, value)

    def __delitem__(self, name: str) -> None:
        if name in self._theirs:
            del self._outside[name]
            return
        super().__delitem__(name)
        if name in self._given:
            self._outside.pop(name, None)

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self._outside

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a name, as ``globals().get`` does anywhere else."""
        return super().get(name, self._outside.get(name, default))

    def keys(self) -> Any:
        """Return all names, as ``dir`` shows them anywhere else."""
        return self.copy().keys()

    def items(self) -> Any:
        """Return all names and values, as ``globals().items`` does anywhere else."""
        return self.copy().items()

    def copy(self) -> dict[str, Any]:
        """Return a plain dict of all names, as IPython needs it to put values into commands."""
        found = {name: value for name, value in self._outside.items() if name not in self["__builtins__"]}
        return {**found, **dict(super().items())}

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __missing__(self, name: str) -> Any:
        if name in self["__builtins__"]:  # which win over what a student calls so
            raise KeyError(name)
        return self._outside[name]


class _Builtins(dict[str, Any]):
    """The built-in names of a region; behind them, for Python looks here last, the names of the student's code."""

    def __init__(self, names: dict[str, Any], outside: dict[str, Any]) -> None:
        super().__init__(names)
        self._outside = outside

    def __missing__(self, name: str) -> Any:
        return self._outside[name]


def _standing_on(names: dict[str, Any], outside: dict[str, Any], value: Any) -> Any:
    """Return a function or method of the instructor's that finds its names where a region does; anything else as it is."""
    if isinstance(value, (staticmethod, classmethod)):
        inside = _standing_on(names, outside, value.__func__)
        return value if inside is value.__func__ else type(value)(inside)
    if type(value) is property:
        parts = value.fget, value.fset, value.fdel
        get, put, remove = (_standing_on(names, outside, part) for part in parts)
        return value if (get, put, remove) == parts else property(get, put, remove, value.__doc__)
    if not isinstance(value, types.FunctionType) or value.__globals__ is not outside:
        return value
    if any(step.opname in ("STORE_GLOBAL", "DELETE_GLOBAL") for step in dis.get_instructions(value)):
        return value  # it leaves something there that others look for
    copy = types.FunctionType(value.__code__, names, value.__name__, value.__defaults__, value.__closure__)
    copy.__kwdefaults__ = value.__kwdefaults__
    copy.__dict__.update(value.__dict__)
    copy.__qualname__ = value.__qualname__
    return copy


# -- settings ----------------------------------------------------------------------------------------------------------


def _of_torch() -> tuple[str, bool, str]:
    """Return PyTorch's default type and device, and whether gradients are on; what it begins with if it is not there."""
    if (torch := sys.modules.get("torch")) is None:
        return "float32", True, "cpu"
    return str(torch.get_default_dtype()).rpartition(".")[2], torch.is_grad_enabled(), str(torch.get_default_device())


def _set_torch(values: tuple[str, bool, str]) -> None:
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_default_dtype(getattr(torch, values[0]))
        torch.set_grad_enabled(values[1])
        torch.set_default_device(None if values[2] == "cpu" else values[2])  # any device slows every call


def _set_warnings(filters: list[Any]) -> None:
    warnings.resetwarnings()
    warnings.filters[:] = filters  # type: ignore[index]  # a list, which typeshed calls a sequence


def _folder() -> str:
    try:
        return getcwd()
    except OSError:  # somebody deleted it
        return "/"


_SETTINGS: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "folder": (_folder, chdir),
    "errors of NumPy": (np.geterr, lambda errors: np.seterr(**errors)),
    "warnings": (lambda: list(warnings.filters), _set_warnings),
    "PyTorch": (_of_torch, _set_torch),
}


def _read() -> dict[str, Any]:
    """Return the settings as they are now."""
    return {name: read() for name, (read, _) in _SETTINGS.items()}


def _set(values: dict[str, Any]) -> None:
    """Make the settings what they were; one that cannot be set, as it is a student's doing, stays as it is."""
    for name, (read, write) in _SETTINGS.items():
        if read() != values[name]:
            with contextlib.suppress(OSError, RuntimeError):
                write(values[name])
