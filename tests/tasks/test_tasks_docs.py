"""docs/tasks.md says what the registry says."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lepton_automl.tasks import METRICS, TASKS, DecisionRule, Makes
from lepton_automl.tasks.metrics import quantile_metrics

PAGE = (Path(__file__).parents[2] / "docs" / "tasks.md").read_text(encoding="utf-8")
BLOCK = {"target": "y", "time": "day", "series": [], "horizon": 2, "season": 7, "quantiles": [0.1, 0.5, 0.9]}
RAW = {"binary": ["no", "yes"], "multiclass": ["a", "b", "c"], "regression": [1.0, 2.0], "forecast": [1.0, 2.0]}


def section(name):
    return PAGE.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def learned(name, **settings):
    return TASKS.find(name).learn({**BLOCK, **settings}, pd.Series(RAW[name]))


def test_every_task_has_its_section():
    assert [line[3:] for line in PAGE.splitlines() if line.startswith("## ")] == [*TASKS.names(), "Metrics", "Splits"]


@pytest.mark.parametrize("name", TASKS.names())
def test_the_metrics_that_the_evidence_shows_are_told_in_order(name):
    names = ", ".join(f"`{metric.name}`" for metric in learned(name).metrics)
    assert f"- **Evidence shows** {names}; the first is optimised unless `metric` says otherwise." in section(name).splitlines()


@pytest.mark.parametrize("name", TASKS.names())
def test_the_columns_of_a_prediction_are_told(name):
    task = learned(name)
    shown = task.output(np.full((1, task.goal.width), 1 / task.goal.width), DecisionRule())
    for column in shown:
        pattern = column if column == "prediction" else f"{column.split('_')[0]}_"
        assert f"`{pattern}" in section(name)


@pytest.mark.parametrize("metric", [*METRICS.values(), quantile_metrics((0.5,))["pinball"]], ids=lambda metric: metric.name)
def test_every_metric_is_told_with_its_direction(metric):
    direction = "higher" if metric.is_score else "lower"
    (row,) = [line for line in section("Metrics").splitlines() if line.startswith(f"| `{metric.name}` |")]
    assert f"| {direction} |" in row
    for makes in (Makes.PROBABILITIES, Makes.VALUES):
        assert (makes in metric.makes) == (str(makes) in row)


@pytest.mark.parametrize("kind", ["random", "stratified", "group", "time", "rolling"])
def test_every_split_is_told(kind):
    assert any(line.startswith(f"| `{kind}` |") for line in section("Splits").splitlines())
