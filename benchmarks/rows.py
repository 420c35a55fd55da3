"""Rows of results: those of `benchmarks/suite.py`, and those of another harness with other names for the same things."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sets import error_of


@dataclass(frozen=True)
class Row:
    """One run of one system on one set.

    Args:
        name: The set.
        system: The system.
        seconds: Budget it was told.
        seed: Seed.
        metric: `roc_auc`, `log_loss` or `rmse`.
        score: The figure on the test rows; none if it failed.
        wall: Seconds from the start of its process to the end.
        peak_mb: Largest proportional set size of its processes while it learned.
        rows_per_second: Rows predicted a second.
        single_row_ms: Median of calls with one row.
        artifact_mb: Size of what it left.
        n_test: Test rows.
        positives: Test rows of the positive class, or none.
        baseline: Figure of the constant, or none if not known.
        predictions: Name of the file of its predictions; empty if not stored.
        error: Why it failed; empty if it did not.
        date: Day of the run; empty if not said.
        machine: The machine in words; empty if not said.
    """

    name: str
    system: str
    seconds: float
    seed: int
    metric: str
    score: float | None
    wall: float
    peak_mb: float | None
    rows_per_second: float | None
    single_row_ms: float | None
    artifact_mb: float | None
    n_test: int
    positives: int | None
    baseline: float | None
    predictions: str = ""
    error: str = ""
    date: str = ""
    machine: str = ""

    @property
    def has_failed(self) -> bool:
        """Says whether it counts as last."""
        return bool(self.error) or self.score is None

    @property
    def loss(self) -> float:
        """The figure as an error, lower is better; infinite where it failed."""
        return float("inf") if self.score is None or self.error else error_of(self.metric, self.score)

    @property
    def is_late(self) -> bool:
        """Says whether the whole process took more than its budget and 2 % and 3 s."""
        return self.wall > self.seconds * 1.02 + 3


def read_rows(path: Path) -> list[Row]:
    """Reads rows that `benchmarks/suite.py` wrote; of a run that was repeated the last counts."""
    found: dict[tuple[Any, ...], Row] = {}
    for said in _lines(path):
        machine = said["machine"]
        words = f"{machine['cores']} cores, {machine['memory_gb']:.0f} GiB, {machine['processor']}"
        system = said["system"] + (f" ({' '.join(said['words'])})" if said.get("words") else "")
        row = Row(
            said["set"],
            system,
            float(said["seconds"]),
            said["seed"],
            said["metric"],
            said["score"],
            said["wall"],
            said["peak_mb"],
            said["rows_per_second"],
            said["single_row_ms"],
            said["artifact_mb"],
            said["n_test"],
            said["positives"],
            said["baseline"],
            said.get("predictions", ""),
            said["error"],
            said["date"],
            words,
        )
        found[row.name, row.system, row.seconds, row.seed] = row
    return list(found.values())


def read_peers(path: Path) -> list[Row]:
    """Reads rows of a harness that says `dataset`, `peer`, `budget`; void ones are left out, memory is in 2**20 bytes."""
    found: dict[tuple[Any, ...], Row] = {}
    for said in _lines(path):
        if said.get("void") or said.get("metric_name") is None:
            continue
        peak = said.get("peak_pss_mb")
        row = Row(
            said["dataset"],
            {"lgbm_optuna": "lightgbm_optuna"}.get(said["peer"], said["peer"]),
            float(said["budget"]),
            said["seed"],
            said["metric_name"],
            said.get("metric"),
            said.get("wall_s", float("nan")),
            None if peak is None else peak * 1e6 / 2**20,
            said.get("predict20k_rows_s"),
            said.get("single_ms"),
            said.get("model_mb"),
            said.get("n_test", 0),
            None,
            None,
            "",
            said.get("error") or "",
            str(said.get("started", ""))[:10],
            "",
        )
        found[row.name, row.system, row.seconds, row.seed] = row
    return list(found.values())


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
