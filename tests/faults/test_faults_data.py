"""Faults of the data, alone and together with the recipe."""

import json
import sqlite3

import numpy as np
import pandas as pd
import pytest
from small_table import table

IGNORED = "data.ignore=[five,price]"
BINARY = ["recipe=table", "data.source.path=t.csv", "task.kind=binary", "task.target=y", "budget.trials=1"]
WHOLE = [*BINARY, IGNORED]


def changed(**columns):
    """Gives the table with other or further columns."""
    return table().assign(**columns)


def rows(count):
    return table().iloc[:count]


TABLES = {
    "header only": (rows(0), [], "data.source.path", "has no rows"),
    "one column": (table()[["y"]], [], "data", "no feature left"),
    "three rows": (rows(3), [], "task.target y", "give more rows"),
    "one row": (rows(1), [], "task.target", ""),
    "target absent": (table().drop(columns="y"), [], "task.target", "'y' is not a column"),
    "target misspelt": (
        table().rename(columns={"y": "outcome"}),
        ["task.target=outcom"],
        "task.target",
        "Did you mean outcome?",
    ),
    "target constant": (changed(y="yes"), [], "task.target y", ""),
    "target all missing": (changed(y=np.nan), [], "task.target y", ""),
    "target partly missing": (
        changed(y=table().y.where(table().index > 4)),
        [],
        "governance.rules.target",
        "task.missing_target",
    ),
    "five classes for two": (
        table(),
        ["task.target=five", "data.ignore=[y,price]"],
        "task.kind is binary, but 'five' has 5 labels",
        "multiclass",
    ),
    "number of texts": (table(), ["task.kind=regression", "task.target=town"], "task.target town", "does not hold numbers"),
    "a class of one row": (changed(y=["rare", *table().y[1:]]), ["task.kind=multiclass"], "task.target y", "rare"),
    "target of many values": (
        table(),
        ["task.kind=binary", "task.target=price", "data.ignore=[five,y]"],
        "task.kind is binary, but 'price' has 80 labels",
        "name another target",
    ),
    "positive no label": (table(), ["task.positive=maybe"], "task.positive", "The labels are: no, yes."),
    "group absent": (table(), ["split.group=shp"], "split.group", "Did you mean shop?"),
    "time absent": (table(), ["split.time=dya"], "split.time", "Did you mean day?"),
    "too few groups": (changed(shop=["a"] * 40 + ["b"] * 40), ["split.group=shop"], "split.group", "Lower split.folds"),
    "one moment": (changed(day="2024-01-01"), ["split.time=day"], "split.time", ""),
    "time missing": (changed(day=table().day.where(table().index > 3)), ["split.time=day"], "split.time day", "missing"),
    "time a text": (table(), ["split.time=town"], "split.time town", "data.kinds"),
    "weight a text": (table(), ["data.roles.weight=town"], "data.roles.weight", "numbers of 0 or more"),
    "weight negative": (changed(w=-1.0), ["data.roles.weight=w"], "data.roles.weight", "numbers of 0 or more"),
    "role absent": (table(), ["data.roles.protected=[sex]"], "data.roles.protected", "'sex' is not a column"),
    "ignored absent": (table(), ["data.ignore=[five,price,nme]"], "data.ignore", "nme"),
    "kind absent": (table(), ["data.kinds.agee=number"], "data.kinds", "Did you mean age?"),
    "kind that does not fit": (table(), ["data.kinds.town=number"], "data.kinds.town does not hold numbers", "Name another"),
    "leak that stops": (
        changed(copy=(table().y == "yes").astype(int)),
        ["governance.rules.leakage.action=stop"],
        "governance.rules.leakage copy",
        "alone reaches",
    ),
    "only the target and an id": (table()[["age", "y"]], ["data.roles.id=[age]"], "data", "no feature left"),
}


@pytest.mark.parametrize("fault", TABLES.values(), ids=TABLES.keys())
def test_a_faulty_table_names_key_or_column_and_fix(fault, bench):
    frame, words, key, fix = fault
    frame.to_csv("t.csv", index=False)
    ignored = (
        []
        if any(word.startswith("data.ignore") for word in words)
        else [f"data.ignore=[{','.join(n for n in ('five', 'price') if n in frame)}]"]
    )
    if any(word in ("task.target=price",) for word in words) or any("task.target=five" in word for word in words):
        ignored = []

    said = bench.ends(3, *BINARY, *ignored, *words)

    assert key in said
    assert fix in said


BYTES = {
    "missing file": (None, [], "data.source.path", "does not exist"),
    "empty file": (b"", [], "data.source.path", ""),
    "blank file": (b"\n\n \n", [], "data.source", ""),
    "wrong encoding": ("age,y\n1,ja\n2,né\n".encode("latin-1"), ["data.source.encoding=utf-8"], "data.source", "encoding"),
    "unknown encoding": (b"age,y\n1,ja\n", ["data.source.encoding=utf-99"], "data.source", "utf-99"),
    "ragged rows refused": (b"age,y\n1,ja\n2,nein,3\n3,ja\n", ["data.ragged_rows=error"], "data.", "ragged"),
    "two columns of one name": (b"age,age,y\n1,2,ja\n2,3,nein\n", [], "data.source", "data.duplicate_names"),
    "parquet that is none": (b"PAR1 not", ["data.source.kind=parquet"], "data.source.path", "parquet"),
    "lines that are no JSON": (b"{broken\n", ["data.source.kind=jsonl"], "data.source.path", "Write one object a line"),
    "excel that is none": (b"no", ["data.source.kind=excel"], "data.source.path", "excel"),
}


@pytest.mark.parametrize("fault", BYTES.values(), ids=BYTES.keys())
def test_a_file_that_can_not_be_read_names_key_and_reason(fault, bench):
    content, words, key, fix = fault
    (bench.root / "t.csv").unlink()
    if content is not None:
        (bench.root / "t.csv").write_bytes(content)

    said = bench.ends(3, *BINARY, *words)

    assert key in said
    assert fix in said


def test_a_file_of_an_unknown_ending(bench):
    (bench.root / "t.csv").rename("t.dat")

    said = bench.ends(3, *WHOLE, "data.source.path=t.dat")

    assert "data.source.path" in said
    assert "Set data.source.kind" in said


def test_a_missing_file_names_those_that_are_there(bench):
    assert "t.csv" in bench.ends(3, *WHOLE, "data.source.path=tt.csv")


SQL = {
    "url no url": ("nonsense", "table: t", "data.source.url", "dialect://user@host/database"),
    "unknown dialect": ("nodb://host/x", "table: t", "data.source.url", "install its driver"),
    "no such file": ("sqlite:///no/such/place.db", "table: t", "data.source.url", "does not exist"),
    "table absent": ("sqlite:///shop.db", "table: tt", "data.source", "tt"),
    "query wrong": ("sqlite:///shop.db", "query: 'selekt 1'", "data.source", "the database says"),
    "column absent": ("sqlite:///shop.db", "query: 'select nme from t'", "data.source", "nme"),
    "query without rows": ("sqlite:///shop.db", "query: 'select * from t where age > 999'", "data.source", "gave no rows"),
}


@pytest.mark.parametrize("fault", SQL.values(), ids=SQL.keys())
def test_a_database_that_can_not_be_read_names_key_and_reason(fault, bench):
    url, what, key, fix = fault
    connection = sqlite3.connect("shop.db")
    table().to_sql("t", connection, index=False)
    connection.close()

    said = bench.ends(3, "recipe=table", f"data.source={{kind: sql, url: '{url}', {what}}}", *BINARY[2:])

    assert key in said
    assert fix in said


def test_a_secret_that_the_environment_does_not_hold(bench):
    said = bench.ends(3, "recipe=table", "data.source={kind: sql, url: {secret: NO_SUCH_SHOP}, table: t}", *BINARY[2:])

    assert "data.source.url" in said
    assert "NO_SUCH_SHOP" in said


def test_a_password_of_the_environment_is_never_shown(bench, monkeypatch):
    monkeypatch.setenv("SHOP", "nodb://ann:hunter2@host/x")

    said = bench.ends(3, "recipe=table", "data.source={kind: sql, url: {secret: SHOP}, table: t}", *BINARY[2:])

    assert "hunter2" not in said


def test_a_join_of_a_table_that_is_not_there(bench):
    pytest.importorskip("duckdb")
    said = bench.ends(
        3, "recipe=table", "data.sources.a.path=t.csv", "data.query='select * from a join b using (age)'", *BINARY[2:], IGNORED
    )

    assert "data.query" in said


def test_a_test_file_without_a_feature(bench):
    table().drop(columns="income").to_csv("test.csv", index=False)

    said = bench.ends(3, *WHOLE, "data.test.path=test.csv")

    assert "data.test" in said
    assert "income" in said


def test_a_test_file_without_the_target(bench):
    table().drop(columns="y").to_csv("test.csv", index=False)

    assert "test rows need the target" in bench.ends(3, *WHOLE, "data.test.path=test.csv")


def test_a_test_file_that_is_missing(bench):
    assert "data.test.path" in bench.ends(3, *WHOLE, "data.test.path=nowhere.csv")


def test_a_forecast_with_too_little_history(bench):
    words = [
        "task.kind=forecast",
        "task.target=price",
        "task.time=day",
        "task.horizon=60",
        "data.ignore=[five,y]",
        "budget.trials=1",
    ]

    said = bench.ends(3, "recipe=table", "data.source.path=t.csv", *words)

    assert "task.horizon" in said
    assert "Shorten the horizon" in said


def test_a_forecast_with_two_rows_for_one_moment(bench):
    pd.concat([table(), table()]).to_csv("t.csv", index=False)
    words = [
        "task.kind=forecast",
        "task.target=price",
        "task.time=day",
        "task.horizon=5",
        "data.ignore=[five,y]",
        "budget.trials=1",
    ]

    assert "task.series" in bench.ends(3, "recipe=table", "data.source.path=t.csv", *words)


def test_an_all_missing_column_is_no_error_but_dropped_and_told(bench):
    from lepton_automl.cli import main

    changed(empty=np.nan).to_csv("t.csv", index=False)

    assert main(["run", *WHOLE, "run.dir=out", "search=quick", "evidence=fast", "split.folds=2", "tracking.progress=none"]) == 0

    entries = [json.loads(line) for line in (bench.root / "out/ledger.jsonl").read_text().splitlines()]
    dropped = [entry for entry in entries if "empty" in json.dumps(entry) and "dropped" in json.dumps(entry)]
    assert dropped


def test_the_table_of_faults_of_data_has_a_minimal_length():
    assert len(TABLES) + len(BYTES) + len(SQL) >= 45
