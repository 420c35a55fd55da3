"""How much less the mean of several folds' models errs than each of them: what was learned of the one then fits the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lepton_automl.tasks import Goal, Makes

LEAST_FOLDS = 3
"""Folds whose models are delivered, from which on their spread can be told."""
LEAST_LEFT = 0.05
"""Least share of a squared error that is taken to stay: a spread that seems to explain all of it is not believed."""
SMALLEST = 1e-6
"""Probabilities are taken for at least this large, and at most one less it, before their log-odds are taken."""


@dataclass(frozen=True)
class Averaging:
    """What averaging takes away: the models of folds differ by chance, and their mean does so less.

    At any row the mean squared error of several models is the squared error of their mean and their variance around it. So the
    mean errs less than one model by `noise` times the share of it that the weights average out.

    Args:
        noise: Variance of what one fold's models say of a row they have not seen: of numbers in units of the target, squared;
            of labels that of the log-odds of the true one.
        weights: Weight of each fold's models in what is served, shape `(j,)`; they sum to 1.

    Source: Krogh and Vedelsby (1995), "Neural network ensembles, cross validation, and active learning", NeurIPS 7.
    """

    noise: float
    weights: np.ndarray

    @property
    def taken(self) -> float:
        """What the squared error of the mean is smaller by than that of one fold's models."""
        return self.noise * (1 - float(np.sum(self.weights**2)))

    def factor(self, squared: float) -> float:
        """Gives by what errors of the mean are smaller than those of one fold's models.

        Args:
            squared: Mean squared error of one fold's models.
        """
        return float(np.sqrt(max(LEAST_LEFT, 1 - self.taken / squared))) if squared > 0 else 1.0

    def of_labels(self, p: np.ndarray, weight: np.ndarray, seed: int = 0) -> np.ndarray:
        """Gives probabilities of true labels as the mean of all folds' models would have them, row by row in distribution.

        The log-odds are drawn together until their variance is without the noise; each fold's noise is drawn anew, and the mean
        is taken of the probabilities.

        Args:
            p: Probability that one fold's models, which had not seen the row, gave its true label, shape `(n,)`.
            weight: Row weights, shape `(n,)`.
            seed: Seed of the noise.
        """
        said = log_odds(p)
        middle = np.average(said, weights=weight)
        factor = self.factor_of_noise(float(np.average((said - middle) ** 2, weights=weight)))
        noise = np.random.default_rng(seed).normal(0, np.sqrt(self.noise), (len(self.weights), len(p)))
        each = 1 / (1 + np.exp(-(middle + factor * (said - middle) + noise)))
        return np.asarray(self.weights @ each)

    def factor_of_noise(self, squared: float) -> float:
        """Gives by what a spread is smaller without any noise."""
        return float(np.sqrt(max(LEAST_LEFT, 1 - self.noise / squared))) if squared > 0 else 1.0


def log_odds(p: np.ndarray) -> np.ndarray:
    """Gives the log-odds of probabilities, of the same shape."""
    held = np.clip(p, SMALLEST, 1 - SMALLEST)
    return np.asarray(np.log(held / (1 - held)))


def learn_averaging(
    y: np.ndarray, own: np.ndarray, told: np.ndarray, saw: np.ndarray, weights: np.ndarray, goal: Goal
) -> Averaging | None:
    """Learns the noise of training rows, of which each is unseen by the models of one fold only.

    The models that saw a row are drawn to its truth. Their spread is so too small; it is too large where what they are drawn
    by is taken as if it were the same for all rows. The noise lies between the two, and their geometric mean is taken.

    - Numbers: what the models that saw a row are off by is shorter by one factor, which is that of all rows together.
    - Labels: the log-odds of the true label are higher by one number. What its own fold's models say less the mean of the
      others varies by the noise, and by what that number varies.

    Measured in `docs/log.md`: on ten sets the result is 0.6 to 1.9 times the noise at test rows.

    Args:
        y: Class codes or numbers of some training rows, shape `(n,)`.
        own: What models that had not seen them said, shape `(n, width)`.
        told: What each fold's models say, shape `(j, n, width)`.
        saw: Whether the models of a fold saw a row, shape `(j, n)`.
        weights: Weight of each fold's models, shape `(j,)`.
        goal: What the prediction is.

    Returns:
        None where there are fewer than three folds, or the prediction is neither numbers nor probabilities.
    """
    if len(told) < LEAST_FOLDS or goal.makes not in (Makes.VALUES, Makes.PROBABILITIES) or not len(y):
        return None
    rows, has_labels = np.arange(len(y)), goal.makes is Makes.PROBABILITIES
    mine = log_odds(own[rows, y]) if has_labels else y - own[:, 0]
    each = log_odds(told[:, rows, y]) if has_labels else y - told[:, :, 0]
    share = weights[:, None] * saw
    share = share / share.sum(axis=0)
    mean = (share * each).sum(axis=0)
    squares = (share**2).sum(axis=0)
    low = float(np.mean((share * (each - mean) ** 2).sum(axis=0) / (1 - squares)))
    if has_labels:
        high = float(np.var(mine - mean)) - low * float(squares.mean())
    else:
        drawn = float(np.mean((share * each**2).sum(axis=0)))
        high = low * float(np.mean(mine**2)) / drawn if drawn > 0 else low
    noise = float(np.sqrt(low * max(low, high)))
    return Averaging(noise, weights / weights.sum()) if np.isfinite(noise) else None
