"""From source column to model: real runs leave `lineage.json` and `profile.json`, and the report shows both."""

import json

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="module")
def traced(tmp_path_factory, run_words):
    """A run over a table of which rules drop columns, and its lineage."""
    folder = tmp_path_factory.mktemp("lineage")
    rng = np.random.default_rng(0)
    n = 600
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D")
    income = rng.normal(size=n)
    rows = pd.DataFrame(
        {
            "income": income,
            "city": rng.choice(["Bonn", "Trier", "Köln"], n),
            "day": day,
            "sex": rng.choice(["m", "f"], n),
            "one": 1,
            "again": income,
            "y": np.where(income + rng.normal(size=n) > 0, "yes", "no"),
        }
    )
    rows.to_parquet(folder / "rows.parquet")
    words = [
        "recipe=table",
        f"data.source.path={folder / 'rows.parquet'}",
        "task.kind=binary",
        "task.target=y",
        "data.roles.protected=[sex]",
        "search=quick",
    ]
    plan, result = run_words(words, folder / "run")
    return plan, result, folder / "run", json.loads((folder / "run" / "lineage.json").read_text())


def test_every_column_of_the_source_has_a_fate(traced):
    fates = {column["name"]: column["fate"] for column in traced[3]["columns"]}
    assert fates == {
        "income": "read",
        "city": "read",
        "day": "read",
        "sex": "kept out",
        "one": "dropped",
        "again": "dropped",
        "y": "target",
    }


def test_a_dropped_column_names_the_rule_and_a_read_one_its_models(traced):
    _, _, _, lineage = traced
    columns = {column["name"]: column for column in lineage["columns"]}
    assert [(act["code"], act["rule"]) for act in columns["one"]["rules"]] == [("GOV003", "constants")]
    assert [(act["code"], act["rule"]) for act in columns["again"]["rules"]] == [("GOV004", "duplicate_columns")]
    weights = [model["weight"] for model in lineage["models"]]
    assert sum(weights) == pytest.approx(1.0) and {model["view"] for model in lineage["models"]} <= set(lineage["views"])
    assert columns["income"]["models"] == [model["trial"] for model in lineage["models"]]
    for kinds in columns["day"]["prepared"].values():
        assert kinds["parts of dates"] >= 3
    assert columns["sex"]["prepared"] == {} == columns["one"]["prepared"]
    assert lineage["source"]["fingerprint"] == traced[0].data.source.fingerprint


def test_no_level_of_the_data_is_in_the_lineage(traced):
    assert "Bonn" not in json.dumps(traced[3], ensure_ascii=False)


def test_profile_and_lineage_are_in_the_report_and_the_profile_is_in_the_ledger(traced):
    _, _, folder, _ = traced
    page = (folder / "report.html").read_text()
    assert 'id="profile"' in page and "From source to model" in page
    profile = json.loads((folder / "profile.json").read_text())
    assert [column["name"] for column in profile["columns"]] == ["income", "city", "day", "sex"]
    assert [found["column"] for found in profile["groups"]] == ["sex"]
    assert profile["rows"] == {"train": 480, "test": 120}
    (entry,) = [
        row for line in (folder / "ledger.jsonl").read_text().splitlines() if (row := json.loads(line))["stage"] == "profile"
    ]
    assert entry["note"] == "looked at 480 of 480 training rows and 120 of 120 test rows" and entry["seconds"] > 0
