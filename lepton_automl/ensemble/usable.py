"""Which trials can be weighed together, and on which folds."""

from __future__ import annotations

import numpy as np

from lepton_automl.search import Board, Trial, TrialState

ENOUGH_ROWS = 2_000
"""Rows of the first fold by which weights can be found."""
WORTH_FEWER = 0.01
"""Trials with fewer folds take part where one is better than all others by this share of the distance to the baseline."""


def usable(board: Board) -> tuple[list[Trial], tuple[int, ...]]:
    """Gives the trials the ensemble can be made of, the best first, and the folds on which all of them are weighed.

    Where the first fold has rows enough to weigh by, every trial that was fitted on it takes part, those given up for being
    behind included. Else those with the most folds, or with fewer where one of them is better than all that have more.
    """
    fitted = [t for t in board.trials if t.fits and t.state is not TrialState.FAILED]
    on_first = [t for t in fitted if 0 in t.fits]
    if not on_first:
        return _ranked([min(fitted, key=lambda t: t.loss)], tuple(fitted[0].fits)) if fitted else ([], ())
    if len(board.folds[0].valid) >= ENOUGH_ROWS:
        return _ranked(on_first, (0,))
    spans = sorted({_span(t) for t in on_first}, reverse=True)
    chosen = spans[0]
    for span in spans[1:]:
        folds = tuple(range(span))
        more, fewer = (min(_mean(t, folds) for t in on_first if _span(t) >= least) for least in (chosen, span))
        distance = max(float(np.mean([board.baseline_losses[fold] for fold in folds])) - fewer, 0.0)
        if more - fewer > WORTH_FEWER * distance:
            chosen = span
    return _ranked([t for t in on_first if _span(t) >= chosen], tuple(range(chosen)))


def _span(trial: Trial) -> int:
    """Gives the number of folds from the first on, without a gap, that a trial was fitted on."""
    return next(fold for fold in range(len(trial.fits) + 1) if fold not in trial.fits)


def _mean(trial: Trial, folds: tuple[int, ...]) -> float:
    return float(np.mean([trial.fits[fold].loss for fold in folds]))


def _ranked(trials: list[Trial], folds: tuple[int, ...]) -> tuple[list[Trial], tuple[int, ...]]:
    return sorted(trials, key=lambda t: (_mean(t, folds), t.number)), folds
