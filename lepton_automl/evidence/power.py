"""Marks figures that the sample can not carry."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lepton_automl.measure import Measure
from lepton_automl.tasks import Makes, Task

FEWEST_EVENTS = 30
"""Rows of the rarest label, or rows with a number, below which resampled rows give no fair interval (a rule of thumb)."""


def events_of(task: Task, y: np.ndarray) -> int:
    """Gives the number of rows that a figure turns on: those of the rarest label that occurs, or all with a number."""
    if task.goal.makes is not Makes.PROBABILITIES:
        return int(np.isfinite(y).sum())
    counts = np.bincount(y)
    return int(counts[counts > 0].min(initial=len(y)))


def underpowered(figures: Mapping[str, Measure], baseline: Mapping[str, float], events: int) -> dict[str, str]:
    """Gives the figures that the sample can not carry, each with the reason.

    A figure is underpowered where fewer than 30 events are judged, or where its interval is wider than its distance from the
    baseline: what is claimed is then smaller than what is not known.

    Args:
        figures: Name to measure.
        baseline: Name to what is had without a model; a figure that is not named is held against nothing.
        events: Rows that the figures turn on.

    >>> wide = Measure(0.61, 0.52, 0.70, 90)
    >>> underpowered({"roc_auc": wide}, {"roc_auc": 0.5}, 45)
    {'roc_auc': 'its interval is wider than its distance from the baseline'}
    """
    if events < FEWEST_EVENTS:
        return dict.fromkeys(figures, f"it rests on {events} events; {FEWEST_EVENTS} are the least")
    marks = {}
    for name, measure in figures.items():
        below = baseline.get(name)
        if below is not None and measure.high - measure.low > abs(measure.value - below):
            marks[name] = "its interval is wider than its distance from the baseline"
    return marks
