"""A table is written whole or not at all, and nothing that is there is overwritten unasked."""

import os
import signal
import sqlite3
import subprocess
import sys
import time

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from lepton_automl.data import DuckdbSink, ParquetSink, SqlSink
from lepton_automl.data.sinks import FINGERPRINT
from lepton_automl.errors import OutputError

ROWS = pd.DataFrame(
    {
        "amount": [1.5, np.nan, 3.0],
        "city": pd.Categorical(["Bonn", None, "Köln"]),
        "member": pd.array([True, None, False], dtype="boolean"),
        "since": pd.to_datetime(["2024-01-01", None, "2024-03-01"]),
        "odd 'name\"": ["a", "b", None],
    }
)
OTHER = ROWS.assign(amount=[9.0, 9.0, 9.0])


def sinks(folder, overwrite=False, table="cleaned"):
    return {
        "parquet": ParquetSink("data.save_cleaned", str(folder / "rows.parquet"), overwrite),
        "sql": SqlSink("data.save_cleaned", f"sqlite:///{folder / 'rows.sqlite'}", table, overwrite),
        "duckdb": DuckdbSink("data.save_cleaned", str(folder / "rows.duckdb"), table, overwrite),
    }


def read_back(folder, kind, table="cleaned"):
    if kind == "parquet":
        return pd.read_parquet(folder / "rows.parquet")
    if kind == "sql":
        with sqlite3.connect(folder / "rows.sqlite") as connection:
            return pd.read_sql(f'SELECT * FROM "{table}"', connection)
    with duckdb.connect(str(folder / "rows.duckdb"), read_only=True) as connection:
        return connection.execute(f'SELECT * FROM "{table}"').df()


KINDS = pytest.mark.parametrize("kind", ["parquet", "sql", "duckdb"])


@KINDS
def test_rows_come_back_as_they_were_written(tmp_path, kind):
    sink = sinks(tmp_path)[kind]
    sink.check()

    sink.write(ROWS, "f" * 64)

    back = read_back(tmp_path, kind)
    assert list(back.columns) == list(ROWS.columns)
    assert back["amount"].tolist()[::2] == [1.5, 3.0] and np.isnan(back["amount"][1])
    for name in ("city", "odd 'name\"", "member", "since"):
        assert back[name].isna().tolist() == ROWS[name].isna().tolist()
    assert [back["city"][k] for k in (0, 2)] == ["Bonn", "Köln"]
    assert [bool(back["member"][k]) for k in (0, 2)] == [True, False]
    assert pd.to_datetime(back["since"])[2] == pd.Timestamp("2024-03-01")


@KINDS
def test_a_table_that_is_there_is_refused_before_and_while_writing_and_stays(tmp_path, kind):
    sinks(tmp_path)[kind].write(ROWS, "a" * 64)
    for refused in (lambda: sinks(tmp_path)[kind].check(), lambda: sinks(tmp_path)[kind].write(OTHER, "b" * 64)):
        with pytest.raises(OutputError) as caught:
            refused()
        assert "is there already" in str(caught.value) and "data.save_cleaned.overwrite=true" in str(caught.value)
        assert caught.value.exit_code == 2
    assert read_back(tmp_path, kind)["amount"].tolist()[0] == 1.5


@KINDS
def test_a_table_that_is_there_is_replaced_where_that_is_asked_for(tmp_path, kind):
    sinks(tmp_path)[kind].write(ROWS, "a" * 64)
    sink = sinks(tmp_path, overwrite=True)[kind]
    sink.check()
    sink.write(OTHER, "b" * 64)
    assert read_back(tmp_path, kind)["amount"].tolist() == [9.0, 9.0, 9.0]


@KINDS
def test_a_name_with_marks_of_sql_is_only_a_name(tmp_path, kind):
    name = 'x"; DROP TABLE cleaned; --'
    sinks(tmp_path)[kind].write(ROWS, "a" * 64)
    if kind == "parquet":
        return
    sinks(tmp_path, table=name)[kind].write(OTHER, "b" * 64)
    assert len(read_back(tmp_path, kind)) == 3
    assert len(read_back(tmp_path, kind, name.replace('"', '""'))) == 3


def test_a_parquet_file_carries_the_fingerprint_and_the_same_rows_are_not_refused(tmp_path):
    sink = sinks(tmp_path)["parquet"]
    sink.write(ROWS, "a" * 64)
    assert pq.read_schema(tmp_path / "rows.parquet").metadata[FINGERPRINT] == b"a" * 64
    before = (tmp_path / "rows.parquet").stat().st_mtime_ns
    sink.write(ROWS, "a" * 64)
    assert (tmp_path / "rows.parquet").stat().st_mtime_ns == before
    assert [path.name for path in tmp_path.iterdir()] == ["rows.parquet"], "nothing is left beside it"


def test_other_tables_of_a_database_are_left_alone(tmp_path):
    for kind in ("sql", "duckdb"):
        sinks(tmp_path)[kind].write(ROWS, "a" * 64)
        sinks(tmp_path, overwrite=True, table="second")[kind].write(OTHER, "b" * 64)
        assert read_back(tmp_path, kind)["amount"][0] == 1.5 and read_back(tmp_path, kind, "second")["amount"][0] == 9.0


@pytest.mark.parametrize(
    ("sink", "said"),
    [
        (ParquetSink("k", "/no/such/folder/rows.parquet"), "/no/such/folder does not exist"),
        (DuckdbSink("k", "/no/such/folder/rows.duckdb", "t"), "/no/such/folder does not exist"),
        (SqlSink("k", "nonsense://x", "t"), "is not a usable SQLAlchemy URL"),
        (SqlSink("k", "sqlite:////no/such/folder/x.db", "t"), "the database says: unable to open database file"),
    ],
    ids=["parquet", "duckdb", "dialect", "sqlite"],
)
def test_a_place_that_can_not_be_reached_is_told_before_the_run(sink, said):
    with pytest.raises(OutputError) as caught:
        sink.check()
    assert said in str(caught.value)


def test_a_secret_address_is_never_said(tmp_path, monkeypatch):
    monkeypatch.setenv("WAREHOUSE", "sqlite://ann:hunter3@/no/such/x.db")
    sink = SqlSink("k", {"secret": "WAREHOUSE"}, "t")
    assert "hunter3" not in sink.place
    with pytest.raises(OutputError) as caught:
        sink.check()
    assert "hunter3" not in str(caught.value)


WRITER = """
import os, sys
import numpy as np, pandas as pd
from lepton_automl.data import DuckdbSink, ParquetSink, SqlSink
kind, place = sys.argv[1:]
rows = pd.DataFrame({f"c{k}": np.arange(400_000.0) for k in range(6)})
sink = {
    "parquet": lambda: ParquetSink("k", place, True),
    "sql": lambda: SqlSink("k", f"sqlite:///{place}", "cleaned", True),
    "postgresql": lambda: SqlSink("k", {"secret": "WAREHOUSE"}, place, True),
    "duckdb": lambda: DuckdbSink("k", place, "cleaned", True),
}[kind]()
print("writing", flush=True)
for _ in range(1000):
    sink.write(rows, "c" * 64)
"""


@KINDS
def test_a_process_that_is_killed_while_it_writes_leaves_the_old_table_or_the_new_one(tmp_path, kind):
    sinks(tmp_path)[kind].write(ROWS, "a" * 64)
    place = tmp_path / {"parquet": "rows.parquet", "sql": "rows.sqlite", "duckdb": "rows.duckdb"}[kind]
    process = subprocess.Popen([sys.executable, "-c", WRITER, kind, str(place)], stdout=subprocess.PIPE, env={**os.environ})
    assert process.stdout.readline() == b"writing\n"
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()

    assert len(read_back(tmp_path, kind)) in (3, 400_000)
    sinks(tmp_path, overwrite=True)[kind].write(OTHER, "b" * 64)
    assert read_back(tmp_path, kind)["amount"].tolist() == [9.0, 9.0, 9.0]


@pytest.fixture
def warehouse(postgres, monkeypatch):
    """Asks of a PostgreSQL server, with an empty schema `house`, whose address is a secret of the environment."""
    monkeypatch.setenv("WAREHOUSE", postgres.url)
    engine = sa.create_engine(sa.engine.make_url(postgres.url))

    def ask(query):
        with engine.begin() as connection:
            found = connection.execute(sa.text(query))
            return pd.DataFrame(found.fetchall(), columns=list(found.keys())) if found.returns_rows else None

    ask("DROP SCHEMA IF EXISTS house CASCADE")
    ask("CREATE SCHEMA house")
    yield ask
    engine.dispose()


def in_house(table="house.cleaned", overwrite=False):
    return SqlSink("data.save_cleaned", {"secret": "WAREHOUSE"}, table, overwrite)


def test_rows_come_back_from_postgresql_with_their_types(warehouse):
    in_house().check()

    in_house().write(ROWS, "f" * 64)

    back = warehouse("SELECT * FROM house.cleaned")
    assert list(back.columns) == list(ROWS.columns)
    assert back["amount"].tolist()[::2] == [1.5, 3.0] and np.isnan(back["amount"][1])
    assert back["city"].isna().tolist() == [False, True, False] and back["city"].tolist()[::2] == ["Bonn", "Köln"]
    assert back["member"].tolist() == [True, None, False]
    assert back["odd 'name\""].tolist()[:2] == ["a", "b"] and back["odd 'name\""].isna()[2]
    assert pd.to_datetime(back["since"])[2] == pd.Timestamp("2024-03-01") and back["since"].isna().tolist() == [
        False,
        True,
        False,
    ]
    kinds = warehouse("SELECT data_type FROM information_schema.columns WHERE table_schema = 'house' ORDER BY ordinal_position")
    assert kinds["data_type"].tolist() == ["double precision", "text", "boolean", "timestamp without time zone", "text"]
    left = warehouse("SELECT table_name FROM information_schema.tables WHERE table_schema = 'house'")
    assert left["table_name"].tolist() == ["cleaned"], "nothing is left beside it"


def test_a_table_of_postgresql_is_replaced_only_where_that_is_asked_for(warehouse):
    in_house().write(ROWS, "a" * 64)
    for refused in (in_house().check, lambda: in_house().write(OTHER, "b" * 64)):
        with pytest.raises(OutputError, match=r"house\.cleaned is there already, and is not overwritten unasked"):
            refused()
    assert warehouse("SELECT amount FROM house.cleaned")["amount"][0] == 1.5

    in_house(overwrite=True).check()
    in_house(overwrite=True).write(OTHER, "b" * 64)

    assert warehouse("SELECT amount FROM house.cleaned")["amount"].tolist() == [9.0, 9.0, 9.0]


def test_a_name_with_marks_of_sql_is_only_a_name_to_postgresql(warehouse):
    name = 'x"; DROP TABLE house; --'
    in_house(f"house.{name}").write(ROWS, "a" * 64)
    assert len(warehouse("""SELECT * FROM house."x""; DROP TABLE house; --\" """)) == 3


def test_a_table_that_others_look_at_is_not_replaced_and_stays(warehouse):
    in_house().write(ROWS, "a" * 64)
    warehouse("CREATE VIEW house.seen AS SELECT amount FROM house.cleaned")

    with pytest.raises(OutputError, match=r"cannot drop table house\.cleaned because other objects depend"):
        in_house(overwrite=True).write(OTHER, "b" * 64)

    assert warehouse("SELECT amount FROM house.seen")["amount"][0] == 1.5


@pytest.mark.parametrize(
    ("table", "said"),
    [
        pytest.param("nowhere.cleaned", "the database has no schema 'nowhere'", id="schema"),
        pytest.param(f"house.{'x' * 60}", "is a name of 60 bytes.   Give one of 51 at most", id="long"),
    ],
)
def test_what_postgresql_can_not_take_is_told_before_the_run_without_the_password(warehouse, postgres, table, said):
    with pytest.raises(OutputError) as caught:
        in_house(table).check()
    assert said in str(caught.value)
    assert postgres.password not in str(caught.value) and "s3cret" not in str(caught.value)


def test_a_process_that_is_killed_while_it_writes_to_postgresql_leaves_the_old_table_or_the_new_one(warehouse):
    in_house().write(ROWS, "a" * 64)
    command = [sys.executable, "-c", WRITER, "postgresql", "house.cleaned"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ})
    assert process.stdout.readline() == b"writing\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()

    assert warehouse("SELECT count(*) AS n FROM house.cleaned")["n"][0] in (3, 400_000)
    in_house(overwrite=True).write(OTHER, "b" * 64)
    assert warehouse("SELECT amount FROM house.cleaned")["amount"].tolist() == [9.0, 9.0, 9.0]


def test_a_table_of_another_schema_of_a_duckdb_file_is_written_and_replaced(tmp_path):
    with duckdb.connect(str(tmp_path / "rows.duckdb")) as connection:
        connection.execute("CREATE SCHEMA house")
    sink = sinks(tmp_path, table="house.cleaned")["duckdb"]
    sink.check()
    sink.write(ROWS, "a" * 64)
    with pytest.raises(OutputError, match=r"house\.cleaned is there already"):
        sink.check()
    sinks(tmp_path, overwrite=True, table="house.cleaned")["duckdb"].write(OTHER, "b" * 64)
    with duckdb.connect(str(tmp_path / "rows.duckdb"), read_only=True) as connection:
        found = connection.execute("SELECT * FROM house.cleaned").df()
        names = connection.execute("SELECT table_schema, table_name FROM information_schema.tables").fetchall()
    assert found["amount"].tolist() == [9.0, 9.0, 9.0]
    assert names == [("house", "cleaned")]
