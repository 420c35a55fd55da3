"""The plan: everything a run needs, as ready objects. It can be read before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from lepton_automl.data import Dataset
from lepton_automl.engine.fairness import FairnessPlan
from lepton_automl.engine.policy import Policy, no_policy
from lepton_automl.engine.saving import Saving
from lepton_automl.ensemble import Joining, Promise
from lepton_automl.evidence import DecisionSettings, EvidenceSettings, Gate
from lepton_automl.governance import Rule, Stage, Subject, Waiver
from lepton_automl.ledger import Entry
from lepton_automl.limits import Budget, Hardware
from lepton_automl.search import SearchSettings, shown_storage, study_name
from lepton_automl.space import Choice, Dimension, Fixed
from lepton_automl.tasks import Splitter, Task
from lepton_automl.tracking import TrackingSettings


@dataclass(frozen=True)
class Loaded:
    """The data as it was read when the plan was compiled.

    Args:
        source: Rows to learn from, and to test on if there is no table for that.
        test: Rows of the recipe's own test table, or none.
        entries: What happened while reading.
        place: Where the rows came from.
    """

    source: Dataset
    test: Dataset | None
    entries: tuple[Entry, ...]
    place: str


@dataclass(frozen=True)
class Estimate:
    """What the run is expected to take; the truth should lie inside in most runs.

    Args:
        seconds: Lowest and highest wall clock.
        memory_mb: Lowest and highest peak memory of all processes together.
        cost: Lowest and highest price, or none without a price of the machine.
        currency: Currency of the price.
        stages: Stage to the seconds set aside for it.
    """

    seconds: tuple[float, float]
    memory_mb: tuple[float, float]
    cost: tuple[float, float] | None
    currency: str
    stages: Mapping[str, float]


@dataclass(frozen=True)
class Delivery:
    """What is delivered, and what the artefact promises.

    Args:
        joining: How trials are joined.
        final: `folds` or `refit`.
        unseen_level: `missing` or `error`.
        unreadable_value: `missing` or `error`.
        promise: The intervals or sets that it makes, or none.
        outside: Share of rows like the training rows that it flags as outside, or none where it flags none.
    """

    joining: Joining
    final: str
    unseen_level: str
    unreadable_value: str
    promise: Promise | None = None
    outside: float | None = None


@dataclass(frozen=True)
class Plan:
    """All of a run.

    Args:
        name: Name of the recipe.
        recipe: The resolved recipe, plain words and numbers.
        recipe_hash: SHA-256 of it, the run's folder left out.
        out: Folder of the run.
        data: The data.
        task: What is predicted.
        splitter: How rows are set aside.
        test_share: Share of rows for the test.
        folds: Number of folds; 1: a single holdout.
        rules: Name and rule, in order.
        search: What the search goes by.
        refused: Model to why it is not tried.
        delivery: What is delivered.
        decision: What is asked of the decision.
        evidence: How sure figures are made.
        gates: Limits to keep.
        budget: What the run may spend.
        hardware: What the run may use.
        workers: Worker processes.
        estimate: What the run is expected to take.
        notices: What a reader should know.
        plugins: Packages whose names the recipe uses.
        seed: Seed of everything random.
        title: Title of the report.
        started_from: What the ledger says of the earlier run that this one begins with.
        tracking: Where the run is written down besides its own files.
        waivers: Name of a rule to the waiver of what it finds.
        saving: Where the table that the rules left is written, or none.
        policy: What a policy pack asked for.
        today: The day of the run (UTC), by which ages of rows and waivers count; a replay and a resumed run keep it.
        fairness: What is done so that groups fare alike.
    """

    name: str
    recipe: Mapping[str, Any]
    recipe_hash: str
    out: Path
    data: Loaded
    task: Task
    splitter: Splitter
    test_share: float
    folds: int
    rules: tuple[tuple[str, Rule], ...]
    search: SearchSettings
    refused: Mapping[str, str]
    delivery: Delivery
    decision: DecisionSettings
    evidence: EvidenceSettings
    gates: tuple[Gate, ...]
    budget: Budget
    hardware: Hardware
    workers: int
    estimate: Estimate
    notices: tuple[str, ...]
    plugins: tuple[str, ...]
    seed: int
    title: str
    tracking: TrackingSettings
    started_from: tuple[Entry, ...] = ()
    waivers: Mapping[str, Waiver] = field(default_factory=dict)
    saving: Saving | None = None
    policy: Policy = field(default_factory=no_policy)
    today: date | None = None
    fairness: FairnessPlan = field(default_factory=FairnessPlan)

    def subject(self, data: Dataset, stage: Stage, test: Dataset | None = None) -> Subject:
        """Gives what a rule may look at: before the split all but the values of the target, of test rows never those."""
        raw = data.values(self.task.target)
        has_target, goal, engagement = raw.notna().to_numpy(), self.task.goal, self.recipe.get("engagement")
        shown = None if test is None else test.without([self.task.target])
        if stage is Stage.DATA:
            hidden = (self.task.target,)
            return Subject(data.without(hidden), goal, None, has_target, shown, hidden, engagement=engagement, today=self.today)
        gone = [name for name in self.data.source.names if name not in data.names]
        aside = _aside(self.data.source, data, gone)
        read = self.data.source if self.data.test is None else self.data.test
        of_test = None if test is None else _aside(read, test, gone)
        return Subject(data, goal, self.task.encode(raw), has_target, shown, (), aside, of_test, engagement, self.today)

    def read_by_rules(self) -> dict[str, str]:
        """Gives the files besides the data that rules go by, each with its SHA-256."""
        found: dict[str, str] = {}
        for _, rule in self.rules:
            found |= getattr(rule, "reads", dict)()
        return found

    def to_dict(self) -> dict[str, Any]:
        """Gives the plan as plain JSON data; the values of the data stay out."""
        data = self.data.source
        return {
            "recipe": self.name,
            "recipe_hash": self.recipe_hash,
            "today": None if self.today is None else str(self.today),
            "out": str(self.out),
            "data": {
                "place": self.data.place,
                "rows": len(data),
                "test_rows": None if self.data.test is None else len(self.data.test),
                "fingerprint": data.fingerprint,
                "columns": [
                    {
                        "name": column.name,
                        "kind": str(column.kind),
                        "reason": column.reason,
                        "roles": sorted(map(str, column.roles)),
                        "missing": int(data.values(column.name).isna().sum()),
                    }
                    for column in data.columns
                ],
            },
            "task": self.task.state(),
            "metric": self.task.metric.name,
            "split": {"kind": self.splitter.kind, "test_share": self.test_share, "folds": self.folds},
            "rules": [
                {"name": name, "code": rule.code, "title": rule.title, "stage": str(rule.stage)} for name, rule in self.rules
            ],
            "read_by_rules": self.read_by_rules(),
            "waivers": {
                name: {"by": w.by, "why": w.why, "until": str(w.until), "columns": list(w.columns)}
                for name, w in self.waivers.items()
            },
            "policy": self.policy.to_dict(),
            "fairness": self.fairness.to_dict(),
            "candidates": [
                {
                    "model": c.name,
                    "device": c.device,
                    "starts": [dict(s) for s in c.starts],
                    "space": {k: show_dimension(d) for k, d in c.space.items()},
                }
                for c in self.search.candidates
            ],
            "not_tried": dict(self.refused),
            "search": {
                "sampler": self.search.sampler,
                "pruner": self.search.studies.pruner,
                "objectives": list(self.search.studies.objectives),
                "storage": shown_storage(self.search.studies.storage),
                "studies": [study_name(self.search.studies.name, c.name) for c in self.search.candidates],
            },
            "save_cleaned": None if self.saving is None else self.saving.sink.place,
            "budget": dict(vars(self.budget)),
            "hardware": {**vars(self.hardware), "workers": self.workers, "threads_of_a_fit": self.search.threads},
            "estimate": {**vars(self.estimate), "stages": dict(self.estimate.stages)},
            "decision": self.decision.to_dict(),
            "evidence": {
                "confidence": self.evidence.confidence,
                "resamples": self.evidence.resamples,
                "chapters": [examiner.name for examiner in self.evidence.examiners],
            },
            "gates": [dict(vars(gate)) for gate in self.gates],
            "notices": list(self.notices),
            "seed": self.seed,
        }


def show_dimension(dimension: Dimension) -> Any:
    """Gives a dimension as it is written in a recipe."""
    if isinstance(dimension, Fixed):
        return dimension.value
    if isinstance(dimension, Choice):
        return list(dimension.options)
    return {"low": dimension.low, "high": dimension.high, "log": dimension.log}


def _aside(read: Dataset, rows: Dataset, names: list[str]) -> Dataset | None:
    """Gives columns that are in the table no more, for the rows that are left of it."""
    names = [name for name in names if name in read.names]
    if not names:
        return None
    return read.without(set(read.names) - set(names)).rows(np.searchsorted(read.row_ids, rows.row_ids))
