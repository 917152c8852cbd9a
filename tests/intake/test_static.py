"""What code defines and touches is read off it, and it is never run."""

from __future__ import annotations

import pytest

from coursegrader.intake.static import MAX_FLAGGED, MAX_PARSED, defined_names, flagged_files, touched


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a = b = 1\nc, (d, *e) = x\nf: int = 2\ng += 1", "a b c d e f g"),
        ("def f(x):\n    inner = 1\nclass C:\n    member = 1\nasync def h():\n    pass", "f C h"),
        ("if x:\n    a = 1\nelse:\n    b = 1", "a b"),
        ("try:\n    a = 1\nexcept ValueError:\n    b = 1\nelse:\n    c = 1\nfinally:\n    d = 1", "a b c d"),
        ("for i, j in x:\n    a = 1\nwhile x:\n    b = 1\nwith x:\n    c = 1", "i j a b c"),
        ("x.a = 1\nx[0] = 1\nprint(y)", ""),
        ("%time\n!ls\na = 1", "a"),
        ("def f(:", ""),
        ("a = 1\n#" + MAX_PARSED * "x", ""),
    ],
)
def test_names_at_the_top_level_are_defined(source: str, names: str) -> None:
    assert defined_names(source) == set(names.split())


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("np.sum = lambda x: 0", {"assignment to sum of np"}),
        ("torch.nn.Linear.forward = None", {"assignment to forward of torch"}),
        ("mine.sum = 1\nnp.sum(x)", set()),
        ("import coursegrader.evidence", {"coursegrader"}),
        ("sys._getframe().f_back", {"_getframe", "f_back"}),
        ("getattr(sys, '_getframe')", {"_getframe"}),
        ("coursegrader (", {"coursegrader"}),
    ],
)
def test_what_touches_the_machinery_is_named(source: str, words: set[str]) -> None:
    assert touched(source) == words


def test_so_many_files_are_flagged_by_name_and_the_others_counted() -> None:
    files = {f"{number:03}.py": b"import coursegrader" for number in range(MAX_FLAGGED + 5)}
    found = flagged_files({**files, "notes.txt": b"import coursegrader", "fine.py": b"import math"})
    assert [finding.place for finding in found] == sorted(files)[: MAX_FLAGGED + 1]
    assert found[-1].detail == "uses coursegrader; and 4 more files"
