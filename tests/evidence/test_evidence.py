"""Intervals, the line in money, gates."""

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Dataset
from lepton_automl.evidence import Decision, DecisionSettings, EvidenceSettings, Gate, Judged, decide, examine, judge_gates
from lepton_automl.evidence.bootstrap import measures
from lepton_automl.ledger import Ledger
from lepton_automl.measure import Measure
from lepton_automl.tasks import METRICS, TASKS, Payoff


@pytest.fixture
def scored():
    rng = np.random.default_rng(1)
    y = (rng.random(600) < 0.3).astype("int64")
    score = np.clip(0.3 + 0.25 * (y - 0.3) + rng.normal(size=600) * 0.15, 0.01, 0.99)
    return y, np.column_stack([1 - score, score])


def binary_task():
    return TASKS.find("binary").load(
        {"kind": "binary", "target": "y", "metric": "roc_auc", "labels": {"values": [0, 1], "dtype": "int64"}}
    )


def test_an_interval_holds_its_value_and_narrows_with_rows(scored):
    y, p = scored

    wide = measures([METRICS["roc_auc"]], y[:150], p[:150], None, 200, 0.95, 0)[0]["roc_auc"]
    narrow = measures([METRICS["roc_auc"]], y, p, None, 200, 0.95, 0)[0]["roc_auc"]

    assert wide.low < wide.value < wide.high
    assert narrow.high - narrow.low < wide.high - wide.low
    assert narrow.n == 600


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(2)
    hits = 0
    for trial in range(120):
        y = rng.normal(size=80)
        prediction = np.zeros((80, 1))
        found = measures([METRICS["mae"]], y, prediction, None, 150, 0.9, trial)[0]["mae"]
        hits += found.low <= np.sqrt(2 / np.pi) <= found.high

    assert 0.8 <= hits / 120 <= 0.97


def test_the_line_is_drawn_where_out_of_fold_worth_is_highest(scored):
    y, p = scored
    payoff = Payoff(true_positive=0, false_positive=-1, true_negative=0, false_negative=-5)

    decision = decide(y, p, DecisionSettings(payoff))

    worth = [payoff.of(y == 1, p[:, 1] >= line).mean() for line in np.linspace(0, 1, 201)]
    assert decision.value_per_row == pytest.approx(max(worth), rel=0.02)
    assert decision.threshold < 0.5
    assert decision.value_per_row >= max(decision.value_all_negative, decision.value_all_positive)


def test_without_payoffs_the_line_is_a_half_or_the_recipes_own(scored):
    y, p = scored

    assert decide(y, p, DecisionSettings()).threshold == 0.5
    assert decide(y, p, DecisionSettings(threshold=0.2)).threshold == 0.2


def test_evidence_stands_beside_the_baseline(scored):
    y, p = scored
    baseline = np.tile([0.7, 0.3], (600, 1))

    rows = Dataset(pd.DataFrame({"y": y}), (), np.arange(len(y)), "")
    evidence = examine(Judged(rows, y, p, baseline, binary_task(), Decision(0.5, "")), EvidenceSettings(resamples=60))

    assert evidence.scores["roc_auc"].value > 0.8
    assert evidence.baseline["roc_auc"].value == 0.5
    assert {"roc", "precision_recall", "calibration", "confusion"} <= set(evidence.pictures)


@pytest.mark.parametrize(
    ("gate", "passed"),
    [
        (Gate("roc_auc", 0.75, None, False), True),
        (Gate("roc_auc", 0.75, None, True), False),
        (Gate("log_loss", None, 0.5, False), True),
        (Gate("log_loss", None, 0.3, False), False),
    ],
    ids=["value above min", "interval below min", "value below max", "value above max"],
)
def test_a_gate_judges_the_value_or_the_end_of_its_interval(scored, gate, passed):
    y, p = scored
    rows = Dataset(pd.DataFrame({"y": y}), (), np.arange(len(y)), "")
    evidence = examine(Judged(rows, y, p, p, binary_task(), Decision(0.5, "")), EvidenceSettings(resamples=60))
    scores = {"roc_auc": Measure(0.8, 0.7, 0.9, 600), "log_loss": Measure(0.4, 0.35, 0.45, 600)}
    evidence = type(evidence)(**{**vars(evidence), "scores": scores})
    ledger = Ledger()

    verdicts = judge_gates(evidence, [gate], ledger)

    assert [verdict.passed for verdict in verdicts] == [passed]
    assert ledger.entries[-1].effect == ("gate passed" if passed else "gate failed")
