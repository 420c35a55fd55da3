"""Rules on data hygiene in a whole run: what they do to rows and values holds for test rows and for rows scored later."""

import numpy as np
import pandas as pd
import pytest

from lepton_automl.deliver import Scorer
from lepton_automl.errors import GovernanceStop
from lepton_automl.ledger import read_ledger, verify_ledger


@pytest.fixture(scope="module")
def patients(tmp_path_factory):
    """Training and test tables: some consented, some ages are -999, one table has all its test rows."""
    folder = tmp_path_factory.mktemp("hygiene")
    rng = np.random.default_rng(0)
    n = 900
    frame = pd.DataFrame(
        {
            "age": rng.integers(20, 90, n),
            "dose": rng.normal(50, 10, n),
            "consent": rng.choice(["granted", "withdrawn"], n, p=[0.9, 0.1]),
            "seen": (pd.Timestamp("2019-01-01") + pd.to_timedelta(rng.integers(0, 2000, n), unit="D")).astype(str),
        }
    )
    frame["ill"] = np.where(frame["age"] + rng.normal(0, 10, n) > 55, "yes", "no")
    frame.loc[rng.choice(n, 60, replace=False), "age"] = -999
    frame.loc[3, ["dose", "consent", "seen"]] = [1e7, "granted", "2022-05-01"]
    frame[:600].to_csv(folder / "train.csv", index=False)
    frame[600:].to_csv(folder / "test.csv", index=False)
    return folder, frame


def words(folder, *more):
    paths = [f"data.source.path={folder / 'train.csv'}", f"data.test.path={folder / 'test.csv'}"]
    return ["recipe=table", *paths, "task.kind=binary", "task.target=ill", "task.positive=yes", *more]


def test_rows_leave_values_are_treated_alike_and_test_rows_are_only_flagged(patients, tmp_path, run_words):
    folder, frame = patients
    rules = [
        "governance=regulated",
        "governance.rules.consent={column: consent, values: [granted]}",
        "governance.rules.retention={column: seen, since: 2020-01-01}",
        "governance.rules.disguised_missing.values={age: [-999]}",
        "governance.rules.outliers.action=clip",
        "governance.rules.licence.licence=CC-BY-4.0",
        "engagement.owner=Ward 3",
        "engagement.intended_use=Order of visits",
    ]

    run_words(words(folder, *rules), tmp_path / "run")

    train, test = frame[:600], frame[600:]
    rows = read_ledger(tmp_path / "run" / "ledger.jsonl")
    assert verify_ledger(tmp_path / "run" / "ledger.jsonl") == []
    counts = {(row["code"], row["effect"]): row["count"] for row in rows if row["stage"] in ("data", "train")}
    recent = train["seen"] >= "2020-01-01"
    kept = train[recent & (train["consent"] == "granted")]
    assert counts["GOV019", "rows dropped"] == (~recent).sum() > 0
    assert counts["GOV020", "rows dropped"] == recent.sum() - len(kept) > 0
    assert counts["GOV020", "noted"] == (test["consent"] != "granted").sum()
    assert counts["GOV019", "noted"] == (test["seen"] < "2020-01-01").sum()
    assert counts["GOV018", "values set missing"] == (kept["age"] == -999).sum()
    assert counts["GOV023", "values changed"] == kept["dose"].gt(1e6).sum() == 1
    assert counts["GOV021", "noted"] == 0
    (note,) = [row["note"] for row in rows if row["code"] == "SPLIT001"]
    assert f"{len(kept)} training rows" in note and "300 test rows" in note

    scorer = Scorer.load(tmp_path / "run" / "artifact")
    later = frame[600:620].drop(columns="ill").reset_index(drop=True)
    missing, disguised = later.assign(age=np.nan), later.assign(age=-999)
    assert np.array_equal(scorer.score(missing).values, scorer.score(disguised).values)
    huge, larger = later.assign(dose=1e8), later.assign(dose=1e9)
    assert np.array_equal(scorer.score(huge).values, scorer.score(larger).values)


def test_all_that_stops_a_run_is_told_at_once(patients, tmp_path, run_words):
    folder, _ = patients
    rules = ["governance=regulated", "governance.rules.purpose={}", "governance.rules.licence.licence=CC-BY-NC-4.0"]
    with pytest.raises(GovernanceStop) as caught:
        run_words(words(folder, *rules), tmp_path / "run")
    assert sorted(problem.key for problem in caught.value.problems) == [
        "governance.rules.licence",
        "governance.rules.purpose",
        "governance.rules.purpose",
    ]
    assert caught.value.exit_code == 3
