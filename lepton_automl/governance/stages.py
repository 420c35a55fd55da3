"""Both stages of rules, and the split between them; what forbids going on is told at once, of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lepton_automl.data import Dataset
from lepton_automl.errors import GovernanceStop, LeptonError, Problem
from lepton_automl.governance.carry_out import SubjectMaker, govern, treated_like
from lepton_automl.governance.protocol import Rule, Stage
from lepton_automl.governance.waivers import Waiver
from lepton_automl.ledger import Entry, Ledger
from lepton_automl.tasks import Split

LATER = "rules after the split"
Cut = Callable[[Dataset], Split]
"""Sets test rows aside."""


@dataclass(frozen=True)
class Governed:
    """What the rules of both stages left.

    Args:
        data: The table.
        split: Positions of training and test rows in it; none where no test rows are set aside.
        test: Test rows, their values treated as those of the table were; or none.
    """

    data: Dataset
    split: Split | None
    test: Dataset | None

    @property
    def train(self) -> np.ndarray:
        """Positions of the training rows, shape `(n,)`."""
        return np.arange(len(self.data)) if self.split is None else self.split.train


def govern_stages(
    data: Dataset,
    rules: Sequence[tuple[str, Rule]],
    ledger: Ledger,
    subject_of: SubjectMaker,
    cut: Cut | None = None,
    test: Dataset | None = None,
    waivers: Mapping[str, Waiver] | None = None,
) -> Governed:
    """Lets rules look and act before the split, splits, and lets rules look and act after it.

    Where a rule before the split forbids going on, those after it look all the same, at the rows that have a target, so that
    everything that forbids is told at once.

    Args:
        data: The table.
        rules: Name and rule.
        ledger: Where it is recorded.
        subject_of: Makes what a rule looks at of a table.
        cut: Sets test rows aside; none where they are a table of their own, or where there are none.
        test: Test rows that are a table of their own, or none.
        waivers: Name of a rule to the waiver of what it finds.

    Raises:
        GovernanceStop: If a rule forbids going on; with all that forbid.
        DataError: If the table can not be split.
        RunError: If a rule drops rows after the split.
    """
    stops: list[Problem] = []
    data = govern(data, rules, Stage.DATA, ledger, subject_of, test=test, waivers=waivers, stops=stops)
    if stops:
        _look_on(data, rules, ledger, subject_of, cut, test, waivers, stops)
        raise GovernanceStop(stops, "the data")
    split = None if cut is None else cut(data)
    rows = np.arange(len(data)) if split is None else split.train
    shown = test if split is None else data.rows(split.test)
    data = govern(data, rules, Stage.TRAIN, ledger, subject_of, rows, shown, waivers)
    test = test if split is None else data.rows(split.test)
    return Governed(data, split, None if test is None else treated_like(test, data))


def _look_on(
    data: Dataset,
    rules: Sequence[tuple[str, Rule]],
    ledger: Ledger,
    subject_of: SubjectMaker,
    cut: Cut | None,
    test: Dataset | None,
    waivers: Mapping[str, Waiver] | None,
    stops: list[Problem],
) -> None:
    """Lets rules of after the split look at a table that can not go on; adds what they forbid to what forbids already."""
    note = "a rule before the split forbids going on: nothing is fitted; rules after it look at the table as it is"
    ledger.add(Entry(str(Stage.TRAIN), "STOP001", LATER, "noted", count=len(stops), note=note))
    rows = np.flatnonzero(subject_of(data, Stage.DATA).has_target)
    why, also = "no row with a target is left", []
    try:
        if len(rows) and cut is not None:
            split = cut(data.rows(rows))
            rows, test = rows[split.train], data.rows(rows[split.test])
        if len(rows):
            govern(data, rules, Stage.TRAIN, ledger, subject_of, rows, test, waivers, stops)
            return
    except LeptonError as error:
        why, also = error.problems[0].message, list(error.problems)
    ledger.add(Entry(str(Stage.TRAIN), "STOP002", LATER, "not applicable", note=f"could not look: {why}"))
    stops.extend([*also, Problem(LATER, "could not look at the table.", "They look once the other reasons are mended.")])
