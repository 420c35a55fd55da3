"""What each row loses, by which slices are compared."""

from __future__ import annotations

import numpy as np

from lepton_automl.tasks import Goal, Makes


def losses_of(goal: Goal, y: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    """Gives the loss of each row, shape `(n,)`.

    Of probabilities it is the squared error, which no single row can blow up; of numbers the absolute error; of quantiles the
    mean pinball loss.

    Args:
        goal: What is predicted.
        y: Class codes or numbers, shape `(n,)`.
        prediction: Shape `(n, width)`.
    """
    if goal.makes is Makes.PROBABILITIES:
        if goal.width == 2:
            return np.square(prediction[:, 1] - (y == 1))
        hit = prediction[np.arange(len(y)), y]
        return np.square(prediction).sum(axis=1) - 2 * hit + 1
    if goal.makes is Makes.QUANTILES:
        error, level = y[:, None] - prediction, np.asarray(goal.levels)[None, :]
        return np.maximum(level * error, (level - 1) * error).mean(axis=1)
    return np.abs(y - prediction[:, 0])


def words_of_loss(goal: Goal) -> str:
    """Says what the loss of a row is."""
    if goal.makes is Makes.PROBABILITIES:
        return "squared error of the probability"
    return "mean pinball loss" if goal.makes is Makes.QUANTILES else "absolute error"
