"""GOV012: whether a value is there gives the target away."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.data import Kind
from lepton_automl.governance.actions import Action, verdict_of
from lepton_automl.governance.power import MAX_CLASSES, draw_sample, ranks_of, reached_area
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict

PURE, MOST_PRIOR, LEAST_COVERED = 0.98, 0.8, 0.1
"""Share of one label among the rows with (or without) a value; the largest share it may have anyhow; its part among them."""
USUAL = 0.3
"""Share of the rows from which the most frequent number counts as no entry, as 0 often does."""


@dataclass(frozen=True)
class Missingness:
    """A feature that is missing or filled where the target has a certain value.

    It is measured on whether a value is there, not on the values: by the area under the ROC curve, for numbers too (how often a
    target of a row without a value is above that of a row with one). What is filled (or differs from the usual number, such as
    0) for one label only is told.

    Args:
        max_auc: Largest area that is believed.
        min_rows: Rows that must be there with a value, and without one.
        action: `drop`, `stop` or `note`.
    """

    max_auc: Annotated[float, Field(gt=0.5, le=1)] = 0.9
    min_rows: Annotated[int, Field(ge=5, le=10_000)] = 30
    action: Action = "drop"
    code = "GOV012"
    title = "Whether a value is there does not give the target away"
    stage = Stage.TRAIN

    def check(self, subject: Subject) -> list[Finding]:
        """Measures the power of each feature's missing values on training rows."""
        sample = draw_sample(subject, len(subject.data))
        if sample is None:
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note="features are known a whole horizon ahead")]
        y = sample.y
        ranks = None if sample.is_label else ranks_of(y)
        labels, count = _labels(y, sample.width)
        findings = []
        for column in subject.data.features:
            values = sample.values(subject, column.name)
            is_missing = values.isna().to_numpy()
            if not self._is_supported(is_missing):
                findings += self._unusual(column.name, column.kind, values, labels, count)
                continue
            if ranks is not None:
                area = most = _area_of_ranks(is_missing, ranks)
            else:
                area, most = _areas_of_labels(is_missing, y, sample.width, self.min_rows)
            if most > self.max_auc:
                note = f"whether a value is missing reaches {most:.3f} AUC on training rows"
                note += f"; more than {self.max_auc:g} is not believed" if area > self.max_auc else " for one of several labels"
                findings.append(self._finding(column.name, int(is_missing.sum()), most, note, area > self.max_auc))
            else:
                findings += self._pure(column.name, is_missing, labels, count, "missing")
        return findings

    def _is_supported(self, mark: np.ndarray) -> bool:
        return bool(min(mark.sum(), (~mark).sum()) >= self.min_rows)

    def _unusual(self, name: str, kind: Kind, values: pd.Series, labels: np.ndarray, count: int) -> list[Finding]:
        """Looks at numbers most of which are one and the same, as 0 where nothing is entered."""
        if kind is not Kind.NUMBER:
            return []
        numbers = values.to_numpy(dtype="float64", na_value=np.nan)
        usual = pd.Series(numbers[:5_000]).mode()
        is_usual = numbers == (usual.iloc[0] if len(usual) else np.nan)
        if is_usual.mean() < USUAL or not self._is_supported(is_usual):
            return []
        return self._pure(name, is_usual, labels, count, "its usual number")

    def _pure(self, name: str, mark: np.ndarray, labels: np.ndarray, count: int, words: str) -> list[Finding]:
        """Tells marked or unmarked rows that are of one label, where few others are."""
        if count < 2:
            return []
        prior = np.bincount(labels, minlength=count) / len(labels)
        for rows, said in ((mark, words), (~mark, f"not {words}")):
            inside = np.bincount(labels[rows], minlength=count)
            k = int(np.argmax(inside))
            share, covered = inside[k] / rows.sum(), inside[k] / max(1, prior[k] * len(labels))
            if share >= PURE and prior[k] <= MOST_PRIOR and covered >= LEAST_COVERED:
                note = (
                    f"{int(rows.sum())} rows where it is {said} are of one label to {share:.1%}, {prior[k]:.1%} of all rows are"
                )
                return [self._finding(name, int(rows.sum()), float(share), note, False, PURE, "share")]
        return []

    def _finding(
        self,
        column: str,
        count: int,
        measured: float,
        note: str,
        is_certain: bool,
        limit: float | None = None,
        unit: str = "AUC",
    ) -> Finding:
        limit = self.max_auc if limit is None else limit
        verdict, effect = verdict_of(self.action, is_certain)
        return Finding(self.code, column, verdict, effect, None, count, measured, limit, unit, note)


def _labels(y: np.ndarray, width: int) -> tuple[np.ndarray, int]:
    """Gives labels and their number; of numbers, whether one is the most frequent, where that is no rare one."""
    if width > 1:
        return y.astype("int64"), width
    found, counts = np.unique(y, return_counts=True)
    share = counts.max() / len(y) if len(y) else 0.0
    if not 0.05 < share < 0.95:
        return np.zeros(len(y), dtype="int64"), 1
    return (y == found[np.argmax(counts)]).astype("int64"), 2


def _areas_of_labels(mark: np.ndarray, y: np.ndarray, width: int, least: int) -> tuple[float, float]:
    """Gives the area under the ROC curve of a mark, each label against the rest.

    The first is what labels reach that hold a quarter of the rows, the second the largest of a label of so many rows at least.
    """
    y = y.astype("int64")
    total, marked = np.bincount(y, minlength=width), np.bincount(y[mark], minlength=width)
    classes = [k for k in np.argsort(-total, kind="stable")[:MAX_CLASSES] if 0 < total[k] < len(y)]
    areas = [0.5 + 0.5 * abs(marked[k] / total[k] - (marked.sum() - marked[k]) / (len(y) - total[k])) for k in classes]
    shares = [total[k] / len(y) for k in classes]
    most = max((area for area, share in zip(areas, shares, strict=True) if share * len(y) >= least), default=0.5)
    reached = reached_area(areas, shares, width)
    return reached, max(reached, most)


def _area_of_ranks(mark: np.ndarray, ranks: np.ndarray) -> float:
    """Gives how often a marked row's number is above an unmarked one's, or below, whichever is more."""
    marked = int(mark.sum())
    above = (ranks[mark].sum() - marked * (marked + 1) / 2) / (marked * (len(mark) - marked))
    return float(max(above, 1 - above))
