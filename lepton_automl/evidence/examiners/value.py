"""Value: what the decision is worth on rows it was not made on, against what could be done instead."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lepton_automl.errors import LeptonError
from lepton_automl.evidence.bootstrap import interval_of
from lepton_automl.evidence.chapter import Chapter, Judged
from lepton_automl.evidence.decision import DecisionSettings, order_cost, weighted_quantile
from lepton_automl.governance import read_expression
from lepton_automl.measure import Measure
from lepton_automl.tasks import OUTCOMES, DecisionRule, Makes, Payoff, Task

LINE = ("per_row", "gain_over_half", "gain_over_all_positive", "gain_over_all_negative", "share_positive", "share_referred")
ORDER = ("per_row", "gain_over_prediction", "gain_over_baseline", "share_covered")


@dataclass(frozen=True)
class Valued:
    """The mean worth of a row by the decision, and what it gains over other ways, all on the same rows.

    Args:
        payoffs_vary: Share by which each payoff is raised and lowered.
    """

    payoffs_vary: float = 0.5
    name: str = "value"

    def figures(self, task: Task, decision: DecisionSettings) -> tuple[str, ...]:
        """Gives its figures; none where nothing has a price."""
        if decision.cost is not None and task.goal.makes is not Makes.PROBABILITIES:
            return ORDER
        if decision.payoff is None or task.goal.width != 2:
            return ()
        also = {"gain_over_today": decision.today, "gain_over_one_line": decision.alike}
        return (*LINE, *(name for name, asked in also.items() if asked is not None))

    def examine(self, judged: Judged, until: float) -> Chapter:
        """Writes the chapter."""
        if judged.decision.cost is not None:
            return _of_order(judged, until)
        if judged.decision.payoff is None or judged.decision.threshold is None:
            return Chapter()
        return self._of_line(judged, until)

    def _of_line(self, judged: Judged, until: float) -> Chapter:
        decision, payoff = judged.decision, judged.decision.payoff
        assert payoff is not None
        known = decision.rule.known(judged.rows.frame)
        valued = np.ones(len(judged.y), dtype=bool) if known.amounts is None else ~np.isnan(known.amounts)
        notes = [f"{int((~valued).sum())} rows without an amount are not valued"] if not valued.all() else []
        if not valued.any():
            return Chapter(notes=("no row has an amount",), is_whole=False)
        today, said_today = _today(judged)
        if said_today:
            notes.append(said_today)
        some, known = (judged, known) if valued.all() else (judged.of(valued), known.rows(valued))
        said, referred = decision.rule.said(some.prediction, known)
        ways = {
            "decision": (said, referred),
            "half": (some.prediction[:, 1] >= 0.5, None),
            "all_positive": (np.ones(len(some.y), dtype=bool), None),
            "all_negative": (np.zeros(len(some.y), dtype=bool), None),
            **({} if today is None else {"today": (today[valued], None)}),
            **(
                {}
                if decision.by_group is None
                else {"one_line": replace(decision.rule, by_group=None).said(some.prediction, known)}
            ),
        }
        worth = {name: decision.worth(some.y, *way, known) for name, way in ways.items()}
        figures = _line_figures(some, worth, said, referred, until)
        parts = {name: _parts(payoff, some.y, way[0], way[1], known.amounts) for name, way in ways.items()}
        content = {
            "ways": {name: float(np.average(values, weights=some.weight)) for name, values in worth.items()},
            "out_of_fold": {
                "decision": decision.value_per_row,
                "interval": None if decision.value_interval is None else list(decision.value_interval),
                "best": decision.value_best,
                "one_line": decision.value_one_line,
                "all_positive": decision.value_all_positive,
                "all_negative": decision.value_all_negative,
            },
            "break_even": _break_even(parts, some.weight, self.payoffs_vary),
            "payoffs_vary": self.payoffs_vary,
            "by_amount": payoff.amount,
            "capacity": decision.capacity,
            "currency": decision.currency,
        }
        return Chapter(figures, content, tuple(notes), is_whole=not said_today)


def _line_figures(
    judged: Judged, worth: Mapping[str, np.ndarray], said: np.ndarray, referred: np.ndarray, until: float
) -> dict[str, Measure]:
    mine, unit = worth["decision"], judged.decision.currency
    others = [name for name in worth if name != "decision"]
    weight = np.ones(len(mine)) if judged.weight is None else judged.weight
    table = np.column_stack([mine, *(mine - worth[name] for name in others), said & ~referred, referred]).astype("float64")

    def means(times: np.ndarray) -> np.ndarray:
        now = weight * times
        found: np.ndarray = now @ table / now.sum()
        return found

    found = interval_of(means, judged, until, unit)
    names = ["per_row", *(f"gain_over_{name}" for name in others), "share_positive", "share_referred"]
    shares = {name: Measure(m.value, m.low, m.high, m.n) for name, m in zip(names[-2:], found[-2:], strict=True)}
    return {**dict(zip(names[:-2], found[:-2], strict=True)), **shares}


def _today(judged: Judged) -> tuple[np.ndarray | None, str]:
    """Gives which rows get the positive label today, and why that can not be said."""
    text = judged.decision.today
    if text is None:
        return None, ""
    try:
        return read_expression(text).holds(judged.rows), ""
    except LeptonError as error:
        return None, f"what is done today can not be worked out: {error.problems[0].message.rstrip('.')}"


def _parts(
    payoff: Payoff, y: np.ndarray, said: np.ndarray, referred: np.ndarray | None, amounts: np.ndarray | None
) -> dict[str, np.ndarray]:
    """Gives what each of the four outcomes adds to the worth of each row; a row for a human adds to none."""
    positive = y == 1
    mine = np.ones(len(y), dtype=bool) if referred is None else ~referred
    happens = (positive & said, ~positive & said, ~positive & ~said, positive & ~said)
    return {
        name: np.where(hit & mine, term, 0.0) for name, hit, term in zip(OUTCOMES, happens, payoff.terms(amounts), strict=True)
    }


def _break_even(parts: Mapping[str, Mapping[str, np.ndarray]], weight: np.ndarray | None, vary: float) -> list[dict[str, Any]]:
    """Says between which multiples of each payoff the decision, its line as it is, stays better than every row alike.

    The worth of a way is a sum of what each outcome adds, so it is a straight line in a payoff: where two cross, they are even.
    """
    means = {way: {name: float(np.average(v, weights=weight)) for name, v in of.items()} for way, of in parts.items()}
    total = {way: math.fsum(of.values()) for way, of in means.items()}
    rows = []
    for name in OUTCOMES:
        mine = means["decision"][name]
        if not any(of[name] for of in means.values()):
            continue
        low, high = 0.0, math.inf
        for way in ("all_positive", "all_negative"):
            lead, slope = total["decision"] - total[way], mine - means[way][name]
            if slope == 0:
                continue
            even = 1 - lead / slope
            if slope > 0:
                low = max(low, even)
            else:
                high = min(high, even)
        best = max(("all_positive", "all_negative"), key=lambda way: total[way])
        swing = [total["decision"] + step * mine - (total[best] + step * means[best][name]) for step in (-vary, vary)]
        rows.append({"outcome": name, "low": low, "high": high if math.isfinite(high) else None, "gain_if": swing})
    return rows


def _of_order(judged: Judged, until: float) -> Chapter:
    """Holds the quantity that is ordered against ordering what is predicted, and what the baseline would order."""
    decision = judged.decision
    assert decision.cost is not None and decision.level is not None
    levels = judged.task.goal.levels
    quantity = decision.rule.quantity(judged.prediction, levels)
    middle = judged.prediction[:, levels.index(0.5) if 0.5 in levels else 0]
    plain = DecisionRule(level=decision.level)
    below = plain.quantity(judged.baseline, levels)
    if judged.held_out is not None and not levels:
        below = np.full(len(judged.y), weighted_quantile(judged.held_out.y, decision.level, judged.held_out.weight))
    costs = [order_cost(judged.y, ordered, decision.cost) for ordered in (quantity, middle, below)]
    weight = np.ones(len(judged.y)) if judged.weight is None else judged.weight
    table = np.column_stack([-costs[0], costs[1] - costs[0], costs[2] - costs[0], quantity >= judged.y])

    def means(times: np.ndarray) -> np.ndarray:
        now = weight * times
        found: np.ndarray = now @ table / now.sum()
        return found

    found = dict(zip(ORDER, interval_of(means, judged, until, decision.currency), strict=True))
    covered = found["share_covered"]
    found["share_covered"] = Measure(covered.value, covered.low, covered.high, covered.n)
    names = ("decision", "prediction", "baseline")
    ways = {name: -float(np.average(cost, weights=weight)) for name, cost in zip(names, costs, strict=True)}
    content = {"ways": ways, "level": decision.level, "cost": list(decision.cost), "currency": decision.currency}
    return Chapter(found, content)
