"""What a run is expected to take, before it starts. `benchmarks/tables.py` holds it against real runs."""

from __future__ import annotations

from collections.abc import Sequence

from lepton_automl.data import Dataset
from lepton_automl.engine.plan import Estimate
from lepton_automl.limits import Budget, Hardware
from lepton_automl.search import Candidate
from lepton_automl.tasks import Task

START_SECONDS = 2.5
"""Imports, reading of small data, start of the workers."""
FIT_SECONDS = {"linear": 2.0, "lightgbm": 4.0, "xgboost": 5.0, "extra_trees": 6.0, "random_forest": 9.0}
"""Seconds of a fit of 10,000 rows x 20 columns with one class on one thread, preparation included."""
RESAMPLING_SHARE = 0.12
"""Most of the budget that is kept for resamples of the test rows: with many rows and little time intervals rest on fewer."""
EVIDENCE_SHARE = 0.15
"""Most of the budget that evidence and report take together, unless the chapters alone want more."""
REPORT_SHARE = 0.01
"""Of the budget, what the report takes of that (measured: 0.3 to 0.6 s of 60)."""
BASE_MB = 200.0
"""Memory of this process with the loaded artefact of a small table (measured: seven sets, 60 seconds)."""
WORKER_MB = 140.0
"""Memory of a worker after some fits on a small table, its part of the keeper's pages included (measured: `docs/log.md`)."""
BYTES_PER_CELL = 8.0


def report_seconds(budget_seconds: float) -> float:
    """Gives the seconds kept for the report and the end of the process."""
    return 1.0 + 0.005 * budget_seconds


def evidence_seconds(budget_seconds: float, chapters: float = 0.0) -> float:
    """Gives the most seconds that the evidence takes, so that with the report it keeps `EVIDENCE_SHARE`.

    Args:
        budget_seconds: Seconds of the run.
        chapters: Share of them that the chapters want.
    """
    return (max(EVIDENCE_SHARE, chapters) - REPORT_SHARE) * budget_seconds


def search_reserve(budget: Budget, rows: int, resamples: int, final: str, chapters: float = 0.0) -> float:
    """Gives the seconds kept for what follows the search: refit, packing, evidence, report.

    Args:
        budget: What the run may spend.
        rows: Rows that are judged.
        resamples: Resamples of them.
        final: `folds` or `refit`.
        chapters: Share of the budget that the chapters of the evidence want.
    """
    if budget.seconds is None:
        return 0.0
    resampling = min(3e-8 * rows * resamples * 6, RESAMPLING_SHARE * budget.seconds)
    evidence = min(resampling + chapters * budget.seconds, evidence_seconds(budget.seconds, chapters))
    judging = report_seconds(budget.seconds) + 1.0 + evidence
    refit = 0.15 * budget.seconds if final == "refit" else 0.0
    return min(0.6 * budget.seconds, judging + refit + 0.025 * budget.seconds)


def estimate_run(
    budget: Budget,
    hardware: Hardware,
    workers: int,
    folds: int,
    candidates: Sequence[Candidate],
    data: Dataset,
    test_rows: int,
    task: Task,
    resamples: int,
    final: str,
    chapters: float = 0.0,
) -> Estimate:
    """Estimates wall clock, memory and cost."""
    reserve = search_reserve(budget, test_rows, resamples, final, chapters)
    if budget.seconds is not None:
        seconds = (0.8 * budget.seconds, budget.seconds * 1.05 + 3)
        stages = {"start": START_SECONDS, "search": max(0.0, budget.seconds - reserve - START_SECONDS), "after": reserve}
    else:
        size = max(0.05, len(data) * max(4, len(data.features)) / 200_000) * max(1, task.goal.width - 1) ** 0.8
        each = sum(FIT_SECONDS.get(c.name, 5.0) for c in candidates) / max(1, len(candidates)) * size + 0.3
        search = each * (budget.trials or 0) * folds / hardware.threads
        after = 1.5 + 2e-5 * test_rows * resamples / 100
        middle = START_SECONDS + search + after
        seconds = (middle / 1.7, middle * 1.7)
        stages = {"start": START_SECONDS, "search": search, "after": after}
    memory = _memory(data, workers, task)
    price = hardware.price_per_hour
    cost = None if price is None else (seconds[0] * price / 3600, seconds[1] * price / 3600)
    return Estimate(seconds, memory, cost, hardware.currency, stages)


def _memory(data: Dataset, workers: int, task: Task) -> tuple[float, float]:
    cells = len(data) * max(1, len(data.columns))
    table = cells * BYTES_PER_CELL / 2**20
    outputs = len(data) * task.goal.width * 8 / 2**20
    middle = BASE_MB + workers * WORKER_MB + table * (2 + 3 * workers) + outputs * (20 + 8 * workers)
    return (0.7 * middle, 2.0 * middle)
