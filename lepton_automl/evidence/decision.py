"""Where the line is drawn between two labels, in money. Drawn on out-of-fold predictions; test rows only check it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Payoff:
    """Worth of each outcome, per row; costs are negative."""

    true_positive: float
    false_positive: float
    true_negative: float
    false_negative: float

    def of(self, positive: np.ndarray, said: np.ndarray) -> np.ndarray:
        """Gives the worth of each row, shape `(n,)`, from the truth and what was decided."""
        right = np.where(positive, self.true_positive, self.true_negative)
        wrong = np.where(positive, self.false_negative, self.false_positive)
        return np.where(positive == said, right, wrong)


@dataclass(frozen=True)
class Decision:
    """The line, and what it is worth out of fold.

    Args:
        threshold: Rows with at least this probability of the positive label get it; none where the task has no line.
        reason: Why it is there.
        currency: Currency of the values.
        payoff: Worth of each outcome, or none.
        value_per_row: Mean worth of a row at the line, out of fold.
        value_all_negative: Mean worth if every row got the other label.
        value_all_positive: Mean worth if every row got the positive label.
        curve: Thresholds and mean worth at each, shape `(t, 2)`, for the picture.
    """

    threshold: float | None
    reason: str
    currency: str = ""
    payoff: Payoff | None = None
    value_per_row: float | None = None
    value_all_negative: float | None = None
    value_all_positive: float | None = None
    curve: tuple[tuple[float, float], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Gives the decision as plain JSON data."""
        payoff = None if self.payoff is None else dict(vars(self.payoff))
        return {**vars(self), "payoff": payoff, "curve": [list(point) for point in self.curve]}


def decide(y: np.ndarray, probability: np.ndarray, payoff: Payoff | None, threshold: float | None, currency: str) -> Decision:
    """Draws the line.

    Args:
        y: Class codes, 1 for the positive label, shape `(n,)`.
        probability: Out-of-fold probability of the positive label, shape `(n,)`.
        payoff: Worth of each outcome, or none.
        threshold: The recipe's own line, or none.
        currency: Currency of the payoffs.
    """
    if payoff is None:
        line = 0.5 if threshold is None else threshold
        return Decision(line, "the recipe says so" if threshold is not None else "no payoffs are given", currency)
    positive = y == 1
    lines = np.unique(np.quantile(probability, np.linspace(0, 1, 400)))
    values = np.array([payoff.of(positive, probability >= line).mean() for line in lines])
    line = float(lines[int(values.argmax())]) if threshold is None else threshold
    curve = tuple((float(a), float(b)) for a, b in zip(lines, values, strict=True))
    return Decision(
        line,
        "the worth out of fold is highest there" if threshold is None else "the recipe says so",
        currency,
        payoff,
        float(payoff.of(positive, probability >= line).mean()),
        float(payoff.of(positive, np.zeros(len(y), dtype=bool)).mean()),
        float(payoff.of(positive, np.ones(len(y), dtype=bool)).mean()),
        curve,
    )
