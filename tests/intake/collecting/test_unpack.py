"""What may be unpacked of a download: each student has a budget, and what was refused is given back."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from test_collect import zipped

from coursegrader.errors import IngestError
from coursegrader.intake.collecting import unpack as unpacking
from coursegrader.intake.collecting.unpack import Budget, unpack


@pytest.fixture(autouse=True)
def _small_budgets(monkeypatch: pytest.MonkeyPatch) -> None:
    for limit, size in (("MAX_FILE", 100), ("MAX_STUDENT", 150), ("MAX_COUNT", 3), ("MAX_TOTAL", 400)):
        monkeypatch.setattr(unpacking, limit, size)


def test_a_file_is_refused_beyond_its_own_size_and_its_students_budget() -> None:
    budget = Budget()
    assert not budget.take("a", 101, 101, "ada")
    assert budget.take("b", 100, 100, "ada")
    assert not budget.take("c", 51, 51, "ada")
    assert budget.take("d", 50, 50, "ada")
    assert budget.take("e", 100, 100, "bo")
    assert (budget.total, budget.spent) == (250, {"ada": (150, 2), "bo": (100, 1)})
    assert [note.split()[0] for note in budget.notes] == ["a", "c"]


def test_only_so_many_files_of_a_student_are_taken_however_small() -> None:
    budget = Budget()
    assert [budget.take(str(number), 0, 0, "ada") for number in range(5)] == [True, True, True, False, False]
    assert budget.take("x", 0, 0, "bo")


def test_a_large_file_that_grows_too_much_is_a_bomb_and_a_small_one_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("MAX_FILE", "MAX_STUDENT", "MAX_TOTAL"):
        monkeypatch.setattr(unpacking, limit, 10 << 20)
    budget = Budget()
    assert budget.take("regular", 1 << 20, 10, "ada")
    assert not budget.take("bomb", (1 << 20) + 1, 10, "ada")
    assert budget.take("large", (1 << 20) + 1, 20_000, "ada")
    assert "like a bomb" in budget.notes[0]


def test_a_download_has_an_end() -> None:
    budget = Budget()
    for number in range(4):
        budget.take("a", 100, 100, f"student {number}")
    with pytest.raises(IngestError, match="in several parts"):
        budget.take("a", 1, 1, "one more")


def test_a_students_zip_that_is_refused_takes_nothing_off_the_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    too_many = zipped({str(number): b"x" for number in range(4)})
    path = tmp_path / "download.zip"
    path.write_bytes(zipped({"aa_102_1_work.zip": too_many, "lovelaceada_101_2_a.txt": b"mine"}))
    for limit in ("MAX_FILE", "MAX_STUDENT", "MAX_TOTAL"):
        monkeypatch.setattr(unpacking, limit, 10_000)  # the zip itself is larger than what is in it
    budget = Budget()
    unpack(path, tmp_path / "to", budget, platforms=True)
    assert [file.name for file in (tmp_path / "to").rglob("*") if file.is_file()] == ["lovelaceada_101_2_a.txt"]
    assert budget.total == len(too_many) + len(b"mine")
    assert {student: count for student, (_, count) in budget.spent.items()} == {"aa 102": 1, "lovelaceada 101": 1}
    assert any("aa 102" in note for note in budget.notes)


def flipped(method: int) -> bytes:
    """Return a zip whose one file cannot be unpacked any more."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("a.txt", bytes(range(60)) * 20)
    data = bytearray(file.getvalue())
    data[35 + len("a.txt") : 60] = b"\xff" * (25 - len("a.txt"))
    return bytes(data)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
@pytest.mark.parametrize("by_student", [True, False])
def test_a_damaged_entry_costs_only_whose_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: int, by_student: bool
) -> None:
    for limit in ("MAX_FILE", "MAX_STUDENT", "MAX_TOTAL"):
        monkeypatch.setattr(unpacking, limit, 10_000)
    path, budget = tmp_path / "download.zip", Budget()
    if by_student:
        path.write_bytes(zipped({"aa_102_1_work.zip": flipped(method), "lovelaceada_101_2_a.txt": b"mine"}))
    else:
        path.write_bytes(flipped(method))
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("lovelaceada_101_2_a.txt", b"mine")
    unpack(path, tmp_path / "to", budget, platforms=True)
    assert [file.name for file in (tmp_path / "to").rglob("*") if file.is_file()] == ["lovelaceada_101_2_a.txt"]
    assert len(budget.notes) == 1
    assert ("aa 102" if by_student else "'a.txt' cannot be unpacked") in budget.notes[0]


def test_an_empty_zip_is_noted_and_of_one_name_twice_the_last_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("MAX_FILE", "MAX_STUDENT", "MAX_TOTAL"):
        monkeypatch.setattr(unpacking, limit, 10_000)
    twice = io.BytesIO(zipped({"a.txt": b"first"}))
    with zipfile.ZipFile(twice, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("a.txt", b"last")
    path, budget = tmp_path / "download.zip", Budget()
    path.write_bytes(zipped({"aa_102_1_work.zip": zipped({}), "bb_103_1_work.zip": twice.getvalue()}))
    unpack(path, tmp_path / "to", budget, platforms=True)
    assert [file.read_bytes() for file in (tmp_path / "to").rglob("a.txt")] == [b"last"]
    assert budget.notes == ["aa 102: aa_102_1_work.zip: there is no file in it (left out)"]
