"""What failed, told once for each family and kind: a failure is never only a line in a log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lepton_automl.ledger import Entry, Ledger
from lepton_automl.search.protocol import Trial, TrialState


@dataclass(frozen=True)
class Failure:
    """Trials of one family that failed in the same way.

    Args:
        family: Name of the model.
        error: What the first of them said.
        count: How many there are.
        trials: Trials of the family.
        is_whole: Whether every trial of the family failed, in this way or another.
    """

    family: str
    error: str
    count: int
    trials: int
    is_whole: bool


def failures_of(trials: Sequence[Trial]) -> list[Failure]:
    """Gives the first failure of each family and kind, in the order in which they happened."""
    first: dict[tuple[str, str], list[Trial]] = {}
    for trial in trials:
        if trial.state is TrialState.FAILED:
            first.setdefault((trial.candidate, kind_of(trial.error)), []).append(trial)
    return [_failure(name, found, trials) for (name, _), found in first.items()]


def _failure(name: str, found: Sequence[Trial], trials: Sequence[Trial]) -> Failure:
    mine = [trial for trial in trials if trial.candidate == name]
    is_whole = all(trial.state is TrialState.FAILED for trial in mine)
    return Failure(name, found[0].error or "no reason was given", len(found), len(mine), is_whole)


def kind_of(error: str) -> str:
    """Gives the kind of an error: how the job ended, or the class of the exception.

    >>> kind_of("failed: ValueError: no such column"), kind_of("out of time: took more than 6.0 s")
    ('ValueError', 'out of time')
    """
    return error.removeprefix("failed: ").partition(":")[0]


def record_failures(trials: Sequence[Trial], ledger: Ledger) -> None:
    """Writes an entry for each family of which every trial failed."""
    for name in dict.fromkeys(failure.family for failure in failures_of(trials) if failure.is_whole):
        mine = [trial for trial in trials if trial.candidate == name]
        note = f"every trial failed; the first: {mine[0].error or 'no reason was given'}"
        ledger.add(Entry("search", "SEARCH008", "families", "family failed", name, len(mine), note=note))
