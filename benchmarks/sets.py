"""Named suites of table sets, and the figures that every system is judged by: the same code for all of them.

A set is a folder with `train.parquet`, `test.parquet` and `meta.json` (`task`, `target`, and where they apply `positive`,
`time_col`, `group_col`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

METRICS = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}
"""Task to the metric every system is asked for and judged by."""
SUITES: dict[str, tuple[str, ...]] = {
    "smoke": ("heart_disease", "insurance_charges"),
    "public": (
        "adult_income",
        "ames_housing",
        "credit_catalonia",
        "diamonds",
        "employee_salaries",
        "leaf_shapes",
        "letter_recognition",
        "nyc_flights",
        "telco_churn",
        "bank_marketing",
        "bikeshare_hourly",
        "california_housing",
        "give_me_some_credit",
        "insurance_charges",
        "mammography_rare",
        "steel_plate_faults",
        "wine_quality",
    ),
    "long": ("adult_income", "ames_housing", "employee_salaries", "letter_recognition"),
}
"""Suite to its sets. `public`: mixed tasks, 1,003 to 245,509 training rows; `long`: four of them for longer budgets."""
TINY = 1e-15


@dataclass(frozen=True)
class TableSet:
    """One set.

    Args:
        name: Name of its folder.
        folder: Its folder.
        task: `binary`, `multiclass` or `regression`.
        target: Column to predict.
        positive: The label that probabilities are about, of two; or none.
        time: Column of the time order, or none.
        group: Column of the entity, or none.
    """

    name: str
    folder: Path
    task: str
    target: str
    positive: str | None = None
    time: str | None = None
    group: str | None = None

    @property
    def metric(self) -> str:
        """The figure it is judged by."""
        return METRICS[self.task]

    @property
    def train(self) -> Path:
        """File of the training rows."""
        return self.folder / "train.parquet"

    @property
    def test(self) -> Path:
        """File of the test rows, target included."""
        return self.folder / "test.parquet"

    def labels(self, which: str = "test") -> pd.Series:
        """Gives the target of the `test` or `train` rows; rows without one are left out."""
        column = pd.read_parquet(self.folder / f"{which}.parquet", columns=[self.target])[self.target]
        return column[column.notna()].reset_index(drop=True)


def open_set(data: Path, name: str) -> TableSet:
    """Opens a set.

    Raises:
        SystemExit: If there is no such set, or it is no table set.
    """
    path = data / name / "meta.json"
    if not path.is_file():
        raise SystemExit(f"{path} is missing: --data must be the folder that holds the folder of the set {name!r}.")
    meta = json.loads(path.read_text(encoding="utf-8"))
    if meta["task"] not in METRICS:
        raise SystemExit(f"the set {name!r} is of the task {meta['task']}; these benchmarks know {', '.join(METRICS)}.")
    positive = None if meta.get("positive") is None else word(meta["positive"])
    return TableSet(name, data / name, meta["task"], meta["target"], positive, meta.get("time_col"), meta.get("group_col"))


def default_data() -> Path:
    """Gives the folder of the sets: `LEPTON_DATA`, else `../shared/data`."""
    return Path(os.environ.get("LEPTON_DATA", "../shared/data"))


def names_of(suite: str, sets: str = "") -> list[str]:
    """Gives the names of a suite's sets, or those named, parted by commas."""
    return [name for name in sets.split(",") if name] or list(SUITES[suite])


def word(label: Any) -> str:
    """Writes a label as every system's output is compared: `1.0`, `1` and `True` keep apart from each other only if texts.

    >>> word(np.float64(1.0)), word("Yes"), word(np.True_)
    ('1', 'yes', 'true')
    """
    if isinstance(label, float | np.floating) and float(label).is_integer():
        label = int(label)
    return str(label).strip().lower()


def codes_of(labels: pd.Series, classes: Sequence[str]) -> np.ndarray:
    """Gives the position of each label among the classes, shape `(n,)`; -1 for one that is not there."""
    place = {word(name): code for code, name in enumerate(classes)}
    return np.array([place.get(word(label), -1) for label in labels], dtype="int64")


def truth_of(table: TableSet, labels: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Gives the target as numbers, or as codes with the classes in order (of two, the positive one last)."""
    if table.task == "regression":
        return labels.to_numpy(dtype="float64"), []
    classes = sorted({word(label) for label in labels} | {word(label) for label in table.labels("train").unique()})
    if table.positive in classes and table.task == "binary":
        classes = [name for name in classes if name != table.positive] + [str(table.positive)]
    return codes_of(labels, classes), classes


def aligned(values: np.ndarray, theirs: Sequence[str], ours: Sequence[str]) -> np.ndarray:
    """Puts a system's columns of probabilities into our order of classes; a class it never saw gets nothing."""
    if not ours:
        return np.asarray(values, dtype="float64").reshape(-1)
    place = {word(name): column for column, name in enumerate(theirs)}
    out = np.zeros((len(values), len(ours)))
    for column, name in enumerate(ours):
        if name in place:
            out[:, column] = values[:, place[name]]
    return out


def score_of(metric: str, y: np.ndarray, values: np.ndarray) -> float:
    """Gives the figure of predictions.

    Args:
        metric: `roc_auc`, `log_loss` or `rmse`.
        y: Numbers or codes, shape `(n,)`.
        values: Numbers, shape `(n,)`; or probabilities, shape `(n, k)`.

    >>> score_of("rmse", np.array([0.0, 0.0]), np.array([3.0, 3.0]))
    3.0
    >>> score_of("roc_auc", np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.8, 0.2], [0.9, 0.1]]))
    0.75
    """
    if metric == "rmse":
        return float(np.sqrt(np.mean(row_losses(metric, y, values))))
    if metric == "log_loss":
        return float(np.mean(row_losses(metric, y, values)))
    return auc_parts(y == 1, values[:, 1])[0]


def row_losses(metric: str, y: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Gives each row's squared error, or its log loss, shape `(n,)`."""
    if metric == "rmse":
        return np.asarray((y - values) ** 2, dtype="float64")
    shares = np.clip(values, TINY, 1.0)
    shares = shares / shares.sum(axis=1, keepdims=True)
    return np.asarray(-np.log(shares[np.arange(len(y)), y]), dtype="float64")


def auc_parts(positive: np.ndarray, score: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Gives the area under the ROC curve and the parts that each positive and each negative row has in it.

    Source: DeLong, DeLong and Clarke-Pearson (1988), "Comparing the areas under two or more correlated receiver operating
    characteristic curves", Biometrics 44(3), pages 837-845.
    """
    ranks = pd.Series(score).rank().to_numpy()
    up, down = score[positive], score[~positive]
    of_up = (ranks[positive] - pd.Series(up).rank().to_numpy()) / len(down)
    of_down = 1 - (ranks[~positive] - pd.Series(down).rank().to_numpy()) / len(up)
    return float(of_up.mean()), of_up, of_down


def error_of(metric: str, score: float) -> float:
    """Turns a figure into an error, of which 0 is the best there can be."""
    return 1 - score if metric == "roc_auc" else score


def baseline_of(table: TableSet) -> float:
    """Gives the figure on the test rows of the best constant of the training rows: mean, or shares of the classes."""
    y, classes = truth_of(table, table.labels())
    train = table.labels("train")
    if table.task == "regression":
        return score_of("rmse", y, np.full(len(y), train.to_numpy(dtype="float64").mean()))
    counts = np.bincount(codes_of(train, classes), minlength=len(classes))
    return score_of(table.metric, y, np.tile(counts / counts.sum(), (len(y), 1)))
