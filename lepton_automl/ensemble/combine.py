"""From finished trials to the ensemble that is delivered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lepton_automl.ensemble.greedy import greedy_weights
from lepton_automl.search import Board, Fit, Trial, TrialState

MAX_MODELS = ((300, 3), (1_000, 6), (5_000, 12), (1_000_000_000, 25))
"""Out-of-fold rows, and how many trials the selection may see: with few rows it would pick by chance."""

ENOUGH_ROWS = 2_000
"""Rows of the first fold by which weights can be found."""
WORTH_FEWER = 0.01
"""Trials with fewer folds take part where one is better than all others by this share of the distance to the baseline."""


@dataclass(frozen=True)
class Member:
    """A trial in the ensemble.

    Args:
        trial: The trial.
        weight: Its weight; those of an ensemble sum to 1.
        fits: The fits that are delivered: those of its folds, or one on all rows.
    """

    trial: Trial
    weight: float
    fits: tuple[Fit, ...]


@dataclass(frozen=True)
class OutOfFold:
    """Predictions of rows by models that did not see them.

    Args:
        positions: Positions of the rows among the training rows, shape `(m,)`.
        values: Predictions, shape `(m, width)`.
    """

    positions: np.ndarray
    values: np.ndarray


@dataclass(frozen=True)
class Ensemble:
    """What is delivered.

    Args:
        members: Trials with their weights, the heaviest first.
        out_of_fold: Their weighted prediction of training rows.
        loss: Its loss.
        final: `folds` or `refit`.
    """

    members: tuple[Member, ...]
    out_of_fold: OutOfFold
    loss: float
    final: str


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


def choose(board: Board, steps: int, max_size_mb: float | None, weights: dict[int, float] | None = None) -> Ensemble:
    """Weighs the trials by greedy selection on their out-of-fold rows, or as recorded.

    Args:
        board: The trials; at least one is usable.
        steps: Steps of the selection.
        max_size_mb: Largest sum of the models' sizes.
        weights: Trial number to weight, of an earlier run.
    """
    trials, folds = usable(board)
    if weights is None:
        first = board.parts(trials[0], folds)
        rows = sum(len(part.positions) for part in first)
        trials = trials[: next(count for limit, count in MAX_MODELS if rows <= limit)]
    else:
        trials = [t for t in trials if weights.get(t.number, 0) > 0]
    stacked = [_stack(board, trial, folds) for trial in trials]
    positions = stacked[0].positions
    y, row_weight = board.y[positions], None if board.weight is None else board.weight[positions]
    if weights is None:
        sizes = [sum(fit.model_mb for fit in trial.fits.values()) for trial in trials]
        found = greedy_weights([s.values for s in stacked], y, row_weight, board.settings.metric, steps, sizes, max_size_mb)
    else:
        found = np.array([weights[t.number] for t in trials])
    values = np.sum([w * s.values for w, s in zip(found, stacked, strict=True)], axis=0)
    members = [
        Member(trial, float(w), tuple(fit for _, fit in sorted(trial.fits.items())))
        for trial, w in zip(trials, found, strict=True)
        if w > 0
    ]
    members.sort(key=lambda member: (-member.weight, member.trial.number))
    loss = board.settings.metric.loss(y, values, row_weight)
    return Ensemble(tuple(members), OutOfFold(positions, values), loss, "folds")


def refitted(ensemble: Ensemble, fits: dict[int, Fit]) -> Ensemble:
    """Gives the ensemble with models fitted on all rows; a member without one keeps the models of its folds."""
    members = tuple(
        Member(m.trial, m.weight, (fits[m.trial.number],)) if m.trial.number in fits else m for m in ensemble.members
    )
    return Ensemble(members, ensemble.out_of_fold, ensemble.loss, "refit" if fits else "folds")


def _stack(board: Board, trial: Trial, folds: tuple[int, ...]) -> OutOfFold:
    parts = board.parts(trial, folds)
    return OutOfFold(np.concatenate([part.positions for part in parts]), np.concatenate([part.values for part in parts]))
