"""Keeps the trials, scores their folds, and says which is next: the rules of racing and the choice of family."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lepton_automl.models import REPRESENTATION
from lepton_automl.search.protocol import Candidate, Fit, SearchSettings, Trial, TrialState
from lepton_automl.search.pruning import Field, open_pruner
from lepton_automl.search.sampling import Sampler
from lepton_automl.tasks import Fold, Part


@dataclass
class Board:
    """All trials of a run.

    Args:
        settings: What the search goes by.
        folds: The folds.
        y: Target of the training rows, shape `(n,)`.
        weight: Weights of the training rows, shape `(n,)`, or none.
        baseline_losses: Loss of the task's baseline on each fold.
        sampler: Where sampled configurations come from.
    """

    settings: SearchSettings
    folds: Sequence[Fold]
    y: np.ndarray
    weight: np.ndarray | None
    baseline_losses: Sequence[float]
    sampler: Sampler
    trials: list[Trial] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._starts = _interleaved(self.settings.candidates)
        self._pruner = open_pruner(self.settings, len(self.folds))
        self._prober = next((candidate.name for candidate, _, origin in self._starts if origin == "probe"), "")

    @property
    def complete(self) -> list[Trial]:
        """Trials with all their folds, the best first."""
        return sorted((t for t in self.trials if t.state is TrialState.DONE), key=lambda t: (t.loss, t.number))

    @property
    def best(self) -> float | None:
        """Loss of the best complete trial."""
        done = self.complete
        return done[0].loss if done else None

    def next_start(self, allowed: Collection[str] | None = None) -> Trial | None:
        """Opens a configuration of the starting list, or none when all are open.

        Every family has its turn first. Then, where seconds are counted, the family is chosen by how well it did; else the
        list goes on in its order.

        Args:
            allowed: Families to choose from; all if absent.
        """
        left = [i for i, (c, _, _) in enumerate(self._starts) if allowed is None or c.name in allowed]
        if not left:
            return None
        started = {trial.candidate for trial in self.trials}
        place = next((i for i in left if self._starts[i][2] == "probe" or self._starts[i][0].name not in started), None)
        if place is None and self.settings.trials is None and self.complete:
            name = self._chosen_family(list(dict.fromkeys(self._starts[i][0].name for i in left)))
            place = next(i for i in left if self._starts[i][0].name == name)
        candidate, params, origin = self._starts.pop(left[0] if place is None else place)
        view = {} if origin == "probe" else self._view(candidate)
        return self._open(candidate.name, {**params, **view}, origin, None)

    def _view(self, candidate: Candidate) -> dict[str, Any]:
        """Gives the representation in which the next configuration of a family sees the table.

        That of the family's best trial; before the first, what the probes of another family found, as far as this one has it.
        """
        mine = [trial for trial in self.complete if trial.candidate == candidate.name]
        if mine:
            return {key: value for key, value in mine[0].params.items() if key in REPRESENTATION}
        view = dict(candidate.views[0])
        probed = next((trial for trial in self.complete if trial.candidate == self._prober), None)
        if probed is not None:
            options = {key: {other[key] for other in candidate.views} for key in view}
            view.update({key: value for key, value in probed.params.items() if value in options.get(key, ())})
        return view

    @property
    def starts_left(self) -> int:
        """Configurations of the starting list that are not open."""
        return len(self._starts)

    def next_sampled(self, allowed: Collection[str] | None = None) -> Trial | None:
        """Opens a sampled configuration of a family chosen by how well it did, or none where nothing can be searched.

        Args:
            allowed: Families to choose from; all if absent.
        """
        names = [c.name for c in self.settings.candidates if allowed is None or c.name in allowed]
        families = [name for name in names if self.sampler.has_space(name) and not self._hopeless(name)]
        if not families:
            return None
        name = self._chosen_family(families)
        params, handle = self.sampler.ask(name, self.next_number)
        view = self._view(next(c for c in self.settings.candidates if c.name == name))
        return self._open(name, {**params, **view}, "sampled", handle)

    @property
    def next_number(self) -> int:
        """Number of the trial that is opened next."""
        return self.trials[-1].number + 1 if self.trials else 0

    def take_up(self, number: int, candidate: str, params: Mapping[str, Any], origin: str) -> None:
        """Opens a trial again as it was before the run was killed."""
        seen = dict(params) if origin == "probe" else _without_view(params)
        self._starts = [one for one in self._starts if (one[0].name, dict(one[1]), one[2]) != (candidate, seen, origin)]
        self.trials.append(Trial(number, candidate, params, origin))

    def _open(self, name: str, params: dict[str, Any], origin: str, handle: Any) -> Trial:
        trial = Trial(self.next_number, name, params, origin, sampled=handle)
        self.trials.append(trial)
        return trial

    def _hopeless(self, name: str) -> bool:
        """A family whose first three trials all failed is not sampled again."""
        mine = [t for t in self.trials if t.candidate == name]
        return len(mine) >= 3 and all(t.state is TrialState.FAILED for t in mine)

    def _chosen_family(self, families: list[str]) -> str:
        """Draws a family: the better its best trial stands between baseline and best, the likelier.

        Where seconds are counted a family that takes long is drawn less often, by the root of its mean seconds.
        """
        best = {name: min((t.loss for t in self.complete if t.candidate == name), default=math.inf) for name in families}
        finite = [loss for loss in best.values() if math.isfinite(loss)]
        if not finite:
            return families[len(self.trials) % len(families)]
        top, scale = min(finite), max(self.distance, 1e-12)
        merit = np.array(
            [math.exp(-(best[name] - top) / (0.05 * scale)) if math.isfinite(best[name]) else 0.1 for name in families]
        )
        merit = merit + 0.05
        if self.settings.trials is None:
            merit = merit / np.sqrt([self._mean_seconds(name) for name in families])
        rng = np.random.default_rng([self.settings.seed, len(self.trials)])
        return families[int(rng.choice(len(families), p=merit / merit.sum()))]

    def _mean_seconds(self, name: str) -> float:
        seconds = [t.seconds for t in self.complete if t.candidate == name]
        return max(0.05, float(np.mean(seconds))) if seconds else 1.0

    @property
    def distance(self) -> float:
        """Distance from the baseline's mean loss to the best trial's."""
        best = self.best if self.best is not None else min((t.loss for t in self.trials if t.fits), default=0.0)
        return max(0.0, float(np.mean(self.baseline_losses)) - best)

    def record(self, trial: Trial, fold: int, value: dict[str, Any], out: str) -> None:
        """Scores a fold that was fitted."""
        prediction = np.load(f"{out}.oof.npy")
        valid = self.folds[fold].valid
        weight = None if self.weight is None else self.weight[valid]
        loss = self.settings.metric.loss(self.y[valid], prediction.astype("float64"), weight)
        if not math.isfinite(loss):
            raise ArithmeticError(f"the {self.settings.metric.name} of fold {fold} is {loss}")
        trial.fits[fold] = Fit(
            fold,
            loss,
            tuple(value["rounds"]),
            value["seconds"],
            value["model_mb"],
            value["predict_seconds"],
            out,
            value["preparation"],
            tuple((int(number), float(loss)) for number, loss in value["curve"]),
        )

    def is_behind(self, trial: Trial) -> bool:
        """Says whether a trial is given up, by the pruner of the recipe."""
        return self._pruner.is_behind(trial, Field(self.trials, self.folds, self.baseline_losses))

    def parts(self, trial: Trial) -> list[Part]:
        """Gives the out-of-fold predictions of a trial, fold by fold."""
        return [
            Part(fold, self.folds[fold].valid, np.load(f"{fit.files}.oof.npy").astype("float64"))
            for fold, fit in sorted(trial.fits.items())
        ]


def _without_view(params: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in params.items() if key not in REPRESENTATION}


def _interleaved(candidates: Sequence[Candidate]) -> list[tuple[Candidate, dict[str, Any], str]]:
    """Gives the first start of every candidate, then the second of every one, and so on.

    After the first starts of the first two candidates come the probes: the first start of the first candidate that can see
    the table in several ways, in each of the others.
    """
    longest = max((len(candidate.starts) for candidate in candidates), default=0)
    starts = [(c, dict(c.starts[depth]), "start") for depth in range(longest) for c in candidates if depth < len(c.starts)]
    prober = next((c for c in candidates if len(c.views) > 1 and c.starts), None)
    if prober is None:
        return starts
    probes = [(prober, {**prober.starts[0], **view}, "probe") for view in prober.views[1:]]
    place = max(2, 1 + next(i for i, start in enumerate(starts) if start[0] is prober))
    return [*starts[:place], *probes, *starts[place:]]
