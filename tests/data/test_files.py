"""Parquet, JSON, Excel; folders, globs and object stores."""

import datetime
import decimal
import gzip

import fsspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lepton_automl.data import Kind, ReadingRules, Role, build_dataset
from lepton_automl.data.sources.file import FileSource
from lepton_automl.errors import DataError


@pytest.fixture
def file(tmp_path, typed):
    """Writes a file by a function of its path, and reads it."""

    def read(name, write, **settings):
        path = tmp_path / name
        write(path)
        own = {key: settings.pop(key) for key in list(settings) if key in FileSource.__dataclass_fields__}
        return typed(FileSource("data.source", str(path), **own), **settings)

    return read


@pytest.fixture
def parquet(file):
    return lambda columns, **settings: file("table.parquet", lambda path: pq.write_table(_table(columns), path), **settings)


def _table(columns):
    return columns if isinstance(columns, pa.Table) else pa.table(columns)


@pytest.mark.parametrize(
    ("array", "kind", "values", "dtype"),
    [
        pytest.param(pa.array([1, 2, None]), "number", [1, 2, None], "float64", id="whole numbers with a gap"),
        pytest.param(pa.array([1, 2, 3], pa.int8()), "number", [1, 2, 3], "int64", id="small whole numbers"),
        pytest.param(pa.array([0.5, float("nan"), None], pa.float32()), "number", [0.5, None, None], "float64", id="floats"),
        pytest.param(pa.array([decimal.Decimal("1.50"), None]), "number", [1.5, None], "float64", id="decimals"),
        pytest.param(pa.array([True, None, False]), "boolean", [1, None, 0], "float64", id="truth values with a gap"),
        pytest.param(pa.array(["a", None, "b"]).dictionary_encode(), "category", ["a", None, "b"], "category", id="dictionary"),
        pytest.param(pa.array(["1", "2", "x"]), "category", ["1", "2", "x"], "category", id="text"),
        pytest.param(
            pa.array([60.0, None]).cast(pa.int64()).cast(pa.duration("s")), "number", [60, None], "float64", id="durations"
        ),
        pytest.param(pa.array([b"a", b"b"]), "category", ["a", "b"], "category", id="bytes"),
        pytest.param(pa.nulls(2), "category", [None, None], "category", id="nothing"),
        pytest.param(pa.array([datetime.time(9, 30)]), "category", ["09:30:00"], "category", id="times of the day"),
    ],
)
def test_types_of_parquet_are_kept(parquet, array, kind, values, dtype):
    table = parquet({"a": array, "row": list(range(len(array)))})

    assert table.kind("a") == kind and table.values("a") == values
    assert str(table.data.values("a").dtype) == dtype
    assert table.counts() == []


@pytest.mark.parametrize(
    "array",
    [
        pytest.param(pa.array([datetime.date(2024, 1, 31)], pa.date32()), id="date32"),
        pytest.param(pa.array([datetime.datetime(2024, 1, 31)], pa.timestamp("ns")), id="timestamp"),
        pytest.param(
            pa.array([datetime.datetime(2024, 1, 30, 19)])
            .cast(pa.timestamp("us"))
            .cast(pa.int64())
            .cast(pa.timestamp("us", "UTC")),
            id="with zone",
        ),
    ],
)
def test_dates_of_parquet_become_dates_without_zone_in_utc(parquet, array):
    table = parquet({"day": array})

    assert table.kind("day") == "datetime" and str(table.data.values("day").dtype) == "datetime64[us]"
    assert table.data.values("day")[0] in (pd.Timestamp("2024-01-31"), pd.Timestamp("2024-01-30 19:00"))


def test_a_zone_is_turned_into_utc(parquet):
    moment = pd.Series(pd.to_datetime(["2024-01-31 01:00"])).dt.tz_localize("Europe/Berlin")

    table = parquet(pa.Table.from_pandas(pd.DataFrame({"at": moment})))

    assert table.data.values("at")[0] == pd.Timestamp("2024-01-31 00:00")


def test_two_parquet_columns_of_one_name_are_refused(parquet):
    with pytest.raises(DataError, match=r"columns of one name with different values: 'a' \(columns 1, 2\)"):
        parquet(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]))


def test_an_index_that_pandas_wrote_is_dropped_and_a_named_one_is_a_column(parquet):
    frame = pd.DataFrame({"a": [1, 2, 3]})

    assert parquet(pa.Table.from_pandas(frame.take([0, 2, 1]))).counts() == [("LOAD004", "__index_level_0__", 1)]
    assert parquet(pa.Table.from_pandas(frame.set_index(pd.Index([7, 3, 9], name="id")))).data.names == ["a", "id"]


def test_whole_numbers_beyond_the_reach_of_floats_stay_apart_as_groups(parquet):
    big = 2**60
    table = parquet({"who": pa.array([big, big + 1, None])}, roles={"who": frozenset({Role.GROUP})})

    assert table.values("who") == [str(big), str(big + 1), None]


def test_lists_and_objects_are_refused_with_every_column_named_unless_ignored(parquet):
    columns = {"tags": pa.array([["a"], ["b"]]), "who": pa.array([{"x": 1}, None]), "n": pa.array([1, 2])}

    with pytest.raises(DataError) as caught:
        parquet(columns)

    assert [problem.message.split(" of ")[0] for problem in caught.value.problems] == ["'tags'", "'who'"]
    assert "'tags'" in str(caught.value) and "holds lists, not single values" in str(caught.value)
    assert "set data.ignore=[who]" in str(caught.value)
    assert parquet(columns, ignore=frozenset({"tags", "who"})).data.names == ["n"]


def test_a_damaged_parquet_file_is_refused(file):
    with pytest.raises(DataError, match=r"table\.parquet can not be read as parquet"):
        file("table.parquet", lambda path: path.write_bytes(b"PAR1 no more"))


def test_json_lines_are_read_and_what_a_line_lacks_is_missing(file):
    table = file(
        "t.jsonl", lambda path: path.write_text('{"a": 1, "b": "x"}\n\n{"a": null, "c": true}\n{"b": "y", "c": false}\n')
    )

    assert table.values("a") == [1, None, None] and table.kind("c") == "boolean"
    assert table.values("b") == ["x", None, "y"]


def test_a_json_array_is_read(file):
    assert file("t.json", lambda path: path.write_text('[{"a": 1.5}, {"a": 2}]')).values("a") == [1.5, 2]


def test_mixed_types_in_json_are_read_as_their_text(file):
    table = file("t.json", lambda path: path.write_text('[{"a": 1}, {"a": "low"}, {"a": true}, {"a": 2.5}]'))

    assert table.kind("a") == "category" and table.values("a") == ["1", "low", "true", "2.5"]


def test_nested_json_is_refused_with_its_column(file):
    with pytest.raises(DataError, match=r"data who +'who' of .* holds objects, not single values"):
        file("t.jsonl", lambda path: path.write_text('{"who": {"name": "x"}}\n'))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1}\n{"a": \n', "line 2 of .* is not JSON"),
        ('{"a": 1}\n7\n', "line 2 of .* is not an object but int"),
        ('[{"a": 1}, "x"]', "item 2 of .* is not an object but str"),
        ("[1, 2", "is not JSON"),
    ],
)
def test_json_that_is_no_table_is_refused_with_its_place(file, text, message):
    with pytest.raises(DataError, match=message):
        file("t.jsonl", lambda path: path.write_text(text))


def test_excel_is_read_with_dates_numbers_and_words_for_missing(file):
    pytest.importorskip("openpyxl")
    frame = pd.DataFrame(
        {"n": [1, "N/A", 3], "day": pd.to_datetime(["2024-01-31"] * 3), "s": ["x", None, "y"], "only": [1.5, 2, 3]}
    )

    table = file("t.xlsx", lambda path: frame.to_excel(path, index=False))

    assert table.values("n") == [1, None, 3] and ("LOAD021", "n", 1) in table.counts()
    assert table.kind("day") == "datetime" and table.values("s") == ["x", None, "y"]


def test_the_sheet_can_be_named_and_one_that_is_not_there_is_refused(file):
    pytest.importorskip("openpyxl")

    def write(path):
        with pd.ExcelWriter(path) as book:
            pd.DataFrame({"a": [1]}).to_excel(book, sheet_name="one", index=False)
            pd.DataFrame({"b": [2]}).to_excel(book, sheet_name="two", index=False)

    assert file("t.xlsx", write, sheet="two").data.names == ["b"]
    with pytest.raises(DataError, match=r"can not be read as excel: .*three"):
        file("t.xlsx", write, sheet="three")


@pytest.mark.parametrize("content", [b"no book", b"PK\x03\x04broken"])
def test_a_damaged_excel_file_is_refused(file, content):
    pytest.importorskip("openpyxl")
    with pytest.raises(DataError, match=r"t\.xlsx can not be read as excel"):
        file("t.xlsx", lambda path: path.write_bytes(content))


def test_all_files_of_a_folder_are_one_table_in_order_of_their_names(tmp_path, typed):
    (tmp_path / "b.csv").write_text("a,b\n3,x\n4,y,z\n")
    (tmp_path / "a.csv").write_text("b,a\nu,1\n5\nv,2\n")
    (tmp_path / "notes.md").write_text("not a table")

    table = typed(FileSource("data.source", str(tmp_path)))

    (drop,) = [entry for entry in table.entries if entry.code == "LOAD003"]
    assert table.values("a") == [1, 2, 3] and table.data.row_ids.tolist() == [0, 1, 2]
    assert (drop.count, drop.rows_before, drop.rows_after) == (2, 5, 3)
    assert [entry.count for entry in table.entries if entry.effect == "rows read"] == [2, 1]


def test_a_glob_chooses_files(tmp_path, typed):
    for name in ("x1", "x2", "y1"):
        (tmp_path / f"{name}.csv").write_text(f"a,b\n{name},1\n")

    assert typed(FileSource("data.source", str(tmp_path / "x*.csv"))).values("a") == ["x1", "x2"]


def test_files_with_other_columns_are_refused_with_both_names(tmp_path, typed):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    (tmp_path / "b.csv").write_text("a,c\n1,2\n")

    with pytest.raises(DataError, match=r"b\.csv and .*a\.csv do not have the same columns: b, c"):
        typed(FileSource("data.source", str(tmp_path)))


def test_files_of_two_formats_are_refused(tmp_path, typed):
    (tmp_path / "a.csv").write_text("a\n1\n")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "a.parquet")

    with pytest.raises(DataError, match=r"has files of several formats: csv, parquet"):
        typed(FileSource("data.source", str(tmp_path)))


def test_a_file_that_is_not_there_is_refused_with_those_that_are(tmp_path, typed):
    (tmp_path / "train.csv").write_text("a\n1\n")

    with pytest.raises(DataError, match=r"data\.source\.path +.*tran\.csv does not exist\. +.* has: train\.csv"):
        typed(FileSource("data.source", str(tmp_path / "tran.csv")))


def test_an_unknown_ending_is_refused_unless_the_kind_is_given(tmp_path, typed):
    path = tmp_path / "table.dat"
    path.write_text("a,b\n1,2\n")

    with pytest.raises(DataError, match=r"has no ending that is known.*Set data\.source\.kind"):
        typed(FileSource("data.source", str(path)))
    assert typed(FileSource("data.source", str(path), kind="csv")).values("b") == [2]


def test_a_packed_file_is_unpacked(tmp_path, typed):
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n"))

    assert typed(FileSource("data.source", str(tmp_path / "t.csv.gz"))).values("a") == [1]


def test_an_object_store_is_reached_through_fsspec(typed):
    store = fsspec.filesystem("memory")
    store.pipe("/bucket/2023.csv", b"a,b\n1,x\n")
    store.pipe("/bucket/2024.csv", b"a,b\n2,y\n")

    assert typed(FileSource("data.source", "memory://bucket/2024.csv")).values("a") == [2]
    assert typed(FileSource("data.source", "memory://bucket/*.csv")).values("a") == [1, 2]
    with pytest.raises(DataError, match=r"memory://bucket/2025\.csv does not exist"):
        typed(FileSource("data.source", "memory://bucket/2025.csv"))


def test_an_address_of_no_known_store_is_refused(typed):
    with pytest.raises(DataError, match=r"nowhere://x/y\.csv can not be reached"):
        typed(FileSource("data.source", "nowhere://x/y.csv"))


def test_the_kind_is_the_same_from_csv_and_from_parquet(tmp_path, typed):
    frame = pd.DataFrame(
        {"n": [1, 2, 3], "x": [0.5, np.nan, 2], "c": ["a", "b", None], "day": ["20240131", "20240201", "20240202"]}
    )
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.astype({"day": "int64"}).to_parquet(tmp_path / "t.parquet")

    one, other = (typed(FileSource("data.source", str(tmp_path / name))) for name in ("t.csv", "t.parquet"))

    assert [c.kind for c in one.data.columns] == [Kind.NUMBER, Kind.NUMBER, Kind.CATEGORY, Kind.DATETIME]
    assert [c.kind for c in other.data.columns] == [c.kind for c in one.data.columns]
    assert one.data.fingerprint == other.data.fingerprint


def test_a_table_without_columns_is_refused(file):
    with pytest.raises(DataError, match="has no rows"):
        file("t.parquet", lambda path: pq.write_table(pa.table({}), path))
    with pytest.raises(DataError, match="has no rows"):
        file("t.jsonl", lambda path: path.write_text("\n"))


def test_build_dataset_keeps_the_rows_of_a_table_of_which_all_columns_are_ignored(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")

    data, _ = build_dataset(
        FileSource("data.source", str(tmp_path / "t.csv")).read(), ReadingRules(ignore=frozenset({"a", "b"}))
    )

    assert len(data) == 1 and data.names == []
