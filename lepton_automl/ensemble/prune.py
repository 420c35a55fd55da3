"""Leaves out the last trees of boosters where the out-of-fold loss allows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lepton_automl.ensemble.combine import Ensemble, weighed
from lepton_automl.ensemble.fits import load_fit
from lepton_automl.models import Cuttable
from lepton_automl.search import Board, Fit, Trial, load_prepared

WORTHWHILE = 0.95
"""A booster is cut only if at most this share of its rounds remains."""


@dataclass(frozen=True)
class Pruned:
    """What pruning did.

    Args:
        ensemble: The ensemble with the fits that were cut.
        rounds: Trial number to the rounds that each fold was cut to; those left whole are not named.
        before: Rounds of all members' boosters before.
        after: Rounds after.
    """

    ensemble: Ensemble
    rounds: Mapping[int, Mapping[int, int]]
    before: int
    after: int


def rounds_within(fit: Fit, tolerance: float) -> int | None:
    """Gives the fewest rounds whose loss is within a share of what boosting gained, or none where that saves little.

    Args:
        fit: The fit; those with one booster and a curve of losses are looked at.
        tolerance: Share of the distance from the first round's loss to the lowest, 0 to 1.
    """
    if len(fit.rounds) != 1 or len(fit.curve) < 2:
        return None
    numbers, losses = np.array([n for n, _ in fit.curve]), np.array([loss for _, loss in fit.curve])
    used = numbers < fit.rounds[0]
    if not used.any():
        return None
    numbers, losses = numbers[used], losses[used]
    most = losses.min() + tolerance * max(0.0, losses[0] - losses.min())
    rounds = int(numbers[np.flatnonzero(losses <= most)[0]]) + 1
    return rounds if rounds <= WORTHWHILE * fit.rounds[0] else None


def prune(ensemble: Ensemble, board: Board, tolerance: float, table: Path, threads: int, plugins: Sequence[str] = ()) -> Pruned:
    """Cuts the boosters of an ensemble, and predicts the out-of-fold rows anew.

    Args:
        ensemble: The ensemble.
        board: The trials it is made of.
        tolerance: Share of what boosting gained that may be lost.
        table: The search's folder of prepared rows.
        threads: Threads to predict with.
        plugins: Packages whose models may be named.
    """
    wanted = {
        member.trial.number: {
            fold: rounds for fold, fit in member.trial.fits.items() if (rounds := rounds_within(fit, tolerance)) is not None
        }
        for member in ensemble.members
    }
    return cut_to(ensemble, board, wanted, table, threads, plugins)


def cut_to(
    ensemble: Ensemble,
    board: Board,
    wanted: Mapping[int, Mapping[int, int]],
    table: Path,
    threads: int,
    plugins: Sequence[str] = (),
) -> Pruned:
    """Cuts the boosters to given rounds: trial number and fold to rounds."""
    trials, rounds = [], dict[int, dict[int, int]]()
    for member in ensemble.members:
        fits = {}
        for fold, fit in member.trial.fits.items():
            short = _shortened(member.trial, fit, wanted.get(member.trial.number, {}).get(fold), board, table, threads, plugins)
            if short is not fit:
                rounds.setdefault(member.trial.number, {})[fold] = short.rounds[0]
            fits[fold] = short
        trials.append(replace(member.trial, fits=fits))
    cut = weighed(board, {member.trial.number: member.weight for member in ensemble.members}, trials, ensemble.folds)
    return Pruned(cut, rounds, _rounds_of([m.trial for m in ensemble.members]), _rounds_of(trials))


def _shortened(
    trial: Trial, fit: Fit, rounds: int | None, board: Board, table: Path, threads: int, plugins: Sequence[str]
) -> Fit:
    """Writes the fit with fewer rounds beside it."""
    if rounds is None:
        return fit
    fitted = load_fit(trial, fit, plugins)
    if not isinstance(fitted, Cuttable):
        return fit
    short = fitted.cut(rounds)
    if short.rounds == fitted.rounds:
        return fit
    values = short.predict(load_prepared(table / f"{fit.preparation}.valid"), threads)
    out = f"{fit.files}_cut"
    np.save(f"{out}.oof.npy", values)
    files = short.save()
    for name, content in files.items():
        Path(f"{out}.{name}").write_bytes(content)
    valid = board.folds[fit.fold].valid
    weight = None if board.weight is None else board.weight[valid]
    loss = board.settings.metric.loss(board.y[valid], values, weight)
    return replace(fit, rounds=short.rounds, files=out, loss=loss, model_mb=sum(map(len, files.values())) / 1e6)


def _rounds_of(trials: Sequence[Trial]) -> int:
    return sum(sum(fit.rounds) for trial in trials for fit in trial.fits.values())
