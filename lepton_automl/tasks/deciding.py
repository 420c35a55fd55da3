"""What is done with a prediction: a line between two labels, what a row is expected to be worth, or a quantity to order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

OUTCOMES = ("true_positive", "false_positive", "true_negative", "false_negative")
REFER = "refer"
"""What is said of a row that a human is to judge."""


@dataclass(frozen=True)
class Payoff:
    """Worth of each outcome, per row; costs are negative.

    Args:
        true_positive: The positive label was given and is true.
        false_positive: The positive label was given and is wrong.
        true_negative: The other label was given and is true.
        false_negative: The other label was given and is wrong.
        per_amount: What is added to each of the four for every unit of the row's amount.
        amount: Column of the amount; none where worth is the same for every row.
    """

    true_positive: float
    false_positive: float
    true_negative: float
    false_negative: float
    per_amount: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    amount: str | None = None

    def terms(self, amounts: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Gives the worth of the four outcomes, each of shape `(n,)` or `()`.

        Args:
            amounts: Amount of each row, shape `(n,)`; none where worth does not depend on it.
        """
        fixed = (self.true_positive, self.false_positive, self.true_negative, self.false_negative)
        if self.amount is None or amounts is None:
            return tuple(np.asarray(value) for value in fixed)  # type: ignore[return-value]
        return tuple(  # type: ignore[return-value]
            value + share * amounts for value, share in zip(fixed, self.per_amount, strict=True)
        )

    def of(self, positive: np.ndarray, said: np.ndarray, amounts: np.ndarray | None = None) -> np.ndarray:
        """Gives the worth of each row, shape `(n,)`, from the truth and what was decided.

        >>> payoff = Payoff(0, -1, 0, -5)
        >>> payoff.of(np.array([True, True, False]), np.array([True, False, True])).tolist()
        [0.0, -5.0, -1.0]
        """
        hit, alarm, right, miss = self.terms(amounts)
        found: np.ndarray = np.where(positive, np.where(said, hit, miss), np.where(said, alarm, right)).astype("float64")
        return found

    def gain(self, probability: np.ndarray, amounts: np.ndarray | None = None) -> np.ndarray:
        """Gives what the positive label is expected to be worth more than the other one, shape `(n,)`.

        Source: Elkan (2001), "The foundations of cost-sensitive learning", IJCAI, section 1.
        """
        hit, alarm, right, miss = self.terms(amounts)
        found: np.ndarray = probability * (hit - miss) + (1 - probability) * (alarm - right)
        return found

    def to_dict(self) -> dict[str, Any]:
        """Gives it as plain JSON data: numbers, or `{fixed, per_amount}` where the row's amount counts."""
        if self.amount is None:
            return {name: getattr(self, name) for name in OUTCOMES}
        terms = {
            name: {"fixed": getattr(self, name), "per_amount": share}
            for name, share in zip(OUTCOMES, self.per_amount, strict=True)
        }
        return {**terms, "amount": self.amount}

    @classmethod
    def load(cls, item: Mapping[str, Any]) -> Payoff:
        """Reads what `to_dict` gave."""
        if item.get("amount") is None:
            hit, alarm, right, miss = (float(item[name]) for name in OUTCOMES)
            return cls(hit, alarm, right, miss)
        hit, alarm, right, miss = (float(item[name]["fixed"]) for name in OUTCOMES)
        first, second, third, fourth = (float(item[name]["per_amount"]) for name in OUTCOMES)
        return cls(hit, alarm, right, miss, (first, second, third, fourth), str(item["amount"]))


@dataclass(frozen=True)
class DecisionRule:
    """How a prediction becomes an answer. It travels in the artefact.

    Args:
        threshold: Rows whose score is at least this get the positive label; none: the most probable label, or the number.
        refer_from: Rows whose score is at least this, and below the threshold, are for a human; none: no row is.
        payoff: Where it is given, the score is what the positive label is expected to be worth more; else the probability.
        level: Quantile that is ordered of a number; none: no quantity is ordered.
        shift: What is added to a predicted number to get that quantile; 0 where quantiles are predicted.
    """

    threshold: float | None = None
    refer_from: float | None = None
    payoff: Payoff | None = None
    level: float | None = None
    shift: float = 0.0

    @property
    def amount(self) -> str | None:
        """Column of the amounts that it needs, or none."""
        return None if self.payoff is None else self.payoff.amount

    def score(self, prediction: np.ndarray, amounts: np.ndarray | None = None) -> np.ndarray:
        """Gives what is held against the line, shape `(n,)`."""
        probability: np.ndarray = prediction[:, 1]
        return probability if self.payoff is None else self.payoff.gain(probability, amounts)

    def said(self, prediction: np.ndarray, amounts: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Says which rows get the positive label and which are for a human, each of shape `(n,)`.

        A row whose amount is missing has no score and is for a human.
        """
        assert self.threshold is not None, "there is a line"
        score = self.score(prediction, amounts)
        positive = score >= self.threshold
        low = self.threshold if self.refer_from is None else self.refer_from
        return positive, ((score >= low) & ~positive) | np.isnan(score)

    def quantity(self, prediction: np.ndarray, levels: tuple[float, ...]) -> np.ndarray:
        """Gives the quantity to order, shape `(n,)`: between two predicted quantiles on a straight line.

        Args:
            prediction: Shape `(n, width)`: numbers, or one column a level.
            levels: Levels of the predicted quantiles, rising; empty where numbers are predicted.
        """
        assert self.level is not None, "a quantity is ordered"
        if not levels:
            number: np.ndarray = prediction[:, 0] + self.shift
            return number
        place = np.clip(np.searchsorted(levels, self.level), 1, len(levels) - 1) if len(levels) > 1 else 0
        if len(levels) == 1:
            return np.asarray(prediction[:, 0] + self.shift)
        low, high = levels[place - 1], levels[place]
        part = float(np.clip((self.level - low) / (high - low), 0, 1))
        between: np.ndarray = prediction[:, place - 1] + part * (prediction[:, place] - prediction[:, place - 1])
        return between + self.shift

    def to_dict(self) -> dict[str, Any]:
        """Gives it as plain JSON data."""
        return {**vars(self), "payoff": None if self.payoff is None else self.payoff.to_dict()}

    @classmethod
    def load(cls, item: Mapping[str, Any]) -> DecisionRule:
        """Reads what `to_dict` gave."""
        payoff = item.get("payoff")
        return cls(**{**item, "payoff": None if payoff is None else Payoff.load(payoff)})
