"""Learning curve: is more data worth it?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from lepton_automl.evidence.bootstrap import LEAST, draw_times
from lepton_automl.evidence.chapter import Chapter, Judged, Refitted
from lepton_automl.evidence.decision import DecisionSettings
from lepton_automl.measure import Measure
from lepton_automl.tasks import Task

EXPONENTS = np.linspace(0.25, 1.0, 16)
"""Powers of the number of rows with which losses are taken to fall: theory gives 0.5 for noisy and 1 for clear targets, and
slower ones are seen."""
AHEAD = (1.0, 1.5, 2.0)
"""Times as many rows at which the curve is drawn on."""
FIGURES = ("doubling_gain", "last_gain")
MONEY = "doubling_value"
MOST_DRAWS = 500
"""Most resamples of the judged rows."""
Told = Sequence[np.ndarray]
"""What the fits of one size said of the judged rows."""


@dataclass(frozen=True)
class Learned:
    """Fits the best configuration on growing shares of the training rows, and draws the curve on by a power law.

    Every figure is a gain: in the metric's own units, or in money a row by the decision's line; above 0 is better. The interval
    of what twice the rows would bring holds the chance of the judged rows, that of the rows learned of (the scatter around the
    curve, and between the folds' fits), and that of the power, any from 0.25 to 1.

    Args:
        shares: Shares of the training rows, those of the whole fold besides.
        share: Share of the run's seconds that is set aside for it.
        fits_again: That it asks the workers for fits, which then stay until the evidence stands.

    Source: power laws of learning curves: Cortes, Jackel, Solla, Vapnik and Denker (1993), "Learning curves: asymptotic values
    and rate of convergence", NeurIPS; Viering and Loog (2023), "The shape of learning curves: a review", IEEE TPAMI 45. Fits of
    folds differ less than fits of fresh rows, as they share rows: Nadeau and Bengio (2003), Machine Learning 52.
    """

    shares: Sequence[float] = (0.25, 0.5)
    share: float = 0.02
    fits_again: bool = True
    name: str = "learning_curve"

    def figures(self, task: Task, decision: DecisionSettings) -> tuple[str, ...]:
        """Gives its figures; money where an answer has a payoff."""
        return (*FIGURES, MONEY) if decision.payoff is not None and task.goal.width == 2 else FIGURES

    def examine(self, judged: Judged, until: float) -> Chapter:
        """Writes the chapter; it needs workers that fit again, and test rows."""
        if judged.refit is None:
            return Chapter(notes=("left out: there are no test rows to judge fits by",), is_whole=False)
        made = judged.refit(tuple(sorted({*self.shares, 1.0})), until)
        lost = sum(not told for _, told in made.points)
        points = [(rows, told) for rows, told in made.points if told]
        if len(points) < 3:
            why = made.notes or (f"left out: {lost} of {len(made.points)} fits failed or did not end in time",)
            return Chapter(notes=why, is_whole=False)
        figures, content = curve_of(judged, replace(made, points=points))
        notes = (f"{lost} of {len(made.points)} fits failed or did not end in time",) if lost else ()
        return Chapter(figures, content, (*made.notes, *notes), not lost)


def curve_of(judged: Judged, made: Refitted) -> tuple[dict[str, Measure], dict[str, object]]:
    """Gives the figures, and the points with what lies ahead.

    Args:
        judged: The judged rows.
        made: What was said of them, of three sizes or more.
    """
    metric, n, rng = judged.task.metric, len(judged.y), np.random.default_rng(judged.seed)
    weight = np.ones(n) if judged.weight is None else judged.weight
    sizes = np.array([rows for rows, _ in made.points], dtype="float64")
    times = [draw_times(rng, n, judged.block) for _ in range(min(MOST_DRAWS, max(LEAST, judged.resamples)))]
    sign = 1.0 if metric.is_score else -1.0
    scored = [[metric.of_weights(judged.y, one) for one in told] for _, told in made.points]
    curve = _Curve.of(scored, weight, times, sizes, made.shared, sign, rng)
    tails = (1 - judged.confidence) / 2, (1 + judged.confidence) / 2
    measure = partial(_measure, tails=tails, n=n)
    now, resampled = curve.now, curve.resampled
    figures = {
        "doubling_gain": curve.doubling(measure),
        "last_gain": measure(now[-1] - now[-2], resampled[:, -1] - resampled[:, -2]),
    }
    worth = _worths(judged, [told for _, told in made.points])
    if worth is not None:
        earned = _Curve.of(worth, weight, times, sizes, made.shared, 1.0, rng)
        figures[MONEY] = replace(earned.doubling(measure), unit=judged.decision.currency)
    points = [
        {"rows": int(rows), **measure(sign * value, sign * values).to_dict(), "n": int(rows)}
        for rows, value, values in zip(sizes, now, resampled.T, strict=True)
    ]
    coming = [
        {"rows": int(ratio * sizes[-1]), **measure(sign * value, sign * values).to_dict()}
        for ratio, value, values in zip(AHEAD, curve.ahead, curve.spread.T, strict=True)
    ]
    law = {"power": round(curve.power, 3), "model": made.model, "fits": [len(told) for _, told in made.points]}
    return figures, {"metric": metric.name, "points": points, "ahead": coming, **law}


@dataclass(frozen=True)
class _Curve:
    """A figure at each size, higher is better: `now` `(m,)`, of resamples `(draws, m)`, and drawn on `(3,)`, `(draws, 3)`."""

    now: np.ndarray
    resampled: np.ndarray
    ahead: np.ndarray
    spread: np.ndarray
    power: float

    @classmethod
    def of(
        cls,
        scored: Sequence[Sequence[Callable[[np.ndarray], float]]],
        weight: np.ndarray,
        times: Sequence[np.ndarray],
        sizes: np.ndarray,
        shared: float,
        sign: float,
        rng: np.random.Generator,
    ) -> _Curve:
        """Takes what fits of each size score by weights of the rows; `times` says how often resamples drew each row."""

        def means(mine: np.ndarray) -> list[float]:
            return [sign * float(np.mean([one(mine) for one in fits])) for fits in scored]

        now, resampled = np.array(means(weight)), np.array([means(weight * drawn) for drawn in times])
        resampled = resampled[np.isfinite(resampled).all(axis=1)]
        alone = [float(one(weight)) for one in scored[-1]]
        noise = float(np.std(alone, ddof=1)) / np.sqrt(max(1e-3, 1 - shared)) if len(alone) > 1 else 0.0
        # the variance of a fit falls with its rows; of the mean of fits that share rows the shared part stays
        means_of = np.array([1.0 if len(fits) == 1 else shared + (1 - shared) / len(fits) for fits in scored])
        scatter = noise * np.sqrt(means_of * sizes[-1] / sizes)
        ahead, spread, power = drawn_on(sizes, now, resampled, np.array(AHEAD) * sizes[-1], rng, scatter)
        return cls(now, resampled, ahead, spread, power)

    def doubling(self, measure: Callable[[float, np.ndarray], Measure]) -> Measure:
        """Gives what twice the rows would bring."""
        return measure(self.ahead[-1] - self.ahead[0], self.spread[:, -1] - self.spread[:, 0])


def _measure(value: float, values: np.ndarray, tails: tuple[float, float], n: int) -> Measure:
    low, high = np.quantile(values, tails)
    return Measure(float(value), float(min(low, value)), float(max(high, value)), n)


def _worths(judged: Judged, told: Sequence[Told]) -> list[list[Callable[[np.ndarray], float]]] | None:
    """Gives of each fit what finds the mean worth of a row by the decision's line; none where nothing has a payoff."""
    decision = judged.decision
    if decision.payoff is None or decision.threshold is None:
        return None
    known = decision.rule.known(judged.rows.frame)
    valued = np.ones(len(judged.y), dtype=bool) if known.amounts is None else ~np.isnan(known.amounts)
    if not valued.any():
        return None

    def worth(prediction: np.ndarray) -> Callable[[np.ndarray], float]:
        each = np.where(valued, decision.worth(judged.y, *decision.rule.said(prediction, known), known), 0.0)
        return lambda mine: float((mine * valued) @ each / max(1e-12, float((mine * valued).sum())))

    return [[worth(prediction) for prediction in fits] for fits in told]


def drawn_on(
    sizes: np.ndarray,
    scores: np.ndarray,
    resampled: np.ndarray,
    ahead: np.ndarray,
    rng: np.random.Generator,
    scatter: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Draws a curve on by `score = a - b * rows ** -c`.

    Args:
        sizes: Rows, shape `(m,)`, three or more.
        scores: Scores, higher is better, shape `(m,)`.
        resampled: Scores of resamples of the judged rows, shape `(draws, m)`.
        ahead: Rows at which it is drawn on, shape `(k,)`.
        rng: Source of chance.
        scatter: Standard deviation of each score by the rows that were learned of, as far as that is known, shape `(m,)`; what
            the scores lie off the curve counts where it is more.

    Returns:
        The curve at `ahead` with the power that fits best, shape `(k,)`; draws of it, shape `(draws, k)`; and that power.
    """
    laws = [_law(sizes, power) for power in EXPONENTS]
    rests = [float(np.sum((scores - fit @ (solve @ scores)) ** 2)) for fit, solve in laws]
    best = int(np.argmin(rests))
    off = np.sqrt(rests[best] / max(1, len(sizes) - 2))
    wide = np.full(len(sizes), off) if scatter is None else np.maximum(off, scatter)
    value = _terms(ahead, sizes[-1], EXPONENTS[best]) @ (laws[best][1] @ scores)
    draws = np.empty((len(resampled), len(ahead)))
    powers = rng.integers(0, len(EXPONENTS), len(resampled))
    noisy = resampled + rng.normal(0, 1, resampled.shape) * wide
    for place in range(len(EXPONENTS)):
        mine = powers == place
        draws[mine] = noisy[mine] @ (_terms(ahead, sizes[-1], EXPONENTS[place]) @ laws[place][1]).T
    return value, draws, float(EXPONENTS[best])


def _terms(rows: np.ndarray, unit: float, power: float) -> np.ndarray:
    return np.column_stack([np.ones(len(rows)), (rows / unit) ** -power])


def _law(sizes: np.ndarray, power: float) -> tuple[np.ndarray, np.ndarray]:
    """Gives the terms at the sizes, and what solves for their factors by least squares."""
    fit = _terms(sizes, sizes[-1], power)
    return fit, np.linalg.pinv(fit)
