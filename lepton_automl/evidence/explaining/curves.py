"""How a prediction goes with one feature, and which two features act together."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Kind
from lepton_automl.evidence.explaining.changes import Tried
from lepton_automl.evidence.explaining.grounds import Feature, Grounds
from lepton_automl.evidence.explaining.reasons import shown_value
from lepton_automl.evidence.explaining.shapley import Mixed, Score

BINS = 12
"""Stretches of a number, of equally many rows."""
LEVELS = 8
"""Levels of a category that are shown, the most frequent ones."""


@dataclass(frozen=True)
class Curve:
    """How a prediction goes with a feature, beside its mean.

    Args:
        column: The feature.
        kind: `ale` (accumulated local effects, of numbers) or `partial dependence` (of categories).
        at: Values, in order, or levels.
        effects: What is said there less the mean, one for each.
        rows: Judged rows near each.
    """

    column: str
    kind: str
    at: tuple[Any, ...]
    effects: tuple[float, ...]
    rows: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """Gives it as plain JSON data."""
        return {**vars(self), "at": list(self.at), "effects": list(self.effects), "rows": list(self.rows)}


def curve_of(score: Score, rows: pd.DataFrame, grounds: Grounds, place: int, column: int) -> Curve | None:
    """Gives the curve of one feature; none where there is nothing to draw.

    Args:
        score: Gives the prediction of typed rows.
        rows: The typed rows, `n` of them.
        grounds: What explanations rest on.
        place: Place of the feature.
        column: Column of the prediction.

    Source: Apley and Zhu (2020), "Visualizing the effects of predictor variables in black box supervised learning models",
    Journal of the Royal Statistical Society B 82(4), pages 1059-1086; Friedman (2001), "Greedy function approximation",
    Annals of Statistics 29(5), section 8.2.
    """
    feature = grounds.features[place]
    if not feature.is_shown or len(feature.grid) < 2:
        return None
    tried = Tried(score, rows, grounds)
    return _ale(tried, rows, feature, place, column) if feature.is_number else _dependence(tried, rows, feature, place, column)


def _ale(tried: Tried, rows: pd.DataFrame, feature: Feature, place: int, column: int) -> Curve | None:
    values = rows[feature.name].to_numpy(dtype="float64", na_value=np.nan)
    here = np.flatnonzero(np.isfinite(values))
    if len(here) < 2:
        return None
    inside = np.clip(values[here], feature.grid[0], feature.grid[-1])
    edges = np.unique(np.quantile(inside, np.linspace(0, 1, BINS + 1), method="nearest"))
    if len(edges) < 2:
        return None
    step = np.clip(np.searchsorted(edges, inside, side="left"), 1, len(edges) - 1)
    low = [(int(row), {place: float(edges[k - 1])}) for row, k in zip(here, step, strict=True)]
    high = [(int(row), {place: float(edges[k])}) for row, k in zip(here, step, strict=True)]
    told = tried.score([*low, *high])[:, column]
    change, count = told[len(here) :] - told[: len(here)], np.bincount(step, minlength=len(edges))
    local = np.bincount(step, change, minlength=len(edges))[1:] / np.maximum(count[1:], 1)
    summed = np.concatenate([[0.0], np.cumsum(local)])
    middle = (summed[1:] + summed[:-1]) / 2
    effects = summed - float((middle * count[1:]).sum() / count[1:].sum())
    return Curve(feature.name, "ale", tuple(edges.tolist()), tuple(effects.tolist()), (0, *count[1:].tolist()))


def _dependence(tried: Tried, rows: pd.DataFrame, feature: Feature, place: int, column: int) -> Curve:
    levels = feature.grid[:LEVELS]
    told = tried.score([(row, {place: level}) for level in levels for row in range(len(rows))])
    means = told[:, column].reshape(len(levels), len(rows)).mean(axis=1)
    mine = rows[feature.name]
    is_level = feature.kind is Kind.CATEGORY
    count = np.array([int((mine.astype(object) == level).sum()) for level in levels])
    known = count.sum()
    centre = float((means * count).sum() / known) if known else float(means.mean())
    shown = [str(level) if is_level else bool(level) for level in levels]
    return Curve(feature.name, "partial dependence", tuple(shown), tuple((means - centre).tolist()), tuple(count.tolist()))


def interactions(
    mixed: Mixed, places: list[int], columns: np.ndarray, samples: int, seed: int, until: float = float("inf")
) -> list[dict[str, Any]]:
    """Gives how far pairs of features act together, the strongest first.

    It is the mean absolute difference of differences: what exchanging both changes beyond what exchanging each alone does,
    between rows and background rows, the other features taken from one or the other as a random order would. It is 0 for
    features whose effects add up.

    Args:
        mixed: The rows, the background rows and the model.
        places: The features that are looked at.
        columns: Column of the prediction for each row, shape `(n,)`.
        samples: Pairs of rows for each pair of features.
        seed: Seed of the sample.
        until: Moment (seconds since the epoch) from which no further pair is looked at.

    Source: Grabisch and Roubens (1999), "An axiomatic approach to the concept of interaction among players in cooperative
    games", International Journal of Game Theory 28, pages 547-565.
    """
    rng, d, found = np.random.default_rng(seed), len(mixed.names), []
    for first, second in combinations(places, 2):
        if time.time() > until:
            break
        owner, partner = rng.integers(0, mixed.n, samples), rng.integers(0, mixed.b, samples)
        differs = mixed.differs(owner, partner)
        both = differs[:, first] & differs[:, second]
        owner, partner = owner[both], partner[both]
        if not len(owner):
            continue
        known = rng.random((len(owner), d)) < rng.random((len(owner), 1))
        four = []
        for one, two in ((True, True), (True, False), (False, True), (False, False)):
            mask = known.copy()
            mask[:, first], mask[:, second] = one, two
            four.append(mask)
        told = mixed.score(np.tile(owner, 4), np.tile(partner, 4), np.concatenate(four))
        own = told[np.arange(len(told)), np.tile(columns[owner], 4)].reshape(4, -1)
        strength = float(np.abs(own[0] - own[1] - own[2] + own[3]).sum() / samples)
        found.append({"columns": [mixed.names[first], mixed.names[second]], "strength": strength})
    return sorted(found, key=lambda item: -item["strength"])


def direction_of(values: pd.Series, effects: np.ndarray, grounds: Grounds, place: int) -> dict[str, Any]:
    """Gives how the effect goes with the value: the rank correlation of a number, or the levels that raise and lower most.

    Args:
        values: The feature's values, `n` of them.
        effects: Its effects, shape `(n,)`.
        grounds: What explanations rest on.
        place: Place of the feature there.
    """
    feature = grounds.features[place]
    if feature.is_number:
        rank = values.rank().to_numpy(dtype="float64", na_value=np.nan)
        known = np.isfinite(rank)
        moved = pd.Series(effects[known]).rank().to_numpy()
        spread = rank[known].std() * moved.std() if known.sum() > 2 else 0.0
        together = float(((rank[known] - rank[known].mean()) * (moved - moved.mean())).mean() / spread) if spread else 0.0
        return {"goes": "up" if together > 0.3 else "down" if together < -0.3 else "mixed", "together": together}
    if not feature.is_shown or not feature.grid:
        return {"goes": "mixed", "together": None}
    texts = values.astype(object).map(str if feature.kind is Kind.CATEGORY else float, na_action="ignore")
    means = pd.Series(effects).groupby(texts.to_numpy()).agg(["mean", "size"])
    means = means[(means["size"] >= 3) & means.index.isin(list(feature.grid))]
    if len(means) < 2:
        return {"goes": "mixed", "together": None}
    ends = {
        name: shown_value(value, feature)
        for name, value in (("raises", means["mean"].idxmax()), ("lowers", means["mean"].idxmin()))
    }
    return {"goes": "levels", "together": None, **ends}
