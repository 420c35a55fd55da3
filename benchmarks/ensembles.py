"""Ways of joining trials, compared on stored predictions: loss on test rows against the best trial alone.

python benchmarks/out_of_fold.py --sets german_credit,heart_disease --out FOLDER
python benchmarks/ensembles.py FOLDER/*.npz
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge

from lepton_automl.ensemble.calibrate import try_calibration
from lepton_automl.ensemble.greedy import greedy, select, shortest_best
from lepton_automl.tasks import METRICS, Metric

TINY = 1e-6
OLD_CAPS = ((300, 3), (1_000, 6), (5_000, 12), (1_000_000_000, 25))
"""Rows, and trials that the selection saw before."""


def one_selection(oof: np.ndarray, y: np.ndarray, metric: Metric, most: int, members: int | None = None) -> np.ndarray:
    """Gives the weights of one greedy selection among the first trials."""
    weights = np.zeros(len(oof))
    weights[:most] = shortest_best(greedy(list(oof[:most]), y, None, metric, 25, (), members)).weights
    return weights


def in_most_folds(oof: np.ndarray, y: np.ndarray, fold: np.ndarray, metric: Metric, errors: float) -> np.ndarray:
    """Lets a new member in only where the gain is some standard errors over the folds."""

    def by_fold(weights: np.ndarray) -> np.ndarray:
        mixed = np.tensordot(weights, oof, 1)
        return np.array([metric.loss(y[fold == f], mixed[fold == f]) for f in np.unique(fold)])

    path = greedy(list(oof), y, None, metric, 25)
    kept, losses = path[0], by_fold(path[0].weights)
    for prefix in path[1:]:
        if prefix.loss >= kept.loss:
            continue
        found = by_fold(prefix.weights)
        gains = losses - found
        if (prefix.counts > 0).sum() == (kept.counts > 0).sum() or gains.mean() > errors * gains.std(ddof=1) / np.sqrt(
            len(gains)
        ):
            kept, losses = prefix, found
    return kept.weights


def in_bags(oof: np.ndarray, y: np.ndarray, metric: Metric, members: int | None) -> np.ndarray:
    """Takes the mean of 20 selections, each among half of the trials, and keeps its heaviest members."""
    rng, mean = np.random.default_rng(0), np.zeros(len(oof))
    for _ in range(20):
        half = np.sort(rng.choice(len(oof), -(-len(oof) // 2), replace=False))
        mean[half] += shortest_best(greedy(list(oof[half]), y, None, metric, 25)).weights
    mean[np.argsort(-mean, kind="stable")[members or len(mean) :]] = 0.0
    return mean / mean.sum()


def logits(stack: np.ndarray, columns: slice) -> np.ndarray:
    """Gives the trials' logits side by side, shape `(n, t * k)`."""
    p = np.clip(stack, TINY, 1 - TINY)
    scores = np.log(p[:, :, 1:] / (1 - p[:, :, 1:])) if p.shape[2] == 2 else np.log(p)[:, :, columns]
    return np.moveaxis(scores, 0, 1).reshape(p.shape[1], -1)


def stacked(oof: np.ndarray, test: np.ndarray, y: np.ndarray, penalty: float) -> np.ndarray:
    """Gives the test prediction of a linear stacker."""
    if oof.shape[2] == 1:
        mean, scale = y.mean(), y.std()
        X, Z = ((np.moveaxis(part[:, :, 0], 0, 1) - mean) / scale for part in (oof, test))
        model = Ridge(penalty * 10).fit(X, (y - mean) / scale)
        return model.predict(Z)[:, None] * scale + mean
    return (
        LogisticRegression(C=1 / penalty, max_iter=5000)
        .fit(logits(oof, slice(None)), y)
        .predict_proba(logits(test, slice(None)))
    )


def mixed_logits(weights: np.ndarray, stack: np.ndarray) -> np.ndarray:
    """Gives the weighted mean in the space of logits."""
    scores = np.tensordot(weights, np.log(np.clip(stack, TINY, None)), 1)
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def ways(data: Any) -> dict[str, Callable[[], tuple[np.ndarray, float]]]:
    """Gives each way: its test prediction and how many members it has."""
    oof, test, y, fold = data["oof"].astype("float64"), data["test"].astype("float64"), data["y"], data["fold"]
    metric, n = METRICS[str(data["metric"])], len(data["y"])
    cap = next(count for limit, count in OLD_CAPS if n <= limit)
    most = 4 if n <= 1_000 else 6 if n <= 5_000 else 8

    def by(weights: np.ndarray) -> tuple[np.ndarray, float]:
        return np.tensordot(weights, test, 1), float((weights > 0).sum())

    def calibrated(kind: str) -> tuple[np.ndarray, float]:
        weights = select(list(oof), y, None, metric, 25, (), most)
        kept = try_calibration(kind, np.tensordot(weights, oof, 1), y, None, metric).kept
        mixed, members = by(weights)
        return (mixed if kept is None else kept.apply(mixed)), members

    found: dict[str, Callable[[], tuple[np.ndarray, float]]] = {
        "best alone": lambda: by(np.eye(len(oof))[0]),
        "capped (before)": lambda: by(one_selection(oof, y, metric, cap)),
        "one selection": lambda: by(one_selection(oof, y, metric, len(oof))),
        "few members (now)": lambda: by(one_selection(oof, y, metric, len(oof), most)),
        "gain of 1 error": lambda: by(in_most_folds(oof, y, fold, metric, 1.0)),
        "bags, all members": lambda: by(in_bags(oof, y, metric, None)),
        "bags, few members": lambda: by(in_bags(oof, y, metric, most)),
        "stacker, 1": lambda: (stacked(oof, test, y, 1.0), float(len(oof))),
        "stacker, 100": lambda: (stacked(oof, test, y, 100.0), float(len(oof))),
    }
    if oof.shape[2] > 1:
        weights = select(list(oof), y, None, metric, 25, (), most)
        found["mean of logits"] = lambda: (mixed_logits(weights, test), float((weights > 0).sum()))
    if metric.name == "log_loss":
        found["temperature"] = lambda: calibrated("temperature")
        found["isotonic"] = lambda: calibrated("isotonic")
    return found


def main() -> None:
    """Prints the mean gain over the best trial in per cent of its loss, by set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+", help="files that out_of_fold.py wrote")
    options = parser.parse_args()
    gains: dict[str, dict[str, list[float]]] = {}
    members: dict[str, list[float]] = {}
    for path in sorted(options.files):
        data = np.load(path)
        metric, name = METRICS[str(data["metric"])], path.stem.rpartition("_")[0]
        base = metric.loss(data["y_test"], data["test"][0].astype("float64"))
        for way, work in ways(data).items():
            prediction, count = work()
            gain = 100 * (base - metric.loss(data["y_test"], prediction)) / abs(base)
            gains.setdefault(way, {}).setdefault(name, []).append(gain)
            members.setdefault(way, []).append(count)
    sets = sorted({name for found in gains.values() for name in found})
    print("way".ljust(20), *(name[:26].rjust(27) for name in sets), "mean".rjust(8), "members".rjust(8))
    for way, found in gains.items():
        cells = [f"{np.mean(found[name]):+.2f}".rjust(27) if name in found else "".rjust(27) for name in sets]
        whole = np.mean([np.mean(values) for values in found.values()])
        print(way.ljust(20), *cells, f"{whole:+.3f}".rjust(8), f"{np.mean(members[way]):.1f}".rjust(8))


if __name__ == "__main__":
    main()
