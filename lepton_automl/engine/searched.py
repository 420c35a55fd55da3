"""What a search found out about itself: when trials ended, which parameters mattered, which trials stand on the front."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lepton_automl.engine.plan import Plan
from lepton_automl.ledger import Entry, Ledger
from lepton_automl.limits import Clock
from lepton_automl.search import Search, Trial, Watcher, objective_values, parameter_importances, pareto_front

IMPORTANCE_SECONDS = 1.0
"""Wall clock for the importances of all families together."""
IMPORTANCE_SHARE = 0.02
"""The same as a share of the budget, where that is less."""


@dataclass
class Endings:
    """Notes when each trial ended, and passes on what happens.

    Args:
        clock: Counts the run's seconds.
        watcher: Is told what happens.
        seconds: Number of a trial to the second of the run in which it ended.
    """

    clock: Clock
    watcher: Watcher | None
    seconds: dict[int, float] = field(default_factory=dict)

    def on_trial(self, trial: Trial, trials: list[Trial], best: float | None) -> None:
        """A trial has ended."""
        self.seconds[trial.number] = round(self.clock.spent(), 2)
        if self.watcher is not None:
            self.watcher.on_trial(trial, trials, best)


def describe_search(plan: Plan, search: Search, endings: Endings, ledger: Ledger) -> dict[str, Any]:
    """Gives `search.json`, and ends the record of the studies.

    Raises nothing where the studies' storage has failed meanwhile: what could not be recorded is an entry of the ledger.
    """
    sampler, trials = search.board.sampler, search.board.trials
    objectives = plan.search.studies.objectives
    has_several = len(objectives) > 1
    limit = min(IMPORTANCE_SECONDS, IMPORTANCE_SHARE * (plan.budget.seconds or float("inf")))
    importances = {} if plan.search.recorded else parameter_importances(sampler.studies, limit)
    sampler.record.close()
    if sampler.record.lost:
        note = f"trials could not be recorded in {sampler.record.place}: {sampler.record.why_lost}"
        ledger.add(Entry("search", "SEARCH022", "storage", "noted", count=sampler.record.lost, note=note))
    return {
        "sampler": plan.search.sampler,
        "pruner": plan.search.studies.pruner,
        "storage": sampler.record.place,
        "studies": sampler.record.names,
        "objectives": list(objectives),
        "values": {t.number: list(objective_values(t, objectives)) for t in trials if t.fits} if has_several else {},
        "front": pareto_front(trials, objectives) if has_several else [],
        "ended_seconds": dict(sorted(endings.seconds.items())),
        "importances": {name: dict(vars(found)) for name, found in importances.items()},
        "warm_start": [entry.note for entry in plan.started_from],
    }
