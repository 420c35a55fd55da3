"""GOV011: near-copies of the target."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.data import Kind
from lepton_automl.governance.actions import Action, verdict_of
from lepton_automl.governance.beside import Beside, balanced, look_beside, standard
from lepton_automl.governance.power import SCORED, Sample, draw_sample, numbers_of, ranks_of
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict

ROWS, MOST_COLUMNS = 10_000, 300
SUSPECT_AUC, SUSPECT_CORRELATION = 0.85, 0.9
"""Power from which it is looked whether there is anything but the target in a feature."""
EQUAL, FEWEST_NUMBERS = 1e-6, 20
PAIR_ROWS, PAIR_COLUMNS = 5_000, 100
LABEL_PAIR_COLUMNS, FIRST_LOOK, SURE_AT_FIRST, LABEL_PAIR_ALONE = 30, 200, 0.98, 0.95
"""For labels: columns that are paired, rows of each side that are looked at first, and the area they must reach then."""
PAIR_ALONE = 0.98
"""A column that alone explains so much of the target needs no other beside it."""


@dataclass(frozen=True)
class TargetCopies:
    """Features that are the target once more: shifted, rescaled, recoded, with noise, or in combination with another column.

    A noisy copy holds nothing but target and noise: among rows of the same target it goes with no other feature, although
    others go with the target. That tells it from a strong feature, and finds it where its power alone would be believed.

    Args:
        max_auc: Largest area of a feature with nothing but the target in it, told from 0.85 on; others above it are told.
        max_correlation: Largest rank correlation of such a feature, told from 0.9 on; others above it are told.
        max_equal_share: Largest share of rows in which a number may be the target, shifted or rescaled.
        max_pair: Largest share of the target's variance that sum, difference, product or ratio of two columns may explain; for
            labels the largest area that their difference or ratio may reach.
        action: `drop`, `stop` or `note`; pairs are told where others are dropped.
    """

    max_auc: Annotated[float, Field(ge=0.85, le=1)] = 0.95
    max_correlation: Annotated[float, Field(ge=0.9, le=1)] = 0.97
    max_equal_share: Annotated[float, Field(gt=0, le=1, json_schema_extra={"unit": "share"})] = 0.5
    max_pair: Annotated[float, Field(gt=0.9, le=1)] = 0.9999
    action: Action = "drop"
    code = "GOV011"
    title = "No feature is a near-copy of the target"
    stage = Stage.TRAIN

    def check(self, subject: Subject) -> list[Finding]:
        """Looks for the target among the features, on training rows."""
        drawn = draw_sample(subject, len(subject.data))
        if drawn is None:
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note="features are known a whole horizon ahead")]
        sample = balanced(drawn, ROWS)
        names = [column.name for column in subject.data.features if column.kind in SCORED][:MOST_COLUMNS]
        equal = {} if sample.is_label else {name: share for name in names if (share := self._equal(subject, sample, name))}
        findings = [self._told_equal(name, share, sample) for name, share in equal.items()]
        rest = [name for name in names if name not in equal]
        findings += self._noisy(subject, sample, rest)
        told = {finding.column for finding in findings}
        kinds = (Kind.NUMBER, Kind.DATETIME)
        numbers = [name for name in rest if name not in told and subject.data.column(name).kind in kinds]
        return findings + self._pairs(subject, sample, numbers)

    def _equal(self, subject: Subject, sample: Sample, name: str) -> float:
        """Gives the share of rows in which a number is the target, shifted or rescaled; 0 if that is believed."""
        if subject.data.column(name).kind is not Kind.NUMBER or len(np.unique(sample.y)) < FEWEST_NUMBERS:
            return 0.0
        share = equal_share(numbers_of(sample.values(subject, name)), sample.y)
        return share if share > self.max_equal_share else 0.0

    def _told_equal(self, name: str, share: float, sample: Sample) -> Finding:
        verdict, effect = verdict_of(self.action)
        note = f"is the target, shifted or rescaled, in {share:.1%} of the rows{sample.words}"
        return Finding(self.code, name, verdict, effect, None, 0, share, self.max_equal_share, "share", note)

    def _noisy(self, subject: Subject, sample: Sample, names: list[str]) -> list[Finding]:
        """Finds features of great power in which there is nothing but the target."""
        floor, limit = (SUSPECT_AUC, self.max_auc) if sample.is_label else (SUSPECT_CORRELATION, self.max_correlation)
        powers = {name: sample.power(sample.values(subject, name)) for name in names}
        suspects = [name for name in names if powers[name] >= floor]
        findings = []
        for name, beside in look_beside(subject, sample, names, suspects).items():
            is_strong, is_alone = powers[name] > limit, beside is Beside.NOTHING
            if beside is Beside.SOMETHING and not is_strong:
                continue
            verdict, effect = verdict_of(self.action, is_alone and is_strong)
            said = f"reaches {powers[name]:.3f} {sample.unit} alone"
            if is_alone:
                said += ", and goes with no other feature among rows of the same target: it reads like the target with noise"
            elif beside is Beside.UNKNOWN:
                said += "; no other feature says whether there is more in it than the target"
            note = f"{said}{sample.words}"
            findings.append(Finding(self.code, name, verdict, effect, None, 0, powers[name], limit, sample.unit, note))
        return findings

    def _pairs(self, subject: Subject, sample: Sample, names: list[str]) -> list[Finding]:
        """Finds two numbers that together are the target."""
        X = {name: numbers_of(sample.values(subject, name)[:PAIR_ROWS]) for name in names[:PAIR_COLUMNS]}
        y = sample.y[:PAIR_ROWS]
        found = telling_pairs(X, y, self.max_pair) if sample.is_label else _paired(X, y.astype("float64"), self.max_pair)
        findings = []
        for a, b, measured, words in found:
            verdict, effect = verdict_of(self.action, False)
            note = f"with {b} it gives the target away: their {words} reaches {measured:.5f}; leave out what is known later"
            unit = "AUC" if sample.is_label else "share"
            findings.append(Finding(self.code, a, verdict, effect, None, 0, measured, self.max_pair, unit, note))
        return findings


def _paired(X: dict[str, np.ndarray], y: np.ndarray, limit: float) -> list[tuple[str, str, float, str]]:
    sums = explaining_pairs(X, y, limit)
    known = {pair[:2] for pair in sums}
    products = explaining_pairs({name: _log(values) for name, values in X.items()}, _log(y), limit)
    more = [(*pair, "product or ratio") for pair in products if pair[:2] not in known]
    return [*((*pair, "sum or difference") for pair in sums), *more]


def telling_pairs(columns: dict[str, np.ndarray], y: np.ndarray, limit: float) -> list[tuple[str, str, float, str]]:
    """Finds pairs of columns whose difference or ratio tells one label; each with the area it reaches.

    Args:
        columns: Name to numbers, shape `(n,)`; missing is nan.
        y: Class codes, shape `(n,)`; the most frequent one is told from the others.
        limit: Area above which a pair is given.
    """
    hit = y == np.bincount(y).argmax() if len(y) else np.zeros(0, dtype=bool)
    few = np.concatenate([np.flatnonzero(hit == side)[:FIRST_LOOK] for side in (True, False)])
    names = [name for name, x in columns.items() if _area(x[few], hit[few]) < LABEL_PAIR_ALONE][:LABEL_PAIR_COLUMNS]
    found = []
    for place, a in enumerate(names):
        for b in names[place + 1 :]:
            for words, join in (("difference", np.subtract), ("ratio", np.divide)):
                with np.errstate(all="ignore"):
                    if _area(join(columns[a][few], columns[b][few]), hit[few]) <= SURE_AT_FIRST:
                        continue
                    area = _area(join(columns[a], columns[b]), hit)
                if area > limit:
                    found.append((a, b, area, words))
                    break
    return found


def _area(score: np.ndarray, hit: np.ndarray) -> float:
    """Gives the area under the ROC curve over rows with a score, whichever way is larger; 0.5 where a side has too few."""
    known = np.isfinite(score)
    score, hit = score[known], hit[known]
    up, down = int(hit.sum()), int((~hit).sum())
    if min(up, down) < FEWEST_NUMBERS:
        return 0.5
    area = (ranks_of(score)[hit].sum() - up * (up + 1) / 2) / (up * down)
    return float(max(area, 1 - area))


def equal_share(x: np.ndarray, y: np.ndarray) -> float:
    """Gives the share of rows in which numbers are a target times a constant, or plus one; its most frequent value left out.

    Args:
        x: Numbers, shape `(n,)`.
        y: The target, shape `(n,)`.
    """
    levels, counts = np.unique(y, return_counts=True)
    told = y != levels[counts.argmax()] if counts.max() > 0.05 * len(y) else np.ones(len(y), dtype=bool)
    x, y = x[told], y[told].astype("float64")
    known = np.isfinite(x)
    if known.sum() < FEWEST_NUMBERS or len(np.unique(x[known])) < FEWEST_NUMBERS:
        return 0.0
    scale = EQUAL * max(float(np.abs(y).max()), 1e-300)
    usable = known & (x != 0) & (y != 0)
    with np.errstate(all="ignore"):
        shift = np.median((y - x)[known])
        shares = [np.mean(np.abs(y - x - shift)[known] <= scale)]
        if usable.any():
            factor = np.median(y[usable] / x[usable])
            shares.append(np.mean(np.abs(y - factor * x)[known] <= scale))
    return float(max(shares) * known.mean())


def explaining_pairs(columns: dict[str, np.ndarray], y: np.ndarray, limit: float) -> list[tuple[str, str, float]]:
    """Finds pairs of columns whose weighted sum is the target; each with the share of its variance that they explain.

    Args:
        columns: Name to numbers, shape `(n,)`; missing is nan.
        y: The target, shape `(n,)`.
        limit: Share of the variance above which a pair is given.
    """
    names = [name for name, x in columns.items() if np.isfinite(x).mean() > 0.8 and np.nanmin(x) < np.nanmax(x)]
    known = np.isfinite(y) & np.all([np.isfinite(columns[name]) for name in names], axis=0) if names else np.zeros(0, bool)
    if known.sum() < FEWEST_NUMBERS or len(names) < 2 or len(np.unique(y[known])) < FEWEST_NUMBERS:
        return []
    X = standard(np.column_stack([columns[name][known] for name in names]))
    t = standard(y[known][:, None])
    r, c = (X.T @ t / len(t)).ravel(), X.T @ X / len(t)
    with np.errstate(divide="ignore", invalid="ignore"):
        explained = (r[:, None] ** 2 + r[None, :] ** 2 - 2 * np.outer(r, r) * c) / (1 - c**2)
    explained[(1 - c**2 < 1e-7) | ~np.isfinite(explained)] = 0.0
    weak = r**2 < PAIR_ALONE
    explained[~(weak[:, None] & weak[None, :])] = 0.0
    found = []
    for i, j in zip(*np.nonzero(np.triu(explained > limit, 1)), strict=True):
        pair = X[:, [i, j]]
        weights = np.linalg.lstsq(pair, t[:, 0], rcond=None)[0]
        left = 1 - float(np.mean((t[:, 0] - pair @ weights) ** 2))
        if left > limit:
            found.append((names[i], names[j], left))
    return found


def _log(values: np.ndarray) -> np.ndarray:
    """Gives the logarithm of numbers without their sign; nan for 0."""
    size = np.abs(values)
    return np.log(np.where(size > 0, size, np.nan))
