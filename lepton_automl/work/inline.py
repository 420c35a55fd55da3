"""Carries jobs out in this process, one after the other: for small tables, where starting workers takes longer than all fits.

Nothing bounds the time or the memory of a job here, and one that crashes takes this process with it. Workers have those limits.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
import traceback
import warnings
from collections.abc import Iterable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

from lepton_automl.work.protocol import Job, Outcome, State

MAXRSS_PER_MB = 2**20 if sys.platform == "darwin" else 2**10
"""`ru_maxrss` counts bytes on macOS and KiB on Linux (getrusage(2))."""


@dataclass
class InlineExecutor:
    """Does a job when it is given, and hands its outcome on when it is asked.

    Args:
        log: File for what jobs print, and for the traceback of one that fails.
    """

    log: Path
    _ended: list[Outcome] = field(default_factory=list)

    @property
    def idle(self) -> int:
        """1 where the last outcome was taken, else 0: the search judges a fit before it begins the next."""
        return 0 if self._ended else 1

    @property
    def busy(self) -> int:
        """Outcomes that wait to be taken."""
        return len(self._ended)

    @property
    def peak_mb(self) -> float:
        """Peak resident memory of this process since it began, in MB: what it held before the run counts too."""
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MAXRSS_PER_MB

    def submit(self, job: Job) -> None:
        """Does the job; what it prints goes into the log."""
        started = time.perf_counter()
        try:
            module, _, function = job.function.partition(":")
            with self.log.open("a") as log, redirect_stdout(log), redirect_stderr(log), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                value = getattr(importlib.import_module(module), function)(**job.arguments)
            value = json.loads(json.dumps(value))  # as it comes back from a worker
            outcome = Outcome(job.id, State.DONE, value, seconds=time.perf_counter() - started)
        except Exception as error:  # noqa: BLE001 - a job may fail in any way; the run goes on and says so
            with self.log.open("a") as log:
                traceback.print_exc(file=log)
            state = State.OUT_OF_MEMORY if isinstance(error, MemoryError) else State.FAILED
            text = str(error).strip().splitlines()
            said = f"{type(error).__name__}: {text[0] if text else ''}"[:500]
            outcome = Outcome(job.id, state, error=said, seconds=time.perf_counter() - started)
        self._ended.append(outcome)

    def has_place(self, group: str, most: int) -> bool:
        """Says whether a job could be done now."""
        return self.idle > 0

    def count_in(self, pids: Iterable[int]) -> None:
        """Counts no other processes: nothing is limited here."""

    def poll(self, seconds: float) -> list[Outcome]:
        """Gives the outcomes that wait; there is nothing to wait for."""
        ended, self._ended = self._ended, []
        return ended

    def dismiss(self) -> None:
        """Has no workers to end."""

    def close(self) -> None:
        """Has no workers to end."""
