"""What is done with a prediction: a line between two labels, what a row is expected to be worth, or a quantity to order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.tasks.group_lines import GroupLines

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
class Known:
    """What is known of rows besides their prediction, by which they are decided.

    Args:
        amounts: Amount of each row, shape `(n,)`, NaN where it is missing; none where worth does not depend on it.
        lines: Line of each row's group, shape `(n,)`, NaN where it has none of its own; none where all rows have one line.
    """

    amounts: np.ndarray | None = None
    lines: np.ndarray | None = None

    def rows(self, pick: np.ndarray) -> Known:
        """Gives what is known of some rows."""
        return Known(*(None if values is None else values[pick] for values in (self.amounts, self.lines)))


NOTHING = Known()


@dataclass(frozen=True)
class DecisionRule:
    """How a prediction becomes an answer. It travels in the artefact.

    Args:
        threshold: Rows whose score is at least this get the positive label; none: the most probable label, or the number.
        refer_from: Rows whose score is at least this, and below the threshold, are for a human; none: no row is.
        payoff: Where it is given, the score is what the positive label is expected to be worth more; else the probability.
        level: Quantile that is ordered of a number; none: no quantity is ordered.
        shift: What is added to a predicted number to get that quantile; 0 where quantiles are predicted.
        by_group: Lines of groups, which hold instead of the threshold; none: all rows have one line.
    """

    threshold: float | None = None
    refer_from: float | None = None
    payoff: Payoff | None = None
    level: float | None = None
    shift: float = 0.0
    by_group: GroupLines | None = None

    @property
    def amount(self) -> str | None:
        """Column of the amounts that it needs, or none."""
        return None if self.payoff is None else self.payoff.amount

    @property
    def needs(self) -> tuple[str, ...]:
        """Columns that a row is decided by, besides its prediction."""
        amount = () if self.amount is None else (self.amount,)
        return (*amount, *(() if self.by_group is None else self.by_group.names))

    @property
    def is_one_probability(self) -> bool:
        """Whether all rows are held against the same probability."""
        return self.threshold is not None and not self.needs

    def known(self, frame: pd.DataFrame) -> Known:
        """Gives what is known of rows that it needs.

        Args:
            frame: The rows, typed; only the columns that it needs are read.
        """
        amounts = None if self.amount is None else frame[self.amount].to_numpy(dtype="float64", na_value=np.nan)
        return Known(amounts, None if self.by_group is None else self.by_group.of(frame))

    def score(self, prediction: np.ndarray, known: Known = NOTHING) -> np.ndarray:
        """Gives what is held against the line, shape `(n,)`."""
        probability: np.ndarray = prediction[:, 1]
        return probability if self.payoff is None else self.payoff.gain(probability, known.amounts)

    def said(self, prediction: np.ndarray, known: Known = NOTHING) -> tuple[np.ndarray, np.ndarray]:
        """Says which rows get the positive label and which are for a human, each of shape `(n,)`.

        A row whose amount is missing has no score and is for a human.
        """
        score = self.score(prediction, known)
        positive = score >= self._held(known)
        low = np.inf if self.refer_from is None else self.refer_from
        return positive, ((score >= low) & ~positive) | np.isnan(score)

    def line(self, known: Known = NOTHING) -> float | np.ndarray | None:
        """Gives the probability from which a row gets the positive label: one for all, or one for each, shape `(n,)`.

        Args:
            known: What is known of the rows. A row without an amount, where worth depends on it, has no line: it is infinite.
        """
        if self.threshold is None:
            return None
        held = self._held(known)
        if self.payoff is None or known.amounts is None:
            return held
        hit, alarm, right, miss = self.payoff.terms(known.amounts)
        slope = (hit - miss) - (alarm - right)
        with np.errstate(divide="ignore", invalid="ignore"):
            line = (held - (alarm - right)) / slope
        return np.where(np.isnan(line) | (slope <= 0), np.inf, line)

    def _held(self, known: Known) -> float | np.ndarray:
        """Gives what a score is held against: one line, or that of each row's group, shape `(n,)`."""
        assert self.threshold is not None, "there is a line"
        return self.threshold if known.lines is None else np.where(np.isnan(known.lines), self.threshold, known.lines)

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
        payoff = None if self.payoff is None else self.payoff.to_dict()
        return {**vars(self), "payoff": payoff, "by_group": None if self.by_group is None else self.by_group.to_dict()}

    @classmethod
    def load(cls, item: Mapping[str, Any]) -> DecisionRule:
        """Reads what `to_dict` gave."""
        payoff, lines = item.get("payoff"), item.get("by_group")
        read = {"payoff": None if payoff is None else Payoff.load(payoff)}
        return cls(**{**item, **read, "by_group": None if lines is None else GroupLines.load(lines)})
