"""What the delivered models saw beyond the table's own columns stands in the ledger."""

import numpy as np

from lepton_automl.data import Kind
from lepton_automl.engine.account import note_features
from lepton_automl.ensemble import Ensemble
from lepton_automl.ensemble.combine import Member, OutOfFold
from lepton_automl.features import FeatureOptions, Learning, Needs, account, learn_prepared
from lepton_automl.ledger import Ledger
from lepton_automl.search import Fit, Trial, TrialState
from lepton_automl.search.fold_job import save_preparation
from lepton_automl.testing import table

N = 2000


def learned(needs, seed=0):
    rng = np.random.default_rng(seed)
    city, team = rng.integers(0, 6, N), rng.integers(0, 6, N)
    a, b = rng.uniform(1, 9, N), rng.uniform(1, 9, N)
    data = table(
        kinds={"note": Kind.TEXT},
        city=[f"c{i}" for i in city],
        team=[f"t{i}" for i in team],
        a=a,
        b=b,
        since=np.datetime64("2024-01-01") + rng.integers(0, 400, N).astype("timedelta64[D]"),
        note=rng.choice(["good work", "poor work", "no work at all"], N),
    )
    y = 2.0 * ((city + team) % 2) + a / b
    return learn_prepared(Learning(data, y, 1, needs, FeatureOptions()))[0]


def ensemble_of(*members):
    """An ensemble of (number, model, preparations)."""
    made = []
    for number, model, names in members:
        fits = tuple(Fit(i, 0.5, (), 1.0, 0.1, 0.0, f"fit{number}", name) for i, name in enumerate(names))
        made.append(Member(Trial(number, model, {}, "start", TrialState.DONE, {}), 0.5, fits))
    return Ensemble(tuple(made), OutOfFold(np.arange(0), np.zeros((0, 1))), 0.5, "folds")


def test_a_preparation_tells_what_it_made_of_which_columns():
    found = account(learned(Needs("target", text="target", made=True)))
    assert [(making.code, making.kind) for making in found] == [
        ("FEAT001", "mean target of levels"),
        ("FEAT002", "made of two columns"),
        ("FEAT003", "target read in texts"),
        ("FEAT004", "topics of texts"),
        ("FEAT006", "parts of dates"),
    ]
    of = {making.code: making.of for making in found}
    assert {"city", "team", "city x team"} <= set(of["FEAT001"]) and found[0].count == 2 * len(of["FEAT001"])
    assert any({"a", "b"} <= set(name.split()) for name in of["FEAT002"]) and found[1].count == len(of["FEAT002"])
    assert of["FEAT003"] == ("note",) and of["FEAT004"] == ("note",) and of["FEAT006"] == ("since",)


def test_a_preparation_that_made_nothing_tells_nothing():
    data = table(a=np.arange(9.0))
    assert account(learn_prepared(Learning(data, np.arange(9.0), 1, Needs("target", made=True), FeatureOptions()))[0]) == []


def test_each_representation_of_the_ensemble_is_written_down_once(tmp_path):
    (tmp_path / "table").mkdir()
    for fold in range(2):
        save_preparation(learned(Needs("target"), fold), tmp_path / "table" / f"target_keep_fold{fold}")
        save_preparation(
            learned(Needs("onehot", "fill", text="tfidf"), fold), tmp_path / "table" / f"onehot_fill_tfidf_fold{fold}"
        )
    trees = [f"target_keep_fold{fold}" for fold in range(2)]
    linear = [f"onehot_fill_tfidf_fold{fold}" for fold in range(2)]
    ledger = Ledger()

    note_features(ensemble_of((3, "lightgbm", trees), (5, "xgboost", trees), (7, "linear", linear)), tmp_path, ledger)

    assert [(entry.code, entry.rule, entry.effect) for entry in ledger.entries] == [
        ("FEAT001", "mean target of levels", "columns made"),
        ("FEAT006", "parts of dates", "columns made"),
        ("FEAT005", "terms of texts", "columns made"),
        ("FEAT006", "parts of dates", "columns made"),
    ]
    first = ledger.entries[0]
    assert first.note.startswith("target_keep (lightgbm 3, xgboost 5): ") and "city x team" in first.note
    assert first.count >= 6 and first.stage == "features"
    assert ledger.entries[2].note == "onehot_fill_tfidf (linear 7): note"
