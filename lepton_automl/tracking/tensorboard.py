"""TensorBoard: `tensorboard --logdir RUN/events`.

The run's own curves are in `events/`, against the number of trials that have ended; each trial has a folder of its own below
it, with its curve by rounds and a line on the HPARAMS page.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lepton_automl.tracking.protocol import Told, flat

FLUSH_SECONDS = 2


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
        from tensorboardX import SummaryWriter

        shutil.rmtree(self._folder, ignore_errors=True)
        self._metric, self._started = facts["metric"], facts["started"]
        self._writer = SummaryWriter(str(self._folder), flush_secs=FLUSH_SECONDS)
        self._writer.add_text("run", "\n".join(f"- {name}: {value}" for name, value in facts.items()), 0)

    def on_trial(self, told: Told) -> None:
        """Adds the trial to the run's curves, and writes its own."""
        self._ended, moment = told.ended, self._started + told.at
        scalars = {f"search/best_{self._metric}": told.best, f"search/{self._metric}": told.score}
        scalars |= {f"trials/{state}": count for state, count in told.counts.items()}
        scalars["trials/seconds"] = told.seconds
        for tag, value in scalars.items():
            if value is not None:
                self._writer.add_scalar(tag, value, self._ended, moment)
        if told.score is not None:
            self._write_trial(told, moment)

    def _write_trial(self, told: Told, moment: float) -> None:
        """Writes parameters and score for the HPARAMS page, and the curve of each fold, into the trial's own folder."""
        from tensorboardX import SummaryWriter

        name = f"trial_{told.number:04d}_{told.model}"
        params = {key: v if isinstance(v, str | bool | int | float) else json.dumps(v) for key, v in told.params.items()}
        self._writer.add_hparams({"model": told.model, **params}, {f"trial/{self._metric}": told.score}, name, told.number)
        if not told.curves:
            return
        with SummaryWriter(str(self._folder / name)) as writer:
            for fold, points in told.curves:
                for number, loss in points:
                    writer.add_scalar(f"curve/fold_{fold}", loss, number, moment)

    def on_finish(self, figures: Mapping[str, Any]) -> None:
        """Adds the figures on test rows, with their intervals, and what the run took."""
        for name, value in flat(figures).items():
            self._writer.add_scalar(f"final/{name}", value, self._ended)

    def close(self, finished: bool) -> None:
        """Closes the run's event file."""
        self._writer.close()
