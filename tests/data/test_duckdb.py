"""DuckDB files, and SQL over several named sources."""

import pandas as pd
import pytest

from lepton_automl.data.sources.duckdb import DuckdbSource, JoinedSource
from lepton_automl.data.sources.file import FileSource
from lepton_automl.errors import DataError

duckdb = pytest.importorskip("duckdb", reason="pip install 'lepton-automl[duckdb]'")


@pytest.fixture
def base(tmp_path):
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE orders (id BIGINT, amount DECIMAL(10,2), day DATE, paid BOOLEAN, state VARCHAR)")
        connection.execute("INSERT INTO orders VALUES (1, 10.5, '2024-01-31', true, 'open'), (2, NULL, NULL, NULL, '?')")
    return str(path)


def test_a_table_of_a_duckdb_file_is_read_with_its_types(typed, base):
    table = typed(DuckdbSource("data.source", base, table="orders"))

    assert [str(c.kind) for c in table.data.columns] == ["number", "number", "datetime", "boolean", "category"]
    assert table.values("amount") == [10.5, None] and table.values("state") == ["open", None]
    assert table.entries[0].note.endswith("shop.duckdb: table orders")


def test_a_query_of_a_duckdb_file_is_read(typed, base):
    table = typed(DuckdbSource("data.source", base, query="SELECT sum(id) AS total, count(*) AS n FROM orders"))

    assert table.values("total") == [3] and table.values("n") == [2]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        pytest.param(
            {"query": "SELECT nothing FROM orders"}, r"data\.source\.query +DuckDB says: .*nothing", id="no such column"
        ),
        pytest.param({"table": "order"}, r"data\.source\.table +DuckDB says: .*order", id="no such table"),
        pytest.param({"query": "SELECT * FROM orders WHERE id > 9"}, r"data\.source\.query +gave no rows", id="no rows"),
        pytest.param({"query": "DELETE FROM orders"}, "read-only", id="it is read-only"),
        pytest.param({"query": "SELECT * FROM read_csv('/etc/passwd')"}, "DuckDB says: .*disabled", id="it reads no file"),
        pytest.param({}, "needs exactly one of query and table", id="neither"),
    ],
)
def test_what_duckdb_refuses_is_told_with_the_key(typed, base, settings, message):
    with pytest.raises(DataError, match=message):
        typed(DuckdbSource("data.source", base, **settings))


def test_a_file_that_is_not_there_or_is_no_database_is_refused(typed, tmp_path):
    (tmp_path / "x.duckdb").write_text("no database")

    with pytest.raises(DataError, match=r"nothing\.duckdb does not exist"):
        typed(DuckdbSource("data.source", str(tmp_path / "nothing.duckdb"), table="t"))
    with pytest.raises(DataError, match=r"data\.source\.path +.*x\.duckdb can not be opened"):
        typed(DuckdbSource("data.source", str(tmp_path / "x.duckdb"), table="t"))


@pytest.fixture
def sources(tmp_path):
    (tmp_path / "orders.csv").write_text("customer,amount,day\n2,10.5,2024-01-31\n1,7,2024-02-01\n1,1,2024-02-02\n9,2\n")
    pd.DataFrame({"id": [1, 2], "name": ["ann", "bert"]}).to_parquet(tmp_path / "customers.parquet")
    return {
        "orders": FileSource("data.sources.orders", str(tmp_path / "orders.csv")),
        "customers": FileSource("data.sources.customers", str(tmp_path / "customers.parquet")),
    }


def joined(sources, query):
    return JoinedSource("data.query", sources, query)


QUERY = """SELECT name, sum(amount) AS total, min(day) AS first
FROM orders JOIN customers ON customer = id GROUP BY name ORDER BY name"""


def test_several_sources_are_joined_by_a_query_over_their_names(typed, sources):
    table = typed(joined(sources, QUERY))

    assert table.values("name") == ["ann", "bert"] and table.values("total") == [8, 10.5]
    assert table.kind("first") == "datetime"


def test_the_ledger_holds_the_rows_of_each_source_the_rows_dropped_and_the_query(typed, sources):
    entries = [(e.code, e.column, e.effect, e.count, e.rows_before) for e in typed(joined(sources, QUERY)).entries]

    assert ("LOAD003", "", "rows dropped", 1, -1) in entries
    assert ("LOAD012", "orders", "rows read", 3, -1) in entries and ("LOAD012", "customers", "rows read", 2, -1) in entries
    assert ("LOAD013", "", "rows read", 2, -1) in entries
    assert any(entry.note.startswith("SELECT name, sum(amount) AS total") for entry in typed(joined(sources, QUERY)).entries)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        pytest.param("SELECT * FROM read_csv('/etc/passwd')", r"data\.query +DuckDB says: .*disabled", id="a file by function"),
        pytest.param("SELECT * FROM '/etc/passwd'", r"data\.query +DuckDB says", id="a file by name"),
        pytest.param("COPY orders TO '/tmp/out.csv'", r"data\.query +DuckDB says: .*disabled", id="writing a file"),
        pytest.param("ATTACH '/tmp/other.duckdb'", r"data\.query +DuckDB says", id="another database"),
        pytest.param("SET enable_external_access = true", r"data\.query +DuckDB says", id="switching it on again"),
        pytest.param("SELECT * FROM entries", r"data\.query +DuckDB says: .*entries", id="a variable of the program"),
        pytest.param("SELECT * FROM order", r"data\.query +DuckDB says", id="wrong SQL"),
        pytest.param("SELECT * FROM orders WHERE amount > 99", r"data\.query +gave no rows", id="no rows"),
        pytest.param("SELECT 1 AS x, 2 AS x", "columns of one name", id="two columns of one name"),
    ],
)
def test_a_query_reaches_its_sources_and_nothing_else(typed, sources, query, message):
    with pytest.raises(DataError, match=message):
        typed(joined(sources, query))


def test_a_mistake_in_a_source_names_that_source(typed, tmp_path):
    with pytest.raises(DataError, match=r"data\.sources\.orders\.path"):
        typed(joined({"orders": FileSource("data.sources.orders", str(tmp_path / "no.csv"))}, "SELECT * FROM orders"))


def test_codes_of_a_csv_file_keep_their_zeros_through_a_query(typed, tmp_path):
    (tmp_path / "t.csv").write_text("zip,n\n02139,1\n10001,2\n")

    table = typed(joined({"t": FileSource("data.sources.t", str(tmp_path / "t.csv"))}, "SELECT * FROM t ORDER BY n"))

    assert table.values("zip") == ["02139", "10001"]


def test_a_query_gives_its_rows_in_the_same_order_every_time(typed, tmp_path):
    pd.DataFrame({"g": [i * 7919 % 5000 for i in range(50_000)]}).to_parquet(tmp_path / "t.parquet")
    source = joined(
        {"t": FileSource("data.sources.t", str(tmp_path / "t.parquet"))}, "SELECT g, count(*) AS n FROM t GROUP BY g"
    )

    assert typed(source).data.fingerprint == typed(source).data.fingerprint
