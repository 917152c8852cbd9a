"""What runs in the process in which a course's own judges judge? The one file of judges, and nothing of the grading.

The grader asks over a pipe and gets plain data back: whatever an author's code does, it does it here.
"""

from __future__ import annotations

import inspect
import math
import os
import resource
import threading
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from coursegrader.evidence import Wrong
from coursegrader.judging.values.kinds import Column, Drawn, Frame, Index, Moments, Series

MEMORY = 4 << 30  # bytes of data that judges may take
Answer = tuple[Any, ...]
Functions = dict[str, Callable[..., Any]]


def serve(descriptor: int, seconds: int) -> None:
    """Answer the grader until it hangs up.

    Args:
        descriptor: Of the pipe to the grader.
        seconds: Of the processor, for each answer.
    """
    os.dup2(2, 1)  # what an author's code prints is not part of the command's own output
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, _lowered(resource.RLIMIT_DATA, MEMORY))
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    functions: Functions = {}
    with Connection(descriptor) as grader:
        while True:
            try:
                what, question = grader.recv()
            except EOFError:
                return
            used = time.process_time()
            resource.setrlimit(resource.RLIMIT_CPU, _lowered(resource.RLIMIT_CPU, math.ceil(used) + seconds))
            grader.send(_ANSWERS[what](functions, *question))


def _lowered(kind: int, limit: int) -> tuple[int, int]:
    hard = resource.getrlimit(kind)[1]
    return (limit if hard == resource.RLIM_INFINITY else min(limit, hard)), hard


def _end_with(parent: int) -> None:
    """End this process soon after the grader has gone, also in the middle of an endless judgement."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _run(functions: Functions, path: str, source: str) -> Answer:
    """Run the file and say which public functions of its own it has, and why one can be no judge."""
    names: dict[str, Any] = {"__name__": "judges", "__file__": path}
    try:
        exec(compile(source, path, "exec"), names)  # the instructor's own code
    except BaseException as error:  # it may even try to exit
        return _failed(error, path)
    own = {name: value for name, value in names.items() if inspect.isfunction(value) and not name.startswith("_")}
    functions |= {name: value for name, value in own.items() if value.__module__ == "judges"}
    return "ran", {name: _unusable(function) for name, function in functions.items()}


def _unusable(function: Callable[..., Any]) -> str:
    try:
        inspect.signature(function).bind(None, None, truth=Path())
    except TypeError as error:
        return str(error)
    return ""


def _judge(functions: Functions, name: str, value: Any, expected: Any, truth: Path) -> Answer:
    """Ask one judge about one value."""
    function = functions[name]
    try:
        found = function(plain(value, expected), plain(expected, expected), truth=truth)
        if isinstance(found, (bool, np.bool_, int, float, np.floating, np.integer)) and 0 <= found <= 1:
            return "share", float(found)
        return "odd", str(found)[:60]
    except Wrong as error:
        return "wrong", str(error)[:1000]
    except BaseException as error:  # an author's code can raise anything
        return _failed(error, function.__code__.co_filename)


def _failed(error: BaseException, path: str) -> Answer:
    """Return line, kind and message of an error."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    line = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else None
    try:
        message = str(error)[:500]
    except Exception as worse:  # of a class of the author's own
        message = f"whose message cannot be told: {type(worse).__name__}"
    return "failed", line or (lines[-1] if lines else 0), type(error).__name__, message


def plain(value: Any, expected: Any) -> Any:
    """Return a value as an author expects it: Python's own numbers, and arrays that cannot be changed."""
    if isinstance(expected, list):
        return [plain(a, b) for a, b in zip(value, expected, strict=True)]
    if isinstance(expected, dict):
        return {key: plain(value[key], expected[key]) for key in expected}
    if not isinstance(expected, np.ndarray):
        _freeze(value)
        return value
    whole = expected.dtype.kind in "iu"
    array = value.astype(np.int64 if whole and value.dtype.kind == "f" else value.dtype if whole else expected.dtype)
    if math.prod(array.shape) == 1 and not array.shape:
        return array.item()
    array.flags.writeable = False
    return array


def _freeze(value: Any) -> None:
    """Let the arrays in a table or plot be read only."""
    if isinstance(value, np.ndarray):
        value.flags.writeable = False
    elif isinstance(value, (Moments, Column, Series, Frame, Index, Drawn)):
        for part in vars(value).values():
            _freeze(part)
    elif isinstance(value, (list, tuple, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            _freeze(part)


_ANSWERS: dict[str, Callable[..., Answer]] = {"run": _run, "judge": _judge}
