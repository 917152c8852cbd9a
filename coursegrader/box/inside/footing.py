"""On what does a hidden region stand, whatever the student's cells have done to names and settings?

A student's ``sum = 0`` or ``from torch import *`` in a cell of their own is no mistake in an answer, so it may cost none.
A region therefore finds the built-in names, what the cells of the instructor defined, the settings that these left, and
generators of random numbers that nothing has drawn from; everything else, the answers above all, it finds where the
student's own code looks for it.
What it does to the name of an answer happens there as well: so a region can take a function away to see who calls it.
"""

from __future__ import annotations

import builtins
import contextlib
import dis
import functools
import re
import types
from collections.abc import Callable, Iterator
from typing import Any

from coursegrader.box.inside import chance, settings
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
        self._settings = settings.read()

    def under(self, command: dict[str, Any]) -> contextlib.AbstractContextManager[None]:
        """Return what a command runs in: a region stands on what is known, a given cell adds to it, others do neither."""
        if command.get("theirs") is not None:
            return self._region(frozenset(command["theirs"]))
        return self._learning() if command.get("given") else contextlib.nullcontext()

    @contextlib.contextmanager
    def _learning(self) -> Iterator[None]:
        names = self._shell.user_ns
        before, found = dict(names), settings.read()
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
            for name, now in settings.read().items():
                if now != found[name]:
                    self._settings[name] = now

    @contextlib.contextmanager
    def _region(self, theirs: frozenset[str]) -> Iterator[None]:
        outside = self._shell.user_ns
        own = self._names(theirs)
        before = settings.read()
        self._shell.user_ns = own
        lent = self._lend(own, outside) if own.shadowed else []
        try:
            settings.put(self._settings)
            with chance.apart():
                yield
        finally:
            self._shell.user_ns = outside
            for kind, name, method, copy in lent:
                if vars(kind).get(name) is copy:
                    type.__setattr__(kind, name, method)
            settings.put(before)
            self._known |= {name: value for name, value in dict.items(own) if own.begun.get(name, _ABSENT) is not value}

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
        names.shadowed = hidden | {n for n in self._given & known.keys() if outside.get(n, _ABSENT) is not known[n]}
        if names.shadowed:
            names.update(_all_standing_on(names, outside, known))
        names.begun = dict(dict.items(names))
        return names


class _Names(dict[str, Any]):
    """The names of a region; binding or deleting one that answers or given cells define, does so for students' code, too."""

    def __init__(self, outside: dict[str, Any], theirs: frozenset[str], given: set[str]) -> None:
        super().__init__()
        self._outside, self._theirs, self._given = outside, theirs, given
        self.shadowed: set[str] = set()  # names that the instructor's code may use and a student has given to others
        self.begun: dict[str, Any] = {}  # what the region finds when it begins
        self._stood: dict[str, Any] = {}  # what it has replaced in students' code

    def __setitem__(self, name: str, value: Any) -> None:
        if name in self._theirs:
            self._outside[name] = value
            return
        super().__setitem__(name, value)
        if name not in self._given:
            return
        if value is not self.begun.get(name, _ABSENT):
            self._stood.setdefault(name, self._outside.get(name, _ABSENT))
            self._outside[name] = value
        elif name in self._stood:  # it is put back: students' code finds again what it found before
            _put(self._outside, name, self._stood.pop(name))

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


def _put(names: dict[str, Any], name: str, value: Any) -> None:
    if value is _ABSENT:
        names.pop(name, None)
    else:
        names[name] = value


class _Builtins(dict[str, Any]):
    """The built-in names of a region; behind them, for Python looks here last, the names of the student's code."""

    def __init__(self, names: dict[str, Any], outside: dict[str, Any]) -> None:
        super().__init__(names)
        self._outside = outside

    def __missing__(self, name: str) -> Any:
        return self._outside[name]


def _all_standing_on(names: _Names, outside: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """Return what the instructor's cells bound, with other functions in place of those that meet a student's names.

    All others stay the very same, for a region may count a function's calls or look it up.
    """
    while True:
        standing = {name: _standing_on(names, outside, value) for name, value in known.items()}
        replaced = {name for name, value in standing.items() if value is not known[name]}
        if replaced <= names.shadowed:
            return standing
        names.shadowed |= replaced


def _standing_on(names: _Names, outside: dict[str, Any], value: Any, levels: int = 5) -> Any:
    """Return a function or method of the instructor's that finds its names where a region does; anything else as it is.

    Args:
        names: The region's names.
        outside: The names of students' code.
        value: Any value.
        levels: How many functions in one another are looked at, as those that a decorator wraps.
    """

    def inside(part: Any) -> Any:
        return _standing_on(names, outside, part, levels - 1) if levels else part

    if isinstance(value, (staticmethod, classmethod)):
        part = inside(value.__func__)
        return value if part is value.__func__ else type(value)(part)
    if type(value) is property:
        parts = value.fget, value.fset, value.fdel
        get, put, remove = map(inside, parts)
        return value if (get, put, remove) == parts else property(get, put, remove, value.__doc__)
    if type(value) is functools.partial:
        part = inside(value.func)
        return value if part is value.func else functools.partial(part, *value.args, **value.keywords)
    if isinstance(value, types.FunctionType):
        return _function_standing_on(names, outside, value, inside)
    return value


def _function_standing_on(
    names: _Names, outside: dict[str, Any], value: types.FunctionType, inside: Callable[[Any], Any]
) -> types.FunctionType:
    cells = value.__closure__ or ()
    wrapped = [_content(cell) for cell in cells]
    closed = [inside(part) for part in wrapped]
    mine = value.__globals__ is outside and _meets(value, names.shadowed)
    if not mine and all(part is other for part, other in zip(closed, wrapped, strict=True)):
        return value
    closure = tuple(
        cell if part is other else types.CellType(part)
        for cell, part, other in zip(cells, closed, wrapped, strict=True)
    )
    copy = types.FunctionType(
        value.__code__, names if mine else value.__globals__, value.__name__, value.__defaults__, closure or None
    )
    copy.__kwdefaults__, copy.__qualname__ = value.__kwdefaults__, value.__qualname__
    copy.__dict__ = value.__dict__  # the same one: what is counted there, both count
    return copy


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing is in it yet
        return None


def _meets(function: types.FunctionType, shadowed: set[str]) -> bool:
    """Tell whether a function uses one of these names, and leaves nothing where others look for it."""
    codes = [function.__code__]
    for code in codes:
        codes += [part for part in code.co_consts if isinstance(part, types.CodeType)]
    if all(shadowed.isdisjoint(code.co_names) for code in codes):
        return False  # most of them, and told in no time; only the steps tell a name from an attribute
    steps = [step for code in codes for step in dis.get_instructions(code)]
    if any(step.opname in ("STORE_GLOBAL", "DELETE_GLOBAL") for step in steps):
        return False
    return any(step.opname in ("LOAD_GLOBAL", "LOAD_NAME") and step.argval in shadowed for step in steps)
