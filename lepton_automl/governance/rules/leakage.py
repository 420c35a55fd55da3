"""GOV007: a feature that alone gives the target away."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.data import Kind
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict
from lepton_automl.tasks import Makes, binary_auc

SAMPLE = 20_000
MAX_CLASSES = 30
GIVEN_AWAY = 0.25
"""Share of the rows whose classes a feature must give away."""
SCORED = (Kind.NUMBER, Kind.BOOLEAN, Kind.DATETIME, Kind.CATEGORY)


@dataclass(frozen=True)
class Leakage:
    """A feature whose power alone is beyond belief is dropped, or stops the run.

    For labels the power is the area under the ROC curve of the feature alone, each class against the rest; of several classes
    it is the area that those reach which hold a quarter of the rows, as one of many classes may well be told by one feature.
    Categories are scored by the share of the class at their level on the other half of the training rows. For numbers it is
    the rank correlation.

    Args:
        max_auc: Largest area that is believed.
        max_correlation: Largest rank correlation, without sign, that is believed.
        action: `drop`, `stop` or `note`.
    """

    max_auc: Annotated[float, Field(gt=0.5, le=1)] = 0.985
    max_correlation: Annotated[float, Field(gt=0, le=1)] = 0.995
    action: Literal["drop", "stop", "note"] = "drop"
    code = "GOV007"
    title = "No feature alone gives the target away"
    stage = Stage.TRAIN

    def check(self, subject: Subject) -> list[Finding]:
        """Measures the power of each feature on training rows."""
        y = subject.target
        assert y is not None
        is_label = subject.goal.makes is Makes.PROBABILITIES
        if subject.goal.makes is Makes.QUANTILES:
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note="features are known a whole horizon ahead")]
        rng = np.random.default_rng(0)
        pick = rng.permutation(len(y))[:SAMPLE]
        limit, unit = (self.max_auc, "AUC") if is_label else (self.max_correlation, "rank correlation")
        findings = []
        for column in subject.data.features:
            if column.kind not in SCORED:
                continue
            values = subject.data.values(column.name).iloc[pick].reset_index(drop=True)
            power = _auc(values, y[pick], subject.goal.width) if is_label else _correlation(values, y[pick])
            if power > limit:
                findings.append(self._finding(column.name, power, limit, unit))
        return findings

    def _finding(self, column: str, power: float, limit: float, unit: str) -> Finding:
        verdict = {"drop": Verdict.ACTED, "stop": Verdict.STOP, "note": Verdict.NOTED}[self.action]
        effect = "column dropped" if self.action == "drop" else ""
        note = f"alone reaches {power:.3f} {unit} on training rows; more than {limit:g} is not believed"
        return Finding(self.code, column, verdict, effect, measured=power, limit=limit, unit=unit, note=note)


def _auc(values: pd.Series, y: np.ndarray, width: int) -> float:
    classes = range(1, 2) if width == 2 else np.argsort(-np.bincount(y, minlength=width))[:MAX_CLASSES]
    areas, shares = [], []
    for k in classes:
        hit = y == k
        if not hit.any() or hit.all():
            continue
        score = _score(values, hit.astype("float64"))
        area = binary_auc(hit, score, np.ones(len(y)))
        areas.append(max(area, 1 - area))
        shares.append(float(hit.mean()))
    if width == 2 or not areas:
        return max(areas, default=0.5)
    order = np.argsort(-np.array(areas), kind="stable")
    reached = np.searchsorted(np.cumsum(np.array(shares)[order]), GIVEN_AWAY)
    return areas[int(order[min(int(reached), len(areas) - 1)])]


def _correlation(values: pd.Series, y: np.ndarray) -> float:
    score = _score(values, y)
    ranks, ranks_y = pd.Series(score).rank().to_numpy(), pd.Series(y).rank().to_numpy()
    if np.ptp(ranks) == 0 or np.ptp(ranks_y) == 0:
        return 0.0
    return float(abs(np.corrcoef(ranks, ranks_y)[0, 1]))


def _score(values: pd.Series, y: np.ndarray) -> np.ndarray:
    """Gives a feature as a score: numbers and dates as they are, categories by the target's mean on the other half."""
    if not isinstance(values.dtype, pd.CategoricalDtype):
        if pd.api.types.is_datetime64_any_dtype(values):
            values = (values - pd.Timestamp(0)).dt.total_seconds()
        numbers = values.to_numpy(dtype="float64", na_value=np.nan)
        missing = np.isnan(numbers)
        return np.where(missing, numbers.min(where=~missing, initial=0.0) - 1, numbers)
    codes, half = values.cat.codes.to_numpy() + 1, np.arange(len(y)) % 2 == 0
    score = np.empty(len(y))
    for mine in (half, ~half):
        counts = np.bincount(codes[~mine], minlength=codes.max() + 1)
        sums = np.bincount(codes[~mine], weights=y[~mine], minlength=codes.max() + 1)
        overall = y[~mine].mean() if (~mine).any() else 0.0
        score[mine] = ((sums + overall) / (counts + 1))[codes[mine]]
    return score
