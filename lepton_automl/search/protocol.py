"""What is tried, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

import numpy as np

from lepton_automl.features import FeatureOptions
from lepton_automl.models import Shape
from lepton_automl.space import Dimension
from lepton_automl.tasks import Goal, History, Metric

SLOW_SECONDS = 3.0
"""A family is slow from so many least seconds on."""


class TrialState(StrEnum):
    """How a trial stands. Failed, pruned and skipped are three different things."""

    RUNNING = "running"
    DONE = "done"
    PRUNED = "pruned"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class Candidate:
    """A model family with the space to search.

    Args:
        name: Name of the model.
        place: Where its class is: `package.module:Class`.
        space: Parameter to dimension.
        starts: Configurations tried first.
        in_rounds: Whether a fit can stop at a deadline and keep what it has.
        package: Package that a worker imports ahead; empty if none.
        device: Where it is fitted: `cpu` or `gpu`.
        views: Ways to represent the table, by the parameters of `REPRESENTATION`: the usual one first, then each with one
            thing changed.
        rate: Parameter that shrinks each round of boosting; empty if none.
        span: Parameter that says over how many rounds the schedules of a fit run; empty if none.
        least_seconds: Seconds of a fit on the threads it is given, below which it is not worth beginning.
    """

    name: str
    place: str
    space: Mapping[str, Dimension]
    starts: tuple[Mapping[str, Any], ...]
    in_rounds: bool
    package: str = ""
    device: str = "cpu"
    views: tuple[Mapping[str, Any], ...] = ({},)
    rate: str = ""
    span: str = ""
    least_seconds: float = 0.5

    @property
    def is_slow(self) -> bool:
        """Whether a fit takes so long that quick ones should not wait for it."""
        return self.least_seconds >= SLOW_SECONDS


@dataclass(frozen=True)
class Fit:
    """One fold of one trial.

    Args:
        fold: Number of the fold.
        loss: The metric on the fold's valid rows, its sign turned so that lower is better.
        rounds: Rounds of each booster.
        seconds: Wall clock of preparation, fit and prediction.
        model_mb: Size of the model's files.
        predict_seconds: Wall clock of predicting the valid rows.
        files: Path of the files, without their endings.
        preparation: Name of the preparation of its rows.
        curve: Round to validation loss, thinned out; empty where a fit tells none.
    """

    fold: int
    loss: float
    rounds: tuple[int, ...]
    seconds: float
    model_mb: float
    predict_seconds: float
    files: str
    preparation: str
    curve: tuple[tuple[int, float], ...] = ()


@dataclass
class Trial:
    """One configuration.

    Args:
        number: Its number, from 0.
        candidate: Name of its family.
        params: Its parameters, under the library's own names.
        origin: `start`, `probe` (of a representation), `shorter` (the first of a family, with a shorter schedule), `sampled`
            or `finish` (the best, learned at a lower rate).
        state: How it stands.
        fits: Fold to fit.
        error: What went wrong, if it failed.
        sampled: What the sampler needs back, if it made the parameters.
        pending: Folds that are being fitted.
        extra: Folds fitted for the sake of more models in the ensemble: they do not count in its loss.
    """

    number: int
    candidate: str
    params: Mapping[str, Any]
    origin: str
    state: TrialState = TrialState.RUNNING
    fits: dict[int, Fit] = field(default_factory=dict)
    error: str = ""
    sampled: Any = field(default=None, repr=False)
    pending: set[int] = field(default_factory=set)
    extra: set[int] = field(default_factory=set)

    @property
    def loss(self) -> float:
        """Mean loss of its folds so far; infinite before the first."""
        losses = [fit.loss for fold, fit in self.fits.items() if fold not in self.extra]
        return float(np.mean(losses)) if losses else float("inf")

    @property
    def seconds(self) -> float:
        """Wall clock of its fits."""
        return sum(fit.seconds for fit in self.fits.values())


@dataclass(frozen=True)
class Recorded:
    """A trial of an earlier run, to be fitted again as it was.

    Args:
        number: Its number there.
        candidate: Name of its family.
        params: Its parameters.
        rounds: Fold to rounds.
        refit: Whether it was fitted again on all rows for delivery.
    """

    number: int
    candidate: str
    params: Mapping[str, Any]
    rounds: Mapping[int, tuple[int, ...]]
    refit: bool = False


@dataclass(frozen=True)
class Earlier:
    """A finished trial of another run, told to the sampler.

    Args:
        number: Its number there.
        candidate: Name of its family.
        params: Its parameters.
        is_complete: Whether all its folds were fitted; else it was given up.
        values: Its objectives, all lower is better.
        fold_losses: Fold to loss.
    """

    number: int
    candidate: str
    params: Mapping[str, Any]
    is_complete: bool
    values: tuple[float, ...]
    fold_losses: Mapping[int, float]


@dataclass(frozen=True)
class Studies:
    """How Optuna's studies are asked, and where they are recorded.

    Args:
        sampler_options: Arguments of the sampler.
        pruner: What gives trials up: `racing`, `none` or the name of one of Optuna's pruners.
        pruner_options: Its arguments.
        objectives: `metric`, and what else is sought.
        storage: SQLAlchemy URL, `{"secret": NAME}`, or none: a journal file.
        name: What the studies' names begin with; empty: a study has the name of its family.
        about: What the studies' user attributes say of the run.
        earlier: Trials of another run.
        replaces: Whether studies of these names are of this run, before it was killed: they are made anew.
    """

    sampler_options: Mapping[str, Any] = field(default_factory=dict)
    pruner: str = "racing"
    pruner_options: Mapping[str, Any] = field(default_factory=dict)
    objectives: tuple[str, ...] = ("metric",)
    storage: Any = field(default=None, repr=False)
    name: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)
    earlier: tuple[Earlier, ...] = ()
    replaces: bool = False


@dataclass(frozen=True)
class SearchSettings:
    """All that the search goes by; nothing here changes while it runs.

    Args:
        candidates: What is tried, in the order in which it starts.
        metric: What is optimised.
        goal: What a model must make.
        shape: How large the training table is.
        features: What is made of columns.
        history: How rows form series, if they do.
        trials: Number of configurations, or none where seconds are counted.
        folds: Folds that every trial is fitted on, or none where what the first fits cost decides.
        sampler: Name of one of Optuna's samplers.
        racing_margin: How far behind after its first fold a trial is given up by racing, as a share of the distance from
            baseline to best.
        patience: Boosting rounds without gain before a fit stops.
        seed: Seed of everything random.
        threads: Threads of one fit.
        slow_workers: Workers that fits of slow families may take: the others go on with quick ones.
        recorded: Trials to fit again instead of searching.
        studies: How Optuna's studies are asked, and where they are recorded.
    """

    candidates: tuple[Candidate, ...]
    metric: Metric
    goal: Goal
    shape: Shape
    features: FeatureOptions
    history: History | None
    trials: int | None
    folds: int | None
    sampler: str
    racing_margin: float
    patience: int
    seed: int
    threads: int
    slow_workers: int = 1
    recorded: tuple[Recorded, ...] = ()
    studies: Studies = field(default_factory=Studies)


class Watcher(Protocol):
    """Is told what happens, to show it."""

    def on_trial(self, trial: Trial, trials: list[Trial], best: float | None) -> None:
        """A trial has ended."""
        ...
