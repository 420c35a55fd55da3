"""The program of a worker process: reads a job a line, does it, writes an answer a line. Ends with its parent."""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import signal
import sys
import time
import traceback
import warnings
from typing import IO, Any

from lepton_automl.work.protocol import State


def main() -> None:
    """Serves jobs until the input ends."""
    _die_with_parent()
    answers = own_output()
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in sys.argv[1:]:
        importlib.import_module(name)
    _answer(answers, {"ready": os.getpid()})
    for line in sys.stdin:
        _answer(answers, _do(json.loads(line)))


def _do(job: dict[str, Any]) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        module, _, function = job["function"].partition(":")
        value = getattr(importlib.import_module(module), function)(**job["arguments"])
        answer = {"id": job["id"], "state": str(State.DONE), "value": value}
    except MemoryError:
        answer = {"id": job["id"], "state": str(State.OUT_OF_MEMORY), "error": "MemoryError"}
    except Exception as error:  # noqa: BLE001 - a job may fail in any way; the run goes on and says so
        traceback.print_exc(file=sys.stderr)
        text = str(error).strip().splitlines()
        answer = {
            "id": job["id"],
            "state": str(State.FAILED),
            "error": f"{type(error).__name__}: {text[0] if text else ''}"[:500],
        }
    return {**answer, "seconds": time.perf_counter() - started}


def own_output() -> IO[str]:
    """Keeps the answers' channel to itself: what a library prints goes to the log."""
    channel = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    return channel


def _answer(channel: IO[str], answer: dict[str, Any]) -> None:
    channel.write(json.dumps(answer) + "\n")
    channel.flush()


def _die_with_parent() -> None:
    """Asks Linux to end this process when the parent ends, however that happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


if __name__ == "__main__":
    main()
