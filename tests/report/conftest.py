"""Facts of small runs, made of the real objects, that the tests of the report look at."""

import copy
import functools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Dataset
from lepton_automl.deliver import Latency
from lepton_automl.ensemble import Ensemble
from lepton_automl.ensemble.combine import Member, OutOfFold
from lepton_automl.evidence import (
    EXAMINERS,
    Decision,
    DecisionSettings,
    EvidenceSettings,
    Gate,
    Judged,
    decide,
    examine,
    judge_gates,
)
from lepton_automl.ledger import Entry, Ledger
from lepton_automl.limits import Hardware
from lepton_automl.report import Facts
from lepton_automl.search import Fit, Trial, TrialState
from lepton_automl.tasks import TASKS, Payoff

ROWS = 240
RECIPE = {
    "name": "small",
    "engagement": {
        "title": "A small engagement",
        "goal": "Decide something.",
        "owner": "The owners",
        "business_measure": {"name": "loss a case", "unit": "EUR", "today": 12.5, "goal": None},
        "constraints": ["Be kind."],
        "intended_use": "Tests.",
        "limits": "Nothing else.",
        "commercial": True,
    },
    "task": {"target": "y"},
}


def made_trial(number, loss, state=TrialState.DONE, model="lightgbm", error=""):
    """A trial with three folds, or with none where the loss is infinite."""
    folds = range(3 if state is TrialState.DONE else 1) if np.isfinite(loss) else ()
    fits = {fold: Fit(fold, loss, (40 + fold,), 0.5, 0.1, 0.01, f"trial{number}_fold{fold}", "codes_keep") for fold in folds}
    return Trial(number, model, {"learning_rate": 0.05, "num_leaves": 31}, "start", state, fits, error)


def made_plan(task, columns):
    """A plan as plain data."""
    return {
        "recipe": "small",
        "recipe_hash": "c0ffee" * 10,
        "out": "outputs/small/1",
        "data": {"place": "table.csv", "rows": ROWS, "test_rows": None, "fingerprint": "ab" * 32, "columns": columns},
        "task": task.state(),
        "metric": task.metric.name,
        "split": {"kind": "random", "test_share": 0.2, "folds": 3},
        "not_tried": {"catboost": "the package catboost is not installed"},
        "budget": {"seconds": 20.0, "trials": None},
        "hardware": {**vars(Hardware(2, 4.0, "cpu", 3.6)), "workers": 2},
        "estimate": {
            "seconds": (16.0, 24.0),
            "memory_mb": (300.0, 800.0),
            "cost": (0.01, 0.02),
            "currency": "EUR",
            "stages": {},
        },
        "notices": ["a notice"],
        "seed": 3,
    }


def made_column(name, kind="number", roles=("feature",), missing=0):
    """A column of the plan."""
    return {"name": name, "kind": kind, "reason": "looks so", "roles": list(roles), "missing": missing}


def made_prediction(task, y):
    """A prediction that knows something of the truth, shape `(n, width)`."""
    rng = np.random.default_rng(5)
    if task.labels is not None:
        raw = rng.random((len(y), task.goal.width)) + 0.4 * np.eye(task.goal.width)[y]
        return raw / raw.sum(axis=1, keepdims=True)
    middle = y + rng.normal(0, 2, len(y))
    return (
        np.stack([middle + shift for shift in np.linspace(-2, 2, task.goal.width)], axis=1)
        if task.goal.levels
        else middle[:, None]
    )


def made_task(kind, labels):
    """A task that has seen its target."""
    settings = {"kind": kind, "target": "y", "positive": labels[-1] if labels else None}
    if kind == "forecast":
        settings.update(quantiles=[0.1, 0.5, 0.9], time="day", series=[], horizon=7, season=7)
    return TASKS.find(kind, "task.kind").learn(settings, pd.Series(labels or [1.0, 2.0]))


def made_ledger():
    """A ledger in which a column and some rows were dropped."""
    ledger = Ledger()
    ledger.add(Entry("load", "LOAD000", "read", "noted", "table.csv", ROWS, ROWS, ROWS, note="fingerprint abab"))
    ledger.add(
        Entry("data", "GOV005", "missing", "column dropped", "empty", 1, ROWS, ROWS, 0.99, 0.95, "share", "nearly empty")
    )
    ledger.add(
        Entry("data", "GOV008", "duplicates", "rows dropped", "", 12, ROWS + 12, ROWS, note="rows repeat an earlier one")
    )
    return ledger


def made_search(prediction):
    """Trials of every kind, and an ensemble of two of them."""
    trials = [
        made_trial(0, -0.7),
        made_trial(1, -0.8, model="linear"),
        made_trial(2, -0.75, TrialState.PRUNED),
        made_trial(3, float("inf"), TrialState.FAILED, "xgboost", "MemoryError: no room <left>"),
        made_trial(4, float("inf"), TrialState.SKIPPED),
    ]
    members = tuple(
        Member(trial, weight, tuple(trial.fits.values()), trial.loss)
        for trial, weight in ((trials[1], 0.75), (trials[0], 0.25))
    )
    ensemble = Ensemble(members, OutOfFold(np.arange(ROWS), prediction), -0.81, "folds", (-0.8, -0.81))
    return trials, ensemble


@pytest.fixture(scope="session")
def make_facts():
    """Makes facts of small runs, `make_facts(kind, labels, payoff, gates, out_of_fold, **changes)`; each is examined once."""

    @functools.cache
    def examined(kind, labels, payoff, gates, out_of_fold):
        labels = list(labels) if kind in ("binary", "multiclass") else []
        task = made_task(kind, labels)
        rng = np.random.default_rng(1)
        y = rng.integers(0, len(labels), ROWS) if labels else rng.normal(20, 5, ROWS)
        prediction = made_prediction(task, y)
        is_binary = len(labels) == 2
        decision = decide(y, prediction, DecisionSettings(payoff)) if is_binary else Decision(None, "the task has no line")
        baseline = np.tile(prediction.mean(axis=0), (ROWS, 1))
        settings = EvidenceSettings(resamples=50, examiners=tuple(EXAMINERS.find(name)() for name in EXAMINERS.names()))
        rows = Dataset(pd.DataFrame({"y": y}), (), np.arange(ROWS), "")
        judged = Judged(rows, y, prediction, baseline, task, decision)
        evidence = examine(judged, settings, "out of fold" if out_of_fold else "test")
        if not out_of_fold:
            evidence = replace(evidence, importance={"income": 0.2, "age": -0.01}, importance_of=(2, 5), predict_seconds=0.02)
        ledger = made_ledger()
        verdicts = judge_gates(evidence, gates, ledger)
        trials, ensemble = made_search(prediction)
        columns = [
            made_column("income"),
            made_column("age", missing=24),
            made_column("sex", "category", ("protected",)),
            made_column("y"),
        ]
        return Facts(
            plan=made_plan(task, columns),
            recipe=RECIPE,
            title="A small engagement",
            trials=trials,
            ensemble=ensemble,
            decision=decision,
            evidence=evidence,
            verdicts=verdicts,
            entries=ledger.entries,
            stages={"data": 0.2, "search": 9.0, "evidence": 1.0},
            artifact_mb=1.5,
            seconds=12.0,
            peak_mb=400.0,
            latency=Latency(3.0, (0.5, 1.5)),
        )

    def make(kind="binary", labels=("good", "bad"), payoff=None, gates=(), out_of_fold=False, **changes):
        facts = examined(kind, tuple(labels), payoff, tuple(gates), out_of_fold)
        return replace(copy.deepcopy(facts), **changes)

    return make


@pytest.fixture
def payoff():
    """What each outcome is worth: a miss costs five times a false alarm."""
    return Payoff(0.0, -1.0, 0.0, -5.0)


@pytest.fixture
def gate():
    """Makes a gate: `gate("roc_auc", min=0.7)`."""
    return lambda figure, **limits: Gate(figure, limits.get("min"), limits.get("max"), limits.get("by_interval", False))
