"""How well one column alone tells the target; what several rules about leaks measure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lepton_automl.data import Kind
from lepton_automl.governance.protocol import Subject
from lepton_automl.tasks import Makes, binary_auc

SAMPLE = 20_000
"""Rows looked at where all of them would take long."""
MAX_CLASSES = 30
GIVEN_AWAY = 0.25
"""Share of the rows whose classes a feature must give away."""
SCORED = (Kind.NUMBER, Kind.BOOLEAN, Kind.DATETIME, Kind.CATEGORY)


@dataclass(frozen=True)
class Sample:
    """Training rows drawn without order, with their target.

    Args:
        rows: Their positions among the training rows, shape `(n,)`.
        y: Class codes or numbers, shape `(n,)`.
        width: Number of classes; 1 where the target is numbers.
        of: Number of training rows they are drawn from.
    """

    rows: np.ndarray
    y: np.ndarray
    width: int
    of: int

    @property
    def is_label(self) -> bool:
        """Whether the target is labels."""
        return self.width > 1

    @property
    def unit(self) -> str:
        """Unit of the power of a score."""
        return "AUC" if self.is_label else "rank correlation"

    @property
    def words(self) -> str:
        """Says how many rows were looked at, where not all."""
        return "" if len(self.rows) == self.of else f" (on {len(self.rows)} of {self.of} rows)"

    def values(self, subject: Subject, name: str) -> pd.Series:
        """Gives the values of a column on these rows, shape `(n,)`."""
        return subject.data.values(name).iloc[self.rows].reset_index(drop=True)

    def power(self, values: pd.Series) -> float:
        """Gives how well values alone tell the target: area under the ROC curve, or rank correlation without sign."""
        return auc_alone(values, self.y, self.width) if self.is_label else correlation_alone(values, self.y)


def draw_sample(subject: Subject, most: int = SAMPLE) -> Sample | None:
    """Draws training rows with a usable target; none for forecasts, whose features are known a whole horizon ahead.

    Args:
        subject: What a rule looks at, after the split.
        most: Rows to draw at most.
    """
    if subject.goal.makes is Makes.QUANTILES or subject.target is None:
        return None
    y = subject.target
    usable = np.isfinite(y) & ((y >= 0) | (subject.goal.makes is not Makes.PROBABILITIES))
    rows = np.random.default_rng(0).permutation(len(y))
    rows = rows[usable[rows]][:most]
    return Sample(rows, y[rows], subject.goal.classes, len(y))


def auc_alone(values: pd.Series, y: np.ndarray, width: int) -> float:
    """Gives the area under the ROC curve of one column, each class against the rest.

    Of several classes it is the area that those reach which hold a quarter of the rows.

    Args:
        values: The column, shape `(n,)`.
        y: Class codes, shape `(n,)`.
        width: Number of classes.
    """
    return reached_area(*areas_alone(values, y, width), width)


def areas_alone(values: pd.Series, y: np.ndarray, width: int) -> tuple[list[float], list[float]]:
    """Gives the area of each of the largest classes against the rest, and the share of the rows of each.

    Args:
        values: The column, shape `(n,)`.
        y: Class codes, shape `(n,)`.
        width: Number of classes; of two only the second is looked at.
    """
    classes = range(1, 2) if width == 2 else np.argsort(-np.bincount(y, minlength=width))[:MAX_CLASSES]
    areas, shares = [], []
    for k in classes:
        hit = y == k
        if not hit.any() or hit.all():
            continue
        score = score_of(values, hit.astype("float64"))
        area = binary_auc(hit, score, np.ones(len(y)))
        areas.append(max(area, 1 - area))
        shares.append(float(hit.mean()))
    return areas, shares


def reached_area(areas: list[float], shares: list[float], width: int) -> float:
    """Gives the area that those classes reach which hold a quarter of the rows; of two classes, the larger area.

    Args:
        areas: Area of each class against the rest.
        shares: Share of the rows of each.
        width: Number of classes.
    """
    if width == 2 or not areas:
        return max(areas, default=0.5)
    order = np.argsort(-np.array(areas), kind="stable")
    reached = np.searchsorted(np.cumsum(np.array(shares)[order]), GIVEN_AWAY)
    return areas[int(order[min(int(reached), len(areas) - 1)])]


def correlation_alone(values: pd.Series, y: np.ndarray) -> float:
    """Gives the rank correlation of one column with numbers, without sign.

    Args:
        values: The column, shape `(n,)`.
        y: Numbers, shape `(n,)`.
    """
    return abs(correlation(ranks_of(score_of(values, y)), ranks_of(y)))


def ranks_of(values: np.ndarray) -> np.ndarray:
    """Gives the rank of each value, those alike the mean of theirs, shape `(n,)`."""
    return pd.Series(values).rank().to_numpy()


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Gives the correlation of two rows of numbers, shape `(n,)` each; 0 where one does not vary."""
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    found = float(np.corrcoef(a, b)[0, 1])
    return found if np.isfinite(found) else 0.0


def score_of(values: pd.Series, y: np.ndarray) -> np.ndarray:
    """Gives a column as a score: numbers and dates as they are, categories by the target's mean on the other half of the rows.

    Args:
        values: The column, shape `(n,)`; missing numbers and dates come before all others.
        y: Numbers, shape `(n,)`.
    """
    if not isinstance(values.dtype, pd.CategoricalDtype):
        numbers = numbers_of(values)
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


def numbers_of(values: pd.Series) -> np.ndarray:
    """Gives numbers, truth values or dates (in seconds) as float64, shape `(n,)`; missing is nan."""
    if pd.api.types.is_datetime64_any_dtype(values):
        values = (values - pd.Timestamp("1970-01-01")).dt.total_seconds()
    return values.to_numpy(dtype="float64", na_value=np.nan)
