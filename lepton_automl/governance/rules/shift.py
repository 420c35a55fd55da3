"""GOV032: whether test rows are like training rows."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.data import Dataset, Role
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict
from lepton_automl.governance.sample import column_matrix, pick_rows, plain_features, sample_note
from lepton_automl.governance.small_model import cross_fitted
from lepton_automl.tasks import binary_auc

SAMPLE, MODEL_SAMPLE = 20_000, 5_000
"""Rows of each side for the figures of a column, and for the model that tells the sides apart."""
MIN_ROWS = 100
BINS = 10
FOLDS = 3
MODEL_COLUMNS = 100
DRIVERS = 5
KS_CHANCE = 1e-6
MIN_KS = 0.1
TOLD_AUC = 0.6
ROUNDS = 40


@dataclass(frozen=True)
class Shift:
    """Test rows are compared with training rows, column by column and all at once; targets take no part.

    For a column there are the population stability index over ten parts of the training rows and, for numbers, the distance
    of Kolmogorov and Smirnov. All at once there is the area under the ROC curve of a small model that tells test rows from
    training rows, cross-fitted, with the features it goes by: 0.5 where they are alike. A split by time is expected to shift.

    Args:
        max_psi: Stability index of a column above which it is told.
        max_auc: Largest area of the model that tells the sides apart; more stops the run.
    """

    max_psi: Annotated[float, Field(gt=0, le=100)] = 0.25
    max_auc: Annotated[float, Field(ge=0.5, le=1)] = 1.0
    code = "GOV032"
    title = "Test rows are like training rows"
    stage = Stage.TRAIN

    def check(self, subject: Subject) -> list[Finding]:
        """Compares test rows with training rows."""
        train, test = subject.data, subject.test
        if test is None or min(len(train), len(test)) < MIN_ROWS:
            note = f"needs {MIN_ROWS} training rows and as many test rows"
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note=note)]
        times = {column.name for column in train.with_role(Role.TIME)}
        names = [name for name in plain_features(train) if name in test.names and name not in times]
        if not names:
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note="no feature but text and time can be compared")]
        expected = "; rows are split by time, and a shift is expected" if times else ""
        picks = [pick_rows(len(side), SAMPLE, seed) for seed, side in enumerate((train, test))]
        findings = [self._compared(train, test, name, picks, expected) for name in names]
        return [*(finding for finding in findings if finding is not None), self._told_apart(train, test, names, expected)]

    def _compared(self, train: Dataset, test: Dataset, name: str, picks: list[np.ndarray], expected: str) -> Finding | None:
        numbers = column_matrix([train, test], [name], picks)[:, 0]
        left, right = numbers[: len(picks[0])], numbers[len(picks[0]) :]
        is_category = str(train.column(name).kind) in ("category", "boolean")
        index = stability_index(left, right, is_category)
        by_chance = (BINS - 1) * (1 / len(left) + 1 / len(right))
        distance, chance = (0.0, 1.0) if is_category else _distance(left, right)
        if index <= self.max_psi + 2 * by_chance and not (chance < KS_CHANCE and distance > MIN_KS):
            return None
        shown = "" if is_category else f", distance of Kolmogorov and Smirnov {distance:.2f}"
        missing = [float(np.isnan(side).mean()) for side in (left, right)]
        gaps = f", missing {missing[0]:.1%} and {missing[1]:.1%}" if abs(missing[0] - missing[1]) > 0.01 else ""
        note = f"test rows differ from training rows: stability index {index:.2f}{shown}{gaps}{expected}"
        facts = (Verdict.NOTED, "", None, len(test), index, self.max_psi, "PSI", note)
        return Finding(self.code, name, *facts)

    def _told_apart(self, train: Dataset, test: Dataset, names: list[str], expected: str) -> Finding:
        names = names[:MODEL_COLUMNS]
        picks = [pick_rows(len(side), MODEL_SAMPLE, seed) for seed, side in enumerate((train, test))]
        is_test = np.repeat([0.0, 1.0], [len(pick) for pick in picks])
        area, gains = _adversarial(column_matrix([train, test], names, picks), is_test)
        largest = np.argsort(-gains, kind="stable")[:DRIVERS]
        drivers = ", ".join(
            f"{names[place]} {gains[place] / max(gains.sum(), 1e-12):.0%}" for place in largest if gains[place] > 0
        )
        note = f"a model tells test rows from training rows with an AUC of {area:.3f}"
        note += f", by {drivers}{expected}" if area > TOLD_AUC and drivers else ""
        verdict = Verdict.STOP if area > self.max_auc else Verdict.NOTED
        sampled = sample_note(max(len(train), len(test)), MODEL_SAMPLE)
        facts = (verdict, "", None, len(test), area, self.max_auc, "AUC", note + sampled)
        return Finding(self.code, "", *facts)


def stability_index(left: np.ndarray, right: np.ndarray, is_category: bool = False) -> float:
    """Gives the population stability index of two samples; 0 where they are alike.

    Args:
        left: Numbers or codes of levels, shape `(n,)`; missing ones are a part of their own.
        right: The same of the other sample, shape `(m,)`.
        is_category: Whether each level is a part (those after the largest ten together); else parts are tenths of the left.

    Source: Siddiqi (2006), "Credit Risk Scorecards", chapter 8.
    """
    known = left[~np.isnan(left)]
    if is_category:
        levels, sizes = np.unique(known, return_counts=True)
        kept = np.sort(levels[np.argsort(-sizes, kind="stable")[:BINS]])
        parts = [_levels(side, kept) for side in (left, right)]
        width = len(kept) + 2
    else:
        edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])) if len(known) else np.empty(0)
        parts = [np.where(np.isnan(side), len(edges) + 1, np.searchsorted(edges, side)) for side in (left, right)]
        width = len(edges) + 2
    shares = [(np.bincount(part, minlength=width) + 0.5) / (len(part) + 0.5 * width) for part in parts]
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def _levels(codes: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Gives the place of each code among sorted ones; all others together, and missing ones, come after them."""
    place = np.minimum(np.searchsorted(kept, codes), max(0, len(kept) - 1))
    is_kept = kept[place] == codes if len(kept) else np.zeros(len(codes), dtype=bool)
    return np.where(np.isnan(codes), len(kept) + 1, np.where(is_kept, place, len(kept)))


def _distance(left: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """Gives the distance of Kolmogorov and Smirnov, and its chance between samples that are alike."""
    from scipy.special import kolmogorov

    left, right = np.sort(left[~np.isnan(left)]), np.sort(right[~np.isnan(right)])
    if not len(left) or not len(right):
        return 0.0, 1.0
    both = np.concatenate([left, right])
    gaps = np.searchsorted(left, both, "right") / len(left) - np.searchsorted(right, both, "right") / len(right)
    distance = float(np.abs(gaps).max())
    size = len(left) * len(right) / (len(left) + len(right))
    return distance, float(kolmogorov(distance * size**0.5))


def _adversarial(features: np.ndarray, is_test: np.ndarray) -> tuple[float, np.ndarray]:
    """Gives the cross-fitted area of a small model that tells test rows, and the gain of each column, shape `(columns,)`."""
    fold = np.random.default_rng(0).permutation(len(is_test)) % FOLDS
    made = cross_fitted(features, is_test, 2, fold, ROUNDS)
    scores = made.predicted[:, 1]
    areas = [binary_auc(is_test[fold == k] == 1, scores[fold == k], np.ones((fold == k).sum())) for k in range(FOLDS)]
    return float(np.mean(areas)), made.gains
