"""The chapter of the explanation: what it finds, and what it leaves out when there is little time."""

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Column, Dataset, Kind, Reading, Role
from lepton_automl.evidence import EXAMINERS, Decision, DecisionSettings, HeldOut, Judged
from lepton_automl.evidence.explaining import Explaining
from lepton_automl.tasks import TASKS

TASK = TASKS.find("binary").load(
    {"kind": "binary", "target": "y", "metric": "roc_auc", "labels": {"values": ["granted", "refused"], "dtype": "str"}}
)
KINDS = {
    "debt": (Kind.NUMBER, Role.FEATURE),
    "income": (Kind.NUMBER, Role.FEATURE),
    "town": (Kind.CATEGORY, Role.FEATURE),
    "noise": (Kind.NUMBER, Role.FEATURE),
    "sex": (Kind.CATEGORY, Role.PROTECTED),
}


def score(frame):
    town = (frame["town"].astype(object) == "Bern").to_numpy()
    z = frame["debt"].to_numpy() - 0.5 * frame["income"].to_numpy() + town * (frame["debt"].to_numpy() > 0)
    p = 1 / (1 + np.exp(-z))
    return np.column_stack([1 - p, p])


def rows(n, seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({name: rng.normal(size=n) for name in ("debt", "income", "noise")})
    frame["town"] = pd.Categorical(rng.choice(["Bern", "Rome", "Oslo"], n))
    frame["sex"] = pd.Categorical(rng.choice(["f", "m"], n))
    columns = tuple(Column(name, kind, frozenset({role}), Reading(kind)) for name, (kind, role) in KINDS.items())
    return Dataset(frame[list(KINDS)], columns, np.arange(n))


def judged(n=200, threshold=0.5, slow=0.0):
    train, test = rows(400, 0), rows(n, 1)

    def scored(frame):
        time.sleep(slow * len(frame))
        return score(frame)

    y = (score(test.frame)[:, 1] > np.random.default_rng(2).random(n)).astype("int64")
    held = HeldOut(train, np.zeros(400, dtype="int64"), score(train.frame))
    prediction = score(test.frame)
    return Judged(
        test, y, prediction, prediction, TASK, Decision(threshold, ""), score=scored, train=train, held_out=held, resamples=100
    )


def examiner(**settings):
    return EXAMINERS.find("explanation")(explaining=Explaining(background=60), **settings)


def test_features_are_ranked_with_intervals_and_directions():
    chapter = examiner().examine(judged(), float("inf"))

    features = {feature["column"]: feature for feature in chapter.content["features"]}
    assert list(features) == ["debt", "income", "town", "noise"]
    assert (features["debt"]["goes"], features["income"]["goes"]) == ("up", "down")
    assert features["town"]["raises"] == "Bern"
    assert features["noise"]["value"] == 0.0
    for feature in features.values():
        assert feature["low"] <= feature["value"] <= feature["high"]
    assert features["debt"]["low"] > features["income"]["high"]
    assert chapter.is_whole and set(chapter.figures) == set(examiner().figures(TASK, DecisionSettings()))


def test_reasons_hold_and_examples_are_an_adverse_row_one_near_the_line_and_another():
    chapter = examiner(checked=30).examine(judged(), float("inf"))

    assert chapter.figures["additivity"].value < 1e-12
    assert chapter.figures["reason_stability"].value >= 0.8
    assert chapter.figures["reason_fidelity"].value >= 0.95
    examples = {example["name"]: example for example in chapter.content["examples"]}
    assert list(examples) == ["adverse", "near the line", "other"]
    assert examples["adverse"]["answer"] == "refused" and examples["other"]["answer"] == "granted"
    assert abs(examples["near the line"]["value"] - 0.5) < 0.05
    assert examples["adverse"]["options"] and examples["adverse"]["reasons"]
    assert "sex" not in str(chapter.content)


def test_the_pair_that_acts_together_comes_first():
    chapter = examiner().examine(judged(), float("inf"))

    assert set(chapter.content["interactions"][0]["columns"]) == {"debt", "town"}


def test_the_chapter_is_the_same_each_time():
    first, second = (examiner().examine(judged(), float("inf")).to_dict() for _ in range(2))

    assert first == second


def test_with_little_time_less_is_done_and_told_and_figures_that_would_mislead_are_left_out():
    chapter = examiner().examine(judged(slow=2e-4), time.time() + 0.5)

    assert not chapter.is_whole
    assert any("no time" in note for note in chapter.notes)
    assert chapter.figures["additivity"].value < 1e-12
    assert "reason_stability" not in chapter.figures
    assert chapter.content["features"]


def test_wide_tables_are_bounded_where_no_clock_ends_it():
    chapter = examiner(rows=100, max_scored=10_000).examine(judged(), float("inf"))

    assert chapter.content["rows"] == 20
    assert "20 of 100 rows were explained: max_scored" in chapter.notes


def test_without_an_adverse_row_reasons_are_not_checked_and_that_is_told():
    chapter = examiner().examine(judged(threshold=0.9999999), float("inf"))

    assert set(chapter.figures) == {"additivity"}
    assert any("no row has the adverse outcome" in note for note in chapter.notes)


def test_out_of_fold_rows_are_not_explained():
    chapter = examiner().examine(replace(judged(), score=None), float("inf"))

    assert not chapter.is_whole and chapter.notes == ("left out: it needs test rows and the artefact",)


def test_several_labels_are_explained_by_the_predicted_one():
    task = TASKS.find("multiclass").load(
        {"kind": "multiclass", "target": "y", "metric": "log_loss", "labels": {"values": ["a", "b", "c"], "dtype": "str"}}
    )

    def three(frame):
        z = np.column_stack([frame["debt"], frame["income"], frame["noise"]])
        return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)

    plain = judged()
    held = replace(plain.held_out, values=three(plain.held_out.rows.frame))
    several = replace(
        plain, task=task, score=three, prediction=three(plain.rows.frame), decision=Decision(None, ""), held_out=held
    )

    chapter = examiner().examine(several, float("inf"))

    assert chapter.content["explained"] == "the predicted label"
    assert chapter.figures["additivity"].value < 1e-12 and chapter.figures["reason_fidelity"].value >= 0.95
    curves = {curve["column"]: curve["kind"] for curve in chapter.content["curves"]}
    assert curves["debt"] == "ale of a" and curves["income"] == "ale of b"
    assert chapter.content["features"][-1]["column"] == "town" and chapter.content["features"][-1]["value"] == pytest.approx(0)
