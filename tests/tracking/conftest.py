"""Three trials as trackers are told them, and a way to tell them to a tool in its own process."""

import time

import pytest

from lepton_automl.tracking import Aside, Backend, Told

FACTS = {
    "run": "2025-01-31_12-00-00",
    "recipe": "credit",
    "title": "Credit scoring",
    "recipe_hash": "c0ffee",
    "version": "0.1.0",
    "task": "binary",
    "metric": "roc_auc",
    "is_score": True,
    "models": ["lightgbm", "linear"],
    "rows": 1000,
    "columns": 21,
    "folds": 2,
    "budget_seconds": 60.0,
    "budget_trials": None,
    "threads": 2,
    "seed": 0,
    "started": 1_700_000_000.0,
}
FIGURES = {
    "test": {"roc_auc": {"value": 0.8, "low": 0.75, "high": 0.85}},
    "value_per_row": None,
    "artifact_mb": 2.5,
    "peak_memory_mb": 640.0,
    "seconds": {"search": 40.0, "total": 55.0},
    "gates_failed": [],
}
CURVE = ((0, ((10, 0.6), (20, 0.5))), (1, ((10, 0.7), (20, 0.4))))
BOOSTED = Told(
    0, "lightgbm", "start", "done", 0.75, 0.75, 1.5, 4.0, {"num_leaves": 31}, ((0, 0.7), (1, 0.8)), CURVE, {"done": 1}
)
LINEAR = Told(
    1, "linear", "start", "pruned", 0.6, 0.75, 0.5, 5.0, {"C": 1.0}, ((0, 0.6),), (), {"done": 1, "pruned": 1, "running": 1}
)
BROKEN = Told(2, "linear", "sampled", "failed", None, 0.75, 0.0, 6.0, {"C": 2.0}, (), (), {"done": 1, "pruned": 1, "failed": 1})
TRIALS = (BOOSTED, LINEAR, BROKEN)


@pytest.fixture(scope="session")
def tell():
    """Tells a tool of a whole run in its own process, waits for it, and gives it back."""

    def do(name, settings, folder, seconds=120.0):
        aside = Aside(Backend(name, settings), folder)
        aside.on_start(FACTS)
        for told in TRIALS:
            aside.on_trial(told)
        aside.on_finish(FIGURES)
        aside.close(True)
        until = time.time() + seconds
        while aside.is_running and time.time() < until:
            time.sleep(0.02)
        aside.wait(time.time())
        return aside

    return do


@pytest.fixture
def facts():
    """What is known when the search begins."""
    return FACTS


@pytest.fixture
def trials():
    """One that is done, with a curve of two folds; one that was given up; one that failed."""
    return TRIALS
