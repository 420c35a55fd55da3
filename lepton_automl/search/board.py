"""Keeps the trials, scores their folds, and says which is next: the rules of racing and the choice of family."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lepton_automl.models import REPRESENTATION
from lepton_automl.search.protocol import Candidate, Fit, SearchSettings, Trial, TrialState
from lepton_automl.search.pruning import Field, margin, open_pruner
from lepton_automl.search.sampling import Sampler
from lepton_automl.search.schedule import least_folds, wanted_folds
from lepton_automl.search.views import as_listed, combined_probe, probed_view, span_of
from lepton_automl.tasks import Fold, Part

FINER = 3.0
"""A boosted model is learned again at the end at a rate this many times lower."""
LEAST_MEAN = 0.5
"""Mean seconds of a trial that count at least: what is quicker is drawn no more often for it."""
FIRST = ("probe", "shorter")
"""Origins of configurations that are opened before the second ones of any family."""
EXTRA_MEMBERS = 4
"""Trials, the best first, that are fitted on more folds when nothing else has time."""


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
        wanted: Folds that a trial is fitted on; the first alone until the opening has shown what fits cost.
    """

    settings: SearchSettings
    folds: Sequence[Fold]
    y: np.ndarray
    weight: np.ndarray | None
    baseline_losses: Sequence[float]
    sampler: Sampler
    trials: list[Trial] = field(default_factory=list)
    wanted: int = 1
    is_settled: bool = False

    def __post_init__(self) -> None:
        self._starts = _interleaved(self.settings.candidates)
        self._pruner = open_pruner(self.settings, len(self.folds))
        self._prober = next((candidate.name for candidate, _, origin in self._starts if origin == "probe"), "")
        if self.settings.folds is not None or len(self.folds) == 1:
            self.wanted, self.is_settled = len(self.folds), True

    @property
    def complete(self) -> list[Trial]:
        """Trials with all folds that are wanted, the best first."""
        return sorted((t for t in self.trials if t.state is TrialState.DONE), key=lambda t: (t.loss, t.number))

    @property
    def standing(self) -> list[Trial]:
        """Trials by which others are judged, the best first: complete ones; before there are any, those in the race."""
        racing = (t for t in self.trials if t.state is TrialState.RUNNING and 0 in t.fits)
        return self.complete or sorted(racing, key=lambda t: (t.fits[0].loss, t.number))

    @property
    def best(self) -> float | None:
        """Loss of the best trial so far."""
        standing = self.standing
        return standing[0].loss if standing else None

    @property
    def best_first(self) -> float:
        """Loss of the best on the first fold."""
        return min((t.fits[0].loss for t in self.trials if 0 in t.fits), default=math.inf)

    # ---- what is next --------------------------------------------------------------------------------------------

    def opening(self, allowed: Collection[str]) -> bool:
        """Says whether the first configuration of a family, or a representation, is still to be begun."""
        return self._combined_probe() is not None or any(
            (origin in FIRST or candidate.name not in self.begun) and candidate.name in allowed
            for candidate, _, origin in self._starts
        )

    @property
    def begun(self) -> set[str]:
        """Families of which a trial was opened."""
        return {trial.candidate for trial in self.trials}

    def drop_probes(self) -> int:
        """Takes the probes that were not begun from the list; gives how many there were."""
        kept = [start for start in self._starts if start[2] != "probe"]
        dropped, self._starts = len(self._starts) - len(kept), kept
        return dropped

    def settle(self, left: float, workers: int) -> list[Trial]:
        """Decides on how many folds trials are fitted, by what the first fold of those in the race took.

        Gives those that are not behind, and yet have no time for more folds.
        """
        racing = [t for t in self.standing if t.state is TrialState.RUNNING and not self.is_behind(t)]
        seconds = [t.fits[0].seconds for t in racing]
        self.wanted, kept = wanted_folds(len(self.folds), seconds, left, workers, least_folds(len(self.y)))
        self.is_settled = True
        return [t for place, t in enumerate(racing) if place not in kept]

    def next_start(self, allowed: Collection[str] | None = None) -> Trial | None:
        """Opens a configuration of the starting list, or none when all are open.

        Every family has its turn first. Then, where seconds are counted, the family is chosen by how well it did; else the
        list goes on in its order.

        Args:
            allowed: Families to choose from; all if absent.
        """
        left = [i for i, (c, _, _) in enumerate(self._starts) if allowed is None or c.name in allowed]
        begun = self.begun
        place = next((i for i in left if self._starts[i][2] in FIRST or self._starts[i][0].name not in begun), None)
        if place is None and (combined := self._combined_probe()) is not None:
            return self._open(self._prober, combined, "probe", None)
        if not left:
            return None
        if place is None and self.settings.trials is None and self.standing:
            families = self._promising(list(dict.fromkeys(self._starts[i][0].name for i in left)))
            if not families:
                return None
            name = self._chosen_family(families)
            place = next(i for i in left if self._starts[i][0].name == name)
        candidate, params, origin = self._starts.pop(left[0] if place is None else place)
        view = {} if origin == "probe" else self._view(candidate)
        return self._open(candidate.name, {**params, **view}, origin, None)

    def _probed_view(self) -> dict[str, Any]:
        return probed_view([t for t in self.trials if t.candidate == self._prober], self.baseline_losses[0])

    def _combined_probe(self) -> dict[str, Any] | None:
        """Gives the configuration that has all that the probes found at once, where that was not tried and time counts."""
        if self.settings.trials is not None or not self._prober or any(origin == "probe" for _, _, origin in self._starts):
            return None
        return combined_probe([t for t in self.trials if t.candidate == self._prober], self.baseline_losses[0])

    def _view(self, candidate: Candidate) -> dict[str, Any]:
        """Gives how the next configuration of a family sees the table, and how long its schedules are.

        As the family's best trial does; before the first, what the probes of another family found, as far as this one has it.
        """
        mine = [trial for trial in self.standing if trial.candidate == candidate.name]
        if mine:
            seen = {key: value for key, value in mine[0].params.items() if key in REPRESENTATION}
            return seen if self.settings.trials is not None else {**seen, **span_of(mine[0], candidate.span)}
        view = dict(candidate.views[0])
        options = {key: {other[key] for other in candidate.views} for key in view}
        view.update({key: value for key, value in self._probed_view().items() if value in options.get(key, ())})
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
        families = families if self.settings.trials is not None else self._promising(families)
        if not families:
            return None
        name = self._chosen_family(families)
        params, handle = self.sampler.ask(name, self.next_number)
        candidate = next(c for c in self.settings.candidates if c.name == name)
        return self._open(name, {**params, **self._view(candidate)}, "sampled", handle)

    def next_finish(self, left: float, workers: int) -> Trial | None:
        """Opens the best boosted configuration at a lower rate, once, where that has time; none where not."""
        boosted = {c.name: c for c in self.settings.candidates if c.rate}
        best = next((t for t in self.complete if t.candidate in boosted and t.origin != "finish"), None)
        if best is None or any(t.origin == "finish" for t in self.trials):
            return None
        rate = boosted[best.candidate].rate
        turns = -(-self.wanted // max(1, workers))
        if rate not in best.params or FINER * turns * max(fit.seconds for fit in best.fits.values()) > left:
            return None
        return self._open(best.candidate, {**best.params, rate: best.params[rate] / FINER}, "finish", None)

    def next_extra(self, left: float, allowed: Collection[str]) -> tuple[Trial, int] | None:
        """Gives one of the best trials and a fold that it was not fitted on, where that has time: more models, less chance.

        Args:
            left: Seconds it may take.
            allowed: Families to choose from.
        """
        best = [t for t in self.complete[:EXTRA_MEMBERS] if t.candidate in allowed]
        best = [t for t in best if max(fit.seconds for fit in t.fits.values()) < left]
        for trial in sorted(best, key=lambda t: (len(t.fits) + len(t.pending), t.loss)):
            fold = open_fold(trial, len(self.folds))
            if fold is not None:
                return trial, fold
        return None

    @property
    def next_number(self) -> int:
        """Number of the trial that is opened next."""
        return self.trials[-1].number + 1 if self.trials else 0

    def take_up(self, number: int, candidate: str, params: Mapping[str, Any], origin: str) -> None:
        """Opens a trial again as it was before the run was killed."""
        span = next((c.span for c in self.settings.candidates if c.name == candidate), "")
        seen = (candidate, as_listed(params, origin, span), origin)
        self._starts = [
            start for start in self._starts if (start[0].name, as_listed(start[1], start[2], span), start[2]) != seen
        ]
        self.trials.append(Trial(number, candidate, params, origin))

    def _open(self, name: str, params: dict[str, Any], origin: str, handle: Any) -> Trial:
        trial = Trial(self.next_number, name, params, origin, sampled=handle)
        self.trials.append(trial)
        return trial

    def _hopeless(self, name: str) -> bool:
        """A family whose first three trials all failed is not sampled again."""
        mine = [t for t in self.trials if t.candidate == name]
        return len(mine) >= 3 and all(t.state is TrialState.FAILED for t in mine)

    def _promising(self, families: list[str]) -> list[str]:
        """Gives the families whose best first fold is not behind that of all by more than a trial may be."""
        best: dict[str, float] = {}
        for trial in self.trials:
            if 0 in trial.fits:
                best[trial.candidate] = min(best.get(trial.candidate, math.inf), trial.fits[0].loss)
        if not best or self.settings.studies.pruner == "none":
            return families
        most = min(best.values()) + self._margin(min(best.values()))
        return [name for name in families if best.get(name, -math.inf) <= most]

    def _margin(self, best: float) -> float:
        rows, share = len(self.folds[0].valid), self.settings.racing_margin
        return margin(share, rows, self.baseline_losses[0] - best, None if self.settings.metric.is_score else best)

    def _chosen_family(self, families: list[str]) -> str:
        """Draws a family: the better its best trial stands between baseline and best, the likelier.

        Where seconds are counted a family that takes long is drawn less often, by the root of its mean seconds.
        """
        standing = self.standing
        best = {name: min((t.loss for t in standing if t.candidate == name), default=math.inf) for name in families}
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
        seconds = [t.seconds for t in self.standing if t.candidate == name]
        return max(LEAST_MEAN, float(np.mean(seconds))) if seconds else 1.0

    @property
    def distance(self) -> float:
        """Distance from the baseline's mean loss to the best trial's."""
        best = self.best if self.best is not None else min((t.loss for t in self.trials if t.fits), default=0.0)
        return max(0.0, float(np.mean(self.baseline_losses)) - best)

    # ---- score ---------------------------------------------------------------------------------------------------

    def is_done(self, trial: Trial) -> bool:
        """Says whether a trial was fitted on all folds that are wanted of it."""
        if self.settings.recorded:
            return len(trial.fits) == len(next(r for r in self.settings.recorded if r.number == trial.number).rounds)
        return self.is_settled and all(fold in trial.fits for fold in range(self.wanted))

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
        self._shorten(trial)

    def _shorten(self, trial: Trial) -> None:
        """Lists the first configuration of a family again, with a shorter schedule, where it was at its best early."""
        candidate = next((c for c in self.settings.candidates if c.name == trial.candidate), None)
        mine = [t for t in self.trials if t.candidate == trial.candidate]
        if candidate is None or self.settings.trials is not None or mine != [trial] or len(trial.fits) > 1:
            return
        shorter = span_of(trial, candidate.span)
        if shorter and shorter[candidate.span] < trial.params[candidate.span]:
            self._starts.insert(0, (candidate, {**candidate.starts[0], **shorter}, "shorter"))

    def is_behind(self, trial: Trial) -> bool:
        """Says whether a trial is given up, by the pruner of the recipe."""
        wanted = self.wanted if self.is_settled else len(self.folds)
        return self._pruner.is_behind(trial, Field(self.trials, self.folds, self.baseline_losses, wanted))

    def parts(self, trial: Trial, folds: Collection[int] | None = None) -> list[Part]:
        """Gives the out-of-fold predictions of a trial, fold by fold; those of some folds alone if they are named."""
        return [
            Part(fold, self.folds[fold].valid, np.load(f"{fit.files}.oof.npy").astype("float64"))
            for fold, fit in sorted(trial.fits.items())
            if folds is None or fold in folds
        ]


def open_fold(trial: Trial, folds: int) -> int | None:
    """Gives the first of so many folds that a trial was not fitted on and is not being fitted on, or none."""
    return next((fold for fold in range(folds) if fold not in trial.fits and fold not in trial.pending), None)


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
