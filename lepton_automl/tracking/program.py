"""The program of a tracker's process: is told what happens a line each, and hands it to one tool.

Its own process, because the tools' libraries take seconds to import, install signal handlers, keep one run a process, and may
wait for a network. What goes wrong ends this process, never the run.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from lepton_automl.tracking.backends import BACKENDS
from lepton_automl.tracking.protocol import Told, Tracker

NICENESS = 5
"""The search comes first where cores are scarce."""


def main() -> None:
    """Serves until the run closes it, or ends."""
    answers = _own_output()
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    try:
        serve(sys.stdin)
    except Exception as error:
        answers.write(json.dumps({"error": f"{type(error).__name__}: {error}"}) + "\n")
        answers.flush()
        raise
    answers.write(json.dumps({"done": True}) + "\n")
    answers.flush()


def _own_output() -> IO[str]:
    """Keeps the answers' channel to itself: what a library prints goes to the log."""
    channel = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    return channel


def serve(lines: Iterable[str]) -> None:
    """Hands each line to the tracker that the first one names; a run that ends without a word was not finished."""
    messages = (json.loads(line) for line in lines)
    first = next(messages, None)
    if first is None:
        return
    tracker = make(first["backend"], Path(first["folder"]), first["settings"])
    tracker.on_start(first["facts"])
    finished = False
    for message in messages:
        if "trial" in message:
            tracker.on_trial(Told.from_dict(message["trial"]))
        elif "figures" in message:
            tracker.on_finish(message["figures"])
        else:
            finished = message["finished"]
            break
    tracker.close(finished)


def make(name: str, folder: Path, settings: dict[str, object]) -> Tracker:
    """Makes the tracker of a tool."""
    module, _, kind = BACKENDS[name].place.partition(":")
    tracker: Tracker = getattr(importlib.import_module(module), kind)(folder, settings)
    return tracker


if __name__ == "__main__":
    main()
