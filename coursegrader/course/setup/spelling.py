"""Does every line of a course's configuration set something?

traitlets passes over a name that nothing bears, and a course is graded as if the line were not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from nbgrader.preprocessors import AssignLatePenalties
from traitlets.config import Config, Configurable

from coursegrader.course.setup import settings

_OURS = {kind.__name__ for kind in vars(settings).values() if isinstance(kind, type) and issubclass(kind, Configurable)}
#: How much alike two names are if one of them is a slip; the classes and settings of others may be alike, too.
_CLASS, _SETTING = 0.85, 0.8


def mistakes(config: Config) -> Iterator[str]:
    """Yield which names of a configuration are slips, and what was meant; and a class of late penalties that is none.

    A name like none that there is may belong to another program, or to an older nbgrader: it is left alone.
    """
    known = _settings()
    nbgraders = [name for name, (_, module) in known.items() if module.startswith(("nbgrader", "coursegrader"))]
    for section, lines in config.items():
        if not isinstance(lines, Config):
            continue
        if section not in known:
            for meant in get_close_matches(section, nbgraders, 1, _CLASS):
                if section.endswith(meant):  # a class of the course's own, as MyClearSolutions
                    continue
                yield f"there is no c.{section}, but a c.{meant}"
            continue
        for name in lines:
            there, _ = known[section]
            if name in there or name[:1].isupper():  # a section in a section
                continue
            if meant := get_close_matches(name, there, 1, 0.0 if section in _OURS else _SETTING):
                yield f"c.{section} has no setting `{name}`; is `{meant[0]}` meant?"
    yield from _late_policy(config)


def _late_policy(config: Config) -> Iterator[str]:
    """Yield why the course's own class of late penalties cannot be used: nbgrader would ask for it when somebody is late."""
    if AssignLatePenalties.__name__ in config:
        try:
            _ = AssignLatePenalties(config=config).plugin_class
        except Exception as error:  # the class stands in a module of the instructor's own: anything can be raised
            said = re.sub(r"<[^<>]* object at 0x[0-9a-f]+>", AssignLatePenalties.__name__, str(error))
            yield f"c.{AssignLatePenalties.__name__}.plugin_class cannot be used ({type(error).__name__}: {said})"


def _settings() -> dict[str, tuple[set[str], str]]:
    """Return, by the class's name, the settings of every class that is imported and a module that has one of the name."""
    found: dict[str, tuple[set[str], str]] = {}
    waiting: list[type[Configurable]] = [Configurable]
    while waiting:
        kind = waiting.pop()
        names, _ = found.get(kind.__name__, (set(), ""))
        found[kind.__name__] = names | set(kind.class_trait_names(config=True)), kind.__module__
        waiting += kind.__subclasses__()
    return found
