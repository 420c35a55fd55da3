"""GOV016: a number that is the mean target of a category."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.data import Kind
from lepton_automl.governance.actions import Action, verdict_of
from lepton_automl.governance.power import draw_sample, numbers_of
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict

ROWS = 200_000
MIN_LEVELS, MIN_ROWS, MOST_LEVELS = 3, 10, 20_000
"""Levels with so many rows each that are needed; more levels than that are not looked at."""
FIRST_LOOK = 5_000
HUGE = 1e100
"""No mean target is as large: squares of larger numbers overflow."""
MOST_COLUMNS = 100
SLOPE = (0.7, 1.4)
"""Rise of the mean target with the number: near 1; a smoothed look-up lies closer to the overall mean, and rises faster."""


@dataclass(frozen=True)
class Lookups:
    """A feature that has one number per level of a category, about the mean target of that level.

    Such a look-up was made with the targets of the rows it is used on, those of test rows mostly included. It may also be an
    honest figure of earlier rows, so it is told where others are dropped.

    Args:
        min_explained: Share of the variance of the levels' mean targets from which it is one.
        action: `drop`, `stop` or `note`; `drop` only tells, unless a look-up leaves out the row's own target.
    """

    min_explained: Annotated[float, Field(gt=0.5, le=1, json_schema_extra={"unit": "share"})] = 0.6
    action: Action = "drop"
    code = "GOV016"
    title = "No feature is the mean target of a category"
    stage = Stage.TRAIN

    def check(self, subject: Subject) -> list[Finding]:
        """Compares numbers that are the same within levels with the levels' mean targets, on training rows."""
        sample = draw_sample(subject, ROWS)
        if sample is None:
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note="features are known a whole horizon ahead")]
        data = subject.data
        names = [c.name for c in data.features if c.kind is Kind.NUMBER and data.values(c.name).nunique() >= MIN_LEVELS]
        numbers = {name: numbers_of(sample.values(subject, name)) for name in names[:MOST_COLUMNS]}
        findings: dict[str, Finding] = {}
        for column in [c for c in data.features if c.kind in (Kind.CATEGORY, Kind.BOOLEAN)][:MOST_COLUMNS]:
            codes, levels = pd.factorize(sample.values(subject, column.name), use_na_sentinel=False)
            if not MIN_LEVELS <= len(levels) <= MOST_LEVELS:
                continue
            for name, x in numbers.items():
                if name in findings:
                    continue
                found = self._compared(name, column.name, x, codes, sample.y, sample.width)
                if found is not None:
                    findings[name] = found
        return list(findings.values())

    def _compared(
        self, name: str, category: str, x: np.ndarray, codes: np.ndarray, y: np.ndarray, width: int
    ) -> Finding | None:
        first = slice(0, FIRST_LOOK)
        if is_same_within(x[first], codes[first]) and is_same_within(x, codes):
            share = explained_by(x, codes, y, width)
            if share > self.min_explained:
                verdict, effect = verdict_of(self.action, False)
                note = f"is one number per level of {category}, and about the mean target there"
                return Finding(self.code, name, verdict, effect, None, 0, share, self.min_explained, "share", note)
            return None
        if width == 1:
            return None
        inside = codes * width + y.astype("int64")
        if is_same_within(x[first], inside[first]) and is_same_within(x, inside):
            verdict, effect = verdict_of(self.action)
            note = f"is one number per level of {category} and label: a look-up that leaves the row's own target out"
            return Finding(self.code, name, verdict, effect, None, 0, 1.0, self.min_explained, "share", note)
        return None


def is_same_within(x: np.ndarray, codes: np.ndarray) -> bool:
    """Says whether numbers are the same within each level, and levels have several rows in the mean.

    Args:
        x: Numbers, shape `(n,)`.
        codes: Level of each row, shape `(n,)`.
    """
    count = int(codes.max()) + 1 if len(codes) else 0
    if not count or len(np.unique(codes)) * 2 > len(codes):
        return False
    known = np.isfinite(x)
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, codes[known], x[known])
    np.maximum.at(high, codes[known], x[known])
    told = np.isfinite(low)
    size = max(1e-12, float(np.abs(x[known]).max())) if known.any() else 1.0
    return bool(known.mean() > 0.5 and (high[told] - low[told] <= 1e-9 * size).all())


def explained_by(x: np.ndarray, codes: np.ndarray, y: np.ndarray, width: int) -> float:
    """Gives the share of the variance of the levels' mean targets that their numbers explain; 0 where on another scale.

    Args:
        x: Numbers that are the same within each level, shape `(n,)`.
        codes: Level of each row, shape `(n,)`.
        y: Class codes or numbers, shape `(n,)`.
        width: Number of classes; 1 where the target is numbers.
    """
    known = np.isfinite(x)
    x, codes, y = x[known], codes[known], y[known]
    counts = np.bincount(codes)
    told = counts >= MIN_ROWS
    if told.sum() < MIN_LEVELS:
        return 0.0
    number = np.bincount(codes, weights=x)[told] / counts[told]
    if np.ptp(number) == 0:
        return 0.0
    best = 0.0
    for k in range(1 if width == 1 else width):
        aim = y if width == 1 else (y == k).astype("float64")
        mean = np.bincount(codes, weights=aim)[told] / counts[told]
        best = max(best, _agreement(number, mean, counts[told].astype("float64"), float(aim.mean()), float(aim.std())))
    return best


def _agreement(number: np.ndarray, mean: np.ndarray, weight: np.ndarray, overall: float, deviation: float) -> float:
    weight = weight / weight.sum()
    if float(np.abs(number).max()) > HUGE:
        return 0.0
    a, b = number - weight @ number, mean - weight @ mean
    spread, between = float(weight @ a**2), float(weight @ b**2)
    if spread == 0 or between == 0:
        return 0.0
    slope = float(weight @ (a * b)) / spread
    is_near = abs(weight @ number - overall) <= 0.1 * deviation + 0.5 * np.sqrt(between)
    is_alike = SLOPE[0] <= slope <= SLOPE[1] and is_near
    return float((weight @ (a * b)) ** 2 / (spread * between)) if is_alike else 0.0
