"""A small boosted model, each row predicted without itself: what several rules measure by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PARAMETERS = {
    "learning_rate": 0.1,
    "num_leaves": 15,
    "min_data_in_leaf": 20,
    "feature_fraction": 0.7,
    "max_bin": 63,
    "verbosity": -1,
    "num_threads": 1,
    "seed": 0,
    "deterministic": True,
    "force_row_wise": True,
}


@dataclass(frozen=True)
class CrossFitted:
    """What small models say of the rows that they were not fitted on.

    Args:
        predicted: Probabilities of classes, shape `(n, k)`; or numbers, shape `(n,)`.
        gains: Gain of each column in all models, shape `(p,)`.
    """

    predicted: np.ndarray
    gains: np.ndarray


def cross_fitted(features: np.ndarray, y: np.ndarray, classes: int, fold: np.ndarray, rounds: int) -> CrossFitted:
    """Fits a small model on the rows of all folds but one, for each fold, and predicts that one.

    Args:
        features: Numbers and codes of levels, shape `(n, p)`; missing is nan.
        y: Class codes of 0 to `classes` - 1, or numbers, shape `(n,)`.
        classes: Number of classes; 0 for numbers.
        fold: Fold of each row, shape `(n,)`.
        rounds: Rounds of boosting; half as many where each of several classes has a tree in each.
    """
    import lightgbm

    objective: dict[str, object] = {"objective": "binary"} if classes == 2 else {"objective": "regression"}
    if classes > 2:
        objective, rounds = {"objective": "multiclass", "num_class": classes}, rounds // 2
    predicted = np.empty((len(y), classes) if classes else len(y))
    gains = np.zeros(features.shape[1])
    for number in np.unique(fold):
        rest = fold != number
        train = lightgbm.Dataset(features[rest], y[rest].astype("float64"))
        booster = lightgbm.train({**PARAMETERS, **objective}, train, rounds)
        found = booster.predict(features[~rest], num_threads=1)
        predicted[~rest] = np.column_stack([1 - found, found]) if classes == 2 else found
        gains += booster.feature_importance("gain")
    return CrossFitted(predicted, gains)


def spread_folds(strata: np.ndarray, count: int) -> np.ndarray:
    """Gives each row a fold so that those of a stratum are spread evenly; shape `(n,)`.

    Args:
        strata: Number of each row's stratum, shape `(n,)`.
        count: Number of folds.
    """
    order = np.random.default_rng(0).permutation(len(strata))
    order = order[np.argsort(strata[order], kind="stable")]
    fold = np.empty(len(strata), dtype="int64")
    fold[order] = np.arange(len(strata)) % count
    return fold
