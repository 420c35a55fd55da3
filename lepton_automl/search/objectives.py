"""What is sought besides the metric, and which trials no other is better than in everything."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lepton_automl.search.protocol import Trial, TrialState


def objective_values(trial: Trial, objectives: Sequence[str]) -> tuple[float, ...]:
    """Gives a trial's objectives, all of them lower is better.

    Args:
        trial: A trial with a fold at least, for anything but NaN.
        objectives: `metric`, the mean loss of its folds; `predict_seconds`, mean seconds to predict a fold's valid rows;
            `model_mb`, mean MB of a fold's model.
    """
    return tuple(_value(trial, name) for name in objectives)


def _value(trial: Trial, name: str) -> float:
    if not trial.fits:
        return math.nan
    return trial.loss if name == "metric" else float(np.mean([getattr(fit, name) for fit in trial.fits.values()]))


def pareto_front(trials: Sequence[Trial], objectives: Sequence[str]) -> list[int]:
    """Gives the numbers of the complete trials that no other is at least as good as in all objectives and better in one."""
    done = [(trial.number, objective_values(trial, objectives)) for trial in trials if trial.state is TrialState.DONE]
    return [number for number, mine in done if not any(_dominates(other, mine) for _, other in done)]


def _dominates(other: tuple[float, ...], mine: tuple[float, ...]) -> bool:
    """Says whether one is at least as good in all and better in one.

    >>> _dominates((1.0, 2.0), (1.0, 3.0)), _dominates((1.0, 2.0), (1.0, 2.0)), _dominates((0.0, 4.0), (1.0, 3.0))
    (True, False, False)
    """
    return other != mine and all(theirs <= ours for theirs, ours in zip(other, mine, strict=True))
