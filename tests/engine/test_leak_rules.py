"""Rules about leaks on the way that a run goes: what is planted is found."""

import numpy as np
import pandas as pd
import pytest

from lepton_automl.engine.compile import compile as compile_recipe
from lepton_automl.engine.run import preview
from lepton_automl.errors import GovernanceStop
from lepton_automl.recipe import compose

CODES = ("GOV007", "GOV011", "GOV012", "GOV013", "GOV014", "GOV015", "GOV016", "GOV017")


def people(n=600, seed=0):
    rng = np.random.default_rng(seed)
    base = rng.normal(size=n)
    y = base + 0.6 * rng.normal(size=n) > 0
    return pd.DataFrame(
        {
            "age": (45 + 10 * base + 4 * rng.normal(size=n)).round(1),
            "income": (3000 + 900 * base + 700 * rng.normal(size=n)).round(),
            "city": rng.choice(["Bern", "Rome", "Oslo"], n),
            "late": np.where(y, "yes", "no"),
        }
    )


def leaky(n=600, seed=0):
    """Adds a leak of each kind."""
    rng, frame = np.random.default_rng(seed + 1), people(n, seed)
    y = (frame["late"] == "yes").to_numpy()
    frame["score"] = np.where(rng.random(n) < 0.03, ~y, y) * 1.0 + 0.3 * rng.normal(size=n)
    frame["called"] = pd.Series(rng.normal(size=n)).mask(rng.random(n) < np.where(y, 0.96, 0.03))
    frame["opened"] = pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(0, 500, n), unit="D")
    frame["closed"] = frame["opened"] + pd.to_timedelta(rng.integers(1, 40, n), unit="D")
    frame.loc[3, "opened"] = frame.loc[3, "closed"] = pd.Timestamp("2090-01-01")
    frame["case_no"] = (np.argsort(np.argsort(y + 0.3 * rng.normal(size=n))) + 7) * 11
    frame["customer"] = [f"C{number:05d}" for number in rng.permutation(n)]
    return frame


def table(folder, train, test=None):
    train.to_csv(folder / "train.csv", index=False)
    words = ["recipe=table", f"data.source.path={folder / 'train.csv'}", "task.kind=binary", "task.target=late"]
    words += ["search=quick", "budget.trials=1", "governance.rules.post_outcome.time=opened", f"run.dir={folder / 'run'}"]
    if test is not None:
        test.to_csv(folder / "test.csv", index=False)
        words.append(f"data.test.path={folder / 'test.csv'}")
    return words


def found(words):
    """Gives what the ledger says of leaks, hashes and seconds apart."""
    entries = preview(compile_recipe(compose(words))).entries
    return [(e.code, e.column, e.effect, e.count, e.measured, e.note) for e in entries if e.code in CODES]


def named(entries):
    return {(code, column) for code, column, effect, *_ in entries if effect not in ("passed", "not applicable")}


@pytest.fixture
def tables():
    """Training rows, and test rows of which twenty are of people among the training rows."""
    whole = leaky()
    train, test = whole.iloc[:450].reset_index(drop=True), whole.iloc[450:].reset_index(drop=True)
    test.loc[:19, "customer"] = train["customer"].head(20).to_numpy()
    return train, test


def test_every_planted_leak_is_named(tmp_path, tables):
    expected = {
        ("GOV012", "called"),
        ("GOV013", "closed"),
        ("GOV013", "opened"),
        ("GOV014", "customer"),
        ("GOV015", "case_no"),
    }
    names = named(found(table(tmp_path, *tables)))
    assert expected <= names
    assert names & {("GOV007", "score"), ("GOV011", "score")}


def test_a_table_without_leaks_loses_nothing_and_is_told_nothing(tmp_path):
    frame = people(600)
    words = [word for word in table(tmp_path, frame) if "post_outcome" not in word]
    entries = found([*words, "governance.rules.perfect_score={}"])
    assert {code for code, *_ in entries} == set(CODES)
    assert named(entries) == set()


def test_the_regulated_profile_stops_at_all_that_is_found_before_and_after_the_split(tmp_path, tables):
    with pytest.raises(GovernanceStop) as caught:
        found([*table(tmp_path, *tables), "governance=regulated"])
    before = {"post_outcome closed", "post_outcome opened"}
    after = {"missingness called", "row_order case_no"}
    assert before | after <= {problem.key.removeprefix("governance.rules.") for problem in caught.value.problems}
    assert caught.value.exit_code == 3
