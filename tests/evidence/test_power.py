"""Figures that the sample can not carry are marked."""

import numpy as np
from made_judged import made_judged, task_of

from lepton_automl.evidence import EXAMINERS, DecisionSettings, EvidenceSettings, decide, examine
from lepton_automl.evidence.power import events_of, underpowered
from lepton_automl.measure import Measure
from lepton_automl.tasks import Payoff


def test_a_figure_whose_interval_is_wider_than_its_distance_from_the_baseline_is_underpowered():
    figures = {"wide": Measure(0.6, 0.5, 0.7, 99), "narrow": Measure(0.9, 0.85, 0.95, 99), "alone": Measure(0.6, 0.0, 1.0, 99)}

    found = underpowered(figures, {"wide": 0.5, "narrow": 0.5}, 40)

    assert found == {"wide": "its interval is wider than its distance from the baseline"}


def test_with_fewer_than_thirty_events_every_figure_is():
    figures = {"narrow": Measure(0.9, 0.85, 0.95, 500), "alone": Measure(0.6, 0.5, 0.7, 500)}

    assert underpowered(figures, {"narrow": 0.5}, 29) == dict.fromkeys(figures, "it rests on 29 events; 30 are the least")


def test_events_are_rows_of_the_rarest_label_that_occurs_or_rows_with_a_number():
    assert events_of(task_of("binary"), np.array([0] * 90 + [1] * 10)) == 10
    assert events_of(task_of("multiclass"), np.array([0] * 9 + [2] * 4)) == 4
    assert events_of(task_of("regression"), np.array([1.0, 2.0, np.nan])) == 2


def test_the_evidence_marks_metrics_and_the_worth_of_few_rows_and_not_of_many():
    few, many = (made_judged("binary", n) for n in (40, 3_000))
    payoff = Payoff(1.0, -1.0, 0.0, -1.0)
    settings = EvidenceSettings(resamples=60, importance=False, examiners=(EXAMINERS.find("value")(),))
    marks = []
    for rows in (few, many):
        decision = decide(rows.y, rows.prediction, DecisionSettings(payoff))
        said = examine(made_judged("binary", len(rows.y), decision=decision), settings)
        marks.append(said.to_dict()["underpowered"])

    assert {"roc_auc", "value_per_row"} <= set(marks[0])
    assert not {"roc_auc", "value_per_row"} & set(marks[1])
