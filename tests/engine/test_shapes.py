"""Engagements of other shapes pass through the same page: a forecast of many series, and sentences."""

import json

import numpy as np
import pandas as pd
import pytest

from lepton_automl.cli import main
from lepton_automl.errors import DataError

DAYS = pd.date_range("2024-01-01", periods=200, freq="D")


@pytest.fixture(scope="module")
def shops(tmp_path_factory):
    """Three shops with a weekly pattern, whose sales hang on a price that is known ahead."""
    rng = np.random.default_rng(0)
    rows = []
    for shop, level in (("north", 20.0), ("south", 60.0), ("west", 100.0)):
        for day in DAYS:
            price = int(rng.integers(1, 4))
            pattern = (1 + 0.5 * (day.weekday() >= 5)) * (2 - 0.5 * price)
            rows.append({"shop": shop, "day": day, "price": price, "sold": level * pattern * rng.normal(1, 0.05)})
    path = tmp_path_factory.mktemp("data") / "shops.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def forecast(shops, run_words, tmp_path_factory):
    words = [
        "recipe=table",
        f"data.source.path={shops}",
        "task.kind=forecast",
        "task.target=sold",
        "task.time=day",
        "task.series=[shop]",
        "task.horizon=7",
        "task.season=7",
        "task.known_future=[price]",
    ]
    return run_words(words, tmp_path_factory.mktemp("runs") / "shops")[1]


def future(days=7):
    after = pd.date_range(DAYS[-1] + pd.Timedelta(days=1), periods=days, freq="D")
    return pd.DataFrame([{"shop": shop, "day": day, "price": 2} for shop in ("north", "south", "west") for day in after])


def test_the_last_horizon_is_the_test_and_the_model_beats_the_baseline(forecast):
    evidence = forecast.evidence

    assert evidence.n == 21
    assert evidence.scores["wape"].value < evidence.baseline["wape"].value


def test_future_rows_are_scored_from_the_artefacts_own_past_one_row_out_for_each_in(forecast, tmp_path):
    rows = future().sample(frac=1, random_state=0).reset_index(drop=True)
    rows.to_csv(tmp_path / "future.csv", index=False)

    code = main(["predict", str(forecast.folder), str(tmp_path / "future.csv"), "--out", str(tmp_path / "out.csv")])
    found = pd.read_csv(tmp_path / "out.csv")

    assert code == 0
    assert len(found) == len(rows)
    assert found.groupby(rows["shop"])["prediction"].mean().sort_values().index.tolist() == ["north", "south", "west"]
    assert (found["quantile_0.1"] <= found["quantile_0.5"]).all()
    assert (found["quantile_0.5"] <= found["quantile_0.9"]).all()


def test_a_later_past_can_be_given_and_changes_the_answer(forecast, shops, tmp_path):
    past = pd.read_csv(shops)
    past["sold"] = past["sold"] * np.where(past["day"] >= "2024-06-15", 1.3, 1.0)
    past.to_csv(tmp_path / "past.csv", index=False)
    future().to_csv(tmp_path / "future.csv", index=False)
    arguments = ["predict", str(forecast.folder), str(tmp_path / "future.csv"), "--out"]

    main([*arguments, str(tmp_path / "own.csv")])
    main([*arguments, str(tmp_path / "given.csv"), "--history", str(tmp_path / "past.csv")])

    own, given = (pd.read_csv(tmp_path / name)["prediction"] for name in ("own.csv", "given.csv"))
    assert given.mean() > own.mean()


def test_a_past_for_a_model_that_looks_at_rows_alone_is_refused(credit):
    from lepton_automl.deliver import Scorer

    _, result, _ = credit

    with pytest.raises(DataError, match="is only for forecasts"):
        Scorer.load(result.folder / "artifact").read_history(pd.DataFrame(), "past.csv")


def test_sentences_are_learned_and_scored_with_their_terms(run_words, tmp_path):
    rng = np.random.default_rng(1)
    words = {
        "music": "play song album artist tune",
        "weather": "rain snow forecast sunny cold",
        "food": "book table dinner pizza restaurant",
    }
    rows = [
        {"text": " ".join([*rng.choice(common.split(), 3), "please", f"now{i}"]), "intent": intent}
        for i in range(60)
        for intent, common in words.items()
    ]
    pd.DataFrame(rows).to_json(tmp_path / "talk.jsonl", orient="records", lines=True)

    plan, result = run_words(
        ["recipe=table", f"data.source.path={tmp_path / 'talk.jsonl'}", "task.kind=multiclass", "task.target=intent"],
        tmp_path / "run",
    )
    new = pd.DataFrame({"text": ["play the new album", "will it snow in the cold"]})
    found = result.artifact.scorer.predict(new)

    assert [str(column.kind) for column in plan.data.source.features] == ["text"]
    assert {candidate.name for candidate in plan.search.candidates} == {"linear", "lightgbm"}
    assert found["prediction"].tolist() == ["music", "weather"]
    metrics = json.loads((result.folder / "metrics.json").read_text())
    assert metrics["test"]["accuracy"]["value"] > 0.9
