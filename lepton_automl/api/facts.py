"""What a finished run wrote down, read when it is first asked for."""

from __future__ import annotations

import io
import json
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from lepton_automl.api.files import Files


class RunFacts:
    """The figures and tables of a finished run.

    Args:
        files: Where its files are.
    """

    def __init__(self, files: Files) -> None:
        self._files = files

    def __getstate__(self) -> dict[str, Any]:
        return {"_files": self._files}

    @property
    def folder(self) -> Path | None:
        """The run's folder; none of an artefact alone, and of an estimator that works in a temporary one."""
        return self._files.folder

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """`metrics.json`: the figures for programs; `docs/operate.md` describes them."""
        return self._json("metrics.json")

    @cached_property
    def evidence(self) -> dict[str, Any]:
        """`evidence.json`: scores with intervals beside the baseline's, importances, the data of the plots."""
        return self._json("evidence.json")

    @cached_property
    def decision(self) -> dict[str, Any]:
        """`decision.json`: where the line is drawn, why, and what it is worth."""
        return self._json("decision.json")

    @cached_property
    def plan(self) -> dict[str, Any]:
        """`plan.json`: what was planned before anything ran."""
        return self._json("plan.json")

    @cached_property
    def recipe(self) -> dict[str, Any]:
        """The resolved recipe: every key, presets and defaults included."""
        return dict(yaml.safe_load(self._files.read("recipe.yaml")))

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """Everything that was done to the data and the search, an entry a row."""
        return pd.DataFrame([json.loads(line) for line in self._files.read("ledger.jsonl").splitlines()])

    @cached_property
    def leaderboard(self) -> pd.DataFrame:
        """All trials, the best first, with the metric in its own sense and their weight in the ensemble."""
        return pd.DataFrame(self._json("leaderboard.json"))

    @cached_property
    def trials(self) -> pd.DataFrame:
        """All trials in the order they began: losses and rounds by fold, seconds, parameters."""
        return pd.read_parquet(io.BytesIO(self._files.read("trials.parquet")))

    @cached_property
    def searched(self) -> dict[str, Any]:
        """`search.json`: sampler, when trials ended, which parameters mattered, the Pareto front."""
        return self._json("search.json")

    @property
    def passed(self) -> bool:
        """Whether no gate failed."""
        return not self.metrics["gates_failed"]

    def _json(self, name: str) -> Any:
        return json.loads(self._files.read(name))
