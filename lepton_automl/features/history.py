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
NEVER = -(2**55)
"""The moment of a row without one: eleven centuries before 1970, where nothing is known."""
COMMON_SHARE = 0.1
"""A distance is that of two steps if at least this share of neighbours has it."""


@dataclass(frozen=True)
class HistoryStep:
    """Lags and rolling means of the target, none nearer than the horizon, so that one model serves every step ahead.

    Args:
        target: Column of the values.
        history: How rows form series.
        lags: Steps back, each at least the horizon.
        windows: Lengths of the rolling means that end a horizon before the row.
        step: Distance of two steps, in microseconds (in whole numbers where time is a number), or in calendar months.
        origin: The moment of step 0, in the same units; months are counted from the year 0.
        in_months: Whether steps are calendar months.
    """

    target: str
    history: History
    lags: tuple[int, ...]
    windows: tuple[int, ...]
    step: int
    origin: int
    in_months: bool = False

    @classmethod
    def learn(cls, frame: pd.DataFrame, target: str, history: History) -> HistoryStep:
        """Learns the distance of two steps within a series; lags and windows follow from horizon and season."""
        moments = _moments(frame[history.time])
        gaps = _gaps(moments, keys_of(frame, history.series))
        months = _months_apart(np.unique(moments), gaps) if pd.api.types.is_datetime64_any_dtype(frame[history.time]) else 0
        step = months or _distance(gaps)
        first = int(moments.min())
        origin = int(_months(np.array([first]))[0]) if months else first
        return cls(target, history, lags_of(history), windows_of(history), step, origin, months > 0)

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
        if self.in_months:
            return (_months(moments) - self.origin) // self.step
        return np.round((moments - self.origin) / self.step).astype("int64")

    def apply(self, frame: pd.DataFrame, context: pd.DataFrame | None) -> np.ndarray:
        """Looks the past of each row up in the context; NaN where it is not known."""
        assert context is not None, "rows of series need their past"
        context = context[context[self.history.time].notna()]
        past_keys, row_keys = keys_of(context, self.history.series), keys_of(frame, self.history.series)
        names, codes = np.unique(np.concatenate([past_keys, row_keys]), return_inverse=True)
        past_steps, row_steps = self.steps(context[self.history.time]), self.steps(frame[self.history.time])
        first = int(past_steps.min(initial=0))
        panel = np.full((len(names), int(past_steps.max(initial=first)) - first + 1), np.nan)
        values = context[self.target].to_numpy(dtype="float64", na_value=np.nan)
        panel[codes[: len(context)], past_steps - first] = values
        series, at = codes[len(context) :], row_steps - first
        lagged = [_known_at(panel, series, at - lag) for lag in self.lags]
        return np.column_stack([*lagged, *self._means(panel, series, at), self._season(lagged)]).astype("float32")

    def _means(self, panel: np.ndarray, series: np.ndarray, at: np.ndarray) -> list[np.ndarray]:
        """Gives the mean of each window of known values that ends a horizon before the row."""
        known = ~np.isnan(panel)
        sums = np.pad(np.cumsum(np.where(known, panel, 0.0), axis=1), ((0, 0), (1, 0)))
        counts = np.pad(np.cumsum(known, axis=1), ((0, 0), (1, 0)))
        end = at - self.history.horizon + 1
        means = []
        for window in self.windows:
            to, since = np.clip(end, 0, panel.shape[1]), np.clip(end - window, 0, panel.shape[1])
            total, count = sums[series, to] - sums[series, since], counts[series, to] - counts[series, since]
            means.append(np.divide(total, count, out=np.full(len(at), np.nan), where=count > 0))
        return means

    def _season(self, lagged: list[np.ndarray]) -> np.ndarray:
        """Gives the mean of the lags that are whole seasons."""
        whole = np.stack([values for values, lag in zip(lagged, self.lags, strict=True) if lag % self.history.season == 0])
        known = ~np.isnan(whole)
        total, count = np.where(known, whole, 0.0).sum(axis=0), known.sum(axis=0)
        return np.divide(total, count, out=np.full(whole.shape[1], np.nan), where=count > 0)

    def state(self) -> State:
        """Gives what was learned."""
        history = {**vars(self.history), "series": list(self.history.series)}
        meta = {"step": "history", "target": self.target, "history": history, "lags": list(self.lags)}
        learned = {"windows": list(self.windows), "distance": self.step, "origin": self.origin, "in_months": self.in_months}
        return {**meta, **learned}, {}

    @classmethod
    def load(cls, meta: dict[str, Any], arrays: dict[str, np.ndarray]) -> HistoryStep:
        """Reads what `state` gave."""
        raw = meta["history"]
        history = History(raw["time"], tuple(raw["series"]), raw["horizon"], raw["season"])
        learned = (meta["distance"], meta["origin"], meta["in_months"])
        return cls(meta["target"], history, tuple(meta["lags"]), tuple(meta["windows"]), *learned)


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
    missing = times.isna().to_numpy()
    if pd.api.types.is_datetime64_any_dtype(times):
        moments = times.astype("datetime64[us]").to_numpy().astype("int64")
    else:
        moments = np.where(missing, 0, times.to_numpy(dtype="float64", na_value=np.nan)).round().astype("int64")
    return np.where(missing, NEVER, moments)


def keys_of(frame: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Gives the series of each row as text, shape `(n,)`."""
    if not names:
        return np.zeros(len(frame), dtype="U1")
    parts = [as_texts(frame[name]).fillna("").astype(str).reset_index(drop=True) for name in names]
    return (parts[0].str.cat(parts[1:], sep="\x1f") if len(parts) > 1 else parts[0]).to_numpy(dtype=str)


def _known_at(panel: np.ndarray, series: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Gives the panel's values at series and steps, NaN outside of it."""
    inside = (at >= 0) & (at < panel.shape[1])
    return np.where(inside, panel[series, np.where(inside, at, 0)], np.nan)


def _months(moments: np.ndarray) -> np.ndarray:
    dates = pd.DatetimeIndex(moments.astype("datetime64[us]"))
    return (dates.year * 12 + dates.month - 1).to_numpy().astype("int64")


def _gaps(moments: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Gives the distances of neighbouring moments within each series, those above 0."""
    codes = pd.factorize(keys)[0]
    order = np.lexsort((moments, codes))
    gaps = np.diff(moments[order])[np.diff(codes[order]) == 0]
    return gaps[gaps > 0]


def _distance(gaps: np.ndarray) -> int:
    """Gives the most common distance of two steps; the median one where moments are so irregular that none is common."""
    if len(gaps) == 0:
        return 1
    values, counts = np.unique(gaps, return_counts=True)
    is_common = counts.max() >= COMMON_SHARE * len(gaps)
    return int(values[counts.argmax()] if is_common else np.quantile(gaps, 0.5, method="lower"))


def _months_apart(moments: np.ndarray, gaps: np.ndarray) -> int:
    """Gives the calendar months between two steps; 0 where steps are not months.

    They are where no month holds two moments, and the moments share their day of the month, or are its last days, or lie
    at distances that are no multiples of the smallest one (as four weeks are).
    """
    if len(gaps) == 0 or gaps.min() < 28 * DAY:
        return 0
    months = _months(moments)
    if len(np.unique(months)) < len(months):
        return 0
    dates = pd.DatetimeIndex(moments.astype("datetime64[us]"))
    same_day = len(np.unique(dates.day)) == 1 or bool(dates.is_month_end.all())
    if not same_day and not (gaps % gaps.min()).any():
        return 0
    return int(np.gcd.reduce(np.diff(months)))
