"""Ctrl-C: once, and the run finishes with the best so far; twice, and it ends at once and can be resumed."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from lepton_automl.engine.resume import is_finished, is_unfinished
from lepton_automl.engine.watching import Progress

SAID = "Ctrl-C: finishing with the best so far; once more ends at once."


class Stop:
    """Whether the user asked the run to end early.

    Before `heed` there is nothing to deliver, and Ctrl-C ends the run at once. After it the first one is only noted: those at
    work ask between two steps, so that no file is cut off in the middle; the second ends the run at once.

    Args:
        progress: Is told that it was heard.
    """

    def __init__(self, progress: Progress | None) -> None:
        self._progress, self._heeds, self._asked = progress, False, False

    def __call__(self) -> bool:
        """Says whether the user asked."""
        return self._asked

    def heed(self) -> None:
        """From now on there may be something to deliver."""
        self._heeds = True

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """Takes a Ctrl-C.

        Raises:
            KeyboardInterrupt: If the run is to end at once.
        """
        if self._asked or not self._heeds:
            raise KeyboardInterrupt
        self._asked = True
        if self._progress is not None:  # by another thread, as this one may be in the middle of writing
            threading.Thread(target=self._progress.say, args=(SAID,), daemon=True).start()


@contextlib.contextmanager
def stoppable(folder: Path, progress: Progress | None) -> Iterator[Stop]:
    """Takes Ctrl-C while a run goes on, where Python's own handler did.

    Raises:
        KeyboardInterrupt: If the run was ended at once; it says what is left, and how to go on.
    """
    stop = Stop(progress)
    before = signal.getsignal(signal.SIGINT)
    takes = threading.current_thread() is threading.main_thread() and before is signal.default_int_handler
    if takes:
        signal.signal(signal.SIGINT, stop.on_signal)
    try:
        yield stop
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_said(folder)) from None
    finally:
        if takes:
            signal.signal(signal.SIGINT, before)


def _said(folder: Path) -> str:
    if is_finished(folder):
        return f"Stopped. The run was finished: {folder}"
    if is_unfinished(folder):
        return f"Stopped before there was a result. Go on with: lepton resume {folder}"
    return "Stopped; nothing was finished."
