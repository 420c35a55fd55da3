"""The groups of some rows, and every figure by which they are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lepton_automl.data import Dataset
from lepton_automl.evidence.fairness.differences import DIFFERENCES, known_differences, value_of
from lepton_automl.evidence.fairness.rates import Said, Tally, what_is_said
from lepton_automl.evidence.groups import Grouping, group_by_columns, joint_names
from lepton_automl.tasks import NOTHING, DecisionRule, Known, Makes, Task


@dataclass(frozen=True)
class GroupSettings:
    """How groups are made.

    Args:
        columns: Columns whose groups are compared.
        favourable: Of two labels, which one is the favourable outcome: `positive` or `negative`.
        min_group: Rows below which a group is too small to be compared.
        cuts: Column to where its numbers are cut; at the quarters of the training rows where nothing is said.
        intersections: Columns at once, at most.
    """

    columns: tuple[str, ...] = ()
    favourable: str = "positive"
    min_group: int = 30
    cuts: Mapping[str, Sequence[float]] = field(default_factory=dict)
    intersections: int = 2


@dataclass(frozen=True)
class Groups:
    """The groups of some rows.

    Args:
        settings: How they were made.
        groupings: By each column, then by several at once.
        left_out: Columns that give no groups, each with why.
    """

    settings: GroupSettings
    groupings: tuple[Grouping, ...]
    left_out: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, settings: GroupSettings, rows: Dataset, train: Dataset | None) -> Groups:
        """Groups rows; numbers are cut and levels chosen by the training rows, or by the rows themselves."""
        found, left_out = group_by_columns(settings.columns, rows, train, settings.cuts, settings.intersections)
        return cls(settings, tuple(found), tuple(left_out))

    def compared(self, grouping: Grouping) -> np.ndarray:
        """Says which groups are large enough to be compared, shape `(groups,)`."""
        return grouping.sizes >= self.settings.min_group

    def tally(self, said: Said) -> Tally:
        """Gives what is said of the rows, ready to be counted by these groups; there is one grouping at least."""
        return Tally.of(said, [g.codes for g in self.groupings], [len(g.names) for g in self.groupings])

    def figures(
        self,
        task: Task,
        y: np.ndarray,
        values: np.ndarray,
        rule: DecisionRule,
        weight: np.ndarray | None,
        known: Known = NOTHING,
    ) -> dict[str, float]:
        """Gives every figure of a prediction without intervals, `COLUMN.FIGURE` to value; NaN where it is not known.

        Args:
            task: What is predicted.
            y: Class codes or numbers, shape `(n,)`.
            values: The prediction, shape `(n, width)`.
            rule: What is done with it.
            weight: Row weights, shape `(n,)`, or none.
            known: What is known of the rows besides, where the rule needs it.
        """
        said = what_is_said(task, y, values, rule, self.settings.favourable, known)
        if said is None or not self.groupings:
            return {}
        found: dict[str, float] = {}
        every = self.tally(said).rates(np.ones(len(y)) if weight is None else weight)
        for grouping, rates in zip(self.groupings, every, strict=True):
            for name, difference in DIFFERENCES[said.kind].items():
                value = value_of(difference, said.kind, rates, self.compared(grouping))
                found[f"{grouping.name}.{name}"] = float(value)
        return found


def figure_names(columns: Sequence[str], intersections: int, task: Task) -> tuple[str, ...]:
    """Gives the names of all figures of a task: `COLUMN.FIGURE`, of several columns `A*B.FIGURE`."""
    kind = {Makes.VALUES: "numbers", Makes.PROBABILITIES: "labels"}.get(task.goal.makes)
    if kind is None:
        return ()
    return tuple(f"{name}.{figure}" for name in joint_names(columns, intersections) for figure in known_differences(kind))
