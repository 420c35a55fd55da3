"""From finished trials to the ensemble that is delivered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lepton_automl.ensemble.calibrate import Calibration
from lepton_automl.ensemble.greedy import Limit, select
from lepton_automl.ensemble.usable import usable
from lepton_automl.search import Board, Fit, Trial

MAX_MEMBERS = ((1_000, 4), (5_000, 6), (1_000_000_000, 8))
"""Out-of-fold rows, and the most members where the recipe says nothing (measured: `docs/log.md`)."""
MAX_TRIALS = 200
"""Trials that the selection sees, the best first."""


@dataclass(frozen=True)
class Joining:
    """How trials are joined, and what the result must keep.

    Args:
        steps: Steps of the greedy selection.
        max_members: Most members; none: by the number of rows.
        max_fits: Most fits that are delivered, one a member at least.
        prune_trees: What boosters may lose for fewer trees, as a share of what boosting gained; 0 keeps all.
        calibration: `auto`, `none`, `temperature` or `isotonic`.
        max_size_mb: Largest artefact.
        max_latency_ms: Longest median wall clock of scoring one row.
    """

    steps: int = 25
    max_members: int | None = None
    max_fits: int = 16
    prune_trees: float = 0.0
    calibration: str = "auto"
    max_size_mb: float | None = None
    max_latency_ms: float | None = None


@dataclass(frozen=True)
class Costs:
    """What trials cost when they are delivered; those that are not named cost nothing.

    Args:
        size_mb: Trial number to the size of its models.
        milliseconds: Trial number to the wall clock of scoring one row, reading apart.
        reading_ms: Wall clock of reading one row.
    """

    size_mb: Mapping[int, float] = field(default_factory=dict)
    milliseconds: Mapping[int, float] = field(default_factory=dict)
    reading_ms: float = 0.0


@dataclass(frozen=True)
class RecordedEnsemble:
    """The ensemble of an earlier run, to be made again.

    Args:
        weights: Trial number to weight.
        rounds: Trial number to the rounds of each fold that its trees were cut to.
        calibration: The calibration, or none.
        folds: Folds on whose rows the members were weighed.
    """

    weights: Mapping[int, float]
    rounds: Mapping[int, Mapping[int, int]] = field(default_factory=dict)
    calibration: Calibration | None = None
    folds: tuple[int, ...] = ()


@dataclass(frozen=True)
class Member:
    """A trial in the ensemble.

    Args:
        trial: The trial.
        weight: Its weight; those of an ensemble sum to 1.
        fits: The fits that are delivered: those of its folds, or one on all rows.
        loss: Its loss alone, on the ensemble's out-of-fold rows.
    """

    trial: Trial
    weight: float
    fits: tuple[Fit, ...]
    loss: float = float("nan")


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
        out_of_fold: Their weighted prediction of training rows, calibrated where there is a calibration.
        loss: Its loss.
        final: `folds` or `refit`.
        prefix_losses: Loss of the first member alone, of the first two, and so on, weighed in proportion.
        calibration: What is done to the weighted prediction, or none.
        folds: Folds on whose rows the members were weighed.
    """

    members: tuple[Member, ...]
    out_of_fold: OutOfFold
    loss: float
    final: str
    prefix_losses: tuple[float, ...] = ()
    calibration: Calibration | None = None
    folds: tuple[int, ...] = ()


def sizes_of(trials: Sequence[Trial], final: str) -> dict[int, float]:
    """Gives the size of each trial's models in MB: of all its folds, or of one model like theirs."""
    per_fold = {trial.number: [fit.model_mb for fit in trial.fits.values()] for trial in trials}
    return {number: float(np.mean(sizes) if final == "refit" else np.sum(sizes)) for number, sizes in per_fold.items()}


def choose(board: Board, joining: Joining, costs: Costs | None = None, among: Collection[int] | None = None) -> Ensemble:
    """Weighs the trials by greedy selection on their out-of-fold rows.

    Args:
        board: The trials; at least one is usable.
        joining: How they are joined.
        costs: What they cost when they are delivered.
        among: Numbers of the trials to choose among; all if absent.
    """
    found, folds = usable(board)
    trials = [trial for trial in found if among is None or trial.number in among][:MAX_TRIALS]
    stacked = [stack(board, trial, folds) for trial in trials]
    positions = stacked[0].positions
    y, weight = _truth(board, positions)
    most = joining.max_members or next(count for limit, count in MAX_MEMBERS if len(positions) <= limit)
    values = [one.values for one in stacked]
    limits = _limits(trials, joining, costs or Costs())
    shares = select(values, y, weight, board.settings.metric, joining.steps, limits, most)
    return weighed(board, {trial.number: float(w) for trial, w in zip(trials, shares, strict=True) if w > 0}, trials, folds)


def weighed(board: Board, weights: Mapping[int, float], trials: Sequence[Trial], folds: Sequence[int]) -> Ensemble:
    """Makes an ensemble of trials, with the weights by their numbers, judged on some folds that all of them have."""
    kept = sorted((trial for trial in trials if weights.get(trial.number, 0) > 0), key=lambda t: (-weights[t.number], t.number))
    stacked = [stack(board, trial, folds) for trial in kept]
    y, row_weight = _truth(board, stacked[0].positions)
    loss = board.settings.metric.loss
    members, losses, total = [], [], np.zeros_like(stacked[0].values)
    for trial, one in zip(kept, stacked, strict=True):
        share = float(weights[trial.number])
        fits = tuple(fit for _, fit in sorted(trial.fits.items()))
        members.append(Member(trial, share, fits, loss(y, one.values, row_weight)))
        total = total + share * one.values
        losses.append(loss(y, total / sum(member.weight for member in members), row_weight))
    oof = OutOfFold(stacked[0].positions, total)
    return Ensemble(tuple(members), oof, loss(y, total, row_weight), "folds", tuple(losses), None, tuple(folds))


def refitted(ensemble: Ensemble, fits: Mapping[int, Fit]) -> Ensemble:
    """Gives the ensemble with models fitted on all rows; a member without one keeps the models of its folds."""
    members = tuple(
        replace(member, fits=(fits[member.trial.number],)) if member.trial.number in fits else member
        for member in ensemble.members
    )
    return replace(ensemble, members=members, final="refit" if fits else "folds")


def thinned(ensemble: Ensemble, most: int) -> Ensemble:
    """Leaves out fits of folds that tell little: what a member of weight `w` errs by chance falls with `w² / fits`.

    The fits of a member that stay are spread evenly over its folds. Out-of-fold rows are predicted by each fold's own model, so
    nothing they tell changes.

    Args:
        ensemble: The ensemble.
        most: Most fits; each member keeps one at least.
    """
    weights, fits = ([m.weight for m in ensemble.members], [len(m.fits) for m in ensemble.members])
    counts = shares_of_fits(weights, fits, most)
    members = tuple(
        replace(member, fits=tuple(member.fits[i * len(member.fits) // count] for i in range(count)))
        for member, count in zip(ensemble.members, counts, strict=True)
    )
    return replace(ensemble, members=members)


def shares_of_fits(weights: Sequence[float], fits: Sequence[int], most: int) -> list[int]:
    """Gives how many fits each member keeps, so that what all err by chance is least.

    Args:
        weights: Weight of each member.
        fits: Fits it has.
        most: Most fits of all; each member keeps one at least.
    """
    counts = [1] * len(weights)

    def gain(place: int) -> float:
        return weights[place] ** 2 * (1 / counts[place] - 1 / (counts[place] + 1))

    for _ in range(min(most, sum(fits)) - len(weights)):
        counts[max((p for p in range(len(weights)) if counts[p] < fits[p]), key=gain)] += 1
    return counts


def stack(board: Board, trial: Trial, folds: Sequence[int]) -> OutOfFold:
    """Gives the out-of-fold predictions of a trial on some folds, in one piece."""
    parts = board.parts(trial, folds)
    return OutOfFold(np.concatenate([part.positions for part in parts]), np.concatenate([part.values for part in parts]))


def _truth(board: Board, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    return board.y[positions], None if board.weight is None else board.weight[positions]


def _limits(trials: Sequence[Trial], joining: Joining, costs: Costs) -> list[Limit]:
    limits = []
    if joining.max_size_mb is not None:
        limits.append(Limit(np.array([costs.size_mb.get(t.number, 0.0) for t in trials]), joining.max_size_mb))
    if joining.max_latency_ms is not None:
        left = max(1e-9, joining.max_latency_ms - costs.reading_ms)
        limits.append(Limit(np.array([costs.milliseconds.get(t.number, 0.0) for t in trials]), left))
    return limits
