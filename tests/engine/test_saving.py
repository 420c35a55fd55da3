"""`data.save_cleaned` writes the table that the rules left, and the ledger knows its fingerprint."""

import json
import sqlite3

import duckdb
import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Column, Dataset, Kind, Reading
from lepton_automl.engine import compile  # noqa: A004 - the name of what it does
from lepton_automl.errors import OutputError
from lepton_automl.governance import fingerprint_of
from lepton_automl.recipe import compose


def source(folder, name="rows.parquet", n=300, seed=0):
    rng = np.random.default_rng(seed)
    income = rng.normal(size=n)
    rows = pd.DataFrame(
        {
            "income": income,
            "city": rng.choice(["Bonn", "Trier"], n),
            "member": rng.random(n) < 0.5,
            "one": 1,
            "y": np.where(income + rng.normal(size=n) > 0, "yes", "no"),
        }
    )
    rows.to_parquet(folder / name)
    return rows, ["recipe=table", f"data.source.path={folder / name}", "task.kind=binary", "task.target=y", "search=quick"]


def entries(folder):
    return [json.loads(line) for line in (folder / "ledger.jsonl").read_text().splitlines()]


def test_the_table_without_what_rules_dropped_is_written_with_its_split(tmp_path, run_words):
    rows, words = source(tmp_path)
    out = tmp_path / "cleaned.parquet"

    run_words([*words, f"data.save_cleaned.path={out}"], tmp_path / "run")

    back = pd.read_parquet(out)
    assert list(back.columns) == ["income", "city", "member", "y", "lepton_split"]
    assert back["lepton_split"].value_counts().to_dict() == {"train": 240, "test": 60}
    assert back["income"].tolist() == rows["income"].tolist(), "in the order of the source"
    assert back["member"].tolist() == rows["member"].tolist()
    (saved,) = [row for row in entries(tmp_path / "run") if row["code"] == "SAVE001"]
    rules = [row for row in entries(tmp_path / "run") if row["code"].startswith("GOV")]
    assert saved["hash_after"] == rules[-1]["hash_after"] != rules[0]["hash_before"]
    assert saved["count"] == 300 and saved["column"] == str(out) and "240 training and 60 test rows" in saved["note"]


def test_whoever_reads_the_file_can_compute_the_fingerprint_again(tmp_path, run_words):
    _, words = source(tmp_path)
    out = tmp_path / "cleaned.parquet"
    run_words([*words, f"data.save_cleaned.path={out}"], tmp_path / "run")

    back = pd.read_parquet(out).drop(columns="lepton_split")
    columns = tuple(Column(name, Kind.NUMBER, frozenset(), Reading(Kind.NUMBER)) for name in back)

    (saved,) = [row for row in entries(tmp_path / "run") if row["code"] == "SAVE001"]
    assert fingerprint_of(Dataset(back, columns, np.arange(len(back)))) == saved["hash_after"]


def test_test_rows_of_a_table_of_their_own_follow_the_training_rows(tmp_path, run_words):
    rows, words = source(tmp_path)
    later, _ = source(tmp_path, "later.parquet", 100, seed=1)
    place = tmp_path / "cleaned.sqlite"
    words += [f"data.test.path={tmp_path / 'later.parquet'}", "data.save_cleaned.kind=sql", "data.save_cleaned.table=cleaned"]

    run_words([*words, f"data.save_cleaned.url='sqlite:///{place}'"], tmp_path / "run")

    with sqlite3.connect(place) as connection:
        back = pd.read_sql("SELECT * FROM cleaned", connection)
    assert back["income"].tolist() == [*rows["income"], *later["income"]]
    assert back["lepton_split"].tolist() == ["train"] * 300 + ["test"] * 100
    (saved,) = [row for row in entries(tmp_path / "run") if row["code"] == "SAVE001"]
    assert "SHA-256 of the test rows" in saved["note"]


def test_the_table_goes_to_postgresql_with_its_split_and_the_password_into_no_file(tmp_path, run_words, postgres, monkeypatch):
    import sqlalchemy as sa

    monkeypatch.setenv("WAREHOUSE", postgres.url)
    rows, words = source(tmp_path)
    later, _ = source(tmp_path, "later.parquet", 100, seed=1)
    words += [f"data.test.path={tmp_path / 'later.parquet'}", "data.save_cleaned.kind=sql", "data.save_cleaned.overwrite=true"]

    plan, _ = run_words(
        [*words, "data.save_cleaned.url.secret=WAREHOUSE", "data.save_cleaned.table=of_a_run"], tmp_path / "run"
    )

    engine = sa.create_engine(sa.engine.make_url(postgres.url))
    with engine.begin() as connection:
        back = pd.read_sql("SELECT * FROM of_a_run", connection)
    engine.dispose()
    assert list(back.columns) == ["income", "city", "member", "y", "lepton_split"]
    assert back["income"].tolist() == [*rows["income"], *later["income"]]
    assert back["member"].tolist() == [*rows["member"], *later["member"]]
    assert back["lepton_split"].tolist() == ["train"] * 300 + ["test"] * 100
    place = f"postgresql+psycopg://127.0.0.1:{postgres.port}/postgres, table of_a_run"
    assert plan.to_dict()["save_cleaned"] == place
    (saved,) = [row for row in entries(tmp_path / "run") if row["code"] == "SAVE001"]
    assert (saved["column"], saved["count"]) == (place, 400)
    files = [path for path in (tmp_path / "run").rglob("*") if path.is_file()]
    assert len(files) > 20
    assert not [path for path in files if any(form in path.read_bytes() for form in (b"s3cret pass", b"s3cret%20pass"))]


def test_a_duckdb_table_is_written_and_shown_in_the_report(tmp_path, run_words):
    _, words = source(tmp_path)
    words += ["data.save_cleaned.kind=duckdb", f"data.save_cleaned.path={tmp_path / 'house.duckdb'}"]

    plan, _ = run_words([*words, "data.save_cleaned.table=cleaned"], tmp_path / "run")

    with duckdb.connect(str(tmp_path / "house.duckdb"), read_only=True) as connection:
        found = connection.execute("SELECT count(*) FROM cleaned WHERE lepton_split = 'train'").fetchall()
    assert found == [(240,)]
    assert "Writing the cleaned table" in (tmp_path / "run" / "report.html").read_text()
    assert plan.to_dict()["save_cleaned"] == f"{tmp_path / 'house.duckdb'}, table cleaned"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "is there already, and is not overwritten unasked"),
        (["data.save_cleaned.overwrite=true", "data.save_cleaned.split_column=city"], "'city' is a column of the data"),
    ],
    ids=["there", "column"],
)
def test_what_can_not_be_written_is_told_before_the_run_begins(tmp_path, words, said):
    _, base = source(tmp_path)
    out = tmp_path / "cleaned.parquet"
    out.write_bytes(b"mine")

    with pytest.raises(OutputError) as caught:
        compile(compose([*base, f"data.save_cleaned.path={out}", *words]), tmp_path / "run")

    assert said in str(caught.value) and "data.save_cleaned" in str(caught.value)
    assert out.read_bytes() == b"mine" and not (tmp_path / "run").exists()


def test_planning_writes_nothing(tmp_path):
    _, words = source(tmp_path)
    plan = compile(compose([*words, f"data.save_cleaned.path={tmp_path / 'cleaned.parquet'}"]), tmp_path / "run")
    from lepton_automl.engine.run import preview

    assert all(entry.code != "SAVE001" for entry in preview(plan).entries)
    assert not (tmp_path / "cleaned.parquet").exists()
