"""What failed, in the lines a run ends with."""

from __future__ import annotations

from collections.abc import Sequence

from lepton_automl.search import Trial, failures_of


def failures(trials: Sequence[Trial]) -> list[str]:
    """Gives a line for each family and kind of failure: how often, and what the first one said."""
    lines = []
    for failure in failures_of(trials):
        rest = "; nothing of it is delivered" if failure.is_whole else ""
        lines.append(f"failed    {failure.family}, {failure.count} of {failure.trials} trials: {failure.error}{rest}")
    return lines
