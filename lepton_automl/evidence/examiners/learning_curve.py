"""Learning curve: is more data worth it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lepton_automl.evidence.bootstrap import LEAST, draw_times
from lepton_automl.evidence.chapter import Chapter, Judged
from lepton_automl.evidence.decision import DecisionSettings
from lepton_automl.measure import Measure
from lepton_automl.tasks import Task

EXPONENTS = np.linspace(0.25, 1.0, 16)
"""Powers of the number of rows with which losses are taken to fall: theory gives 0.5 for noisy and 1 for clear targets, and
slower ones are seen."""
AHEAD = (1.0, 1.5, 2.0)
"""Times as many rows at which the curve is drawn on."""
FIGURES = ("doubling_gain", "last_gain")


@dataclass(frozen=True)
class Learned:
    """Fits the best configuration on growing shares of the training rows, and draws the curve on by a power law.

    Every figure is a gain in the metric's own units: above 0 is better. The interval of what twice the rows would bring holds
    the chance of the judged rows, that of the rows learned of (the scatter around the curve), and that of the power, any from
    0.25 to 1.

    Args:
        shares: Shares of the training rows, those of the whole fold besides.
        share: Share of the run's seconds that is set aside for it.
        fits_again: That it asks the workers for fits, which then stay until the evidence stands.

    Source: power laws of learning curves: Cortes, Jackel, Solla, Vapnik and Denker (1993), "Learning curves: asymptotic values
    and rate of convergence", NeurIPS; Viering and Loog (2023), "The shape of learning curves: a review", IEEE TPAMI 45.
    """

    shares: Sequence[float] = (0.2, 0.4, 0.7)
    share: float = 0.08
    fits_again: bool = True
    name: str = "learning_curve"

    def figures(self, task: Task, decision: DecisionSettings) -> tuple[str, ...]:
        """Gives its figures."""
        return FIGURES

    def examine(self, judged: Judged, until: float) -> Chapter:
        """Writes the chapter; it needs workers that fit again, and test rows."""
        if judged.refit is None:
            return Chapter(notes=("left out: there are no test rows to judge fits by",), is_whole=False)
        fits = judged.refit(tuple(sorted({*self.shares, 1.0})), until)
        sizes = np.array([rows for rows, prediction in fits if prediction is not None], dtype="float64")
        told = [prediction for _, prediction in fits if prediction is not None]
        lost = len(fits) - len(told)
        if len(told) < 3:
            return Chapter(notes=(f"left out: {lost} of {len(fits)} fits did not end in time",), is_whole=False)
        figures, content = curve_of(judged, sizes, told)
        notes = (f"{lost} of {len(fits)} fits did not end in time",) if lost else ()
        return Chapter(figures, content, notes, not lost)


def curve_of(judged: Judged, sizes: np.ndarray, told: Sequence[np.ndarray]) -> tuple[dict[str, Measure], dict[str, object]]:
    """Gives the figures, and the points with what lies ahead.

    Args:
        judged: The judged rows.
        sizes: Rows that each fit learned of, rising, shape `(m,)`.
        told: What each said of the judged rows.
    """
    metric, n, rng = judged.task.metric, len(judged.y), np.random.default_rng(judged.seed)
    weight = np.ones(n) if judged.weight is None else judged.weight
    of = [metric.of_weights(judged.y, prediction) for prediction in told]
    drawn: list[list[float]] = []
    for _ in range(max(LEAST, judged.resamples)):
        mine = weight * draw_times(rng, n, judged.block)
        drawn.append([float(one(mine)) for one in of])
    sign = 1.0 if metric.is_score else -1.0
    now, resampled = np.array([float(one(weight)) for one in of]), np.array(drawn)
    resampled = resampled[np.isfinite(resampled).all(axis=1)]
    ahead, spread = drawn_on(sizes, sign * now, sign * resampled, np.array(AHEAD) * sizes[-1], rng)
    tails = [(1 - judged.confidence) / 2, (1 + judged.confidence) / 2]

    def measure(value: float, values: np.ndarray) -> Measure:
        low, high = np.quantile(values, tails)
        return Measure(float(value), float(min(low, value)), float(max(high, value)), n)

    figures = {
        "doubling_gain": measure(ahead[-1] - ahead[0], spread[:, -1] - spread[:, 0]),
        "last_gain": measure(sign * (now[-1] - now[-2]), sign * (resampled[:, -1] - resampled[:, -2])),
    }
    points = [
        {"rows": int(rows), **replace(measure(value, values), n=int(rows)).to_dict()}
        for rows, value, values in zip(sizes, now, resampled.T, strict=True)
    ]
    coming = [
        {"rows": int(times * sizes[-1]), **measure(sign * value, sign * values).to_dict()}
        for times, value, values in zip(AHEAD, ahead, spread.T, strict=True)
    ]
    return figures, {"metric": metric.name, "points": points, "ahead": coming}


def drawn_on(
    sizes: np.ndarray, scores: np.ndarray, resampled: np.ndarray, ahead: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draws a curve on by `score = a - b * rows ** -c`.

    Args:
        sizes: Rows, shape `(m,)`, three or more.
        scores: Scores, higher is better, shape `(m,)`.
        resampled: Scores of resamples of the judged rows, shape `(draws, m)`.
        ahead: Rows at which it is drawn on, shape `(k,)`.
        rng: Source of chance.

    Returns:
        The curve at `ahead` with the power that fits best, shape `(k,)`, and draws of it, shape `(draws, k)`.
    """
    laws = [_law(sizes, power) for power in EXPONENTS]
    rests = [float(np.sum((scores - fit @ (solve @ scores)) ** 2)) for fit, solve in laws]
    best = int(np.argmin(rests))
    scatter = np.sqrt(rests[best] / max(1, len(sizes) - 2))
    value = _terms(ahead, sizes[-1], EXPONENTS[best]) @ (laws[best][1] @ scores)
    draws = np.empty((len(resampled), len(ahead)))
    powers = rng.integers(0, len(EXPONENTS), len(resampled))
    noisy = resampled + rng.normal(0, 1, resampled.shape) * scatter
    for place in range(len(EXPONENTS)):
        mine = powers == place
        draws[mine] = noisy[mine] @ (_terms(ahead, sizes[-1], EXPONENTS[place]) @ laws[place][1]).T
    return value, draws


def _terms(rows: np.ndarray, unit: float, power: float) -> np.ndarray:
    return np.column_stack([np.ones(len(rows)), (rows / unit) ** -power])


def _law(sizes: np.ndarray, power: float) -> tuple[np.ndarray, np.ndarray]:
    """Gives the terms at the sizes, and what solves for their factors by least squares."""
    fit = _terms(sizes, sizes[-1], power)
    return fit, np.linalg.pinv(fit)
