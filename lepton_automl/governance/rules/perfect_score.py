"""GOV017: a score that is too good to be true."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.data import Kind
from lepton_automl.features import FeatureOptions, Learning, Prepared, learn_prepared
from lepton_automl.governance.power import Sample, draw_sample
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict
from lepton_automl.models import MODELS, Fitted, Limits, Rows, Shape, no_step
from lepton_automl.tasks import METRICS, Goal

MODEL = "lightgbm"
ROWS, MIN_ROWS, MIN_OF_LABEL = 5_000, 200, 20
ROUNDS, LEAST_ROUNDS, TREES = 40, 6, 160
"""Rounds of boosting; fewer where each of many labels has a tree in each."""
MOST_PERMUTED, MOST_NAMED = 100, 3


@dataclass(frozen=True)
class PerfectScore:
    """A small model, each half of the training rows judged by the other, that is nearly without error.

    It is told, with the features that carry it: those whose shuffling costs most. A target that is a plain rule of the features
    does that too.

    Args:
        max_auc: Largest area under the ROC curve that is believed.
        max_r2: Largest share of the variance of numbers that is believed to be explained.
        action: `note` or `stop`.
    """

    max_auc: Annotated[float, Field(gt=0.5, le=1)] = 0.999
    max_r2: Annotated[float, Field(gt=0, le=1)] = 0.999
    action: Literal["note", "stop"] = "note"
    code = "GOV017"
    title = "No small model is nearly without error"
    stage = Stage.TRAIN

    def check(self, subject: Subject) -> list[Finding]:
        """Fits a small model on each half of a sample of the training rows and judges it on the other."""
        sample = draw_sample(subject, ROWS)
        why = "features are known a whole horizon ahead" if sample is None else _too_little(subject, sample)
        if sample is None or why:
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note=why)]
        halves = _halves(subject, sample)
        metric, limit = ("roc_auc", self.max_auc) if sample.is_label else ("r2", self.max_r2)
        scores = [METRICS[metric].of(half.y, half.fitted.predict(half.prepared, 1)) for half in halves]
        score = float(np.mean(scores))
        if not score > limit:
            return []
        names = _carrying(halves[0], metric)
        unit = "AUC" if sample.is_label else "R²"
        said = f"a small model reaches {score:.4f} {unit} on unseen rows{sample.words}; more than {limit:g} is not believed"
        note = f"{said}. It is carried by {', '.join(names)}" if names else said
        verdict = Verdict.STOP if self.action == "stop" else Verdict.NOTED
        return [Finding(self.code, "", verdict, measured=score, limit=limit, unit=unit, note=note)]


class Half:
    """A model, and the half of the rows it has not seen."""

    def __init__(self, fitted: Fitted, prepared: Prepared, y: np.ndarray) -> None:
        self.fitted, self.prepared, self.y = fitted, prepared, y


def _too_little(subject: Subject, sample: Sample) -> str:
    """Says why there is too little to fit on; empty if there is enough."""
    if len(sample.y) < MIN_ROWS:
        return f"fewer than {MIN_ROWS} rows"
    if sample.is_label and np.sort(np.bincount(sample.y, minlength=2))[-2] < MIN_OF_LABEL:
        return f"fewer than {MIN_OF_LABEL} rows of all labels but one"
    if not any(column.kind is not Kind.TEXT for column in subject.data.features):
        return "there is no feature but text"
    return ""


def _halves(subject: Subject, sample: Sample) -> list[Half]:
    """Fits on each half of the sample; labels are spread over both."""
    model, goal = MODELS.find(MODEL)(), Goal(subject.goal.makes, subject.goal.width)
    texts = [column.name for column in subject.data.columns if column.kind not in model.reads or column.kind is Kind.TEXT]
    order = sample.rows[np.argsort(sample.y, kind="stable")] if sample.is_label else sample.rows
    data, y = subject.data.without(texts), subject.target
    assert y is not None
    rounds = int(np.clip(TREES // max(1, goal.classes), LEAST_ROUNDS, ROUNDS))
    found = []
    for side in (0, 1):
        rows, other = order[side::2], order[1 - side :: 2]
        train = data.rows(rows)
        learning = Learning(train, y[rows], goal.classes, model.needs, FeatureOptions())
        preparation, prepared = learn_prepared(learning)
        params = model.starts(Shape(len(rows), len(prepared.names), goal))[0]
        limits = Limits(threads=1, rounds=(rounds,))
        fitted = model.fit(Rows(prepared, y[rows]), None, params, goal, limits, no_step)
        found.append(Half(fitted, preparation.apply(data.rows(other).frame), y[other]))
    return found


def _carrying(half: Half, metric: str) -> list[str]:
    """Names the features whose shuffling costs most."""
    prepared, rng = half.prepared, np.random.default_rng(0)
    X = prepared.X if isinstance(prepared.X, np.ndarray) else prepared.X.toarray()
    sources = np.array(prepared.sources, dtype="object")
    before = METRICS[metric].of(half.y, half.fitted.predict(prepared, 1))
    costs = {}
    for source in list(dict.fromkeys(sources))[:MOST_PERMUTED]:
        mine = np.flatnonzero(sources == source)
        shuffled = X.copy()
        shuffled[:, mine] = X[np.ix_(rng.permutation(len(X)), mine)]
        rows = Prepared(shuffled, prepared.names, prepared.sources, prepared.categorical, prepared.levels)
        costs[source] = before - METRICS[metric].of(half.y, half.fitted.predict(rows, 1))
    best = sorted(costs, key=lambda name: -costs[name])[:MOST_NAMED]
    return [str(name) for name in best if costs[name] > 0.05 * max(costs[best[0]], 1e-9) and costs[name] > 0]
