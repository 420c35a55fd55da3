"""Fairness: how groups of people fare, and how far they lie apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lepton_automl.data import Dataset
from lepton_automl.evidence.bootstrap import draws_of
from lepton_automl.evidence.chapter import Chapter, Judged, Rival
from lepton_automl.evidence.decision import Decision, DecisionSettings
from lepton_automl.evidence.fairness.compare import Groups, GroupSettings, figure_names
from lepton_automl.evidence.fairness.differences import DIFFERENCES, find, interval_of_difference, tells_nothing
from lepton_automl.evidence.fairness.rates import RATES, Said, expected_error, what_is_said, with_doubt
from lepton_automl.evidence.groups import Grouping
from lepton_automl.evidence.profile.bins import LEAST_ROWS
from lepton_automl.measure import Measure
from lepton_automl.tasks import Makes, Task

MOST_BINS = 10
SHOWN_GROUPS = 60
"""Groups of several columns at once that are shown, the largest first."""


@dataclass(frozen=True)
class Fair:
    """Rates of every group of the protected columns and of their intersections, and the differences between groups.

    Args:
        columns: Columns whose groups are compared.
        favourable: Of two labels, which one is the favourable outcome: `positive` or `negative`.
        min_group: Rows below which a group is shown as too small, and not compared.
        cuts: Column to where its numbers are cut; at the quarters of the training rows where nothing is said.
        intersections: Columns at once, at most.
        relevant_difference: Smallest difference of two rates that matters; of predicted numbers, a share of the standard
            deviation of the target.
        relevant_ratio: Largest ratio of two rates that matters.
        front_figure: The figure that other choices are compared by; the demographic parity of each column if empty.
    """

    columns: Sequence[str] = ()
    favourable: str = "positive"
    min_group: int = 30
    cuts: Mapping[str, Sequence[float]] = field(default_factory=dict)
    intersections: int = 2
    relevant_difference: float = 0.1
    relevant_ratio: float = 0.8
    front_figure: str = ""
    name: str = "fairness"

    @property
    def settings(self) -> GroupSettings:
        """How groups are made."""
        return GroupSettings(tuple(self.columns), self.favourable, self.min_group, self.cuts, self.intersections)

    def figures(self, task: Task, decision: DecisionSettings) -> tuple[str, ...]:
        """Gives its figures: `COLUMN.FIGURE`, and `A*B.FIGURE` for intersections."""
        return figure_names(self.columns, self.intersections, task)

    def examine(self, judged: Judged, until: float) -> Chapter:
        """Writes the chapter; empty where no column is protected."""
        if not self.columns:
            return Chapter()
        rule = judged.decision.rule
        known = rule.known(judged.rows.frame)
        said = what_is_said(judged.task, judged.y, judged.prediction, rule, self.favourable, known)
        if said is None:
            return Chapter(notes=(f"not applicable: the task makes {judged.task.goal.makes}",))
        groups = Groups.of(self.settings, judged.rows, judged.train)
        notes = tuple(f"{name}: {why}" for name, why in groups.left_out)
        if not groups.groupings:
            return Chapter(content={"kind": said.kind, "columns": [], "front": []}, notes=notes)
        rates, draws = self._drawn(judged, said, groups, until)
        relevant = self.relevant_difference * (float(judged.y.std()) if said.kind == "numbers" else 1.0)
        figures: dict[str, Measure] = {}
        columns = []
        for grouping, mine, theirs in zip(groups.groupings, rates, draws, strict=True):
            compared = groups.compared(grouping)
            found = _figures(said, grouping, mine, theirs, compared, judged.confidence)
            figures.update({f"{grouping.name}.{row['name']}": row.pop("measure") for row in found})
            for row in found:
                limit = self.relevant_ratio if row["is_ratio"] else relevant
                row["is_underpowered"] = tells_nothing(row["low"], row["high"], limit, row["is_ratio"])
            shown = _groups(judged, said, grouping, mine, theirs, compared)
            columns.append({"name": grouping.name, "how": grouping.how, "figures": found, **shown})
        content = {
            "kind": said.kind,
            "favourable": said.labels[0] if judged.task.goal.width == 2 else "",
            "labels": list(said.labels),
            "threshold": rule.threshold if rule.is_one_probability else None,
            "min_group": self.min_group,
            "relevant_difference": relevant,
            "relevant_ratio": self.relevant_ratio,
            "columns": columns,
            "front": self._front(judged),
        }
        made = len(draws[0])
        if made < judged.resamples:
            notes = (*notes, f"intervals rest on {made} of {judged.resamples} resamples: no time for more")
        return Chapter(figures, content, notes, made == judged.resamples)

    def _drawn(self, judged: Judged, said: Said, groups: Groups, until: float) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Gives the rates of each grouping, and those of each resample with the resamples as first axis."""
        weight = np.ones(len(judged.y)) if judged.weight is None else judged.weight
        tally = groups.tally(said)
        rates = tally.rates(weight)
        shapes = [found.shape for found in rates]

        def flat(times: np.ndarray) -> np.ndarray:
            return np.concatenate([found.ravel() for found in tally.rates(weight * times)])

        drawn = draws_of(flat, judged, until)
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
        parts = np.split(drawn, ends, axis=1)
        draws = [part.reshape(len(drawn), *shape) for part, shape in zip(parts, shapes, strict=True)]
        if said.kind == "labels":
            bases = tally.bases(weight)
            draws = [with_doubt(*parts, judged.seed) for parts in zip(rates, bases, draws, strict=True)]
        return rates, draws

    def _front(self, judged: Judged) -> list[dict[str, Any]]:
        """Gives each choice that could have been delivered, with its loss and its differences, all out of fold."""
        if not judged.rivals:
            return []
        held = judged.held_out
        rows, y, weight = (judged.rows, judged.y, judged.weight) if held is None else (held.rows, held.y, held.weight)
        groups = Groups.of(self.settings, rows, judged.train)
        chosen = "mean_prediction_difference" if judged.task.goal.makes is Makes.VALUES else "demographic_parity_difference"
        wanted = [self.front_figure] if self.front_figure else [f"{name}.{chosen}" for name in self.columns]
        found = []
        for rival in judged.rivals:
            figures = groups.figures(judged.task, y, rival.values, rival.rule, weight, rival.rule.known(rows.frame))
            known = {name: figures[name] for name in wanted if np.isfinite(figures.get(name, np.nan))}
            worth = _worth(judged.decision, rival, rows, y, weight)
            facts = {"loss": rival.loss, "worth": worth, "is_delivered": rival.is_delivered, "figures": known}
            found.append({"name": rival.name, **facts})
        return found


def _worth(decision: Decision, rival: Rival, rows: Dataset, y: np.ndarray, weight: np.ndarray | None) -> float | None:
    """Gives the mean worth of a row by a choice; none without payoffs."""
    if decision.payoff is None or decision.threshold is None:
        return None
    known = rival.rule.known(rows.frame)
    worth = decision.worth(y, *rival.rule.said(rival.values, known), known)
    is_known = ~np.isnan(worth)
    return float(np.average(worth[is_known], weights=None if weight is None else weight[is_known])) if is_known.any() else None


def _figures(
    said: Said, grouping: Grouping, rates: np.ndarray, draws: np.ndarray, compared: np.ndarray, confidence: float
) -> list[dict[str, Any]]:
    """Gives each difference between groups with its interval; those that are not known are left out."""
    rows = []
    for name, difference in DIFFERENCES[said.kind].items():
        found = find(difference, said.kind, rates, compared)
        if not np.isfinite(found.value):
            continue
        facts = (compared, grouping.sizes, confidence)
        low, high = interval_of_difference(difference, said.kind, rates, draws, *facts)
        n = int(grouping.sizes[compared].sum())
        rows.append(
            {
                "name": name,
                "value": found.value,
                "low": low,
                "high": high,
                "is_ratio": difference.is_ratio,
                "highest": grouping.names[found.highest],
                "lowest": grouping.names[found.lowest],
                "label": said.labels[found.label] if said.labels else "",
                "rate": found.rate,
                "measure": Measure(found.value, low, high, n),
            }
        )
    return rows


def _groups(
    judged: Judged, said: Said, grouping: Grouping, rates: np.ndarray, draws: np.ndarray, compared: np.ndarray
) -> dict[str, Any]:
    """Gives each group with its rates and their intervals; of one that is too small nothing but that."""
    tail, names = (1 - judged.confidence) / 2, RATES[said.kind]
    is_one = rates.shape[2] == 1
    weight = np.ones(len(judged.y)) if judged.weight is None else judged.weight
    sizes = grouping.sizes
    order = np.arange(len(sizes)) if "*" not in grouping.name else np.argsort(-sizes, kind="stable")
    rows = []
    for group in order[:SHOWN_GROUPS]:
        n = int(sizes[group])
        row: dict[str, Any] = {"name": grouping.names[group], "n": n if n >= LEAST_ROWS else None}
        row["is_small"] = not compared[group]
        if compared[group]:
            mine = grouping.codes == group
            if is_one:
                row["rates"] = _with_intervals(names, rates[:, group, 0], draws[:, :, group, 0], tail)
            else:
                row["rates"] = _with_intervals(("said_less_observed",), rates[4:5, group, 0], draws[:, 4:5, group, 0], tail)
                row["accuracy"] = float(np.average(said.happened[mine], weights=weight[mine]))
            if said.kind == "labels":
                row["ece"] = expected_error(said, mine, weight, max(2, min(MOST_BINS, n // LEAST_ROWS)))
        rows.append(row)
    missing = int((grouping.codes < 0).sum())
    return {
        "groups": rows,
        "missing": missing,
        "more": max(0, len(sizes) - SHOWN_GROUPS),
        "small": int((~compared).sum()),
    }


def _with_intervals(names: Sequence[str], values: np.ndarray, draws: np.ndarray, tail: float) -> dict[str, list[float] | None]:
    found: dict[str, list[float] | None] = {}
    for place, name in enumerate(names):
        known = draws[:, place][~np.isnan(draws[:, place])]
        value = float(values[place])
        if not np.isfinite(value):
            found[name] = None
            continue
        low, high = (float(end) for end in np.quantile(known, [tail, 1 - tail])) if len(known) else (value, value)
        found[name] = [value, min(low, value), max(high, value)]
    return found
