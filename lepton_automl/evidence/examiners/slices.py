"""Slices: where the model does worse than elsewhere."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lepton_automl.data import Role
from lepton_automl.evidence.bootstrap import measures
from lepton_automl.evidence.chapter import Chapter, Judged
from lepton_automl.evidence.decision import DecisionSettings
from lepton_automl.evidence.groups import JOINT, Grouping
from lepton_automl.evidence.slices import Sliced, find_worse, losses_of, slice_columns, words_of_loss
from lepton_automl.measure import Measure
from lepton_automl.tasks import Task

SHOWN_COLUMNS = 6
"""Columns whose slices are shown where the recipe names none: protected and evaluation-only ones, then those found."""
MOST_COMPARED = 200
"""Slices found among which those to be shown are chosen, the worst first."""
ALIKE = 0.8
"""Share of the rows of two slices together that both hold, from which only the worse one is shown."""
RESAMPLES = 200
"""Resamples of the metric of a slice, at most."""


@dataclass(frozen=True)
class Slices:
    """The metric of each declared slice, and the slices that are worse than can be chance.

    Args:
        columns: Columns whose slices are shown; if empty, protected and evaluation-only ones and those with something found.
        cuts: Column to where its numbers are cut; at the quarters of the training rows where nothing is said.
        pairs: Whether slices of two columns are looked at.
        min_rows: Rows that a slice must have.
        false_share: Share of the slices found that may be chance.
        shown: Slices found that are shown, the worst first.
    """

    columns: Sequence[str] = ()
    cuts: Mapping[str, Sequence[float]] = field(default_factory=dict)
    pairs: bool = True
    min_rows: int = 30
    false_share: float = 0.05
    shown: int = 10
    name: str = "slices"

    def figures(self, task: Task, decision: DecisionSettings) -> tuple[str, ...]:
        """Gives its figures: how many slices are worse, how bad the worst is, and the worst metric of each declared column."""
        return ("worse_slices", "worst_effect", *(f"{name}.worst" for name in self.columns))

    def examine(self, judged: Judged, until: float) -> Chapter:
        """Writes the chapter."""
        groupings, left_out = slice_columns(judged.rows, judged.train, (), self.cuts)
        known = {grouping.name for grouping in groupings}
        asked = [name for name in self.columns if name not in known]
        more, others = slice_columns(judged.rows, judged.train, asked, self.cuts) if asked else ([], [])
        groupings += more
        losses = losses_of(judged.task.goal, judged.y, judged.prediction)
        half = until if np.isinf(until) else (time.time() + until) / 2
        found = find_worse(groupings, losses, self.min_rows, self.false_share, self.pairs, judged.block, half)
        worse = self._worse(judged, groupings, found, until)
        declared = self._declared(judged, groupings, found, losses, until)
        figures = {
            "worse_slices": _exact(float(len(found.worse) + found.inside), len(judged.y)),
            "worst_effect": _worst_effect(found, len(judged.y), judged.confidence),
        }
        for column in declared:
            if column["name"] in self.columns and column["worst"] is not None:
                figures[f"{column['name']}.worst"] = column["worst"]
        table = found.table
        notes = [f"{name}: {why}" for name, why in others]
        if found.left_out:
            notes.append(f"{found.left_out} pairs of columns were not looked at: no time")
        content = {
            "metric": judged.task.metric.name,
            "loss": words_of_loss(judged.task.goal),
            "loss_of_all": float(losses.mean()) if len(losses) else None,
            "columns": len(groupings),
            "not_looked_at": [name for name, _ in left_out],
            "looked_at": len(table.n),
            "pairs": int((table.groups[:, 2] >= 0).sum()),
            "min_rows": self.min_rows,
            "false_share": self.false_share,
            "worse": len(found.worse) + found.inside,
            "inside": found.inside,
            "found": worse,
            "declared": [{key: value for key, value in column.items() if key != "worst"} for column in declared],
        }
        return Chapter(figures, content, tuple(notes), not found.left_out)

    def _worse(self, judged: Judged, groupings: Sequence[Grouping], found: Sliced, until: float) -> list[dict[str, Any]]:
        """Gives the worst slices, of those alike one, with intervals that allow for their having been chosen."""
        table, rows = found.table, []
        width = quantile_of_chosen(judged.confidence, len(found.worse) + found.inside, len(table.n))
        told: list[np.ndarray] = []
        for place in found.worse[:MOST_COMPARED]:
            i, a, j, b = (int(k) for k in table.groups[place])
            names = [(groupings[i].name, groupings[i].names[a])]
            mine = groupings[i].codes == a
            if j >= 0:
                names.append((groupings[j].name, groupings[j].names[b]))
                mine &= groupings[j].codes == b
            if any((mine & other).sum() > ALIKE * (mine | other).sum() for other in told):
                continue
            told.append(mine)
            difference, error = float(table.mean[place] - table.rest[place]), float(table.error[place])
            rows.append(
                {
                    "columns": [name for name, _ in names],
                    "name": JOINT.join(f"{column}: {group}" for column, group in names),
                    "n": int(table.n[place]),
                    "loss": float(table.mean[place]),
                    "rest": float(table.rest[place]),
                    "difference": [difference, difference - width * error, difference + width * error],
                    "effect": float(table.effect[place]),
                    "chance": float(table.chance[place]),
                    "metric": _as_list(_measured(judged, mine, until)),
                }
            )
            if len(rows) == self.shown:
                break
        return rows

    def _declared(
        self, judged: Judged, groupings: Sequence[Grouping], found: Sliced, losses: np.ndarray, until: float
    ) -> list[dict[str, Any]]:
        """Gives the slices of the declared columns with their metric; where none is declared, of a few that matter."""
        mine = {grouping.name: grouping for grouping in groupings}
        columns = []
        for name in list(self.columns) or _chosen(judged, groupings, found):
            if name not in mine:
                continue
            grouping, slices = mine[name], []
            worst: Measure | None = None
            for group in np.flatnonzero(grouping.sizes):
                inside = grouping.codes == group
                n = int(inside.sum())
                row: dict[str, Any] = {"name": grouping.names[group]}
                if n < self.min_rows:
                    slices.append({**row, "n": None if n < 10 else n, "is_small": True})
                    continue
                measure = _measured(judged, inside, until)
                loss = float(losses[inside].mean())
                slices.append({**row, "n": n, "is_small": False, "metric": _as_list(measure), "loss": loss})
                if measure is not None and (worst is None or _is_worse(measure, worst, judged.task.metric.is_score)):
                    worst = measure
            columns.append({"name": name, "how": grouping.how, "slices": slices, "worst": worst})
        return columns


def _chosen(judged: Judged, groupings: Sequence[Grouping], found: Sliced) -> list[str]:
    """Gives the columns whose slices are shown where none is declared."""
    told = [c.name for c in judged.rows.columns if c.roles & {Role.PROTECTED, Role.EVALUATION_ONLY}]
    of_found = [groupings[int(k)].name for place in found.worse for k in found.table.groups[place, [0, 2]] if k >= 0]
    return list(dict.fromkeys([*told, *of_found]))[:SHOWN_COLUMNS]


def _measured(judged: Judged, mine: np.ndarray, until: float) -> Measure | None:
    """Gives the task's metric of some rows with its interval; none where it is not known, as of one class alone."""
    metric = judged.task.metric
    y, prediction = judged.y[mine], judged.prediction[mine]
    weight = None if judged.weight is None else judged.weight[mine]
    block = None if judged.block is None else np.unique(judged.block[mine], return_inverse=True)[1]
    if not np.isfinite(metric.of(y, prediction, weight)):
        return None
    resamples = min(RESAMPLES, judged.resamples)
    seconds = max(0.0, until - time.time()) / 4
    found, _ = measures([metric], y, prediction, weight, resamples, judged.confidence, judged.seed, seconds, block)
    return found[metric.name]


def _is_worse(one: Measure, other: Measure, is_score: bool) -> bool:
    return one.value < other.value if is_score else one.value > other.value


def _as_list(measure: Measure | None) -> list[float] | None:
    return None if measure is None else [measure.value, measure.low, measure.high]


def _exact(value: float, n: int) -> Measure:
    return Measure(value, value, value, n)


def _worst_effect(found: Sliced, n: int, confidence: float) -> Measure:
    """Gives the effect of the worst slice found, 0 where none is; its interval allows for its having been chosen."""
    if not found.worse:
        return _exact(0.0, n)
    table, place = found.table, found.worse[0]
    effect, difference = float(table.effect[place]), float(table.mean[place] - table.rest[place])
    width = quantile_of_chosen(confidence, len(found.worse) + found.inside, len(table.n))
    reach = width * float(table.error[place]) * effect / difference if difference else 0.0
    return Measure(effect, effect - reach, effect + reach, int(table.n[place]))


def quantile_of_chosen(confidence: float, chosen: int, looked_at: int) -> float:
    """Gives by how many standard errors intervals reach out, so that of those chosen so many hold the truth as is said.

    Args:
        confidence: Confidence of the intervals, 0 to 1.
        chosen: How many are shown because they stood out.
        looked_at: Of how many.

    Source: Benjamini and Yekutieli (2005), "False discovery rate-adjusted multiple confidence intervals for selected
    parameters", JASA 100(469), 71-81.

    >>> round(quantile_of_chosen(0.95, 10, 10), 2), round(quantile_of_chosen(0.95, 1, 100), 2)
    (1.96, 3.48)
    """
    from scipy.special import ndtri

    share = min(1.0, max(1, chosen) / max(1, looked_at))
    return float(-ndtri((1 - confidence) * share / 2))
