"""Knows where the training rows lie, and tells rows that lie elsewhere: a model should not judge those."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset, Kind
from lepton_automl.features.columns import Coded, Columns, category_in, floats_in
from lepton_automl.features.steps import level_codes, present_codes

FLOORS = (0.005, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.995)
"""Shares of the training values at which a column's knots stand, besides its ends."""
MOST_ROWS, MOST_NUMBERS, MOST_LEVELS = 20_000, 300, 2_000
"""Training rows it learns of; columns of numbers up to which it learns how they move together; levels kept of a category."""
FOLDS = 5
SAME = 0.03
"""Share by which two distances of one row may differ between what was learned with it and without it."""
FURTHEST = 30.0
"""Standard deviations at which a value counts as far as can be."""
_NORMAL = NormalDist()
State = tuple[dict[str, Any], dict[str, np.ndarray]]


@dataclass(frozen=True)
class Spread:
    """How the values of one column of numbers are spread.

    Args:
        name: The column.
        knots: Values, rising, shape `(k,)`.
        places: Where each stands on a normal distribution, shape `(k,)`.
        absent: Surprise of a missing value, -2 log of its share.
    """

    name: str
    knots: np.ndarray
    places: np.ndarray
    absent: float

    def of(self, values: np.ndarray) -> np.ndarray:
        """Gives where values stand on a normal distribution; beyond the ends in the slope of the last knots; shape `(n,)`."""
        placed = np.interp(values, self.knots, self.places)
        low, high = self._slopes
        first, last = self.knots[0], self.knots[-1]
        if len(values) and values.min() >= first and values.max() <= last:
            return placed
        placed = placed + np.minimum(0, values - first) * low + np.maximum(0, values - last) * high
        return np.minimum(np.maximum(placed, -FURTHEST), FURTHEST)

    @cached_property
    def _slopes(self) -> tuple[float, float]:
        if len(self.knots) < 3:
            slope = 3.0 / max(float(np.ptp(self.knots)), 1e-12)
            return slope, slope
        first, last = (float(np.ptp(self.places[part]) / np.ptp(self.knots[part])) for part in (slice(0, 3), slice(-3, None)))
        return first, last


@dataclass(frozen=True)
class Levels:
    """How often the levels of one category occur.

    Args:
        name: The column.
        levels: The levels.
        surprise: -2 log of the share of each, less the mean of it; then that of a level that was not seen, then that of a
            missing value; shape `(levels + 2,)`.
    """

    name: str
    levels: tuple[str, ...]
    surprise: np.ndarray

    def of(self, values: Any) -> np.ndarray:
        """Gives the surprise of values, shape `(n,)`."""
        codes = level_codes(values, self.levels)
        if len(codes) and codes.min() >= 0:
            return self.surprise[codes]
        raw = values.array if isinstance(values, pd.Series) else values
        is_coded = isinstance(raw, pd.Categorical | Coded)
        absent = np.asarray(raw.codes) < 0 if is_coded else pd.isna(values).to_numpy()
        return self.surprise[np.where(absent, -1, np.where(codes < 0, -2, codes))]


@dataclass(frozen=True)
class Domain:
    """Where the training rows lie: numbers on a joint normal distribution, each after its own shape; categories by frequency.

    The distance of a row is the squared Mahalanobis distance of its numbers plus -2 log of the shares of its levels, but for
    constants: -2 log likelihood under a normal copula and independent categories.

    Args:
        numbers: Columns of numbers.
        categories: Columns of categories.
        precision: Inverse of the shrunk covariance of the numbers' places, shape `(p, p)`.
        limit: Distance above which a row is outside.
        most: How odd one number alone, and one category alone, may be, on the scale of the distance.

    Source: Mahalanobis (1936), "On the generalised distance in statistics"; normal scores and copula: Liu, Lafferty and
    Wasserman (2009), "The nonparanormal", JMLR 10; the limit is a quantile of distances of rows that were not learned of, as in
    conformal anomaly detection: Laxhammar and Falkman (2010), "Conformal prediction for distribution-independent anomaly
    detection in streaming vessel data".
    """

    numbers: tuple[Spread, ...]
    categories: tuple[Levels, ...]
    precision: np.ndarray
    limit: float = np.inf
    most: tuple[float, float] = (np.inf, np.inf)

    def distances(self, frame: pd.DataFrame | Columns) -> np.ndarray:
        """Gives the distance of each typed row, shape `(n,)`."""
        return np.asarray(self.parts(frame)[0].sum(axis=1))

    def parts(self, frame: pd.DataFrame | Columns) -> tuple[np.ndarray, np.ndarray]:
        """Gives what each column adds to the distance, and how odd its value is alone; each `(n, columns)`, numbers first."""
        n = len(frame)
        placed, absent = np.zeros((n, len(self.numbers))), np.zeros((n, len(self.numbers)))
        for at, spread in enumerate(self.numbers):
            values = floats_in(frame, spread.name)
            missing = np.isnan(values)
            if missing.any():
                placed[:, at] = np.where(missing, 0.0, spread.of(np.where(missing, spread.knots[0], values)))
                absent[:, at] = np.where(missing, spread.absent, 0.0)
            else:
                placed[:, at] = spread.of(values)
        odd = [levels.of(category_in(frame, levels.name)) for levels in self.categories]
        together = np.column_stack([placed * (placed @ self.precision) + absent, *odd])
        return together, np.column_stack([placed * placed + absent, *odd])

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it looks at, in the order of `parts`."""
        return (*(part.name for part in self.numbers), *(part.name for part in self.categories))

    def outside(self, frame: pd.DataFrame | Columns) -> list[str]:
        """Gives for each row the column that puts it outside the most; empty for rows that lie inside."""
        together, alone = self.parts(frame)
        alone = alone - np.repeat(self.most, (len(self.numbers), len(self.categories)))
        is_odd, is_far = alone.max(axis=1) > 0, together.sum(axis=1) > self.limit
        if not (is_odd.any() or is_far.any()):
            return [""] * len(alone)
        most = np.where(is_odd, alone.argmax(axis=1), together.argmax(axis=1))
        return [self.columns[column] if is_out else "" for column, is_out in zip(most, is_odd | is_far, strict=True)]

    def state(self) -> State:
        """Gives it as plain JSON data and arrays."""
        meta = {
            "numbers": [{"name": part.name, "absent": part.absent} for part in self.numbers],
            "categories": [{"name": part.name, "levels": list(part.levels)} for part in self.categories],
            "limit": self.limit,
            "most": list(self.most),
        }
        arrays = {"precision": self.precision}
        for at, spread in enumerate(self.numbers):
            arrays[f"number_{at}"] = np.stack([spread.knots, spread.places])
        for at, levels in enumerate(self.categories):
            arrays[f"category_{at}"] = levels.surprise
        return meta, arrays

    @classmethod
    def load(cls, meta: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Domain:
        """Reads what `state` gave."""
        numbers = [
            Spread(m["name"], arrays[f"number_{at}"][0], arrays[f"number_{at}"][1], m["absent"])
            for at, m in enumerate(meta["numbers"])
        ]
        categories = [
            Levels(m["name"], tuple(m["levels"]), arrays[f"category_{at}"]) for at, m in enumerate(meta["categories"])
        ]
        return cls(tuple(numbers), tuple(categories), arrays["precision"], meta["limit"], tuple(meta["most"]))


def learn_domain(train: Dataset, share: float, seed: int) -> Domain | None:
    """Learns where training rows lie; none where there are no columns of numbers, truths or categories, or too few rows.

    The limits are quantiles over rows that were not learned of: half of the share falls to the distance, a quarter each to
    numbers and to categories alone.

    Args:
        train: Training rows.
        share: Share of rows like them that are to lie outside.
        seed: Seed of the rows it learns of, and of its folds.
    """
    rng = np.random.default_rng(seed)
    rows = train.rows(np.sort(rng.permutation(len(train))[:MOST_ROWS])) if len(train) > MOST_ROWS else train
    if len(rows) < 2 * FOLDS:
        return None
    whole = _learned(rows)
    if not whole.columns:
        return None
    fold, unlearned = rng.permutation(len(rows)) % FOLDS, np.zeros((len(rows), 3))
    for number in range(FOLDS):
        here = fold == number
        unlearned[here] = _three(_learned(rows.rows(~here)), rows.rows(here).frame)
    columns = zip(unlearned.T, _three(whole, rows.frame).T, (share / 2, share / 4, share / 4), strict=True)
    limit, most_number, most_level = (_limit(*column) for column in columns)
    return replace(whole, limit=limit, most=(most_number, most_level))


def _three(domain: Domain, frame: pd.DataFrame) -> np.ndarray:
    """Gives the distance of each row, and how odd its oddest number and its oddest level are; shape `(n, 3)`."""
    together, alone = domain.parts(frame)
    split = len(domain.numbers)
    odd = [part.max(axis=1, initial=-1e9) for part in (alone[:, :split], alone[:, split:])]
    return np.column_stack([together.sum(axis=1), *odd])


def _limit(unlearned: np.ndarray, learned: np.ndarray, share: float) -> float:
    """Gives the quantile of rows not learned of, raised to a value that many of the others have, if it is about the same.

    Where many rows share a value, what was learned without some of them puts it a little elsewhere.
    """
    limit = float(np.quantile(unlearned, 1 - share, method="higher"))
    values, counts = np.unique(learned, return_counts=True)
    shared = values[(values <= limit + SAME * abs(limit)) & (counts > share * len(learned) / 2)]
    return float(shared.max(initial=limit))


def _learned(rows: Dataset) -> Domain:
    spreads = [_spread(rows, c.name) for c in rows.features if c.kind in (Kind.NUMBER, Kind.BOOLEAN)]
    numbers = tuple(spread for spread in spreads if spread is not None)
    categories = tuple(_levels(rows, c.name) for c in rows.features if c.kind is Kind.CATEGORY)
    p = len(numbers)
    if not p:
        return Domain(numbers, categories, np.zeros((0, 0)))
    if p > MOST_NUMBERS:
        return Domain(numbers, categories, np.eye(p))
    placed = np.column_stack([np.nan_to_num(spread.of(floats_in(rows.frame, spread.name))) for spread in numbers])
    covariance = placed.T @ placed / len(placed)
    kept = 1 - max(0.02, min(0.9, p / len(placed)))
    shrunk = kept * covariance + (1 - kept) * np.diag(np.maximum(np.diag(covariance), 0.1))
    return Domain(numbers, categories, np.linalg.inv(shrunk))


def _spread(rows: Dataset, name: str) -> Spread | None:
    values = floats_in(rows.frame, name)
    known = values[np.isfinite(values)]
    n = len(known)
    if n < 2 or known.min() == known.max():
        return None
    edge = 0.5 / n
    shares = np.array([edge, *(share for share in FLOORS if edge < share < 1 - edge), 1 - edge])
    at = np.concatenate([[known.min()], np.quantile(known, shares[1:-1]), [known.max()]])
    knots, place = np.unique(at, return_inverse=True)
    normal = np.array([_NORMAL.inv_cdf(float(share)) for share in shares])
    places = np.bincount(place, normal) / np.bincount(place)
    return Spread(name, knots, places, _surprise(float(np.sum(~np.isfinite(values))), len(values)))


def _levels(rows: Dataset, name: str) -> Levels:
    codes, levels = present_codes(rows.values(name))
    counts = np.bincount(codes[codes >= 0], minlength=len(levels)).astype("float64")
    order = np.argsort(-counts, kind="stable")[:MOST_LEVELS]
    n, absent = len(codes), float((codes < 0).sum())
    each = np.array([_surprise(count, n) for count in counts[order]])
    mean = (float((counts[order] * each).sum()) + absent * _surprise(absent, n)) / n
    surprise = np.append(each, [_surprise(0.0, n), _surprise(absent, n)]) - mean
    return Levels(name, tuple(levels[place] for place in order), surprise)


def _surprise(count: float, n: int) -> float:
    """Gives -2 log of a share; of what never occurred that of half a row."""
    return float(-2 * np.log(max(count, 0.5) / n))
