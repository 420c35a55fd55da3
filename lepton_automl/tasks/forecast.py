"""The next values of one or many series, as quantiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset
from lepton_automl.errors import Problem
from lepton_automl.tasks.metrics import METRICS, Metric, pinball_metric
from lepton_automl.tasks.prediction import Goal, Labels, Makes
from lepton_automl.tasks.protocol import History
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
        """Repeats each series' last season (seasonal naive), spread by the quantiles of its past seasonal differences.

        Source: Hyndman and Athanasopoulos, "Forecasting: Principles and Practice", 3rd edition, sections 5.2 and 5.5.
        """
        history, target = self.history, self.target
        keys = list(history.series) or None
        past = train.frame.sort_values(history.time)
        grouped = past.groupby(keys, observed=True) if keys else None
        change = past[target] - (grouped[target].shift(history.season) if grouped is not None else past[target].shift(history.season))
        spread = np.nan_to_num(np.quantile(change.dropna(), self.levels) if change.notna().any() else np.zeros(len(self.levels)))
        spread = spread - spread[int(np.argmin(np.abs(np.asarray(self.levels) - 0.5)))]
        point = _last_season(past, rows.frame, target, history)
        return point[:, None] + spread[None, :]

    def output(self, prediction: np.ndarray, threshold: float | None) -> dict[str, Any]:
        """Gives the median as the prediction, and one column a level."""
        middle = self.levels.index(0.5)
        columns: dict[str, Any] = {"prediction": pd.Series(prediction[:, middle])}
        columns.update({f"quantile_{level:g}": prediction[:, i] for i, level in enumerate(self.levels)})
        return columns

    def state(self) -> dict[str, Any]:
        """Gives the task as plain JSON data."""
        history = {**vars(self.history), "series": list(self.history.series)}
        return {"kind": "forecast", "target": self.target, "metric": self.metric.name, "levels": list(self.levels), **history}


def _last_season(past: pd.DataFrame, rows: pd.DataFrame, target: str, history: History) -> np.ndarray:
    """Gives each row the value of its own season in the last season seen, shape `(n,)`."""
    overall = float(past[target].mean())
    keys = [str(name) for name in history.series]
    last = {key: group[target].to_numpy(dtype="float64")[-history.season :] for key, group in _groups(past, keys)}
    order = rows.sort_values(history.time)
    point = pd.Series(np.nan, index=rows.index)
    for key, group in _groups(order, keys):
        season = last.get(key)
        if season is not None and len(season):
            step = pd.factorize(group[history.time])[0]
            point.loc[group.index] = season[step % len(season)]
    return point.fillna(overall).to_numpy()


def _groups(frame: pd.DataFrame, keys: list[str]) -> list[tuple[Any, pd.DataFrame]]:
    return list(frame.groupby(keys, observed=True)) if keys else [((), frame)]


class Forecast:
    """Builds the task."""

    makes = Makes.QUANTILES
    has_labels = False

    @staticmethod
    def learn(settings: dict[str, Any], raw: pd.Series) -> SeriesForecast:
        """Makes the task from the recipe's block."""
        return Forecast.load({**settings, "levels": settings["quantiles"]})

    @staticmethod
    def load(state: dict[str, Any]) -> SeriesForecast:
        """Makes the task from what `state` gave."""
        levels = tuple(sorted(state["levels"]))
        history = History(state["time"], tuple(state["series"]), state["horizon"], state["season"])
        offered = {"wape": METRICS["wape"], "pinball": pinball_metric(levels)}
        chosen = offered[state.get("metric") or "wape"]
        rest = tuple(metric for name, metric in offered.items() if name != chosen.name)
        return SeriesForecast(state["target"], chosen, (chosen, *rest), history, levels)
