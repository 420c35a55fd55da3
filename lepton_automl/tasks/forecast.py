"""The next values of one or many series, as quantiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset
from lepton_automl.errors import Problem, RecipeError
from lepton_automl.tasks.deciding import NOTHING, DecisionRule, Known
from lepton_automl.tasks.metrics import Metric, quantile_metrics
from lepton_automl.tasks.prediction import Goal, Labels, Makes
from lepton_automl.tasks.protocol import History, metric_named
from lepton_automl.tasks.regression import check_numbers


@dataclass(frozen=True)
class SeriesForecast:
    """Quantiles of every series for each of the next steps.

    Args:
        target: Column of the values.
        metric: What the search optimises.
        metrics: What the evidence shows.
        history: How rows form series.
        levels: Quantile levels, rising, 0.5 among them.
    """

    target: str
    metric: Metric
    metrics: tuple[Metric, ...]
    history: History
    levels: tuple[float, ...]
    labels: Labels | None = None
    mixes: bool = True
    final: str = "refit"
    strata: bool = False

    @property
    def goal(self) -> Goal:
        """One column a level."""
        return Goal(Makes.QUANTILES, len(self.levels), self.levels)

    def check(self, data: Dataset, folds: int) -> list[Problem]:
        """Wants numbers, and one row for each series and time."""
        problems = check_numbers(data, self.target, folds)
        keys = [*self.history.series, self.history.time]
        twice = int(data.frame.duplicated(keys).sum())
        if twice:
            message = f"{twice} rows share their series and time ({', '.join(keys)})."
            fix = "Name the columns that tell series apart in task.series, or add the rows up in the source."
            problems.append(Problem("task.series", message, fix))
        return problems

    def encode(self, raw: pd.Series) -> np.ndarray:
        """Gives the numbers as float64."""
        return raw.to_numpy(dtype="float64", na_value=np.nan)

    def baseline(self, train: Dataset, rows: Dataset) -> np.ndarray:
        """Repeats the last value of the same step of the season (seasonal naive), spread by past seasonal differences.

        A step of the season never seen gets its series' mean, a series never seen the mean of all.

        Source: Hyndman and Athanasopoulos, "Forecasting: Principles and Practice", 3rd edition, sections 5.2 and 5.5.
        """
        past, ahead = _placed(train.frame, rows.frame, self.history)
        past = past.assign(value=self.encode(train.values(self.target))).dropna(subset=["value"]).sort_values("step")
        change = past["value"] - past.groupby(["series", "season"])["value"].shift(1)
        spread = np.quantile(change.dropna(), self.levels) if change.notna().any() else np.zeros(len(self.levels))
        point = _last_seasons(past, ahead)
        return point[:, None] + (spread - spread[self.levels.index(0.5)])[None, :]

    def output(self, prediction: np.ndarray, rule: DecisionRule, known: Known = NOTHING) -> dict[str, Any]:
        """Gives the median as the prediction, the quantity to order where there is one, and one column a level."""
        middle = self.levels.index(0.5)
        columns: dict[str, Any] = {"prediction": pd.Series(prediction[:, middle])}
        if rule.level is not None:
            columns["order"] = rule.quantity(prediction, self.levels)
        columns.update({f"quantile_{level:g}": prediction[:, i] for i, level in enumerate(self.levels)})
        return columns

    def state(self) -> dict[str, Any]:
        """Gives the task as plain JSON data."""
        history = {**vars(self.history), "series": list(self.history.series)}
        return {"kind": "forecast", "target": self.target, "metric": self.metric.name, "levels": list(self.levels), **history}


def _placed(past: pd.DataFrame, rows: pd.DataFrame, history: History) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Gives past and coming rows their series, their step, and the step's place in the season.

    Steps are counted over the moments of all rows together, so that a series with a gap keeps its season.
    """
    both = pd.concat([past[[history.time]], rows[[history.time]]], ignore_index=True)[history.time]
    keys = pd.concat([past[list(history.series)], rows[list(history.series)]], ignore_index=True).astype(object)
    step = pd.factorize(both, sort=True)[0]
    series = keys.groupby(list(history.series), dropna=False, sort=False).ngroup().to_numpy() if history.series else 0
    table = pd.DataFrame({"series": series, "step": step, "season": step % history.season})
    return table.iloc[: len(past)].reset_index(drop=True), table.iloc[len(past) :].reset_index(drop=True)


def _last_seasons(past: pd.DataFrame, ahead: pd.DataFrame) -> np.ndarray:
    """Gives each coming row the last value of its series at its place in the season, shape `(n,)`."""
    last = past.groupby(["series", "season"])["value"].last().rename("last").reset_index()
    mean = past.groupby("series")["value"].mean().rename("mean").reset_index()
    found = ahead.merge(last, on=["series", "season"], how="left").merge(mean, on="series", how="left")
    return found["last"].fillna(found["mean"]).fillna(past["value"].mean()).to_numpy(dtype="float64")


class Forecast:
    """Builds the task."""

    makes = Makes.QUANTILES
    has_labels = False
    most_classes = 0

    @staticmethod
    def learn(settings: dict[str, Any], raw: pd.Series) -> SeriesForecast:
        """Makes the task from the recipe's block."""
        return Forecast.load({**settings, "levels": settings["quantiles"]})

    @staticmethod
    def load(state: dict[str, Any]) -> SeriesForecast:
        """Makes the task from what `state` gave."""
        levels = tuple(sorted(set(state["levels"])))
        if 0.5 not in levels:
            fix = "Add 0.5: the median is the point forecast."
            raise RecipeError(Problem("task.quantiles", f"is {', '.join(map(str, levels))}; 0.5 is not among them.", fix))
        history = History(state["time"], tuple(state["series"]), state["horizon"], state["season"])
        fitting = quantile_metrics(levels)
        metrics = metric_named(state.get("metric"), tuple(fitting), fitting, "forecast")
        return SeriesForecast(state["target"], metrics[0], metrics, history, levels)
