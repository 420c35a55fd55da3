"""Those who hear what a run does: the display, and the trackers of the recipe. None of these can end it or slow it."""

from __future__ import annotations

import contextlib
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from lepton_automl import __version__
from lepton_automl.engine.plan import Plan
from lepton_automl.errors import HardwareError, Problem
from lepton_automl.ledger import Entry, Ledger
from lepton_automl.limits import Clock
from lepton_automl.recipe import Recipe
from lepton_automl.search import Trial
from lepton_automl.tracking import BACKENDS, Aside, Backend, CsvTracker, Told, Tracker, TrackingSettings, is_absent

WAIT_SECONDS = (10.0, 30.0)
"""Least and most seconds that tools are given, once the run is finished, to take what they were told; between them, what is
left of the budget."""
FAREWELL_SECONDS = 1.0
"""Seconds that tools are given when the run failed or was ended."""
LOOK_SECONDS = 0.1


class Progress(Protocol):
    """Is told what happens, to show it."""

    def say(self, text: str) -> None:
        """Something is to be said in a sentence."""
        ...

    def on_stage(self, name: str) -> None:
        """A stage begins."""
        ...

    def on_trial(self, trial: Trial, trials: list[Trial], best: float | None) -> None:
        """A trial has ended."""
        ...


def tracking_settings(recipe: Recipe) -> TrackingSettings:
    """Gives the tools that the recipe asks for, with their settings as plain data."""
    asked = recipe.tracking
    backends = [Backend("tensorboard")] if asked.tensorboard else []
    for name, block in (("wandb", asked.wandb), ("mlflow", asked.mlflow)):
        if block is not None:
            backends.append(Backend(name, block.model_dump(mode="json")))
    return TrackingSettings(asked.csv, tuple(backends))


def check_tracking(settings: TrackingSettings) -> None:
    """Makes sure that the tools which are asked for are installed, and that the environment has their secrets.

    Raises:
        HardwareError: With all that is missing.
    """
    problems = []
    for backend in settings.backends:
        known = BACKENDS[backend.name]
        if is_absent(backend.name):
            message = f"needs the package {known.module}, which is not installed."
            fix = f"pip install 'lepton-automl[{known.extra}]', or remove it."
            problems.append(Problem(f"tracking.{backend.name}", message, fix))
        for key, value in backend.settings.items():
            if isinstance(value, Mapping) and str(value.get("secret")) not in os.environ:
                name, place = value["secret"], f"tracking.{backend.name}.{key}"
                problems.append(Problem(place, f"the environment has no {name}.", f"export {name}=… before the run."))
    if problems:
        raise HardwareError(problems)


class Heard:
    """Hands what happens on to the display and the trackers. A tracker that fails is recorded once and switched off.

    Args:
        plan: The plan.
        clock: Counts its seconds.
        progress: The display, or none.
        stopped: Says whether the user asked for an end.
    """

    def __init__(self, plan: Plan, clock: Clock, progress: Progress | None, stopped: Callable[[], bool]) -> None:
        self._plan, self._clock, self._progress, self._stopped = plan, clock, progress, stopped
        self._ledger: Ledger | None = None
        self._trackers: dict[str, Tracker] = {}

    def __enter__(self) -> Heard:
        return self

    def __exit__(self, *_: object) -> None:
        """Closes what still writes, as the run did not finish."""
        self._close(False, time.time() + FAREWELL_SECONDS)

    def begin(self, ledger: Ledger) -> list[int]:
        """Starts the trackers; gives the numbers of their processes."""
        plan, self._ledger = self._plan, ledger
        self._trackers = {"csv": CsvTracker(plan.out)} if plan.tracking.csv else {}
        self._trackers |= {backend.name: Aside(backend, plan.out) for backend in plan.tracking.backends}
        facts = plan_facts(plan, self._clock.started)
        self._each(lambda tracker: tracker.on_start(facts))
        return [aside.pid for aside in self._asides.values() if aside.pid is not None]

    def say(self, text: str) -> None:
        """Something is to be said in a sentence."""
        if self._progress is not None:
            self._progress.say(text)

    def on_stage(self, name: str) -> None:
        """A stage begins."""
        if self._progress is not None:
            self._progress.on_stage(name)

    def on_trial(self, trial: Trial, trials: list[Trial], best: float | None) -> None:
        """A trial has ended."""
        if self._progress is not None:
            self._progress.on_trial(trial, trials, best)
        if self._trackers:
            told = trial_told(trial, trials, best, self._plan.search.metric.is_score, self._clock.spent())
            self._each(lambda tracker: tracker.on_trial(told))

    def finish(self, figures: Mapping[str, Any]) -> None:
        """The run is finished: hands the figures on, and gives the tools a while to take everything."""
        self._each(lambda tracker: tracker.on_finish(figures))
        (least, most), asked_before = WAIT_SECONDS, self._stopped()
        until = time.time() + min(most, max(least, self._clock.left()))
        with contextlib.suppress(KeyboardInterrupt):  # the result is on disk: only the waiting ends
            self._close(True, until, lambda: self._stopped() and not asked_before)
        self._close(True, time.time())

    @property
    def _asides(self) -> dict[str, Aside]:
        return {name: tracker for name, tracker in self._trackers.items() if isinstance(tracker, Aside)}

    def _each(self, tell: Callable[[Tracker], None]) -> None:
        for name, tracker in list(self._trackers.items()):
            try:
                tell(tracker)
            except OSError as error:
                self._give_up(name, f"{type(error).__name__}: {error.strerror}")
        for name, aside in self._asides.items():
            if aside.failure:
                self._give_up(name, aside.failure)

    def _close(self, finished: bool, until: float, hurry: Callable[[], bool] = lambda: False) -> None:
        """Closes all, and waits for the processes until that moment, or until there is a hurry."""
        self._each(lambda tracker: tracker.close(finished))
        while any(aside.is_running for aside in self._asides.values()) and time.time() < until and not hurry():
            time.sleep(LOOK_SECONDS)
        for aside in self._asides.values():
            aside.wait(time.time())
        self._each(lambda tracker: None)
        self._trackers = {}

    def _give_up(self, name: str, why: str) -> None:
        tracker = self._trackers.pop(name)
        with contextlib.suppress(OSError):  # what made it fail may do so again
            tracker.close(False)
        if isinstance(tracker, Aside):
            tracker.wait(0.0)
        note = f"{why}; the run went on without it"
        if self._ledger is not None:
            self._ledger.add(Entry("tracking", "TRACK001", name, "switched off", count=1, note=note))
        self.say(f"tracking.{name} is switched off: {note}")


def plan_facts(plan: Plan, started: float) -> dict[str, Any]:
    """Gives what trackers may know of a plan: no path, no name of a column, no label."""
    return {
        "run": plan.out.name,
        "recipe": plan.name,
        "title": plan.title,
        "recipe_hash": plan.recipe_hash,
        "version": __version__,
        "task": plan.task.state()["kind"],
        "metric": plan.search.metric.name,
        "is_score": plan.search.metric.is_score,
        "models": [candidate.name for candidate in plan.search.candidates],
        "rows": len(plan.data.source),
        "columns": len(plan.data.source.columns),
        "folds": plan.folds,
        "budget_seconds": plan.budget.seconds,
        "budget_trials": plan.budget.trials,
        "threads": plan.hardware.threads,
        "seed": plan.seed,
        "started": started,
    }


def trial_told(trial: Trial, trials: list[Trial], best: float | None, is_score: bool, at: float) -> Told:
    """Gives a trial as trackers are told it; what went wrong stays here, as it may quote a value of the table."""
    sign = -1.0 if is_score else 1.0
    fits = sorted(trial.fits.items())
    return Told(
        trial.number,
        trial.candidate,
        trial.origin,
        str(trial.state),
        sign * trial.loss if fits else None,
        None if best is None else sign * best,
        trial.seconds,
        at,
        dict(trial.params),
        tuple((fold, sign * fit.loss) for fold, fit in fits),
        tuple((fold, fit.curve) for fold, fit in fits if fit.curve),
        dict(Counter(str(one.state) for one in trials)),
    )
