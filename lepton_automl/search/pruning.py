"""Says which trials are given up before all their folds are fitted: our racing, or one of Optuna's pruners."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from lepton_automl.search.protocol import SearchSettings, Trial, TrialState
from lepton_automl.search.samplers import make_pruner, quiet
from lepton_automl.tasks import Fold

CHANCE = 2.0
"""What a difference on one fold may owe to chance, as a share of the distance from baseline to best, is about this over the
root of the fold's rows: with 128 valid rows a trial 18 % behind is still in the race."""
PROBE_MARGIN = 0.01
"""A representation is given up when its first fold is behind by more than this share of the distance."""
NEAR = 0.02
"""Share of the distance that a loss may always be behind."""


@dataclass(frozen=True)
class Field:
    """Who is in the race, and over which course.

    Args:
        trials: All trials so far.
        folds: The folds.
        baseline_losses: Loss of the task's baseline on each fold.
        wanted: Folds that trials are to be fitted on.
    """

    trials: Sequence[Trial]
    folds: Sequence[Fold]
    baseline_losses: Sequence[float]
    wanted: int


class Pruner(Protocol):
    """Decides whether a trial goes on."""

    def is_behind(self, trial: Trial, field: Field) -> bool:
        """Says whether a trial, some of whose folds are fitted, is to be given up."""
        ...


@dataclass(frozen=True)
class Never:
    """Gives nothing up."""

    def is_behind(self, trial: Trial, field: Field) -> bool:
        """Says no."""
        return False


@dataclass(frozen=True)
class Racing:
    """Gives a trial up that is clearly behind the best of the same fold, once its first fold is known.

    Args:
        share: How far behind, as a share of the distance from baseline to best.
        is_score: Whether higher is better for the metric: its losses then have no natural 0.
    """

    share: float
    is_score: bool

    def is_behind(self, trial: Trial, field: Field) -> bool:
        """Compares the first fold with the best of the others."""
        if len(trial.fits) != 1 or field.wanted == 1:
            return False
        (fold, fit), *_ = trial.fits.items()
        rivals = [t.fits[fold].loss for t in field.trials if fold in t.fits and t is not trial]
        if not rivals:
            return False
        best = min(rivals)
        distance = field.baseline_losses[fold] - best
        if trial.origin == "probe":
            return fit.loss - best > PROBE_MARGIN * max(distance, 1e-12)
        return fit.loss - best > margin(self.share, len(field.folds[fold].valid), distance, None if self.is_score else best)


def margin(share: float, rows: int, distance: float, best: float | None) -> float:
    """Gives how far a loss on one fold may be behind the best: a share of the distance, more where rows are few.

    Where the best is far nearer to no error than to the baseline, twice its error is far behind, whatever the distance.

    Args:
        share: The share.
        rows: Rows that the fold is judged by.
        distance: From the baseline's loss to the best.
        best: The best loss, or none where losses have no natural 0.
    """
    distance = max(distance, 1e-12)
    usual = max(share, CHANCE / math.sqrt(max(1, rows))) * distance
    return usual if best is None else min(usual, max(best, NEAR * distance))


class ByOptuna:
    """Asks one of Optuna's pruners, in a study in memory that holds the trials of all families.

    Args:
        kind: Its name in the recipe.
        options: Its arguments.
        folds: Folds of a complete trial.
    """

    def __init__(self, kind: str, options: Mapping[str, Any], folds: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._kind, self._states = kind, optuna.trial.TrialState
        sampler = optuna.samplers.RandomSampler(seed=0)
        self._study = optuna.create_study(study_name="folds", sampler=sampler, pruner=make_pruner(kind, folds, options))
        self._handles: dict[int, Any] = {}
        self._told: set[int] = set()

    def is_behind(self, trial: Trial, field: Field) -> bool:
        """Reports what is new of all trials, then asks about this one."""
        with quiet():
            for other in field.trials:
                if other.fits and other.number not in self._told:
                    self._report(other)
            return bool(self._handles[trial.number].should_prune())

    def _report(self, trial: Trial) -> None:
        if trial.number not in self._handles:
            self._handles[trial.number] = self._study.ask()
        handle = self._handles[trial.number]
        for step, value in steps(trial, self._kind).items():
            handle.report(value, step)
        if trial.state is TrialState.RUNNING:
            return
        self._told.add(trial.number)
        if trial.state is TrialState.DONE:
            self._study.tell(handle, trial.loss)
        else:
            state = self._states.PRUNED if trial.state is TrialState.PRUNED else self._states.FAIL
            self._study.tell(handle, None, state=state)


def steps(trial: Trial, pruner: str) -> dict[int, float]:
    """Gives a trial's course, as Optuna's intermediate values.

    The Wilcoxon test pairs folds: a step is the fold's number, its value the fold's loss. The other pruners compare values
    over steps: a step is the number of folds that are fitted, its value their mean loss.
    """
    losses = {fold: fit.loss for fold, fit in trial.fits.items()}
    if pruner == "wilcoxon":
        return losses
    return {count: float(np.mean(list(losses.values())[:count])) for count in range(1, len(losses) + 1)}


def open_pruner(settings: SearchSettings, folds: int) -> Pruner:
    """Makes what decides; nothing is given up where trials are counted or fitted again, or where there is one fold."""
    kind = settings.studies.pruner
    if kind == "none" or settings.trials is not None or settings.recorded or folds == 1:
        return Never()
    if kind == "racing":
        return Racing(settings.racing_margin, settings.metric.is_score)
    return ByOptuna(kind, settings.studies.pruner_options, folds)


def given_up(settings: SearchSettings, trial: Trial) -> str:
    """Says why a trial was given up."""
    count = len(trial.fits)
    if settings.studies.pruner == "racing":
        return "clearly behind after its first fold"
    return f"given up by the pruner {settings.studies.pruner} after {count} fold{'s' if count != 1 else ''}"
