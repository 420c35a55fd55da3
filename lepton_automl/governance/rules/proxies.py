"""GOV035: features that stand for a protected column."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.data import Column, Dataset, Kind, Role
from lepton_automl.governance.power import areas_alone, correlation_alone, numbers_of, ranks_of
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict
from lepton_automl.governance.sample import column_matrix, pick_rows, plain_features, sample_note
from lepton_automl.governance.small_model import cross_fitted, spread_folds
from lepton_automl.tasks import binary_auc

SAMPLE = 10_000
MIN_ROWS, MIN_OF_LEVEL = 200, 20
MOST_LEVELS = 10
"""Levels looked at, the largest; and different whole numbers up to which a number is taken for levels."""
FOLDS, ROUNDS = 4, 60
MOST_NAMED = 3
TOLD = {"AUC": 0.55, "R²": 0.05}
"""Power from which a feature is named."""
OF_ONE = (Role.GROUP, Role.USER, Role.SERIES)
"""Roles of columns whose rows belong together: none of them is predicted from the others."""


@dataclass(frozen=True)
class Proxies:
    """How well the features tell each protected column, and which do it best: a model may know by them what it never sees.

    For levels the power is the area under the ROC curve, of several levels the mean of each against the rest. For numbers and
    dates it is the share of the variance of their ranks. `together`, a small model of all features predicts each row of a
    sample of training rows from the other folds; rows of one group, user or series stay in one fold. `alone`, each feature is
    looked at by itself, and the best one counts.

    Args:
        max_auc: Area above which features stand for a protected column of levels.
        max_r2: Share of the variance above which they stand for protected numbers.
        look: `alone`, or `together`.
        action: `note` or `stop`.
    """

    max_auc: Annotated[float, Field(gt=0.5, le=1)] = 0.8
    max_r2: Annotated[float, Field(gt=0, le=1)] = 0.5
    look: Literal["alone", "together"] = "together"
    action: Literal["note", "stop"] = "note"
    code = "GOV035"
    title = "Features do not stand for protected columns"
    stage = Stage.TRAIN

    def check(self, subject: Subject) -> list[Finding]:
        """Measures how well the features tell each protected column on a sample of training rows."""
        protected, names = subject.data.with_role(Role.PROTECTED), plain_features(subject.data)
        if not protected:
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note="no column is protected")]
        return [self._looked(subject.data, column, [name for name in names if name != column.name]) for column in protected]

    def _looked(self, data: Dataset, column: Column, names: list[str]) -> Finding:
        rows, y, classes = _aim(data, column)
        if not names or len(rows) < MIN_ROWS:
            note = (
                f"needs a feature that is no text, {MIN_ROWS} rows, and two levels of {MIN_OF_LEVEL} rows or numbers that vary"
            )
            return Finding(self.code, column.name, Verdict.NOT_APPLICABLE, note=note)
        unit, limit = ("AUC", self.max_auc) if classes else ("R²", self.max_r2)
        alone = {name: _power_alone(data.values(name).iloc[rows].reset_index(drop=True), y, classes) for name in names}
        best = sorted(alone, key=lambda name: -alone[name])[:MOST_NAMED]
        said = ", ".join(f"{name} {alone[name]:.2f}" for name in best if alone[name] > TOLD[unit])
        power = alone[best[0]] if self.look == "alone" else _power_together(data, names, rows, y, classes)
        way = "alone the features tell it with up to" if self.look == "alone" else "together the features tell it with"
        note = f"{way} {power:.3f} {unit}{sample_note(len(data), SAMPLE)}; "
        note += f"best alone: {said}" if said else "none tells much of it alone"
        note += f". More than {limit:g}: they stand for it" if power > limit else ""
        verdict = Verdict.STOP if power > limit and self.action == "stop" else Verdict.NOTED
        return Finding(self.code, column.name, verdict, count=len(rows), measured=power, limit=limit, unit=unit, note=note)


def _aim(data: Dataset, column: Column) -> tuple[np.ndarray, np.ndarray, int]:
    """Gives what is to be told: positions of rows, codes of levels or ranks from 0 to 1, and the number of levels or 0.

    Rows without a value, or of none of the largest levels, are left out; there are no rows where nothing is left to tell.
    """
    rows = pick_rows(len(data), SAMPLE)
    values = data.values(column.name).iloc[rows].reset_index(drop=True)
    nothing = (np.empty(0, dtype="int64"), np.empty(0), 0)
    if column.kind in (Kind.NUMBER, Kind.DATETIME):
        numbers = numbers_of(values)
        known = np.isfinite(numbers)
        different = np.unique(numbers[known])
        if len(different) < 2:
            return nothing
        if len(different) > MOST_LEVELS or np.any(different != np.round(different)):
            return rows[known], ranks_of(numbers[known]) / known.sum(), 0
    elif column.kind not in (Kind.CATEGORY, Kind.BOOLEAN):
        return nothing
    codes, _ = pd.factorize(values)
    sizes = np.bincount(codes[codes >= 0], minlength=1)
    largest = [k for k in np.argsort(-sizes, kind="stable")[:MOST_LEVELS] if sizes[k] >= MIN_OF_LEVEL]
    if len(largest) < 2:
        return nothing
    kept = np.isin(codes, largest)
    return rows[kept], np.searchsorted(np.sort(largest), codes[kept]), len(largest)


def _power_alone(values: pd.Series, y: np.ndarray, classes: int) -> float:
    """Gives the mean area, or the share of the variance of ranks, that one column reaches."""
    return float(np.mean(areas_alone(values, y, classes)[0])) if classes else correlation_alone(values, y) ** 2


def _power_together(data: Dataset, names: list[str], rows: np.ndarray, y: np.ndarray, classes: int) -> float:
    """Gives the same of all columns, by a small model of the rows of other folds."""
    fold = _folds(data, rows, y if classes else np.zeros(len(y), dtype="int64"))
    predicted = cross_fitted(column_matrix([data], names, [rows]), y, classes, fold, ROUNDS).predicted
    if not classes:
        return max(0.0, 1 - float(np.mean((y - predicted) ** 2) / np.var(y)))
    areas = []
    for number in np.unique(fold):
        mine = fold == number
        for k in range(1, 2) if classes == 2 else range(classes):
            hit = y[mine] == k
            if hit.any() and not hit.all():
                areas.append(binary_auc(hit, predicted[mine, k], np.ones(len(hit))))
    return float(np.mean(areas)) if areas else 0.5


def _folds(data: Dataset, rows: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """Spreads levels over folds; where rows belong together, those of one stay in one fold."""
    for role in OF_ONE:
        name = data.name_of(role)
        if name is not None:
            codes, different = pd.factorize(data.values(name).iloc[rows], use_na_sentinel=False)
            if len(different) >= FOLDS:
                return spread_folds(np.zeros(len(different), dtype="int64"), FOLDS)[codes]
    return spread_folds(strata, FOLDS)
