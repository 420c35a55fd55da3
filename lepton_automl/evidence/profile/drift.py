"""How far test rows are from training rows, column by column."""

from __future__ import annotations

import numpy as np

from lepton_automl.evidence.profile.bins import Parts

DECILES = 10


def population_stability(train: np.ndarray, test: np.ndarray) -> float:
    """Population stability index of two counts over the same parts; 0 where the shares agree.

    Half a row is added to each part, so that an empty one does not make it infinite.

    Args:
        train: Rows of each part, shape `(parts,)`.
        test: The same of the other rows, shape `(parts,)`.

    Source: Siddiqi (2006), "Credit Risk Scorecards", chapter 9: below 0.1 is no change, above 0.25 a large one.

    >>> population_stability(np.array([500, 500]), np.array([500, 500]))
    0.0
    >>> round(population_stability(np.array([500, 500]), np.array([250, 750])), 3)
    0.274
    """
    was, now = ((counts + 0.5) / (counts + 0.5).sum() for counts in (train, test))
    return abs(float(((now - was) * np.log(now / was)).sum()))


def kolmogorov_smirnov(train: np.ndarray, test: np.ndarray) -> float:
    """Largest distance of two empirical distribution functions, 0 to 1; missing values are left out.

    >>> kolmogorov_smirnov(np.array([1.0, 2.0, 3.0, 4.0]), np.array([3.0, 4.0, 5.0, 6.0]))
    0.5
    """
    one, two = np.sort(train[~np.isnan(train)]), np.sort(test[~np.isnan(test)])
    if not len(one) or not len(two):
        return 0.0
    both = np.concatenate([one, two])
    below = [np.searchsorted(side, both, side="right") / len(side) for side in (one, two)]
    return float(np.abs(below[0] - below[1]).max())


def drift_of_numbers(train: np.ndarray, test: np.ndarray) -> dict[str, float]:
    """Measures the drift of numbers: PSI over tenths of the training rows and the missing ones, and KS."""
    known = train[~np.isnan(train)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, DECILES + 1)[1:-1])) if len(known) else np.zeros(0)
    counts = [_counted(values, edges) for values in (train, test)]
    return {"psi": population_stability(*counts), "ks": kolmogorov_smirnov(train, test)}


def _counted(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    known = values[~np.isnan(values)]
    found = np.bincount(np.searchsorted(edges, known, side="left"), minlength=len(edges) + 1)
    return np.append(found, len(values) - len(known))


def drift_of_levels(parts: Parts) -> dict[str, float]:
    """Measures the drift of levels: PSI over those that are told apart, the others, and the missing ones."""
    counts = [np.append(parts.counts(codes), (codes < 0).sum()) for codes in (parts.train, parts.test)]
    return {"psi": population_stability(*counts)}
