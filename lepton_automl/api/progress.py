"""Shows in one quiet line how a run stands, in a notebook or a terminal; the line goes when the run ends."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from lepton_automl.engine import Plan, Progress
from lepton_automl.limits import Clock
from lepton_automl.search import Trial, TrialState

LINE_SECONDS = 0.25
"""Seconds between two changes of the line."""
WIDTH = 100


class Line:
    """One line that is written over itself.

    Args:
        plan: The plan.
        clock: Counts its seconds.
    """

    def __init__(self, plan: Plan, clock: Clock) -> None:
        self._plan, self._clock = plan, clock
        self._stage, self._last, self._standing = "", 0.0, ""

    def say(self, text: str) -> None:
        """Shows a sentence that stays."""
        sys.stdout.write(f"\r{text:<{WIDTH}}\n")

    def on_stage(self, name: str) -> None:
        """Shows the stage."""
        self._stage = name
        self._show()

    def on_trial(self, trial: Trial, trials: list[Trial], best: float | None) -> None:
        """Shows how the search stands."""
        metric = self._plan.task.metric
        ended = sum(one.state is not TrialState.RUNNING for one in trials)
        figure = "" if best is None else f", best {metric.name} {-best if metric.is_score else best:.5g}"
        self._standing = f": {ended} trials{figure}"
        if time.monotonic() - self._last >= LINE_SECONDS:
            self._show()

    def _show(self) -> None:
        self._last = time.monotonic()
        text = f"{self._clock.spent():5.1f} s  {self._stage}{self._standing if self._stage == 'search' else ''}"
        sys.stdout.write(f"\r{text[:WIDTH]:<{WIDTH}}")
        sys.stdout.flush()

    def clear(self) -> None:
        """Takes the line away."""
        sys.stdout.write("\r" + " " * WIDTH + "\r")
        sys.stdout.flush()


def is_watched() -> bool:
    """Says whether somebody looks on: a terminal, or a notebook's kernel."""
    return sys.stdout.isatty() or type(sys.stdout).__module__.startswith("ipykernel")


@contextmanager
def shown(progress: bool | Progress | None, plan: Plan, clock: Clock) -> Iterator[Progress | None]:
    """Gives the display.

    Args:
        progress: Whether the line is shown; if absent, where somebody looks on; or a display of one's own.
        plan: The plan.
        clock: Counts its seconds.
    """
    if progress is not None and not isinstance(progress, bool):
        yield progress
    elif progress or (progress is None and is_watched()):
        line = Line(plan, clock)
        try:
            yield line
        finally:
            line.clear()
    else:
        yield None
