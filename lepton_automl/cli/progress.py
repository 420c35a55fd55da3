"""Shows a run while it goes on: a live display in a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import Any, Protocol

from lepton_automl.cli.failures import failures
from lepton_automl.engine import Plan, Result
from lepton_automl.limits import Clock
from lepton_automl.search import Trial, TrialState

LINE_SECONDS = 5.0


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
    """One line a stage, and one every few seconds of the search."""

    def __init__(self, plan: Plan, clock: Clock) -> None:
        self._plan, self._clock, self._last = plan, clock, 0.0

    def say(self, text: str) -> None:
        """Prints a line."""
        print(text, flush=True)

    def on_stage(self, name: str) -> None:
        """Prints when it begins."""
        self.say(f"[{self._clock.spent():6.1f} s] {name}")

    def on_trial(self, trial: Trial, trials: list[Trial], best: float | None) -> None:
        """Prints how the search stands, now and then."""
        if time.time() - self._last < LINE_SECONDS:
            return
        self._last = time.time()
        metric = self._plan.task.metric
        self.say(f"[{self._clock.spent():6.1f} s]   {counts(trials)}; best {metric.name} {figure(best, metric.is_score)}")

    def finish(self, result: Result) -> None:
        """Prints the result."""
        for line in summary(self._plan, result):
            self.say(line)


class Silent(Plain):
    """Says nothing but the result."""

    def on_stage(self, name: str) -> None:
        """Says nothing."""

    def on_trial(self, trial: Trial, trials: list[Trial], best: float | None) -> None:
        """Says nothing."""


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

        budget, spent = self._plan.budget, self._clock.spent()
        total = budget.seconds if budget.seconds is not None else float(budget.trials or 1)
        done = spent if budget.seconds is not None else float(sum(t.state is not TrialState.RUNNING for t in self._trials))
        metric = self._plan.task.metric
        grid = Table.grid(padding=(0, 2))
        left = f"{max(0.0, total - spent):.0f} s left" if budget.seconds is not None else f"{done:.0f} of {total:.0f} trials"
        grid.add_row("stage", self._stage)
        grid.add_row("time", f"{spent:.0f} s, {left}")
        grid.add_row("trials", counts(self._trials) or "–")
        grid.add_row(f"best {metric.name}", f"[bold]{figure(self._best, metric.is_score)}[/bold]")
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
        self._trials, self._best = list(trials), best

    def finish(self, result: Result) -> None:
        """Shows the result."""
        for line in summary(self._plan, result):
            self.say(line)


@contextlib.contextmanager
def make_progress(kind: str, plan: Plan, clock: Clock) -> Iterator[Display]:
    """Gives the display that the recipe asks for; `auto`: live in a terminal, plain lines elsewhere."""
    if kind == "auto":
        kind = "rich" if sys.stdout.isatty() else "plain"
    if kind != "rich":
        yield Silent(plan, clock) if kind == "none" else Plain(plan, clock)
        return
    live = Live(plan, clock)
    live.start()
    try:
        yield live
    finally:
        live.stop()
