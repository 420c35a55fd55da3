"""TensorBoard: `tensorboard --logdir RUN/events`.

The run's own curves are in `events/`, against the number of trials that have ended; each trial has a folder of its own below
it, with its curve by rounds and a line on the HPARAMS page.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lepton_automl.tracking.protocol import Told, flat


class _Writer:
    """One event file, written at once: `tensorboardX`'s own writer works by a thread and a queue of `multiprocessing`."""

    def __init__(self, folder: Path) -> None:
        from tensorboardX.event_file_writer import EventsWriter

        folder.mkdir(parents=True, exist_ok=True)
        self._file = EventsWriter(str(folder / "events"))

    def write(self, summary: Any, step: int, moment: float) -> None:
        from tensorboardX.proto.event_pb2 import Event

        self._file.write_event(Event(summary=summary, step=step, wall_time=moment))

    def scalars(self, values: Mapping[str, float | None], step: int, moment: float) -> None:
        from tensorboardX.summary import scalar

        for tag, value in values.items():
            if value is not None:
                self.write(scalar(tag, value), step, moment)

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()


class TensorBoard:
    """Writes event files by `tensorboardX`.

    Args:
        folder: Folder of the run.
        settings: Nothing yet.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self._folder = folder / "events"
        self._metric, self._started, self._ended = "", 0.0, 0

    def on_start(self, facts: Mapping[str, Any]) -> None:
        """Opens the run's own event file; those of a run that was killed are written anew."""
        sys.modules.setdefault("torch", None)  # type: ignore[arg-type]  # 230 MB that it would import only to draw graphs
        from tensorboardX.summary import text

        shutil.rmtree(self._folder, ignore_errors=True)
        self._metric, self._started = facts["metric"], facts["started"]
        self._writer = _Writer(self._folder)
        self._writer.write(text("run", "\n".join(f"- {name}: {value}" for name, value in facts.items())), 0, self._started)

    def on_trial(self, told: Told) -> None:
        """Adds the trial to the run's curves, and writes its own."""
        self._ended, moment = told.ended, self._started + told.at
        scalars = {f"search/best_{self._metric}": told.best, f"search/{self._metric}": told.score}
        scalars |= {f"trials/{state}": count for state, count in told.counts.items()}
        self._writer.scalars({**scalars, "trials/seconds": told.seconds}, self._ended, moment)
        self._writer.flush()
        if told.score is not None:
            self._write_trial(told, moment)

    def _write_trial(self, told: Told, moment: float) -> None:
        """Writes parameters and score for the HPARAMS page, and the curve of each fold, into the trial's own folder."""
        from tensorboardX.summary import hparams

        writer, score = _Writer(self._folder / f"trial_{told.number:04d}_{told.model}"), f"trial/{self._metric}"
        params = {key: v if isinstance(v, str | bool | int | float) else json.dumps(v) for key, v in told.params.items()}
        for summary in hparams({"model": told.model, **params}, {score: told.score}):
            writer.write(summary, 0, moment)
        writer.scalars({score: told.score}, told.number, moment)
        for fold, points in told.curves:
            for number, loss in points:
                writer.scalars({f"curve/fold_{fold}": loss}, number, moment)
        writer.close()

    def on_finish(self, figures: Mapping[str, Any]) -> None:
        """Adds the figures on test rows, with their intervals, and what the run took."""
        values = {f"final/{name}": value for name, value in flat(figures).items()}
        self._writer.scalars(values, self._ended, self._started + figures["seconds"]["total"])

    def close(self, finished: bool) -> None:
        """Closes the run's event file."""
        self._writer.close()
