"""Works with a tool in a process aside, so that the run neither waits for it nor falls with it."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lepton_automl.data.sources.secrets import resolve_secret, secrets_in, without_secrets
from lepton_automl.tracking.backends import Backend
from lepton_automl.tracking.protocol import Told
from lepton_automl.work.local import THREAD_VARIABLES


class Aside:
    """A tracker whose tool runs in a process of its own; each call only lays a line in a queue.

    Args:
        backend: The tool, with the recipe's settings.
        folder: Folder of the run.
    """

    def __init__(self, backend: Backend, folder: Path) -> None:
        self.name, self._settings, self._folder = backend.name, dict(backend.settings), folder
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._process: subprocess.Popen[str] | None = None
        self._threads: list[threading.Thread] = []
        self._said: dict[str, Any] = {}
        self._is_late = False

    @property
    def pid(self) -> int | None:
        """Number of the process, once it was started."""
        return None if self._process is None else self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the tool may still be at work."""
        return self._process is not None and any(thread.is_alive() for thread in self._threads[1:])

    @property
    def failure(self) -> str:
        """What went wrong, in a line without secrets; empty while nothing did."""
        if self._is_late:
            return "had not taken everything in time"
        if self._process is None or self.is_running or "done" in self._said:
            return ""
        said = self._said.get("error") or f"its process ended with code {self._process.wait()}"
        return without_secrets(said, secrets_in(self._settings))

    def on_start(self, facts: Mapping[str, Any]) -> None:
        """Starts the process, and tells it what the run is.

        Raises:
            OSError: If no process can be started.
            DataError: If the environment has no such secret.
        """
        settings = {name: resolve_secret(value, f"tracking.{self.name}.{name}") for name, value in self._settings.items()}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lepton_automl.tracking.program"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **dict.fromkeys(THREAD_VARIABLES, "1")},
            start_new_session=True,
        )
        self._tell({"backend": self.name, "folder": str(self._folder.resolve()), "settings": settings, "facts": dict(facts)})
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._feed, self._listen)]
        for thread in self._threads:
            thread.start()

    def on_trial(self, told: Told) -> None:
        """Hands the trial on."""
        self._tell({"trial": vars(told)})

    def on_finish(self, figures: Mapping[str, Any]) -> None:
        """Hands the figures on."""
        self._tell({"figures": dict(figures)})

    def close(self, finished: bool) -> None:
        """Says that nothing more comes; `wait` waits for the process to end."""
        self._tell({"finished": finished})
        self._lines.put(None)

    def wait(self, until: float) -> None:
        """Waits for the process to end, at most until that moment (seconds since the epoch); then ends it."""
        if self._process is None:
            return
        for thread in self._threads:
            thread.join(max(0.0, until - time.time()))
        if self._process.poll() is None and self.is_running:
            self._is_late = True
        self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join()

    def _tell(self, message: dict[str, Any]) -> None:
        self._lines.put(json.dumps(message, default=str) + "\n")

    def _feed(self) -> None:
        assert self._process is not None and self._process.stdin is not None
        with contextlib.suppress(OSError), self._process.stdin as pipe:  # the process may be gone; `_listen` learns of it
            while (line := self._lines.get()) is not None:
                pipe.write(line)
                pipe.flush()

    def _listen(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        with self._process.stdout as pipe:
            for line in pipe:
                self._said.update(json.loads(line))
        self._process.wait()
        self._lines.put(None)
