"""Judged rows of every task, with a model that knows something of the truth."""

import numpy as np
import pandas as pd

from lepton_automl.data import Column, Dataset, Kind, Reading, Role
from lepton_automl.evidence import Decision, HeldOut, Judged
from lepton_automl.tasks import TASKS

STATES = {
    "binary": {"kind": "binary", "metric": "roc_auc", "labels": {"values": [0, 1], "dtype": "int64"}},
    "multiclass": {"kind": "multiclass", "metric": "log_loss", "labels": {"values": [0, 1, 2], "dtype": "int64"}},
    "regression": {"kind": "regression", "metric": "rmse", "dtype": "float64"},
    "forecast": {
        "kind": "forecast",
        "metric": "pinball",
        "levels": [0.1, 0.5, 0.9],
        "time": "day",
        "series": [],
        "horizon": 7,
        "season": 7,
    },
}


def task_of(kind):
    """A task whose target is `y`."""
    return TASKS.find(kind, "task.kind").load({**STATES[kind], "target": "y"})


def column(name, kind=Kind.NUMBER, role=Role.FEATURE):
    """A column of a table."""
    return Column(name, kind, frozenset({role}), Reading(kind))


def table(n, seed=0, kind="binary"):
    """Rows with two numbers, a category, a group and a time, and a target that hangs on the numbers and the category."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "income": rng.normal(30, 9, n),
            "age": rng.integers(20, 70, n).astype("float64"),
            "city": pd.Categorical(rng.choice(["Bern", "Rome", "Oslo"], n, p=[0.5, 0.3, 0.2])),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(n) // 5, "D"),
            "member": rng.integers(0, 8, n),
        }
    )
    pull = (frame["income"] - 30) / 9 + (frame["age"] - 45) / 15 + 1.0 * (frame["city"] == "Rome").to_numpy()
    if kind == "binary":
        y = (rng.random(n) < 1 / (1 + np.exp(-pull))).astype("int64")
    elif kind == "multiclass":
        y = np.digitize(pull + rng.normal(0, 1, n), [-0.7, 0.9])
    else:
        y = 10 + 3 * pull + rng.normal(0, 1, n)
    columns = (
        column("income"),
        column("age"),
        column("city", Kind.CATEGORY),
        column("day", Kind.DATETIME, Role.TIME),
        column("member", role=Role.GROUP),
        column("y", role=Role.TARGET),
    )
    return Dataset(frame.assign(y=y), columns, np.arange(n), "")


def score_of(kind):
    """A model that needs no fitting: it knows how the target was made, and takes missing and unseen values for average."""

    def score(frame):
        income = (frame["income"].astype("float64").fillna(30.0) - 30) / 9
        age = (frame["age"].astype("float64").fillna(45.0) - 45) / 15
        pull = (income + age + 1.0 * (frame["city"].astype("str") == "Rome")).to_numpy()
        if kind == "binary":
            up = 1 / (1 + np.exp(-pull))
            return np.column_stack([1 - up, up])
        if kind == "multiclass":
            ends = [1 / (1 + np.exp(-1.7 * (line - pull))) for line in (-0.7, 0.9)]
            return np.column_stack([ends[0], ends[1] - ends[0], 1 - ends[1]])
        middle = (10 + 3 * pull)[:, None]
        return middle + np.array([[-1.0, 0.0, 1.0]]) if kind == "forecast" else middle

    return score


def made_judged(kind="binary", n=1_000, seed=0, has_test=True, resamples=60, **changes):
    """Test rows and training rows of one table; without test rows, the training rows out of fold."""
    task, score = task_of(kind), score_of(kind)
    train, test = table(n, seed, kind), table(n, seed + 1, kind)
    y, y_test = (task.encode(rows.values("y")) for rows in (train, test))
    if not has_test:
        said = score(train.frame)
        settings = {"decision": Decision(0.5, ""), "resamples": resamples, **changes}
        return Judged(train, y, said, np.tile(said.mean(axis=0), (n, 1)), task, **settings)
    held = HeldOut(train, y, score(train.frame))
    said = score(test.frame)
    settings = {
        "decision": Decision(0.5, ""),
        "resamples": resamples,
        "score": score,
        "train": train,
        "held_out": held,
        **changes,
    }
    return Judged(test, y_test, said, np.tile(said.mean(axis=0), (n, 1)), task, **settings)
