"""MLflow: a run for the run, and one below it for each trial; in a local SQLite file unless the recipe names a server."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lepton_automl.tracking.protocol import Told, flat

PARENT = "mlflow.parentRunId"
BATCH = 500
"""Most figures in one call; MLflow takes up to 1,000."""
CAREFUL = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
}
"""Nothing is sent but to the store; a server that does not answer is given up within half a minute. The environment decides."""


class Mlflow:
    """Writes by MLflow's client, without its global state.

    Args:
        folder: Folder of the run.
        settings: `uri`, none for `mlflow.db` in the run's folder; `experiment`, none for the recipe's name.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self._folder, self._settings, self._metric, self._started, self._ended = folder, settings, "", 0.0, 0

    def on_start(self, facts: Mapping[str, Any]) -> None:
        """Opens the store, the experiment and the run."""
        for name, value in CAREFUL.items():
            os.environ.setdefault(name, value)
        from mlflow.entities import Param
        from mlflow.tracking import MlflowClient

        self._metric, self._started = facts["metric"], facts["started"]
        uri = self._settings["uri"]
        self._client = MlflowClient(uri or f"sqlite:///{self._folder / 'mlflow.db'}")
        name = self._settings["experiment"] or facts["recipe"]
        place = None if uri else (self._folder / "mlflow_artifacts").as_uri()
        found = self._client.get_experiment_by_name(name)
        self._experiment = found.experiment_id if found else self._client.create_experiment(name, artifact_location=place)
        self._run = self._client.create_run(
            self._experiment, self._milliseconds(0.0), {"lepton_automl.recipe_hash": facts["recipe_hash"]}, facts["run"]
        ).info.run_id
        self._client.log_batch(self._run, params=[Param(key, str(value)) for key, value in facts.items()])

    def on_trial(self, told: Told) -> None:
        """Adds the trial to the run's figures, and writes a run of its own."""
        from mlflow.entities import Param

        self._ended = told.ended
        figures = {f"best_{self._metric}": told.best, f"trial_{self._metric}": told.score}
        figures |= {f"trials_{state}": count for state, count in told.counts.items()}
        self._log(self._run, [(name, value, self._ended) for name, value in figures.items()], told.at)
        tags = {PARENT: self._run, "model": told.model, "origin": told.origin, "state": told.state}
        begun = self._milliseconds(told.at - told.seconds)
        run = self._client.create_run(self._experiment, begun, tags, f"{told.number} {told.model}").info.run_id
        params = [Param("model", told.model), *(Param(name, str(value)) for name, value in told.params.items())]
        self._client.log_batch(run, params=params)
        self._log(run, list(_figures_of(told, self._metric)), told.at)
        status = "FAILED" if told.state == "failed" else "FINISHED"
        self._client.set_terminated(run, status, self._milliseconds(told.at))

    def on_finish(self, figures: Mapping[str, Any]) -> None:
        """Adds the figures on test rows, with their intervals, and what the run took."""
        self._log(self._run, [(name, value, self._ended) for name, value in flat(figures).items()], figures["seconds"]["total"])

    def close(self, finished: bool) -> None:
        """Ends the run; one that was not finished is marked as killed."""
        self._client.set_terminated(self._run, "FINISHED" if finished else "KILLED")

    def _log(self, run: str, figures: list[tuple[str, float | None, int]], at: float) -> None:
        from mlflow.entities import Metric

        moment = self._milliseconds(at)
        known = [Metric(name, float(value), moment, step) for name, value, step in figures if value is not None]
        for first in range(0, len(known), BATCH):
            self._client.log_batch(run, metrics=known[first : first + BATCH])

    def _milliseconds(self, at: float) -> int:
        return int(1000 * (self._started + at))


def _figures_of(told: Told, metric: str) -> Iterator[tuple[str, float | None, int]]:
    """Gives name, value and step: the score, that of each fold, the seconds, and the curve of each fold by rounds."""
    yield metric, told.score, 0
    yield "seconds", told.seconds, 0
    for fold, score in told.folds:
        yield f"{metric}_by_fold", score, fold
    for fold, points in told.curves:
        for number, loss in points:
            yield f"curve_fold_{fold}", loss, number
