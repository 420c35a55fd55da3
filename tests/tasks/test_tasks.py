"""Binary, multiclass and regression: what they refuse, what the baseline says, what comes out."""

import json

import numpy as np
import pandas as pd
import pytest

from lepton_automl.errors import RecipeError
from lepton_automl.tasks import METRICS, TASKS, DecisionRule, Makes
from lepton_automl.testing import table

SETTINGS = {
    "binary": {"target": "y"},
    "multiclass": {"target": "y"},
    "regression": {"target": "y"},
    "forecast": {"target": "y", "time": "day", "series": ["shop"], "horizon": 2, "season": 7, "quantiles": [0.1, 0.5, 0.9]},
}
VALUES = {
    "binary": ["no", "yes", "no"],
    "multiclass": ["a", "b", "c"],
    "regression": [1.0, 2.0, 4.0],
    "forecast": [1.0, 2.0, 4.0],
}


def learn(kind, raw, **settings):
    return TASKS.find(kind).learn({**SETTINGS[kind], **settings}, pd.Series(raw))


def test_there_are_four_tasks():
    assert TASKS.names() == ["binary", "multiclass", "regression", "forecast"] == list(SETTINGS)


@pytest.mark.parametrize("kind", SETTINGS)
def test_a_task_is_the_same_once_its_state_went_through_json(kind):
    task = learn(kind, VALUES[kind])

    loaded = TASKS.find(kind).load(json.loads(json.dumps(task.state())))

    assert loaded.state() == task.state()
    assert loaded.goal == task.goal
    assert [metric.name for metric in loaded.metrics] == [metric.name for metric in task.metrics]
    assert task.state()["kind"] == kind


@pytest.mark.parametrize("kind", SETTINGS)
def test_the_metric_that_is_asked_for_comes_first_and_no_metric_twice(kind):
    for name in [metric.name for metric in learn(kind, VALUES[kind]).metrics]:
        found = [metric.name for metric in learn(kind, VALUES[kind], metric=name).metrics]
        assert found[0] == name
        assert len(set(found)) == len(found)


@pytest.mark.parametrize("kind", SETTINGS)
def test_a_metric_that_is_none_is_refused_with_the_nearest(kind):
    with pytest.raises(RecipeError, match=r"task.metric .*'accurracy' is not a metric\."):
        learn(kind, VALUES[kind], metric="accurracy")


def test_a_metric_of_another_task_is_refused_with_those_that_fit():
    with pytest.raises(RecipeError, match=r"'rmse' does not fit a binary task\. +Choose one of: roc_auc, log_loss"):
        learn("binary", VALUES["binary"], metric="rmse")
    with pytest.raises(RecipeError, match=r"'f1' does not fit a multiclass task\."):
        learn("multiclass", VALUES["multiclass"], metric="f1")


@pytest.mark.parametrize("name", [name for name, metric in METRICS.items() if Makes.VALUES in metric.makes])
def test_every_metric_of_numbers_can_be_optimised(name):
    assert learn("regression", VALUES["regression"], metric=name).metric.name == name


def problems(task, folds=2, **columns):
    return [problem.line() for problem in task.check(table(target="y", **columns), folds)]


def test_a_good_target_has_no_problem():
    y = ["a", "b"] * 5
    assert problems(learn("binary", y), y=y) == []
    assert problems(learn("multiclass", y), y=y) == []
    assert problems(learn("regression", range(10)), y=range(10)) == []


@pytest.mark.parametrize(
    ("kind", "y", "said"),
    [
        ("binary", ["a"] * 6, "task.target y   holds only the value 'a'.   There is nothing to learn"),
        ("binary", [None] * 6, "holds no value at all."),
        ("binary", ["a", "b", "c"] * 4, "task.kind   is binary, but 'y' has 3 labels: a, b, c.   Set task.kind: multiclass"),
        ("multiclass", ["a"] * 6 + ["b"] * 2, "has labels with fewer rows than the 3 folds: b (2).   Lower split.folds"),
        ("multiclass", ["1", 1] * 4, "labels of different types that read the same: 1.   Write each label in one way"),
        ("multiclass", list(range(1001)) * 3, "has 1001 labels; at most 1000 are learned.   Is it a number?"),
        ("binary", pd.to_datetime(["2024-01-01", "2024-01-02"] * 4), "holds labels of the type Timestamp."),
        ("regression", ["a", "b"] * 4, "task.target y   does not hold numbers.   Set task.kind: multiclass"),
        ("regression", [2.0] * 6, "holds only the value 2."),
        ("regression", [np.nan] * 6, "holds no value at all."),
        ("regression", [1.0, 2.0, 3.0], "data.source   has 3 rows with a target for 3 folds."),
    ],
)
def test_a_target_that_can_not_be_learned_is_refused_with_key_value_and_fix(kind, y, said):
    (found,) = problems(learn(kind, y), folds=3, y=y)
    assert said in found


def test_the_baseline_of_labels_is_their_shares():
    train = table(target="y", y=["b", "a", "a", "a"])
    task = learn("binary", train.values("y"))
    assert task.baseline(train, train.rows(np.arange(2))).tolist() == [[0.75, 0.25]] * 2


@pytest.mark.parametrize(("metric", "expected"), [("rmse", 4.0), ("r2", 4.0), ("mae", 1.0), ("mape", 1.0), ("wape", 1.0)])
def test_the_baseline_of_numbers_is_the_constant_that_is_best_for_the_metric(metric, expected):
    train = table(target="y", y=[1.0, 1.0, 10.0])
    task = learn("regression", train.values("y"), metric=metric)
    assert task.baseline(train, train).tolist() == [[expected]] * 3


def test_labels_come_out_in_their_type_with_a_probability_each():
    task = learn("binary", [1, 0, 1], positive=0)

    out = task.output(np.array([[0.2, 0.8], [0.9, 0.1]]), DecisionRule())

    assert list(out) == ["prediction", "probability_1", "probability_0"]
    assert out["prediction"].tolist() == [0, 1]
    assert out["prediction"].dtype == "int64"
    assert out["probability_0"].tolist() == [0.8, 0.1]


def test_the_line_of_a_decision_decides_two_labels_only():
    values = np.array([[0.4, 0.6], [0.3, 0.7]])
    assert learn("binary", [0, 1]).output(values, DecisionRule(0.7))["prediction"].tolist() == [0, 1]
    three = np.array([[0.2, 0.5, 0.3]])
    assert learn("multiclass", ["a", "b", "c"]).output(three, DecisionRule(0.7))["prediction"].tolist() == ["b"]


def test_numbers_come_out_as_they_are():
    assert learn("regression", [1, 2]).output(np.array([[1.5], [2.5]]), DecisionRule())["prediction"].tolist() == [1.5, 2.5]


def test_a_missing_number_is_not_a_number_and_a_missing_label_minus_one():
    assert np.isnan(learn("regression", [1.0, 2.0]).encode(pd.Series([None, 2.0]))[0])
    assert learn("binary", ["a", "b"]).encode(pd.Series([None, "b"])).tolist() == [-1, 1]
