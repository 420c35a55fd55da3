"""Random folds are held against the order of time, where a date gives one."""

import json

import numpy as np
import pandas as pd
import pytest

from lepton_automl.cli.progress import summary
from lepton_automl.engine.time_check import Judged, disagrees, judged
from lepton_automl.tasks import METRICS

N = 900


def drifting(seed, drift):
    """A table of measurements over three years whose target moves with time, or does not."""
    rng = np.random.default_rng(seed)
    day = np.sort(rng.integers(0, 1000, N))
    frame = pd.DataFrame({"at": pd.Timestamp("2021-01-01") + pd.to_timedelta(day, unit="D")})
    frame["load"], frame["site"] = rng.normal(0, 1, N), rng.choice(["a", "b", "c"], N)
    frame["cost"] = 3 * frame["load"] + 2 * (frame["site"] == "b") + drift * (day / 100) ** 2 + rng.normal(0, 1, N)
    return frame.sample(frac=1, random_state=seed).reset_index(drop=True)


def run_table(run_words, tmp_path, frame, *words):
    path = tmp_path / "table.csv"
    frame.to_csv(path, index=False)
    base = ["recipe=table", f"data.source.path={path}", "task.kind=regression", "task.target=cost", "task.metric=rmse"]
    plan, result = run_words([*base, "search=quick", "evidence.importance=false", "split.folds=2", *words], tmp_path / "run")
    rows = [json.loads(line) for line in (result.folder / "ledger.jsonl").read_text().splitlines()]
    return plan, result, [row for row in rows if row["code"] == "SPLIT002"]


WORDS = ["budget.seconds=null", "budget.trials=2", "evidence.resamples=50", "hardware.threads=1"]


def test_a_target_that_drifts_is_told_with_both_figures_and_the_way_out(run_words, tmp_path):
    plan, result, entries = run_table(run_words, tmp_path, drifting(0, drift=1.0), *WORDS)

    (entry,) = entries
    assert (entry["effect"], entry["column"], entry["unit"]) == ("disagrees", "at", "rmse")
    assert entry["measured"] > 2 * entry["limit"]
    assert entry["note"].endswith("write split.time=at.")
    assert any(line.startswith("warning   Random folds and the order of time disagree") for line in summary(plan, result))
    report = (result.folder / "report.html").read_text()
    assert "Random folds and the order of time disagree" in report
    assert report.index("the order of time disagree") < report.index('id="evidence"')
    assert "write split.time=at" in (result.folder / "model_card.md").read_text().replace("\\", "")


def test_a_date_that_means_nothing_raises_no_alarm(run_words, tmp_path):
    _, result, entries = run_table(run_words, tmp_path, drifting(1, drift=0.0), *WORDS)

    assert [(entry["effect"], entry["column"]) for entry in entries] == [("passed", "at")]
    assert result.warnings == []
    assert "the order of time disagree" not in (result.folder / "report.html").read_text()


@pytest.mark.parametrize(
    ("words", "change"),
    [(["split.time=at"], {}), ([], {"at": pd.Timestamp("2021-01-01")})],
    ids=["the split follows time", "one moment only"],
)
def test_nothing_is_checked_where_the_split_follows_time_or_no_date_orders_the_rows(run_words, tmp_path, words, change):
    _, result, entries = run_table(run_words, tmp_path, drifting(2, drift=1.0).assign(**change), *WORDS, *words)

    assert entries == []
    assert result.warnings == []


def test_where_seconds_are_counted_the_check_keeps_to_its_share(run_words, tmp_path):
    words = ["budget.seconds=20", "budget.trials=null", "evidence.resamples=50", "hardware.threads=1"]

    _, result, entries = run_table(run_words, tmp_path, drifting(3, drift=1.0), *words)

    assert [entry["effect"] for entry in entries] in (["disagrees"], ["not checked"])
    assert len(result.warnings) == (entries[0]["effect"] == "disagrees")


@pytest.mark.parametrize(
    ("random", "latest", "expected"),
    [
        (Judged(11.7, 0.3, 60.0), Judged(46.2, 1.0, 70.0), True),
        (Judged(11.7, 0.3, 60.0), Judged(14.0, 0.3, 60.0), False),
        (Judged(11.7, 6.0, 60.0), Judged(25.0, 6.0, 60.0), False),
        (Judged(-0.8, 0.01, -0.5), Judged(-0.7, 0.01, -0.5), True),
        (Judged(60.0, 0.3, 60.0), Judged(90.0, 0.3, 60.0), False),
        (Judged(11.7, 0.3, 60.0), Judged(9.0, 0.3, 60.0), False),
    ],
    ids=["measured case", "a little worse", "chance", "a score", "no better than the baseline", "better"],
)
def test_worse_by_chance_or_by_a_little_is_no_disagreement(random, latest, expected):
    assert disagrees(random, latest) is expected


def test_the_standard_error_of_a_mean_is_that_of_theory():
    rng = np.random.default_rng(0)
    y = rng.normal(0, 1, 2000)

    found = judged(METRICS["mae"], y, np.zeros((2000, 1)), np.full((2000, 1), 1.0), seed=0)

    assert found.loss == pytest.approx(np.abs(y).mean())
    assert found.error == pytest.approx(np.abs(y).std() / np.sqrt(2000), rel=0.3)
