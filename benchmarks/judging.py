"""How two systems are compared on a set, and what follows over many sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from rows import Row
from sets import auc_parts, open_set, row_losses, truth_of

CORRELATION = 0.9
"""Assumed between the errors of two good systems on the same test rows, where not both predictions are stored."""
RESAMPLES = 2000


@dataclass
class Errors:
    """Standard errors of test rows: measured where predictions are stored, approximate elsewhere.

    Args:
        predictions: Folder of predictions.
        data: Folder of the sets, or none: then all are approximate.
        measured: Pairs judged with both predictions at hand.
        approximate: Pairs judged without.
    """

    predictions: Path
    data: Path | None
    measured: int = 0
    approximate: int = 0
    _truth: dict[str, np.ndarray] = field(default_factory=dict)
    _parts: dict[str, list[np.ndarray]] = field(default_factory=dict)
    _single: dict[str, float] = field(default_factory=dict)

    def of_pair(self, one: Row, other: Row, all_rows: Sequence[Row]) -> float:
        """Gives the standard error of the difference of two systems' figures on the same test rows."""
        mine, theirs = self._parts_of(one), self._parts_of(other)
        if mine is not None and theirs is not None:
            self.measured += 1
            return _combined([a - b for a, b in zip(mine, theirs, strict=True)])
        self.approximate += 1
        single = self._single_error(one, all_rows)
        return float(single * np.sqrt(2 * (1 - CORRELATION)))

    def _single_error(self, row: Row, all_rows: Sequence[Row]) -> float:
        """Gives the standard error of one figure: from any predictions that are stored for the set, else by a formula."""
        if row.name not in self._single:
            stored = [parts for other in all_rows if other.name == row.name and (parts := self._parts_of(other)) is not None]
            losses = [other.loss for other in all_rows if other.name == row.name and np.isfinite(other.loss)]
            rough = formula_error(replace(row, score=None), float(np.median(losses)), all_rows) if losses else 0.0
            self._single[row.name] = float(np.median([_combined(parts) for parts in stored])) if stored else rough
        return self._single[row.name]

    def _parts_of(self, row: Row) -> list[np.ndarray] | None:
        """Gives each row's part in the figure, in one group or (positive and negative rows) two."""
        path = self.predictions / row.predictions
        if not row.predictions or self.data is None or not path.is_file():
            return None
        if row.predictions not in self._parts:
            if row.name not in self._truth:
                table = open_set(self.data, row.name)
                self._truth[row.name] = truth_of(table, table.labels())[0]
            y = self._truth[row.name]
            with np.load(path) as file:
                values = file["values"].astype("float64")
            if row.metric == "roc_auc":
                _, up, down = auc_parts(y == 1, values[:, 1])
                parts = [up, down]
            else:
                losses = row_losses(row.metric, y, values)
                scale = 2 * np.sqrt(losses.mean()) if row.metric == "rmse" else 1.0  # d sqrt(m) = dm / (2 sqrt(m))
                parts = [losses / scale]
            self._parts[row.predictions] = parts
        return self._parts[row.predictions]


def _combined(parts: Sequence[np.ndarray]) -> float:
    """Gives the standard error of the sum of the groups' means."""
    return float(np.sqrt(sum(part.var(ddof=1) / len(part) for part in parts)))


def formula_error(row: Row, loss: float, all_rows: Sequence[Row]) -> float:
    """Gives a rough standard error of one figure from the number of test rows alone.

    For the area under the ROC curve that of Hanley and McNeil (1982), Radiology 143, pages 29-36, with a quarter of positive
    rows where their number is not known; for the mean log loss a deviation of 1.5 means; for the RMSE that of squared errors
    with a kurtosis of 9.
    """
    n = max(2, row.n_test or max((other.n_test for other in all_rows if other.name == row.name), default=2))
    if row.metric == "log_loss":
        return 1.5 * loss / float(np.sqrt(n))
    if row.metric == "rmse":
        return loss * float(np.sqrt(8 / n)) / 2
    known = [other.positives for other in all_rows if other.name == row.name and other.positives]
    up = known[0] if known else max(1, n // 4)
    down, area = max(1, n - up), 1 - loss
    first, second = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (up - 1) * (first - area**2) + (down - 1) * (second - area**2)
    return float(np.sqrt(max(spread, 0.0) / (up * down)))


def points(one: Row, other: Row, error: float) -> float:
    """Gives 1 for a win, 0.5 where the figures differ by less than a standard error, 0 for a loss; a failure counts as last."""
    if one.has_failed or other.has_failed:
        return 0.5 if one.has_failed and other.has_failed else float(other.has_failed)
    if abs(one.loss - other.loss) < error or one.loss == other.loss:
        return 0.5
    return float(one.loss < other.loss)


def interval(values: Sequence[float], statistic: Callable[[np.ndarray], float] = np.mean, seed: int = 0) -> tuple[float, float]:
    """Gives the 95 % bootstrap interval of a statistic over sets."""
    found = np.asarray(values, dtype="float64")
    rng = np.random.default_rng(seed)
    drawn = [statistic(found[rng.integers(0, len(found), len(found))]) for _ in range(RESAMPLES)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def normalised(row: Row, best: float, baseline: float) -> float:
    """Gives the error between the best seen (0) and the constant (1); worse than the constant and failures count 1."""
    if row.has_failed or baseline <= best:
        return 1.0 if row.has_failed else 0.0
    return float(np.clip((row.loss - best) / (baseline - best), 0.0, 1.0))


def at_equal_budget(ours: Sequence[Row], theirs: Sequence[Row], seconds: float) -> list[tuple[Row, Row]]:
    """Pairs runs of one stated budget, by seed where both have it, else every seed with every seed."""
    mine = [row for row in ours if row.seconds == seconds]
    peers = [row for row in theirs if row.seconds == seconds]
    same = [(a, b) for a in mine for b in peers if a.seed == b.seed]
    return same or [(a, b) for a in mine for b in peers]


def at_equal_wall(ours: Sequence[Row], theirs: Sequence[Row], seconds: float) -> list[tuple[Row, Row]]:
    """Pairs runs of about one wall clock.

    Each peer's run at the stated budget meets our run of the largest budget whose wall clock is not longer than the peer's (and
    5 % and 1 s). Where even our run at the stated budget took longer, the peer's longest run within our wall clock meets
    that one instead.
    """
    pairs = []
    for peer in (row for row in theirs if row.seconds == seconds):
        allowed = [row for row in ours if row.wall <= peer.wall * 1.05 + 1]
        if allowed:
            most = max(row.seconds for row in allowed)
            pairs += [(row, peer) for row in allowed if row.seconds == most]
            continue
        for mine in (row for row in ours if row.seconds == seconds):
            quick = [row for row in theirs if row.wall <= mine.wall * 1.05 + 1]
            if quick:
                pairs.append((mine, max(quick, key=lambda row: row.wall)))
    return pairs


def by_set(rows: Sequence[Row]) -> Mapping[str, list[Row]]:
    """Groups rows by their set, in order of names."""
    groups: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.name, row.system, row.seconds, row.seed)):
        groups.setdefault(row.name, []).append(row)
    return groups
