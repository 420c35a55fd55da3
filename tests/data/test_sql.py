"""Databases: SQLite and a real PostgreSQL server."""

import sqlite3

import pytest

from lepton_automl.data import Role
from lepton_automl.data.sources.sql import SqlSource
from lepton_automl.errors import DataError


@pytest.fixture
def shop(tmp_path):
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE orders (id INTEGER, amount REAL, day TEXT, state TEXT, paid INTEGER)")
        rows = [(1, 10.5, "2024-01-31", "open", 1), (2, None, "2024-02-01", "a:b", None), (3, 7.0, "2024-02-02", "50%", 0)]
        base.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", rows)
    base.close()
    return f"sqlite:///{path}"


def read(typed, url, **settings):
    rules = settings.pop("rules", {})
    return typed(SqlSource("data.source", url, **settings), **rules)


def test_a_table_is_read_with_its_types(typed, shop):
    table = read(typed, shop, table="orders")

    assert [str(c.kind) for c in table.data.columns] == ["number", "number", "datetime", "category", "number"]
    assert table.values("amount") == [10.5, None, 7.0] and table.values("paid") == [1, None, 0]


def test_a_query_is_read_and_stands_in_the_ledger_with_its_rows(typed, shop):
    table = read(typed, shop, query="SELECT id,\n amount FROM orders WHERE id > 1")

    (entry,) = table.entries
    assert table.values("id") == [2, 3]
    assert (entry.code, entry.effect, entry.count) == ("LOAD010", "rows read", 2)
    assert entry.note.endswith("shop.db: SELECT id, amount FROM orders WHERE id > 1")


@pytest.mark.parametrize("state", ["a:b", "50%"])
def test_colons_and_percent_signs_in_a_query_are_only_text(typed, shop, state):
    assert len(read(typed, shop, query=f"SELECT id FROM orders WHERE state = '{state}' AND ' :x' LIKE '%:x'").data) == 1


def test_two_columns_of_one_name_in_a_query_are_refused(typed, shop):
    with pytest.raises(DataError, match=r"columns of one name with different values: 'x' \(columns 1, 2\)"):
        read(typed, shop, query="SELECT id AS x, amount AS x FROM orders")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        pytest.param(
            {"query": "SELEC id"}, r"data\.source\.query +the database says: near \"SELEC\": syntax error", id="wrong SQL"
        ),
        pytest.param(
            {"query": "SELECT x FROM orders"}, r"data\.source\.query +the database says: no such column: x", id="no such column"
        ),
        pytest.param({"table": "order"}, r"data\.source\.table +the database says: no such table: order", id="no such table"),
        pytest.param({"query": "SELECT * FROM orders WHERE id > 9"}, r"data\.source\.query .*gave no rows", id="no rows"),
        pytest.param(
            {"query": "DELETE FROM orders"}, r"data\.source\.query +the database says: .*does not return rows", id="no SELECT"
        ),
        pytest.param({}, "needs exactly one of query and table", id="neither"),
        pytest.param({"query": "SELECT 1", "table": "orders"}, "needs exactly one of query and table", id="both"),
    ],
)
def test_what_the_database_refuses_is_told_with_the_key(typed, shop, settings, message):
    with pytest.raises(DataError, match=message):
        read(typed, shop, **settings)


def test_a_query_changes_nothing_in_the_database(typed, shop):
    with pytest.raises(DataError):
        read(typed, shop, query="DELETE FROM orders")

    assert len(read(typed, shop, table="orders").data) == 3


@pytest.mark.parametrize(
    ("url", "message"),
    [
        pytest.param("no url", "is not a usable SQLAlchemy URL", id="no URL"),
        pytest.param("oracle9i://u:topsecret@h/d", "is not a usable SQLAlchemy URL", id="no such dialect"),
        pytest.param(
            "postgresql+psycopg://u:topsecret@127.0.0.1:1/d?connect_timeout=1",
            "the database can not be reached",
            id="nobody there",
        ),
        pytest.param("postgresql+psycopg://u:top@secret:x@h:notaport/d", "is not a usable SQLAlchemy URL", id="port"),
        pytest.param("sqlite:////nowhere/at/all.db", r"/nowhere/at/all\.db does not exist", id="no file"),
    ],
)
def test_an_url_that_leads_nowhere_is_refused_without_its_password(typed, url, message):
    pytest.importorskip("psycopg")
    with pytest.raises(DataError, match=rf"data\.source\.url +.*{message}") as caught:
        read(typed, url, query="SELECT 1")

    assert "secret" not in str(caught.value)


def test_an_sqlite_file_that_is_not_there_is_not_made(typed, tmp_path):
    with pytest.raises(DataError):
        read(typed, f"sqlite:///{tmp_path}/new.db", query="SELECT 1")

    assert not (tmp_path / "new.db").exists()


@pytest.fixture
def filled(postgres):
    """The server with a table of the types that PostgreSQL has."""
    import sqlalchemy as sa

    engine = sa.create_engine(sa.engine.make_url(postgres.url))
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA IF EXISTS shop CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA shop"))
        connection.execute(
            sa.text(
                "CREATE TABLE shop.orders (id bigint, amount numeric(10,2), paid boolean, day date, at timestamptz,"
                " state text, tags text[], extra jsonb, took interval)"
            )
        )
        connection.execute(
            sa.text(
                "INSERT INTO shop.orders VALUES"
                " (1152921504606846977, 10.50, true, '2024-01-31', '2024-01-31 01:00+01', 'open', '{a,b}', '{}', '90 seconds'),"
                " (NULL, NULL, NULL, NULL, NULL, '?', NULL, NULL, NULL),"
                " (3, 7, false, '2024-02-02', '2024-02-02 00:00+00', 'paid', '{c}', '{}', '1 hour')"
            )
        )
    engine.dispose()
    return postgres


NESTED = frozenset({"tags", "extra"})


def test_a_table_of_postgresql_is_read_with_its_types(typed, filled):
    table = read(typed, filled.url, table="shop.orders", rules={"ignore": NESTED, "roles": {"id": frozenset({Role.GROUP})}})

    assert table.values("id") == ["1152921504606846977", None, "3"]
    assert table.values("amount") == [10.5, None, 7] and table.values("paid") == [1, None, 0]
    assert table.data.values("day").dt.strftime("%Y-%m-%d").tolist()[::2] == ["2024-01-31", "2024-02-02"]
    assert str(table.data.values("at")[0]) == "2024-01-31 00:00:00"
    assert table.values("state") == ["open", None, "paid"]
    assert table.values("took") == [90, None, 3600]


def test_a_query_of_postgresql_with_casts_and_percent_signs_is_read(typed, filled):
    query = "SELECT amount::float AS x, to_char(day, 'HH:MI') AS y FROM shop.orders WHERE state LIKE 'o%' OR id = 3 ORDER BY id"

    table = read(typed, filled.url, query=query)

    assert table.values("x") == [7, 10.5]


def test_arrays_and_documents_of_postgresql_are_refused_by_name(typed, filled):
    with pytest.raises(DataError) as caught:
        read(typed, filled.url, table="shop.orders")

    assert [problem.key for problem in caught.value.problems] == ["data tags", "data extra"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT nothing FROM shop.orders", 'column "nothing" does not exist'),
        ("SELECT * FROM shop.order", 'relation "shop.order" does not exist'),
        ("SELECT 1/0 AS x", "division by zero"),
    ],
)
def test_what_postgresql_refuses_is_told_with_the_key(typed, filled, query, message):
    with pytest.raises(DataError, match=rf"data\.source\.query +the database says: {message}"):
        read(typed, filled.url, query=query)


def test_a_wrong_password_is_refused_and_never_shown(typed, postgres):
    url = f"postgresql+psycopg://{postgres.user}:wr0ng%20pass@127.0.0.1:{postgres.port}/postgres"

    with pytest.raises(
        DataError, match=r"data\.source\.url +the database can not be reached: .*authentication failed"
    ) as caught:
        read(typed, url, query="SELECT 1 AS x")

    assert "wr0ng" not in str(caught.value)


def test_the_password_of_a_secret_url_is_in_no_entry_and_no_message(typed, filled, monkeypatch):
    monkeypatch.setenv("SHOP_URL", filled.url)

    table = read(typed, {"secret": "SHOP_URL"}, query="SELECT amount FROM shop.orders")
    with pytest.raises(DataError) as caught:
        read(typed, {"secret": "SHOP_URL"}, query='SELECT * FROM "s3cret pass"')

    assert len(table.data) == 3
    assert "s3cret" not in repr(table.entries) and f"postgresql+psycopg://127.0.0.1:{filled.port}/postgres" in repr(
        table.entries
    )
    assert "s3cret" not in str(caught.value) and "***" in str(caught.value)
