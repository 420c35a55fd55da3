"""The work of a worker process: reads a job a line, does it, writes an answer a line. Forked by the keeper, ends with it."""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import importlib
import json
import os
import signal
import sys
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

from lepton_automl.work.protocol import State

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
FIRST_TO_GO = 600
"""Where the machine itself runs out of memory, the kernel ends workers before the process that waits for them."""


def serve(channel: int) -> None:
    """Serves jobs until the channel is closed.

    Args:
        channel: Descriptor of a socket, read and written.
    """
    prepare()
    with os.fdopen(channel, "r", closefd=False) as jobs:
        for line in jobs:
            answer = (_done(json.loads(line)) + "\n").encode()
            sys.stdout.flush()
            while answer:
                answer = answer[os.write(channel, answer) :]


def prepare() -> None:
    """Gives the process just forked a session of its own: it ends with its parent, and takes over what its children leave."""
    os.setsid()
    end_with_parent()
    adopt_orphans()
    faulthandler.enable()
    warnings.simplefilter("ignore")
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(FIRST_TO_GO))


def _done(job: dict[str, Any]) -> str:
    """Does a job; gives the answer as JSON."""
    started = time.perf_counter()
    try:
        module, _, function = job["function"].partition(":")
        value = getattr(importlib.import_module(module), function)(**job["arguments"])
        seconds = time.perf_counter() - started
        return json.dumps({"id": job["id"], "state": str(State.DONE), "value": value, "seconds": seconds})
    except MemoryError:
        state, said = State.OUT_OF_MEMORY, "MemoryError"
    except Exception as error:  # noqa: BLE001 - a job may fail in any way; the run goes on and says so
        traceback.print_exc(file=sys.stderr)
        text = str(error).strip().splitlines()
        state, said = State.FAILED, f"{type(error).__name__}: {text[0] if text else ''}"[:500]
    return json.dumps({"id": job["id"], "state": str(state), "error": said, "seconds": time.perf_counter() - started})


def end_with_parent() -> None:
    """Asks Linux to end this process when the parent ends, however that happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """Asks Linux to hand processes below this one to it when their own parent ends, so that none is lost from sight."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
