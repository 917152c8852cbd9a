"""Dicts, sets, dates, tables and plots: as evidence they arrive, pass when near, and are told apart in words when not."""

from __future__ import annotations

import contextlib
import json
import math
from collections import Counter, OrderedDict, defaultdict
from datetime import date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursegrader.authoring.constants import constants, drowned
from coursegrader.authoring.echoes import echoes
from coursegrader.errors import AuthoringError, EvidenceError
from coursegrader.evidence import encode
from coursegrader.judging.judge import judge, judge_cell, judge_value
from coursegrader.judging.judges.expectations import expectations
from coursegrader.judging.report import evidence_line, for_student
from coursegrader.judging.values.decoding import decode
from coursegrader.judging.values.kinds import Column, Drawn, Frame, Index, Moments, Series
from coursegrader.model import CellRun, EvidenceResult, NotebookResult

TOLD = frozenset(["price", "city", "n", "when", "mean"])
BERLIN, TOKYO = timezone(timedelta(hours=1)), timezone(timedelta(hours=9))


def expected(want: Any, **terms: Any) -> list:
    """Return what a reference run that emitted this value expects."""
    given_terms = {"judge": "close", "weight": 1.0, "atol": 1e-4, "rtol": 1e-4, **terms}
    return expectations([{"name": "v", "value": through(encode(want)), "terms": given_terms}], "here")


def through(record: Any) -> Any:
    """Send data the way a kernel message does."""
    return json.loads(json.dumps(record))


def verdict(want: Any, got: Any, told: frozenset[str] = TOLD, **terms: Any) -> EvidenceResult:
    """Judge one value."""
    return judge(expected(want, **terms), [{"name": "v", "value": through(encode(got))}], names=told)[0]


def said(want: Any, got: Any, **more: Any) -> tuple[str, str, str]:
    """Return verdict, message and place."""
    result = verdict(want, got, **more)
    assert result.fraction == 0
    return result.verdict, result.message, result.place


def passes(want: Any, got: Any, **more: Any) -> bool:
    """Tell whether a value earns everything."""
    return verdict(want, got, **more).fraction == 1


# -- dicts and sets -----------------------------------------------------------------------------------------------------


def test_a_dict_passes_in_any_order_and_of_any_subclass():
    want = {"price": 1.5, "city": "Ulm", 3: [1, 2], (1, "a"): None}
    assert passes(want, dict(reversed(want.items())))
    assert passes(want, OrderedDict(want))
    assert passes({"a": 2, "b": 1}, Counter("aab"))
    assert passes({"a": [1.0]}, defaultdict(list, a=[1.0 + 1e-5]))


@pytest.mark.parametrize(
    ("want", "got", "words"),
    [
        ({"price": 1.0}, {"price": 1.5}, ("wrong_value", "", "key 'price'")),
        ({"n": 1, "x": 1.0}, {"n": 1, "x": 2.0}, ("wrong_value", "", "one of the keys")),
        ({"price": [1.0, 2.0]}, {"price": [1.0, 3.0]}, ("wrong_value", "", "key 'price', index [1]")),
        ({"city": "Ulm"}, {"city": "Bonn"}, ("wrong_value", "another value was expected", "key 'city'")),
        ({"n": {"mean": 1.0}}, {"n": {"mean": 2.0}}, ("wrong_value", "", "key 'n', key 'mean'")),
        ({"n": 1, "mean": 2}, {"n": 1}, ("wrong_shape", "key 'mean' is missing", "")),
        ({"n": 1, "answer": 2}, {"n": 1}, ("wrong_shape", "one of the keys is missing", "")),
        ({"n": 1}, {"n": 1, "mean": 2}, ("wrong_shape", "expected 1 keys, got 2", "")),
        ({"n": 1.0}, {"n": "1"}, ("wrong_type", "key 'n': expected real numbers, got text", "")),
        ({1: "a"}, {True: "a"}, ("wrong_shape", "one of the keys is missing", "")),
        ({}, [], ("wrong_type", "expected a dict, got a list that is no array of numbers", "")),
        ([{"n": 1}], [{"n": 2}], ("wrong_value", "", "entry 0, key 'n'")),
    ],
)
def test_a_wrong_dict_is_told_key_by_key_by_names_that_were_given(want: Any, got: Any, words: tuple[str, str, str]):
    assert said(want, got) == words


def test_whole_and_decimal_keys_are_the_same_key():
    assert passes({1: "a", math.inf: "b"}, {1.0: "a", math.inf: "b"})


def test_tolerances_may_be_given_key_by_key():
    want = {"n": 10.0, "mean": 1.0, "rest": 1.0}
    assert passes(want, {"n": 10.4, "mean": 1.0, "rest": 1.00005}, atol={"n": 0.5}, rtol=0.0)
    assert said(want, {"n": 10.4, "mean": 1.2, "rest": 1.0}, atol={"n": 0.5}, rtol=0.0)[2] == "key 'mean'"
    with pytest.raises(AuthoringError, match="atol for 'm', which is no column or key"):
        expected(want, atol={"m": 1.0})
    with pytest.raises(AuthoringError, match="must be a number from 0 up"):
        expected(want, atol={"n": -1.0})


@pytest.mark.parametrize(
    ("want", "got", "good"),
    [
        ({1, "a", (2, 3), None}, frozenset([None, "a", (2, 3), 1]), True),
        ({0.3, 1.0}, {0.1 + 0.2, 1}, True),
        ({0.3, 1.0}, {0.4, 1.0}, False),
        ({1, 2}, {1}, False),
        ({1}, {1, 2}, False),
        ({1}, {True}, False),
        ({frozenset("ab")}, {frozenset("ba")}, True),
        ({date(2026, 1, 1)}, {date(2026, 1, 1)}, True),
        ({date(2026, 1, 1)}, {date(2026, 1, 2)}, False),
        (set(), set(), True),
        ({1, 2}, [1, 2], False),
    ],
)
def test_sets_are_compared_by_their_members(want: Any, got: Any, good: bool):
    assert passes(want, got) == good


def test_what_is_wrong_with_a_set_is_told_without_its_members():
    assert said({"a", "b"}, {"a", "c"})[1] == "some values are missing, and there are values that do not belong"
    assert said({"a", "b"}, {"a"})[1] == "some values are missing"


def test_of_a_typed_set_nothing_is_told():
    from coursegrader.course.cells import GradedCell

    cell = GradedCell(
        "test_x", 1.0, False, False, "", "from coursegrader.evidence import evidence\nevidence('v', answer)"
    )
    run = CellRun("ok", [{"name": "v", "value": encode({"A"})}], visible="ok")
    assert judge_cell(cell, run, expected({"A", "B"})).evidence[0].message == "another value was expected"


# -- dates --------------------------------------------------------------------------------------------------------------

NOON = datetime(2026, 3, 1, 12)


@pytest.mark.parametrize(
    ("want", "got", "good"),
    [
        (date(2026, 3, 1), date(2026, 3, 1), True),
        (date(2026, 3, 1), date(2026, 3, 2), False),
        (date(2026, 3, 1), np.datetime64("2026-03-01"), True),
        (NOON, pd.Timestamp("2026-03-01 12:00"), True),
        (NOON, np.datetime64("2026-03-01T12"), True),
        (NOON, NOON + timedelta(microseconds=50), True),
        (NOON, NOON + timedelta(seconds=1), False),
        (NOON, "2026-03-01 12:00", False),
        (NOON, NOON.replace(tzinfo=timezone.utc), False),
        (NOON.replace(tzinfo=BERLIN), NOON.astimezone(TOKYO).replace(hour=20, tzinfo=TOKYO), True),
        (NOON.replace(tzinfo=BERLIN), NOON.replace(tzinfo=TOKYO), False),
        (pd.Timestamp("2026-03-01 12:00", tz="Europe/Berlin"), NOON.replace(tzinfo=BERLIN), True),
        (timedelta(hours=1), pd.Timedelta("60min"), True),
        (timedelta(hours=1), np.timedelta64(3600, "s"), True),
        (timedelta(hours=1), timedelta(hours=1, seconds=1), False),
        (timedelta(hours=1), 3600, False),
        (pd.NaT, np.datetime64("NaT"), True),
        (pd.NaT, NOON, False),
        ([date(1, 1, 1), date(9999, 12, 31)], np.array(["0001-01-01", "9999-12-31"], "M8[D]"), True),
    ],
)
def test_times_are_compared_in_seconds(want: Any, got: Any, good: bool):
    assert passes(want, got) == good


def test_how_far_off_a_time_is_is_told_in_seconds():
    result = verdict([NOON, NOON], [NOON, NOON + timedelta(days=1)])
    assert (result.max_error, result.where, result.relative) == (86_400.0, [1], 0.0)
    assert passes(timedelta(hours=10), timedelta(hours=10, seconds=3))  # the relative tolerance
    assert passes(NOON, NOON + timedelta(seconds=3), atol=5.0)


# -- tables -------------------------------------------------------------------------------------------------------------

TABLE = pd.DataFrame(
    {
        "city": ["Ulm", "Bonn", None],
        "n": [3, 1, 2],
        "price": [0.5, np.nan, 2.0],
        "when": pd.to_datetime(["2026-01-01", "2026-01-02", None]),
    }
)


def changed(**columns: Any) -> pd.DataFrame:
    """Return the table with other columns."""
    return TABLE.assign(**columns)


@pytest.mark.parametrize(
    "got",
    [
        TABLE.copy(),
        changed(price=[0.50003, np.nan, 2.0001]),
        changed(n=np.array([3, 1, 2], dtype="int8")),
        changed(n=pd.array([3, 1, 2], dtype="Int64")),
        changed(price=pd.array([0.5, None, 2.0], dtype="Float64")),
        changed(city=pd.array(["Ulm", "Bonn", None], dtype="string")),
        changed(city=pd.Series(["Ulm", "Bonn", np.nan], dtype=object)),
        changed(when=TABLE["when"].astype("datetime64[s]")),
        TABLE.rename_axis("row"),
    ],
    ids=range(9),
)
def test_a_right_table_passes_whatever_its_widths_and_its_way_to_say_nothing(got: pd.DataFrame):
    assert passes(TABLE, got)


@pytest.mark.parametrize(
    ("got", "words"),
    [
        (changed(price=[0.5, np.nan, 2.5]), ("wrong_value", "", "column 'price', row 2")),
        (changed(price=[0.5, 1.0, 2.0]), ("wrong_value", "there should be no value", "column 'price', row 1")),
        (changed(price=[np.nan, np.nan, 2.0]), ("wrong_value", "a value is missing", "column 'price', row 0")),
        (changed(city=["Ulm", "Köln", None]), ("wrong_value", "another value was expected", "column 'city', row 1")),
        (changed(when=TABLE["when"] + pd.Timedelta("1D")), ("wrong_value", "", "column 'when', row 0")),
        (changed(n=[3.0, 1.0, 2.0]), ("wrong_type", "column 'n': expected whole numbers, got decimal numbers", "")),
        (changed(n=["3", "1", "2"]), ("wrong_type", "column 'n': expected whole numbers, got text", "")),
        (changed(when=TABLE["when"].dt.tz_localize("UTC")),
         ("wrong_type", "column 'when': expected dates and times, got times with a zone", "")),
        (changed(city=TABLE["city"].astype("category")), ("wrong_type", "column 'city': expected text, got categories", "")),
        (TABLE[["n", "city", "price", "when"]], ("wrong_shape", "the columns are in another order", "")),
        (TABLE.drop(columns="price"), ("wrong_shape", "column 'price' is missing", "")),
        (TABLE.rename(columns={"price": "cost"}), ("wrong_shape", "column 'price' is missing", "")),
        (changed(more=1), ("wrong_shape", "expected 4 columns, got 5", "")),
        (TABLE.iloc[:2], ("wrong_shape", "expected 3 rows, got 2", "")),
        (TABLE.iloc[[1, 0, 2]], ("wrong_value", "the rows are in another order", "the index, row 0")),
        (TABLE.set_axis(["a", "b", "c"]), ("wrong_type", "the index: expected whole numbers, got text", "")),
        (TABLE.set_axis([0, 1, 5]), ("wrong_value", "", "the index, row 2")),
        (TABLE["n"], ("wrong_type", "expected a DataFrame, got a Series", "")),
        (TABLE.to_dict("list"), ("wrong_type", "expected a DataFrame, got a dict", "")),
        (None, ("wrong_type", "expected a DataFrame, got None", "")),
    ],
    ids=range(20),
)  # fmt: skip
def test_a_wrong_table_is_told_by_column_and_row(got: Any, words: tuple[str, str, str]):
    assert said(TABLE, got) == words


def test_a_column_that_students_were_not_told_of_has_a_number():
    assert said(TABLE, changed(price=[0.5, np.nan, 2.5]), told=frozenset())[2] == "column 2, row 2"
    assert said(TABLE, TABLE.drop(columns="price"), told=frozenset())[1] == "column 2 is missing"


def test_tolerances_of_columns():
    near = changed(price=[0.6, np.nan, 2.0])
    assert passes(TABLE, near, atol={"price": 0.2})
    assert not passes(TABLE, near, atol={"n": 0.2})
    assert verdict(TABLE, changed(price=[0.9, np.nan, 2.0]), atol={"price": 0.2}).tolerance == 0.2


def test_the_page_says_how_far_off_and_in_which_column_and_row():
    result = verdict(TABLE, changed(price=[0.5, np.nan, 2.5]))
    line = evidence_line(result, 1)
    assert line.startswith("WRONG Max error v (case 1): 0.5 in column 'price', row 2 (tolerance")
    assert result.where == [2, 2]
    assert (float(result.expected), float(result.got)) == (2.0, 2.5)  # the instructor's view only


def test_a_place_costs_room_on_the_page_and_goes_with_it():
    from coursegrader.model import CellResult

    result = verdict(TABLE, changed(price=[0.5, np.nan, 2.5]))
    cell = CellResult("test_x", 0.0, 1.0, evidence=[result])
    told = for_student(NotebookResult("1_a", [cell]), bits=5.0).cells[0].evidence[0]
    assert (told.place, told.where, told.max_error) == ("", None, None)


@pytest.mark.parametrize(
    ("want", "got", "words"),
    [
        (TABLE["price"], TABLE["price"].rename("x"), None),
        (TABLE["price"], TABLE["price"] * 2, ("wrong_value", "", "row 2")),
        (TABLE["price"], TABLE["n"], ("wrong_type", "expected decimal numbers, got whole numbers", "")),
        (TABLE["price"], TABLE["price"].to_numpy(), ("wrong_type", "expected a Series, got real numbers", "")),
        (TABLE["n"], TABLE["n"].iloc[::-1], ("wrong_value", "the rows are in another order", "the index, row 0")),
        (TABLE.groupby("city")["n"].sum(), TABLE.groupby("city")["n"].sum(), None),
        (TABLE.groupby(["city", "n"])["price"].sum(), TABLE.groupby(["n", "city"])["price"].sum(),
         ("wrong_type", "the index: expected text, got whole numbers", "")),
        (TABLE["city"].astype("category"), TABLE["city"].astype("category"), None),
        (TABLE["city"].astype("category"), pd.Series(["Ulm", "Ulm", None], dtype="category"),
         ("wrong_value", "another value was expected", "row 1")),
        (pd.Series(pd.Categorical(["a"], ["a", "b"], ordered=True)), pd.Series(pd.Categorical(["a"], ["b", "a"], ordered=True)),
         ("wrong_value", "the categories, or their order, are others than expected", "")),
        (pd.Series(pd.Categorical(["a"], ["a", "b"])), pd.Series(pd.Categorical(["a"], ["b", "a"])), None),
        (pd.Series(pd.Categorical(["a"], ordered=True)), pd.Series(pd.Categorical(["a"])),
         ("wrong_type", "expected categories with an order", "")),
        (pd.Index([1, 2]), pd.RangeIndex(1, 3), None),
        (pd.Index([1, 2]), pd.Index([2, 1]), ("wrong_value", "the rows are in another order", "row 0")),
        (TABLE["city"].unique(), TABLE["city"].unique(), None),
        (pd.Series([{"n": 1}, {1, 2}]), pd.Series([{"n": 1}, {1, 2}]), None),
        (pd.Series([{"n": 1}, {1, 2}]), pd.Series([{"n": 2}, {1, 2}]), ("wrong_value", "", "row 0, key 'n'")),
        (pd.Series([], dtype=float), pd.Series([], dtype=object), None),
        (pd.Series(pd.cut([1, 5], 2)), pd.Series(pd.cut([1, 5], 2)), None),
        ({"n": TABLE}, {"n": changed(n=[3, 1, 5])}, ("wrong_value", "", "key 'n', column 'n', row 2")),
    ],
    ids=range(20),
)  # fmt: skip
def test_series_indexes_and_categories(want: Any, got: Any, words: tuple[str, str, str] | None):
    assert passes(want, got) if words is None else said(want, got) == words


def test_columns_of_one_name_are_told_apart_by_their_place():
    twins = pd.DataFrame([[1, 2], [3, 4]], columns=["n", "n"])
    assert passes(twins, twins.copy())
    assert said(twins, twins * [1, 2]) == ("wrong_value", "", "column 'n', row 1")


# -- round trips --------------------------------------------------------------------------------------------------------

KEYS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3),
    max_leaves=4,
)


@given(st.dictionaries(KEYS, st.none() | st.text(max_size=5), max_size=6), st.sets(KEYS, max_size=6))
@settings(deadline=None)
def test_any_dict_and_any_set_of_plain_values_arrives(mapping: dict, members: set):
    assert decode(through(encode(mapping))) == mapping
    assert decode(through(encode(members))) == members
    assert passes(mapping, mapping)
    assert passes(members, members)


SORTS = {
    "int64": st.integers(-(2**63), 2**63 - 1),
    "float64": st.floats(width=64),
    "bool": st.booleans(),
    "complex128": st.complex_numbers(),
    "object": st.none() | st.text(max_size=4),
    "Int64": st.none() | st.integers(-(2**63), 2**63 - 1),
    "boolean": st.none() | st.booleans(),
    "string": st.none() | st.text(max_size=4),
    "category": st.none() | st.sampled_from("abc"),
    "datetime64[ns]": st.none() | st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)),
    "timedelta64[ns]": st.none() | st.timedeltas(timedelta(days=-9999), timedelta(days=9999)),
}


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_any_table_arrives_with_its_rows_and_columns_and_equals_itself(data: st.DataObject):
    rows = data.draw(st.integers(0, 4))
    names = data.draw(st.lists(st.text(max_size=3) | st.integers(0, 9), max_size=4, unique=True))
    columns = {}
    for name in names:
        sort = data.draw(st.sampled_from(sorted(SORTS)))
        columns[name] = pd.Series(data.draw(st.lists(SORTS[sort], min_size=rows, max_size=rows)), dtype=sort)
    table = pd.DataFrame(columns, index=range(rows))
    arrived = decode(through(encode(table)))
    assert arrived.columns.labels() == list(table.columns)
    assert [len(column) for column in arrived.data] == [rows] * len(names)
    for name, column in zip(names, arrived.data, strict=True):
        if column.kind == "texts":
            assert column.plain() == [None if pd.isna(item) else item for item in table[name]]
    assert passes(table, table.copy(), judge="equal")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
VALUES = [{"a": 1, (1, 2): {3}}, TABLE, TABLE.set_index(["n", "city"]), TABLE["n"], TABLE["city"].astype("category"),
          pd.Index([1]), {1, (2, "x")}, NOON.replace(tzinfo=BERLIN), pd.Series([1, {2}]), {date(2026, 1, 1)}]  # fmt: skip
KINDS = (Column, Drawn, Frame, Index, Moments, Series, np.ndarray, list, dict, frozenset, str, type(None))


def places(record: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every part of a record."""
    inner = record.items() if isinstance(record, dict) else enumerate(record) if isinstance(record, list) else ()
    return [path, *(place for key, part in inner for place in places(part, (*path, key)))]


@given(st.sampled_from(range(len(VALUES))), st.data())
@settings(deadline=None, max_examples=400)
def test_a_record_forged_anywhere_is_decoded_to_plain_data_or_refused_and_never_judged_with_an_error(
    which: int, data: Any
):
    record = through({"value": encode(VALUES[which])})
    *way, last = data.draw(st.sampled_from(places(record)[1:]))
    part = record
    for step in way:
        part = part[step]
    if data.draw(st.booleans()) and isinstance(part, dict):
        part[data.draw(st.text(max_size=3))] = data.draw(JUNK)
    else:
        part[last] = data.draw(JUNK)
    with contextlib.suppress(EvidenceError):
        assert isinstance(decode(record["value"]), KINDS)
    result = judge(expected(VALUES[which]), [{"name": "v", **record}])[0]
    assert result.fraction in (0, 1)


@pytest.mark.parametrize(
    "record",
    [
        {"dict": [["a", {"none": True}], ["a", {"none": True}]]},
        {"dict": [["a"]]},
        {"dict": [[{"float": "nan"}, {"none": True}]]},
        {"dict": [[2**70, {"none": True}]]},
        {"dict": [[{"time": {"dtype": "<f8", "shape": [], "data": "AAAAAAAAAAA="}}, {"none": True}]]},
        {"set": ["a", "a"]},
        {"set": [1, {"float": "0x1p0"}]},
        {"index": []},
        {"frame": {"columns": [], "index": [], "data": []}},
        {"column": {"kind": "texts", "joined": "abc", "lengths": {"dtype": "<i4", "shape": [1], "data": "AgAAAA=="}}},
        {"column": {"kind": "objects", "entries": [{"none": True}], "pickle": "x"}},
        {"drawn": {"pickle": {"none": True}}},
        {"moments": {"dtype": "<f8", "shape": [], "data": "AAAAAAAAAAA="}},
    ],
    ids=str,
)
def test_records_that_contradict_themselves_are_refused(record: Any):
    with pytest.raises(EvidenceError):
        decode(record)


def test_a_deep_key_a_deep_column_and_a_deep_dict_are_refused():
    key: Any = "bottom"
    column: Any = {"kind": "objects", "entries": []}
    value: Any = {"none": True}
    for _ in range(50):
        key, value = [key], {"dict": [["a", value]]}
        column = {"kind": "objects", "entries": [{"column": column}]}
    for record in ({"dict": [[key, {"none": True}]]}, {"column": column}, value):
        with pytest.raises(EvidenceError):
            decode(record)


# -- tricks -------------------------------------------------------------------------------------------------------------


class Pleasing(float):
    """Is equal to everything."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__

    def __reduce__(self) -> Any:
        raise AssertionError("pickled")


def test_an_objects_own_opinion_of_itself_does_not_count():
    assert not passes(1.0, Pleasing(2.0))
    assert not passes({"n": 1.0}, {"n": Pleasing(2.0)})
    assert not passes(pd.Series([1.0, "a"]), pd.Series([Pleasing(2.0), "a"], dtype=object))

    class Frame2(pd.DataFrame):
        def equals(self, other: object) -> bool:
            return True

    class Dict2(dict):
        def items(self) -> Any:
            return [("n", 1.0)]

    assert not passes({"n": 1.0}, Dict2(n=2.0))
    assert passes(TABLE, Frame2(TABLE))
    assert not passes(TABLE, Frame2(changed(n=[0, 0, 0])))


@pytest.mark.parametrize(
    "value",
    [pd.DataFrame(np.zeros((200, 1000))), pd.DataFrame(columns=range(1001)), pd.Series([object()]), pd.Series([object] * 10_001),
     pd.Series(["x" * 1000] * 2000), TABLE.assign(o=[[[[[[[[[[1, "a"]]]]]]]]]] * 3)],
    ids=range(6),
)  # fmt: skip
def test_tables_that_are_too_large_or_hold_objects_are_refused(value: Any):
    with pytest.raises((TypeError, ValueError)):
        encode(value)


def test_a_column_called_detach_is_no_tensor():
    assert passes(pd.DataFrame({"detach": [1]}), pd.DataFrame({"detach": [1]}))


# -- what authors are told ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [{"n": 0.0}, {"n": [0.0, 0.0]}, pd.DataFrame({"n": [0.0, 0.0]}), pd.Series(["", ""]), set(), {},
                                   pd.Series([0, 0]), pd.DataFrame({"n": [1, 1]}), {"a": {"b": ""}}], ids=range(9))  # fmt: skip
def test_constants_of_the_new_kinds_are_tried(value: Any):
    want = expected(value)[0]
    assert any(judge_value(want, constant).fraction for _, constant in constants(want))


@pytest.mark.parametrize(
    "value", [{"n": 2.5}, TABLE, TABLE["price"], {"a"}, {"n": {"a", "b"}}, NOON.replace(tzinfo=BERLIN)], ids=range(6)
)
def test_no_constant_passes_for_what_takes_computing(value: Any):
    want = expected(value)[0]
    assert [label for label, constant in constants(want) if judge_value(want, constant).fraction] == []


def test_values_smaller_than_their_tolerance_are_found_in_tables_too():
    assert drowned(expected(pd.DataFrame({"n": [1e-6, 1e-7]}))[0])
    assert not drowned(expected(pd.DataFrame({"n": [1e-6, 1e-7]}), atol={"n": 1e-9})[0])
    assert drowned(expected({"n": 1e-6})[0])
    assert not drowned(expected(TABLE)[0])


@pytest.mark.parametrize(
    ("want", "held"),
    [(TABLE["n"], TABLE), (TABLE["n"].to_numpy(), TABLE), (["a", "b"], {"a", "b"}), (2.5, {"n": 2.5}), (TABLE, TABLE)],
    ids=range(5),
)
def test_what_a_region_holds_in_a_table_dict_or_set_is_no_evidence(want: Any, held: Any):
    assert echoes(expected(want), [{"name": "v\x1fheld", "value": encode(held)}])
