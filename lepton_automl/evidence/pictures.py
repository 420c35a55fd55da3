"""The data behind the pictures of the report: small, plain numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from lepton_automl.tasks import NOTHING, DecisionRule, Known, Makes, Task

POINTS = 120
SPREAD_BINS = 20
"""Equal bins of the probability from 0 to 1, in which rows are counted."""


def picture_data(
    task: Task,
    y: np.ndarray,
    prediction: np.ndarray,
    seed: int = 0,
    rule: DecisionRule | None = None,
    known: Known = NOTHING,
) -> dict[str, Any]:
    """Gives the curves of a task: ROC, precision-recall, calibration and spread, or residuals.

    Args:
        task: What is predicted.
        y: Class codes or numbers, shape `(n,)`.
        prediction: Shape `(n, width)`.
        seed: Seed of the sample of rows that is shown.
        rule: What is done with a prediction; the most probable label counts where there is no line.
        known: What is known of the rows besides, where the rule needs it.
    """
    if task.goal.makes is Makes.PROBABILITIES:
        data: dict[str, Any] = {"confusion": _confusion(task, y, prediction, rule or DecisionRule(), known)}
        if task.goal.width == 2:
            line = rule.threshold if rule is not None and rule.is_one_probability else None
            data.update(_ranking_curves(y == 1, prediction[:, 1], line))
            data["calibration"] = _calibration(y == 1, prediction[:, 1])
            data["spread"] = _spread(y == 1, prediction[:, 1])
        return data
    middle = prediction[:, prediction.shape[1] // 2]
    pick = np.random.default_rng(seed).permutation(len(y))[:600]
    return {
        "residuals": {
            "predicted": [float(v) for v in middle[pick]],
            "observed": [float(v) for v in y[pick]],
            "quantiles": [float(v) for v in np.quantile(y - middle, [0.05, 0.25, 0.5, 0.75, 0.95])],
        },
        **({"coverage": _coverage(task, y, prediction)} if task.goal.makes is Makes.QUANTILES else {}),
    }


def _ranking_curves(positive: np.ndarray, score: np.ndarray, line: float | None) -> dict[str, Any]:
    """Gives the curves, and the lines at which their points lie: the smallest score of the rows that are called positive.

    The point of the line that was chosen is among them.
    """
    order = np.argsort(-score, kind="stable")
    hits, misses = np.cumsum(positive[order]), np.cumsum(~positive[order])
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    pick = ends[np.unique(np.linspace(0, len(ends) - 1, POINTS).astype(int))]
    called = 0 if line is None else int((score >= line).sum())
    if called:
        pick = np.union1d(pick, [called - 1])
    ups, downs = max(1, int(hits[-1])), max(1, int(misses[-1]))
    recall, fall_out = hits[pick] / ups, misses[pick] / downs
    precision = hits[pick] / np.maximum(1, hits[pick] + misses[pick])
    return {
        "roc": [[0.0, 0.0], *([float(x), float(v)] for x, v in zip(fall_out, recall, strict=True))],
        "precision_recall": [[float(x), float(v)] for x, v in zip(recall, precision, strict=True)],
        "lines": [line if called and place == called - 1 else float(score[order[place]]) for place in pick],
        "positive_share": float(positive.mean()),
    }


def _calibration(positive: np.ndarray, probability: np.ndarray, bins: int = 10) -> list[dict[str, float]]:
    edges = np.unique(np.quantile(probability, np.linspace(0, 1, bins + 1)))
    place = np.clip(np.searchsorted(edges, probability, side="right") - 1, 0, max(0, len(edges) - 2))
    rows = []
    for number in np.unique(place):
        here = place == number
        rows.append(
            {"predicted": float(probability[here].mean()), "observed": float(positive[here].mean()), "n": int(here.sum())}
        )
    return rows


def _spread(positive: np.ndarray, probability: np.ndarray) -> list[list[int]]:
    """Counts positive and other rows in equal bins of the probability."""
    pair = [np.histogram(probability[rows], SPREAD_BINS, (0.0, 1.0))[0] for rows in (positive, ~positive)]
    return [[int(ups), int(downs)] for ups, downs in zip(*pair, strict=True)]


def _confusion(task: Task, y: np.ndarray, prediction: np.ndarray, rule: DecisionRule, known: Known) -> dict[str, Any]:
    """Counts true against given labels; rows for a human are counted apart."""
    assert task.labels is not None
    k, said, referred = task.goal.width, prediction.argmax(axis=1), np.zeros(len(y), dtype=bool)
    if rule.threshold is not None and k == 2:
        positive, referred = rule.said(prediction, known)
        said = positive.astype("int64")
    y, said = y[~referred], said[~referred]
    counts = np.bincount(y * k + said, minlength=k * k).reshape(k, k)
    order = np.argsort(-counts.sum(axis=1), kind="stable")[:12] if k > 12 else np.arange(k)
    shown = {"labels": [task.labels.names[i] for i in order], "counts": counts[np.ix_(order, order)].tolist()}
    return {**shown, "of": k, "threshold": rule.threshold if k == 2 else None, "referred": int(referred.sum())}


def _coverage(task: Task, y: np.ndarray, prediction: np.ndarray) -> list[dict[str, float]]:
    return [{"level": level, "observed": float((y <= prediction[:, i]).mean())} for i, level in enumerate(task.goal.levels)]
