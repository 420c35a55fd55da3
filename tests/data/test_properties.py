"""What holds for any column."""

import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_automl.data import Kind, RawTable, Reading, ReadingRules, build_dataset, read_column
from lepton_automl.data.numbers import parse_numbers
from lepton_automl.data.reading import look
from lepton_automl.data.texts import as_texts

TOKENS = ("", "?", "NA", "nan")
QUICK = settings(max_examples=60, deadline=None)

words = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["", "?", "NA", " ", "inf", "1e999", "01/02/2024", "2024-01-31", "20240131", "$1,000", "007", "true", "\ud800", "1,5"]
    ),
    st.integers(-(10**20), 10**20).map(str),
    st.floats().map(repr),
)
cells = st.one_of(
    words,
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.binary(max_size=4),
    st.decimals(allow_nan=False),
    st.dates(),
    st.datetimes(timezones=st.none() | st.just(datetime.UTC)),
    st.times(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)
spans = st.timedeltas(datetime.timedelta(-9999), datetime.timedelta(9999))
columns = st.one_of(
    st.lists(words.filter(lambda word: "\ud800" not in word) | st.none(), max_size=12).map(lambda v: pd.Series(v, dtype="str")),
    st.lists(cells, max_size=12).map(lambda v: pd.Series(v, dtype=object)),
    st.lists(st.integers(-(2**63), 2**63 - 1), max_size=12).map(lambda v: pd.Series(v, dtype="int64")),
    st.lists(st.integers(0, 2**64 - 1), max_size=12).map(lambda v: pd.Series(v, dtype="uint64")),
    st.lists(st.integers(-(2**63), 2**63 - 1) | st.none(), max_size=12).map(lambda v: pd.Series(v, dtype="Int64")),
    st.lists(st.floats(), max_size=12).map(lambda v: pd.Series(v, dtype="float64")),
    st.lists(st.booleans() | st.none(), max_size=12).map(lambda v: pd.Series(v, dtype="boolean")),
    st.lists(st.datetimes(), max_size=12).map(lambda v: pd.Series(v, dtype="datetime64[us]")),
    st.lists(spans, max_size=12).map(lambda v: pd.Series(v, dtype="timedelta64[us]")),
    st.lists(words.filter(lambda word: "\ud800" not in word), max_size=12).map(lambda v: pd.Series(v, dtype="category")),
)
kinds = st.sampled_from([None, Kind.NUMBER, Kind.CATEGORY, Kind.TEXT, Kind.DATETIME, Kind.BOOLEAN])
readings = st.builds(
    Reading,
    kind=kinds.filter(bool),
    missing_tokens=st.just(TOKENS),
    decimal=st.sampled_from([".", ","]),
    thousands=st.just(""),
    date_format=st.sampled_from(["", "ISO8601", "%d/%m/%Y", "%Y%m%d", "ISO8601 | %m/%d/%Y"]),
    epoch_unit=st.sampled_from(["", "s", "ns"]),
)


@QUICK
@given(columns, kinds, st.sampled_from(["auto", "day_first", "month_first"]))
def test_no_column_is_too_odd_to_be_looked_at_and_read_twice_alike(raw, kind, order):
    found = look(raw, TOKENS, 0.05, order, kind)
    one, other = read_column(raw, found.reading), read_column(raw, found.reading)

    assert kind is None or found.reading.kind is kind
    assert len(one.values) == len(raw)
    pd.testing.assert_series_equal(one.values, other.values)


@QUICK
@given(columns, readings)
def test_a_column_is_read_by_a_reading_found_on_any_other(raw, reading):
    read = read_column(raw, reading)

    lost = read.is_missing_token | read.is_unreadable | read.is_infinite
    assert read.values.isna().to_numpy()[lost].all()
    assert not (read.is_missing_token & read.is_unreadable).any() and not (lost & read.is_rewritten).any()


@QUICK
@given(columns)
def test_the_ledger_counts_every_value_that_became_missing(raw):
    simple = raw[[not isinstance(value, list | dict) for value in raw]]
    data, entries = build_dataset(
        RawTable(pd.DataFrame({"a": simple.reset_index(drop=True)}), (), "t"), ReadingRules(missing_tokens=TOKENS)
    )

    gone = sum(entry.count for entry in entries if entry.effect == "values set missing")
    assert int(data.values("a").isna().sum()) - int(simple.isna().sum()) == gone
    assert len(data) == len(simple)


@QUICK
@given(
    st.lists(st.decimals(min_value=-(10**9), max_value=10**9, places=2), min_size=1, max_size=20),
    st.sampled_from([(".", ","), (",", "."), (".", "'"), (",", " "), (".", "")]),
    st.sampled_from(["{}", "${}", "{} €", "EUR {}", "{}%"]),
)
def test_numbers_come_back_from_any_marks_they_were_written_in(numbers, marks, form):
    decimal, thousands = marks
    written = [f"{n:,}".replace(",", "T").replace(".", decimal).replace("T", thousands) for n in numbers]

    read = parse_numbers(pa.array([form.format(text) for text in written], pa.large_string()), decimal, thousands)

    np.testing.assert_allclose(read.values, [float(n) for n in numbers])
    assert read.is_readable.all()


@QUICK
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_plain_floats_come_back_exactly(numbers):
    read = read_column(pd.Series([repr(number) for number in numbers], dtype="str"), Reading(Kind.NUMBER))

    assert read.values.astype("float64").tolist() == numbers and not read.is_rewritten.any()


@QUICK
@given(st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=20))
def test_whole_numbers_have_one_spelling_whatever_type_they_came_in(numbers):
    spelled = [str(number) for number in numbers]

    for dtype in ("int64", "Int64", object, "str"):
        assert as_texts(pd.Series(spelled if dtype == "str" else numbers, dtype=dtype)).tolist() == spelled


@pytest.mark.parametrize(
    "raw", [pd.Series([np.nan, np.nan]), pd.Series([None, None], dtype=object), pd.Series([], dtype="str")]
)
@pytest.mark.parametrize("kind", [None, Kind.NUMBER, Kind.DATETIME, Kind.TEXT, Kind.BOOLEAN, Kind.CATEGORY])
def test_a_column_without_a_value_can_be_read_as_anything(raw, kind):
    read = read_column(raw, look(raw, TOKENS, 0.05, "auto", kind).reading)

    assert read.values.isna().all() and not read.is_unreadable.any()
