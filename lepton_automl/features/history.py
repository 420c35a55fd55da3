"""What a series did before: lags and rolling means that are known a whole horizon ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import as_texts
from lepton_automl.features.protocol import State
from lepton_automl.tasks import History

DAY = 86_400_000_000


@dataclass(frozen=True)
class HistoryStep:
    """Lags and rolling means of the target, none nearer than the horizon, so that one model serves every step ahead.

    Args:
        target: Column of the values.
        history: How rows form series.
        lags: Steps back, each at least the horizon.
        windows: Lengths of the rolling means that end a horizon before the row.
        step: Microseconds between two steps, or 0 where steps are calendar months.
        origin: The moment of step 0, in microseconds, or its month.
    """

    target: str
    history: History
    lags: tuple[int, ...]
    windows: tuple[int, ...]
    step: int
    origin: int

    @classmethod
    def learn(cls, frame: pd.DataFrame, target: str, history: History) -> HistoryStep:
        """Learns the distance of two steps; lags and windows follow from horizon and season."""
        moments = np.unique(_moments(frame[history.time]))
        step = _distance(moments)
        origin = int(_months(moments[:1])[0]) if step == 0 else int(moments[0])
        return cls(target, history, lags_of(history), windows_of(history), step, origin)

    @property
    def names(self) -> tuple[str, ...]:
        """One for each lag, window, and the same season's mean."""
        lags = (f"{self.target} {lag} steps ago" for lag in self.lags)
        means = (f"{self.target} mean of {window} steps" for window in self.windows)
        return (*lags, *means, f"{self.target} mean of its season")

    @property
    def sources(self) -> tuple[str, ...]:
        """The target's past, for each."""
        return (f"{self.target} (past)",) * len(self.names)

    @property
    def reach(self) -> int:
        """Steps of the past that a row looks back to."""
        return max(*self.lags, *(self.history.horizon + window for window in self.windows))

    def steps(self, times: pd.Series) -> np.ndarray:
        """Gives the number of the step at each moment, shape `(n,)`."""
        moments = _moments(times)
        if self.step == 0:
            return _months(moments) - self.origin
        return np.round((moments - self.origin) / self.step).astype("int64")

    def apply(self, frame: pd.DataFrame, context: pd.DataFrame | None) -> np.ndarray:
        """Looks the past of each row up in the context; NaN where it is not known."""
        assert context is not None, "rows of series need their past"
        past_keys, row_keys = self._keys(context), self._keys(frame)
        names, codes = np.unique(np.concatenate([past_keys, row_keys]), return_inverse=True)
        past_codes, row_codes = codes[: len(context)], codes[len(context) :]
        past_steps, row_steps = self.steps(context[self.history.time]), self.steps(frame[self.history.time])
        first = int(min(past_steps.min(initial=0), row_steps.min(initial=0))) - self.reach
        length = int(max(past_steps.max(initial=0), row_steps.max(initial=0))) - first + 1
        panel = np.full((len(names), length), np.nan)
        panel[past_codes, past_steps - first] = context[self.target].to_numpy(dtype="float64", na_value=np.nan)
        at = row_steps - first
        return np.column_stack([*self._lagged(panel, row_codes, at), *self._means(panel, row_codes, at)]).astype("float32")

    def _keys(self, frame: pd.DataFrame) -> np.ndarray:
        if not self.history.series:
            return np.zeros(len(frame), dtype="U1")
        parts = [as_texts(frame[name]).fillna("").astype(str).reset_index(drop=True) for name in self.history.series]
        return parts[0].str.cat(parts[1:], sep="\x1f").to_numpy(dtype=str) if len(parts) > 1 else parts[0].to_numpy(dtype=str)

    def _lagged(self, panel: np.ndarray, codes: np.ndarray, at: np.ndarray) -> list[np.ndarray]:
        return [panel[codes, at - lag] for lag in self.lags]

    def _means(self, panel: np.ndarray, codes: np.ndarray, at: np.ndarray) -> list[np.ndarray]:
        known = ~np.isnan(panel)
        sums = np.cumsum(np.where(known, panel, 0.0), axis=1)
        counts = np.cumsum(known, axis=1)
        end = at - self.history.horizon
        means = []
        for window in self.windows:
            start = np.maximum(end - window, 0)
            total, count = sums[codes, end] - sums[codes, start], counts[codes, end] - counts[codes, start]
            means.append(np.divide(total, count, out=np.full(len(at), np.nan), where=count > 0))
        seasons = np.stack([panel[codes, at - lag] for lag in self.lags if lag % self.history.season == 0])
        present = ~np.isnan(seasons)
        total, count = np.where(present, seasons, 0.0).sum(axis=0), present.sum(axis=0)
        means.append(np.divide(total, count, out=np.full(len(at), np.nan), where=count > 0))
        return means

    def state(self) -> State:
        """Gives what was learned."""
        history = {**vars(self.history), "series": list(self.history.series)}
        meta = {"step": "history", "target": self.target, "history": history, "lags": list(self.lags)}
        return {**meta, "windows": list(self.windows), "distance": self.step, "origin": self.origin}, {}

    @classmethod
    def load(cls, meta: dict[str, Any], arrays: dict[str, np.ndarray]) -> HistoryStep:
        """Reads what `state` gave."""
        raw = meta["history"]
        history = History(raw["time"], tuple(raw["series"]), raw["horizon"], raw["season"])
        return cls(meta["target"], history, tuple(meta["lags"]), tuple(meta["windows"]), meta["distance"], meta["origin"])


def lags_of(history: History) -> tuple[int, ...]:
    """Gives the lags of a horizon and season: the nearest steps that are known, and the same season of earlier ones."""
    horizon, season = history.horizon, history.season
    first = -(-horizon // season) * season
    near = range(horizon, horizon + min(max(season, 3), 14))
    return tuple(sorted({*near, *(first + k * season for k in range(4))}))


def windows_of(history: History) -> tuple[int, ...]:
    """Gives the lengths of the rolling means."""
    base = max(history.season, 4)
    return (base, 4 * base)


def _moments(times: pd.Series) -> np.ndarray:
    """Gives moments as whole numbers: microseconds since 1970 for dates, the numbers themselves otherwise."""
    if pd.api.types.is_datetime64_any_dtype(times):
        return times.astype("datetime64[us]").to_numpy().astype("int64")
    return times.to_numpy(dtype="float64").round().astype("int64")


def _months(moments: Sequence[int] | np.ndarray) -> np.ndarray:
    dates = pd.DatetimeIndex(np.asarray(moments).astype("datetime64[us]"))
    return (dates.year * 12 + dates.month - 1).to_numpy().astype("int64")


def _distance(moments: np.ndarray) -> int:
    """Gives the most common distance of two steps; 0 where it varies as months do."""
    gaps = np.diff(moments)
    if len(gaps) == 0:
        return 1
    values, counts = np.unique(gaps, return_counts=True)
    if values.min() >= 28 * DAY and values.max() <= 31 * DAY and len(values) > 1:
        return 0
    return int(values[counts.argmax()])
