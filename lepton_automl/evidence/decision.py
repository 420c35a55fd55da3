"""What is done with predictions, in money. Decided on out-of-fold predictions; test rows only check it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from lepton_automl.evidence.fairness.lines import AlikeSettings, Members, draw_group_lines
from lepton_automl.evidence.lines import Worths, line_interval, pick_lines
from lepton_automl.tasks import NOTHING, DecisionRule, GroupLines, Known, Payoff

RESAMPLES = 200
"""Resamples behind the intervals of the line and of its worth out of fold."""
LARGEST = 20_000
"""Rows at most that are resampled for the interval of the line."""


@dataclass(frozen=True)
class Refer:
    """A band of rows that a human judges.

    Args:
        cost: What a human's look at a row costs, a positive number.
        accuracy: Share of those rows that the human decides rightly.
        max_share: Most rows that can be looked at, as a share of all; 1 where there is no limit.
    """

    cost: float
    accuracy: float = 1.0
    max_share: float = 1.0


@dataclass(frozen=True)
class DecisionSettings:
    """What the recipe asks of the decision.

    Args:
        payoff: Worth of each outcome, or none.
        threshold: The recipe's own line, or none.
        currency: Currency of all amounts.
        capacity: Largest share of rows that can get the positive label; 1 where there is no limit.
        refer: The band for a human, or none.
        cost: What a unit too much and a unit too little costs, where a quantity is ordered; or none.
        today: Relation that is true for rows that get the positive label today, without a model; or none.
        alike: How each group gets a line of its own; none: all rows have one line.
    """

    payoff: Payoff | None = None
    threshold: float | None = None
    currency: str = "EUR"
    capacity: float = 1.0
    refer: Refer | None = None
    cost: tuple[float, float] | None = None
    today: str | None = None
    alike: AlikeSettings | None = None

    def to_dict(self) -> dict[str, Any]:
        """Gives it as plain JSON data."""
        payoff = None if self.payoff is None else self.payoff.to_dict()
        refer, alike = (None if block is None else dict(vars(block)) for block in (self.refer, self.alike))
        return {**vars(self), "payoff": payoff, "refer": refer, "alike": alike}


@dataclass(frozen=True)
class Decision:
    """What is done with a prediction, and what that is worth out of fold.

    Args:
        threshold: Rows whose score is at least this get the positive label; none where the task has no line.
        reason: Why it is there.
        currency: Currency of the values.
        payoff: Worth of each outcome, or none.
        value_per_row: Mean worth of a row, out of fold.
        value_all_negative: Mean worth if every row got the other label.
        value_all_positive: Mean worth if every row got the positive label.
        curve: Lines and mean worth at each, shape `(t, 2)`, for the picture.
        refer_from: Rows whose score is at least this, and below the threshold, are for a human; none: no row is.
        refer: What a human's look costs, or none.
        level: Quantile that is ordered, or none.
        shift: What is added to a predicted number to get that quantile.
        cost: What a unit too much and too little costs, or none.
        threshold_interval: Where the best line lay in most resamples.
        value_interval: Interval of `value_per_row`.
        value_best: The best mean worth that any line had, out of fold.
        capacity: Largest share of rows that can get the positive label.
        today: Relation that is true for rows that get the positive label today; or none.
        by_group: Lines of groups, which hold instead of the threshold; none: all rows have one line.
        value_one_line: Mean worth of a row, out of fold, if all groups had one line; none where they have.
    """

    threshold: float | None
    reason: str
    currency: str = ""
    payoff: Payoff | None = None
    value_per_row: float | None = None
    value_all_negative: float | None = None
    value_all_positive: float | None = None
    curve: tuple[tuple[float, float], ...] = ()
    refer_from: float | None = None
    refer: Refer | None = None
    level: float | None = None
    shift: float = 0.0
    cost: tuple[float, float] | None = None
    threshold_interval: tuple[float, float] | None = None
    value_interval: tuple[float, float] | None = None
    value_best: float | None = None
    capacity: float = 1.0
    today: str | None = None
    by_group: GroupLines | None = None
    value_one_line: float | None = None

    @property
    def rule(self) -> DecisionRule:
        """What the artefact does with a prediction."""
        by_row = self.payoff if self.payoff is not None and self.payoff.amount is not None else None
        return DecisionRule(self.threshold, self.refer_from, by_row, self.level, self.shift, self.by_group)

    def worth(self, y: np.ndarray, said: np.ndarray, referred: np.ndarray | None = None, known: Known = NOTHING) -> np.ndarray:
        """Gives the worth of each row, shape `(n,)`.

        Args:
            y: Class codes, 1 for the positive label, shape `(n,)`.
            said: Whether a row gets the positive label, shape `(n,)`.
            referred: Whether it is for a human, shape `(n,)`; or none.
            known: What is known of the rows besides, where worth depends on it.
        """
        assert self.payoff is not None, "there are payoffs"
        worths = worths_of(self.payoff, y, known.amounts, self.refer)
        found = np.where(said, worths.positive, worths.other)
        return found if referred is None or worths.refer is None else np.where(referred, worths.refer, found)

    def to_dict(self) -> dict[str, Any]:
        """Gives the decision as plain JSON data."""
        payoff = None if self.payoff is None else self.payoff.to_dict()
        refer = None if self.refer is None else dict(vars(self.refer))
        lines = None if self.by_group is None else self.by_group.to_dict()
        curve = [list(point) for point in self.curve]
        return {**vars(self), "payoff": payoff, "refer": refer, "curve": curve, "by_group": lines}

    @classmethod
    def load(cls, item: Mapping[str, Any]) -> Decision:
        """Reads what `to_dict` gave; of a run of an earlier version what it had."""
        known = {name: value for name, value in item.items() if name in {field.name for field in fields(cls)}}
        payoff, refer, lines = known.get("payoff"), known.get("refer"), known.get("by_group")
        known["payoff"] = None if payoff is None else Payoff.load(payoff)
        known["refer"] = None if refer is None else Refer(**refer)
        known["by_group"] = None if lines is None else GroupLines.load(lines)
        known["curve"] = tuple((float(line), float(value)) for line, value in known.get("curve", ()))
        return cls(**known)


def worths_of(payoff: Payoff, y: np.ndarray, amounts: np.ndarray | None, refer: Refer | None) -> Worths:
    """Gives what each row is worth by what is done with it, from the truth."""
    positive, n = y == 1, len(y)
    yes, no = (payoff.of(positive, np.full(n, said), amounts) for said in (True, False))
    if refer is None:
        return Worths(yes, no, None)
    right, wrong = np.where(positive, yes, no), np.where(positive, no, yes)
    return Worths(yes, no, refer.accuracy * right + (1 - refer.accuracy) * wrong - refer.cost)


def decide(
    y: np.ndarray,
    prediction: np.ndarray,
    settings: DecisionSettings,
    amounts: np.ndarray | None = None,
    weight: np.ndarray | None = None,
    confidence: float = 0.95,
    seed: int = 0,
    resamples: int = RESAMPLES,
    members: Members | None = None,
) -> Decision:
    """Draws the line, or the two lines between which a human judges, where the worth out of fold is highest.

    Args:
        y: Class codes, 1 for the positive label, shape `(n,)`.
        prediction: Out-of-fold probabilities, shape `(n, 2)`.
        settings: What the recipe asks for.
        amounts: Amount of each row, shape `(n,)`; none where worth does not depend on it. Rows without one are left out.
        weight: Row weights, shape `(n,)`, or none.
        confidence: Confidence of the intervals.
        seed: Seed of their resamples.
        resamples: Resamples behind the intervals; 0: there are none.
        members: The groups that are to have lines of their own; none: all rows have one line.
    """
    payoff, given = settings.payoff, settings.threshold
    if payoff is None:
        reason = "no payoffs are given" if given is None else _reason(settings)
        return Decision(0.5 if given is None else given, reason, settings.currency)
    weight = np.ones(len(y)) if weight is None else weight
    if amounts is not None:
        valued = ~np.isnan(amounts)
        if not valued.any():
            return Decision(0.5, "no row has an amount", settings.currency)
        y, prediction, amounts, weight = y[valued], prediction[valued], amounts[valued], weight[valued]
        members = None if members is None else members.rows(valued)
    worths = worths_of(payoff, y, amounts, settings.refer)
    known = Known(amounts)
    score = DecisionRule(0.5, payoff=payoff if payoff.amount is not None else None).score(prediction, known)
    most_referred = 0.0 if settings.refer is None else settings.refer.max_share
    found = pick_lines(score, worths, weight, settings.capacity, most_referred)
    low, high = (found.low, found.high) if given is None else (given, given)
    band, reason = None if low >= high else low, _reason(settings)
    decision = Decision(high, reason, settings.currency, payoff, refer_from=band, refer=settings.refer)
    values = decision.worth(y, *decision.rule.said(prediction, known), known)
    if members is not None:
        lines = draw_group_lines(score, y, worths, weight, members, high, settings.capacity)
        if lines is not None:
            decision = replace(decision, by_group=lines, value_one_line=_mean(values, weight))
            known = Known(amounts, lines.of_keys(members.keys))
            values = decision.worth(y, *decision.rule.said(prediction, known), known)
    decision = replace(
        decision,
        value_per_row=_mean(values, weight),
        value_all_negative=_mean(worths.other, weight),
        value_all_positive=_mean(worths.positive, weight),
        value_best=found.best,
        curve=found.curve,
        capacity=settings.capacity,
        today=settings.today,
    )
    if not resamples:
        return decision
    rng = np.random.default_rng(seed)
    value_interval = _interval_of_mean(values, weight, resamples, confidence, rng)
    pick = rng.permutation(len(y))[:LARGEST]
    where = (score[pick], worths.rows(pick), weight[pick], settings.capacity)
    line = None if given is not None else line_interval(*where, resamples, rng, confidence)
    return replace(decision, value_interval=value_interval, threshold_interval=line)


def _reason(settings: DecisionSettings) -> str:
    """Says why the line is where it is."""
    if settings.threshold is not None:
        return "the recipe says so"
    limit = f", with at most {100 * settings.capacity:g} % of the rows" if settings.capacity < 1 else ""
    return f"the worth out of fold is highest there{limit}"


def order(
    y: np.ndarray,
    prediction: np.ndarray,
    levels: tuple[float, ...],
    settings: DecisionSettings,
    weight: np.ndarray | None = None,
) -> Decision:
    """Chooses the quantity to order: the quantile at which one more unit costs as much as it saves (newsvendor).

    Args:
        y: Observed numbers, shape `(n,)`.
        prediction: Out-of-fold prediction, shape `(n, width)`: numbers, or one column a level.
        levels: Levels of predicted quantiles; empty where numbers are predicted.
        settings: What the recipe asks for; `cost` is given.
        weight: Row weights, shape `(n,)`, or none.

    Source: Arrow, Harris and Marschak (1951), "Optimal inventory policy", Econometrica 19(3), 250-272.
    """
    assert settings.cost is not None, "costs are given"
    over, under = settings.cost
    level = under / (under + over)
    plain = DecisionRule(level=level).quantity(prediction, levels)
    shift = 0.0
    if not levels or not levels[0] <= level <= levels[-1]:
        shift = weighted_quantile(y - plain, level, weight)
    reason = f"a unit too little costs {under:g}, one too much {over:g}: the quantile {level:.3g} is ordered"
    quantity = plain + shift
    cost = -_mean(order_cost(y, quantity, settings.cost), np.ones(len(y)) if weight is None else weight)
    return Decision(None, reason, settings.currency, value_per_row=cost, level=level, shift=float(shift), cost=settings.cost)


def order_cost(y: np.ndarray, quantity: np.ndarray, cost: tuple[float, float]) -> np.ndarray:
    """Gives what each row costs, shape `(n,)`, when `quantity` was ordered and `y` was needed.

    >>> order_cost(np.array([5.0, 5.0]), np.array([7.0, 4.0]), (1.0, 3.0)).tolist()
    [2.0, 3.0]
    """
    over, under = cost
    found: np.ndarray = np.where(quantity > y, over * (quantity - y), under * (y - quantity))
    return found


def weighted_quantile(values: np.ndarray, level: float, weight: np.ndarray | None) -> float:
    """Gives the smallest value that at least the share `level` of the weight does not exceed."""
    order_of = np.argsort(values, kind="stable")
    mass = np.cumsum(np.ones(len(values)) if weight is None else weight[order_of])
    place = int(np.searchsorted(mass, level * mass[-1]))
    return float(values[order_of[min(place, len(values) - 1)]])


def _interval_of_mean(
    values: np.ndarray, weight: np.ndarray, resamples: int, confidence: float, rng: np.random.Generator
) -> tuple[float, float]:
    n = len(values)
    means = [_mean(values, weight * np.bincount(rng.integers(0, n, n), minlength=n)) for _ in range(resamples)]
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def _mean(values: np.ndarray, weight: np.ndarray) -> float:
    return float(np.average(values, weights=weight))
