"""Weights & Biases: offline unless the recipe says otherwise; `wandb sync RUN/wandb/offline-run-*` brings it to an account."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lepton_automl.tracking.protocol import Told, flat

START_SECONDS = 30
"""Longest wait for the server when a run begins online."""


class WeightsAndBiases:
    """Writes one W&B run: scores by trial, the curve of each trial by rounds, a table of all trials, the figures.

    Neither the command line, nor code, nor the repository, nor this machine's name is recorded.

    Args:
        folder: Folder of the run.
        settings: `project`, `entity`, `mode`, `tags`.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self._folder, self._settings, self._metric = folder, settings, ""
        self._rows: list[tuple[Any, ...]] = []

    def on_start(self, facts: Mapping[str, Any]) -> None:
        """Opens the run. The account's key comes from `WANDB_API_KEY` or `wandb login`."""
        os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
        import wandb

        self._metric = facts["metric"]
        quiet = {
            "console": "off",
            "silent": True,
            "disable_code": True,
            "disable_git": True,
            "x_disable_meta": True,
            "host": "-",
        }
        self._run = wandb.init(
            dir=str(self._folder),
            project=self._settings["project"],
            entity=self._settings["entity"],
            mode=self._settings["mode"],
            tags=list(self._settings["tags"]),
            name=facts["run"],
            group=facts["recipe"],
            config=dict(facts),
            settings=wandb.Settings(init_timeout=START_SECONDS, **quiet),
        )
        for names, axis in (("search/*", "at_seconds"), ("trials/*", "at_seconds"), ("curve/*", "round")):
            self._run.define_metric(names, step_metric=axis)

    def on_trial(self, told: Told) -> None:
        """Logs the trial, then its curves, a row for each round."""
        row = {f"search/best_{self._metric}": told.best, f"search/{self._metric}": told.score}
        row |= {f"trials/{state}": count for state, count in told.counts.items()}
        row |= {"at_seconds": told.at, "trial": told.number, "trials/seconds": told.seconds}
        self._run.log({name: value for name, value in row.items() if value is not None})
        rounds: dict[int, dict[str, float]] = {}
        for fold, points in told.curves:
            for number, loss in points:
                rounds.setdefault(number, {})[f"curve/{told.number:04d}_{told.model}/fold_{fold}"] = loss
        for number, losses in sorted(rounds.items()):
            self._run.log({**losses, "round": number})
        params = ", ".join(f"{name}={value}" for name, value in sorted(told.params.items()))
        self._rows.append((told.number, told.model, told.origin, told.state, told.score, told.seconds, told.at, params))

    def on_finish(self, figures: Mapping[str, Any]) -> None:
        """Adds the figures to the summary, and logs the table of trials."""
        import wandb

        head = ["trial", "model", "origin", "state", self._metric, "seconds", "at_seconds", "params"]
        self._run.log({"all_trials": wandb.Table(columns=head, data=[list(row) for row in self._rows])})
        self._run.summary.update(flat(figures))

    def close(self, finished: bool) -> None:
        """Ends the run; one that was not finished is marked as failed."""
        self._run.finish(exit_code=0 if finished else 1)
