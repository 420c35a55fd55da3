"""Shows a run while it goes on: a live display in a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any, Protocol

from lepton_automl.cli.failures import failures
from lepton_automl.engine import Plan, Result
from lepton_automl.limits import Clock
from lepton_automl.search import Trial, TrialState

LINE_SECONDS = 4.0
"""Seconds after a line when the next is due; looked at every `TICK_SECONDS`, so that no more than five pass."""
TICK_SECONDS = 0.5
SEARCH = "search"


class Display(Protocol):
    """What every display offers."""

    def say(self, text: str) -> None:
        """Shows a sentence."""
        ...

    def on_stage(self, name: str) -> None:
        """A stage begins."""
        ...

    def on_trial(self, trial: Trial, trials: list[Trial], best: float | None) -> None:
        """A trial has ended."""
        ...

    def finish(self, result: Result) -> None:
        """The run is finished."""
        ...


def counts(trials: list[Trial]) -> str:
    """Gives the number of trials by state: `12 done, 3 pruned`."""
    found = {state: sum(t.state is state for t in trials) for state in TrialState}
    return ", ".join(f"{n} {state}" for state, n in found.items() if n)


def used(plan: Plan, clock: Clock, trials: list[Trial]) -> tuple[float, float]:
    """Gives how much of the budget is used, and the budget: seconds, or trials that have ended."""
    if plan.budget.seconds is not None:
        return clock.spent(), plan.budget.seconds
    return float(sum(trial.state is not TrialState.RUNNING for trial in trials)), float(plan.budget.trials or 1)


def left(plan: Plan, clock: Clock, trials: list[Trial]) -> str:
    """Gives what is left of the budget: `41 s left`, or `3 of 20 trials`."""
    done, total = used(plan, clock, trials)
    return f"{max(0.0, total - done):.0f} s left" if plan.budget.seconds is not None else f"{done:.0f} of {total:.0f} trials"


def failing(trials: list[Trial]) -> str:
    """Names the families of which every trial that ended failed: `tabm (3 of 3)`."""
    ended = [trial for trial in trials if trial.state is not TrialState.RUNNING]
    found = []
    for name in dict.fromkeys(trial.candidate for trial in ended):
        states = [trial.state for trial in ended if trial.candidate == name]
        if all(state is TrialState.FAILED for state in states):
            found.append(f"{name} ({len(states)} of {len(states)})")
    return ", ".join(found)


def standing(plan: Plan, clock: Clock, trials: list[Trial], best: float | None) -> list[str]:
    """Gives how the search stands: trials by state, the best score, what is left, families that always fail."""
    metric = plan.task.metric
    found = [counts(trials) or "no trial has ended yet", f"best {metric.name} {figure(best, metric.is_score)}"]
    always = failing(trials)
    return [*found, left(plan, clock, trials), *([f"always fails: {always}"] if always else [])]


def figure(loss: float | None, is_score: bool) -> str:
    """Gives a loss in the metric's own sense."""
    return "–" if loss is None else f"{-loss if is_score else loss:.5g}"


def summary(plan: Plan, result: Result) -> list[str]:
    """Gives the lines a run ends with."""
    evidence = result.evidence
    main = evidence.scores[evidence.metric]
    base = evidence.baseline[evidence.metric]
    lines = [
        f"{evidence.metric} {main.value:.4g} ({main.low:.4g} to {main.high:.4g}), baseline {base.value:.4g}, "
        f"{evidence.n} {'test' if evidence.kind == 'test' else evidence.kind} rows"
    ]
    if evidence.value is not None:
        value = evidence.value
        lines.append(f"worth {value.value:.4g} {value.unit} a row ({value.low:.4g} to {value.high:.4g})")
    for verdict in result.verdicts:
        limit = f"min {verdict.gate.min:g}" if verdict.gate.min is not None else f"max {verdict.gate.max:g}"
        lines.append(f"gate {verdict.gate.figure} {limit}: {'passed' if verdict.passed else 'FAILED'} at {verdict.judged:.4g}")
    lines += [f"warning   {text}" for text in result.warnings] + failures(result.trials)
    lines.append(f"report    {result.folder / 'report.html'}")
    lines.append(f"predict   lepton predict {result.folder} TABLE --out FILE")
    return lines


class Plain:
    """One line a stage, and while the search goes on one at least every few seconds."""

    def __init__(self, plan: Plan, clock: Clock) -> None:
        self._plan, self._clock = plan, clock
        self._trials, self._best = [], None  # type: list[Trial], float | None
        self._searching, self._last, self._ended = False, 0.0, threading.Event()
        self._ticks = threading.Thread(target=self._tick, daemon=True)

    def start(self) -> None:
        """Begins to show."""
        self._ticks.start()

    def stop(self) -> None:
        """Ends showing."""
        self._ended.set()
        self._ticks.join()

    def say(self, text: str) -> None:
        """Prints a line."""
        print(text, flush=True)

    def on_stage(self, name: str) -> None:
        """Prints when it begins."""
        self._searching, self._last = name == SEARCH, time.monotonic()
        self.say(f"[{self._clock.spent():6.1f} s] {name}")

    def on_trial(self, trial: Trial, trials: list[Trial], best: float | None) -> None:
        """Remembers how the search stands; the next line tells it."""
        self._trials, self._best = trials, best

    def _tick(self) -> None:
        while not self._ended.wait(TICK_SECONDS):
            if self._searching and time.monotonic() - self._last >= LINE_SECONDS:
                self._last = time.monotonic()
                self.say(
                    f"[{self._clock.spent():6.1f} s]   {'; '.join(standing(self._plan, self._clock, self._trials, self._best))}"
                )

    def finish(self, result: Result) -> None:
        """Prints the result."""
        for line in summary(self._plan, result):
            self.say(line)


class Silent:
    """Says nothing but the result, and what must be known."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def say(self, text: str) -> None:
        """Prints a line."""
        print(text, flush=True)

    def on_stage(self, name: str) -> None:
        """Says nothing."""

    def on_trial(self, trial: Trial, trials: list[Trial], best: float | None) -> None:
        """Says nothing."""

    def finish(self, result: Result) -> None:
        """Prints the result."""
        for line in summary(self._plan, result):
            self.say(line)


class Live:
    """A live display of stage, trials, best figure and time left."""

    def __init__(self, plan: Plan, clock: Clock) -> None:
        from rich.console import Console
        from rich.live import Live as RichLive

        self._plan, self._clock = plan, clock
        self._stage, self._trials, self._best = "start", [], None  # type: tuple[str, list[Trial], float | None]
        self._console = Console()
        self._live = RichLive(get_renderable=self._picture, console=self._console, refresh_per_second=4, transient=True)

    def start(self) -> None:
        """Begins to show."""
        self._live.start()

    def stop(self) -> None:
        """Ends showing."""
        self._live.stop()

    def _picture(self) -> Any:
        from rich.panel import Panel
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        spent, (done, total) = self._clock.spent(), used(self._plan, self._clock, self._trials)
        metric = self._plan.task.metric
        grid = Table.grid(padding=(0, 2))
        grid.add_row("stage", self._stage)
        grid.add_row("time", f"{spent:.0f} s, {left(self._plan, self._clock, self._trials)}")
        grid.add_row("trials", counts(self._trials) or "–")
        grid.add_row(f"best {metric.name}", f"[bold]{figure(self._best, metric.is_score)}[/bold]")
        if failing(self._trials):
            grid.add_row("always fails", failing(self._trials))
        grid.add_row("", ProgressBar(total=total, completed=min(done, total), width=40))
        return Panel(grid, title=f"lepton · {self._plan.title}", expand=False)

    def say(self, text: str) -> None:
        """Shows a sentence above the display."""
        self._console.print(text, markup=False, highlight=False)

    def on_stage(self, name: str) -> None:
        """Remembers the stage."""
        self._stage = name

    def on_trial(self, trial: Trial, trials: list[Trial], best: float | None) -> None:
        """Remembers how the search stands."""
        self._trials, self._best = trials, best

    def finish(self, result: Result) -> None:
        """Shows the result."""
        for line in summary(self._plan, result):
            self.say(line)


@contextlib.contextmanager
def make_progress(kind: str, plan: Plan, clock: Clock) -> Iterator[Display]:
    """Gives the display that the recipe asks for; `auto`: live in a terminal, plain lines elsewhere."""
    if kind == "auto":
        kind = "rich" if sys.stdout.isatty() else "plain"
    if kind == "none":
        yield Silent(plan)
        return
    display = Live(plan, clock) if kind == "rich" else Plain(plan, clock)
    display.start()
    try:
        yield display
    finally:
        display.stop()
