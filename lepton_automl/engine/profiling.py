"""Profiles the data beside the search, in a thread of its own, within its share of the budget."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lepton_automl.engine.plan import Plan
from lepton_automl.engine.table import Table
from lepton_automl.evidence import Allowance, Profile, Profiled, make_profile
from lepton_automl.ledger import Entry, Ledger

SHARE = 0.05
"""Of the budget's seconds, what the profile may take of one thread's processor."""


@dataclass
class Profiling:
    """A profile in the making.

    Args:
        looked_at: The rows.
        seconds: CPU seconds it may take.
        must_end: Says whether it must end at once.
        seed: Seed of the sample.
    """

    looked_at: Profiled
    seconds: float
    must_end: Callable[[], bool]
    seed: int
    _thread: threading.Thread | None = None
    _made: list[Profile | Exception] = field(default_factory=list)

    @classmethod
    def begin(cls, plan: Plan, table: Table, stop: Callable[[], bool], deadline: float) -> Profiling:
        """Begins, beside whatever else goes on.

        Args:
            plan: The plan.
            table: The rows; of test rows the target is not looked at.
            stop: Says whether the user asked the run to end.
            deadline: Moment at which it must have ended.
        """
        labels, target = plan.task.labels, plan.task.target
        names = None if labels is None else tuple(str(label) for label in labels.values)
        test = None if table.test is None else table.test.without([target])
        seconds = float("inf") if plan.budget.seconds is None else SHARE * plan.budget.seconds
        profiled = Profiled(table.train, test, target, table.y, names)
        return cls(profiled, seconds, lambda: stop() or time.time() > deadline, plan.seed).start()

    def start(self) -> Profiling:
        """Starts the thread."""
        self._thread = threading.Thread(target=self._make, daemon=True)
        self._thread.start()
        return self

    def _make(self) -> None:
        try:
            self._made.append(make_profile(self.looked_at, Allowance(self.seconds, self.must_end), self.seed))
        except Exception as error:  # noqa: BLE001 - a picture of the data is not worth the run; the ledger says what it was
            self._made.append(error)

    def end(self, ledger: Ledger) -> Mapping[str, Any]:
        """Waits for it, records it, and gives `profile.json`; empty where it failed."""
        assert self._thread is not None
        self._thread.join()
        (made,) = self._made
        if isinstance(made, Exception):
            note = f"the data could not be profiled: {type(made).__name__}"
            ledger.add(Entry("profile", "PROFILE002", "profile", "failed", note=note))
            return {}
        rows, sampled = made.content["rows"], made.content["sampled"]
        sides = [f"{sampled[side]:,} of {rows[side]:,} {word} rows" for side, word in (("train", "training"), ("test", "test"))]
        note = f"looked at {' and '.join(sides)}"
        count = len(made.content["columns"])
        ledger.add(Entry("profile", "PROFILE001", "profile", "noted", count=count, note=note, seconds=round(made.seconds, 3)))
        for phrase in made.left_out:
            ledger.add(Entry("profile", "PROFILE003", "profile", "noted", note=f"left out, no time: {phrase}"))
        return made.content
