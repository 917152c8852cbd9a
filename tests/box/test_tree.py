"""Which files reach a box, and that what a student left behind can be removed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from coursegrader.box import tree as boxtree


def test_python_is_on_the_list_and_the_course_is_not() -> None:
    assert boxtree.readable_in(os.__file__)
    assert boxtree.readable_in(str(Path(sys.prefix, "pyvenv.cfg"))) or sys.prefix.startswith("/usr")
    repository = Path(__file__).parents[2]
    for path in (repository, repository / "source", Path.home(), "/etc/shadow", "/etc", "/", sys.prefix + "/source"):
        assert not boxtree.readable_in(str(path)), path


def test_a_virtual_environment_made_in_the_course_folder_does_not_show_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("bin", "lib", "source", "gradebook.db"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    shown = [part for part in boxtree.python_parts() if part.startswith(str(tmp_path))]
    assert shown == [f"{tmp_path}/bin", f"{tmp_path}/lib"]


def test_packages_installed_elsewhere_are_on_the_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "site-packages").mkdir()
    (tmp_path / "somewhere").mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "site-packages"), str(tmp_path / "somewhere")])
    shown = [part for part in boxtree.python_parts() if part.startswith(str(tmp_path))]
    assert shown == [str(tmp_path / "site-packages")]


def test_only_regular_files_are_copied(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "inner").mkdir(parents=True)
    target.mkdir()
    (source / "inner" / "a.txt").write_text("a")
    (source / "to_file").symlink_to("/etc/hostname")
    (source / "to_folder").symlink_to("/etc")
    (source / "dangling").symlink_to("nowhere")
    os.mkfifo(source / "pipe")
    boxtree.copy_files(os.open(source, os.O_RDONLY), str(target))
    assert sorted(str(path.relative_to(target)) for path in target.rglob("*")) == ["inner", "inner/a.txt"]
    assert (target / "inner" / "a.txt").read_text() == "a"


def test_a_tree_without_permissions_and_without_end_is_removed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir(mode=0o700)
    (kept / "file").write_text("x")
    tree = tmp_path / "tree"
    place = os.open(tmp_path, os.O_RDONLY)
    for name in ["tree"] + ["deep"] * 2000:  # longer than a path may be
        os.mkdir(name, dir_fd=place)
        inner = os.open(name, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = inner
    os.close(place)
    (tree / "link").symlink_to(kept)
    (tree / "closed").mkdir()
    (tree / "closed" / "file").write_text("x")
    (tree / "closed").chmod(0)
    boxtree.remove(str(tree))
    assert not tree.exists()
    assert (kept / "file").read_text() == "x"
    assert kept.stat().st_mode & 0o777 == 0o700
