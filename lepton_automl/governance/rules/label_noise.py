"""GOV029: labels that the other rows do not bear out."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict
from lepton_automl.governance.sample import column_matrix, pick_rows, plain_features, sample_note
from lepton_automl.governance.small_model import cross_fitted, spread_folds
from lepton_automl.tasks import Makes

SAMPLE, SAMPLE_MANY_CLASSES = 10_000, 5_000
MANY_CLASSES, MOST_CLASSES = 6, 30
MIN_ROWS = 200
FOLDS = 4
MIN_OF_A_CLASS = 2 * FOLDS
ROUNDS = 60


@dataclass(frozen=True)
class LabelNoise:
    """Estimates the share of wrong labels by confident learning, and tells it; a limit stops the run.

    A small model predicts each row of a sample of training rows from the other folds. A row counts as wrongly labelled where
    another class is predicted with at least the mean confidence of that class's own rows, and its own is not. Classes that
    features can not tell apart count too, so that the estimate is high where the task is hard.

    Source: Northcutt, Jiang, Chuang (2021), "Confident Learning: Estimating Uncertainty in Dataset Labels", Journal of
    Artificial Intelligence Research 70, pages 1373-1411.

    Args:
        max_share: Largest estimated share of wrong labels, 0 to 1; more stops the run.
    """

    max_share: Annotated[float, Field(ge=0, le=1, json_schema_extra={"unit": "share"})] = 1.0
    code = "GOV029"
    title = "The share of wrong labels is estimated"
    stage = Stage.TRAIN

    def check(self, subject: Subject) -> list[Finding]:
        """Estimates the share of wrong labels among training rows."""
        y = subject.target
        assert y is not None
        if subject.goal.makes is not Makes.PROBABILITIES:
            return [self._not_applicable("the target is no label")]
        names = plain_features(subject.data)
        known = np.flatnonzero(y >= 0)
        y = y.astype("int64")
        sizes = np.bincount(y[known], minlength=subject.goal.width)
        classes = [k for k in np.argsort(-sizes, kind="stable")[:MOST_CLASSES] if sizes[k] >= MIN_OF_A_CLASS]
        rows = known[np.isin(y[known], classes)]
        if not names or len(classes) < 2 or len(rows) < MIN_ROWS:
            return [self._not_applicable(f"needs {MIN_ROWS} rows, two classes, and a feature that is no text")]
        most = SAMPLE if len(classes) <= MANY_CLASSES else SAMPLE_MANY_CLASSES
        pick = rows[pick_rows(len(rows), most)]
        codes = np.searchsorted(np.sort(classes), y[pick])
        features = column_matrix([subject.data], names, [pick])
        made = cross_fitted(features, codes, len(classes), spread_folds(codes, FOLDS), ROUNDS)
        share = noise_share(codes, made.predicted)
        return [self._finding(share, len(rows), most)]

    def _finding(self, share: float, n: int, most: int) -> Finding:
        verdict = Verdict.STOP if share > self.max_share else Verdict.NOTED
        note = f"an estimated {share:.1%} of the training labels are not borne out by the other rows; classes that are hard to "
        note += f"tell apart count too{sample_note(n, most)}"
        return Finding(self.code, "", verdict, "", None, round(share * n), share, self.max_share, "share", note)

    def _not_applicable(self, note: str) -> Finding:
        return Finding(self.code, "", Verdict.NOT_APPLICABLE, note=note)


def noise_share(codes: np.ndarray, chances: np.ndarray) -> float:
    """Gives the share of labels off the diagonal of the joint distribution of given and true labels.

    Args:
        codes: Given classes, shape `(n,)`, each of 0 to `k` - 1 at least once.
        chances: Probabilities predicted without the row itself, shape `(n, k)`.

    Source: Northcutt et al. (2021), equations 1 to 3.
    """
    k = chances.shape[1]
    sizes = np.bincount(codes, minlength=k).astype("float64")
    limits = np.array([chances[codes == j, j].mean() for j in range(k)])
    confident = np.where(chances >= limits, chances, -1.0)
    is_counted = confident.max(axis=1) >= 0
    joint = np.zeros((k, k))
    np.add.at(joint, (codes[is_counted], confident[is_counted].argmax(axis=1)), 1.0)
    rows = joint.sum(axis=1, keepdims=True)
    joint = np.where(rows > 0, joint / np.maximum(rows, 1.0), np.eye(k)) * sizes[:, None]
    return float(1 - np.trace(joint) / joint.sum())
