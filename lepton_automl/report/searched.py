"""The figures of what the search found out about itself: scores over seconds, the front, and which parameters mattered."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from lepton_automl.report.language import later, say
from lepton_automl.report.race import SIZES, best_so_far, score_axis
from lepton_automl.report.svg import Axis, Plot, Point, axis_over, bar, drawing
from lepton_automl.report.wording import MetricWords, duration, megabytes, number, plural, sentences, share
from lepton_automl.search import Trial, TrialState

SHOWN = 8
"""Parameters of a family that are shown."""
TITLES = {
    "metric": later("the metric"),
    "predict_seconds": later("seconds to predict a fold"),
    "model_mb": later("MB of a fold’s model"),
}


def history_figure(trials: Sequence[Trial], ended: Mapping[int, float], weighed: set[int], words: MetricWords) -> Markup:
    """Draws score over the seconds at which trials ended; empty if fewer than two have both.

    Args:
        trials: All trials.
        ended: Number of a trial to the second of the run in which it ended.
        weighed: Numbers of the trials in the ensemble.
        words: The metric.
    """
    scored = [t for t in trials if t.fits and math.isfinite(t.loss) and t.number in ended]
    if len(scored) < 2:
        return Markup("")
    sign = -1.0 if words.is_score else 1.0
    scored.sort(key=lambda trial: (ended[trial.number], trial.number))
    plot = Plot(axis_over(say("seconds of the run"), ended.values(), 0.03), score_axis(scored, words))
    body = plot.frame()
    steps = best_so_far(scored, sign, lambda trial: ended[trial.number])
    if steps:
        body += plot.line([*steps, (plot.x.high, steps[-1][1])], "best")
    for trial in scored:
        style = "model" if trial.state is TrialState.DONE else "hollow"
        style = "model ringed" if trial.number in weighed else style
        tip = say(
            "trial {trial}, {model}: {score} after {seconds}",
            trial=trial.number,
            model=trial.candidate,
            score=number(sign * trial.loss),
            seconds=duration(ended[trial.number]),
        )
        body += plot.dot(ended[trial.number], sign * trial.loss, SIZES[trial.number in weighed], style, tip)
    said = say("{n} trials as they ended.", n=len(scored))
    if steps:
        said = say("{n} trials as they ended; the best after {seconds}.", n=len(scored), seconds=duration(steps[-1][0]))
        said = sentences(said, say("It ends at {score}.", score=number(steps[-1][1])))
    return drawing("history", say("{metric} over seconds", metric=words.title), said, body)


def front_figure(
    trials: Sequence[Trial], values: Mapping[int, Sequence[float]], front: set[int], other: str, words: MetricWords
) -> Markup:
    """Draws the metric against another objective, with the trials that no other is better than in both.

    Args:
        trials: All trials.
        values: Number of a trial to its objectives, lower is better.
        front: Numbers of those on the front.
        other: The other objective; the second of the values.
        words: The metric.
    """
    scored = [t for t in trials if t.state is TrialState.DONE and t.number in values and math.isfinite(t.loss)]
    if len(scored) < 2:
        return Markup("")
    sign = -1.0 if words.is_score else 1.0
    costs = {trial.number: float(values[trial.number][1]) for trial in scored}
    title = say(TITLES[other])
    plot = Plot(
        Axis(say("{title} (less is better)", title=title), 0.0, 1.05 * max(costs.values()) or 1.0), score_axis(scored, words)
    )
    on_front = sorted((t for t in scored if t.number in front), key=lambda trial: costs[trial.number])
    body = plot.frame()
    body += plot.line(stairs([(costs[t.number], sign * t.loss) for t in on_front], plot.x.high), "best")
    for trial in scored:
        is_on = trial.number in front
        cost = megabytes(costs[trial.number]) if other == "model_mb" else duration(costs[trial.number])
        told = {"trial": trial.number, "model": trial.candidate, "score": number(sign * trial.loss), "cost": cost}
        tip = (
            say("trial {trial}, {model}: {score}, {cost}, on the front", **told)
            if is_on
            else say("trial {trial}, {model}: {score}, {cost}", **told)
        )
        body += plot.dot(costs[trial.number], sign * trial.loss, SIZES[is_on], "model" if is_on else "hollow", tip)
    said = say("{n} of {of} complete trials are on the front: no other is better in both.", n=len(on_front), of=len(scored))
    return drawing(f"front-{other}", say("{metric} against {title}", metric=words.title, title=title), said, body)


def stairs(points: Sequence[Point], end: float) -> list[Point]:
    """Gives the corners of the line from one point of a front to the next, up to the end of the axis.

    >>> stairs([(1.0, 5.0), (2.0, 7.0)], 3.0)
    [(1.0, 5.0), (2.0, 5.0), (2.0, 7.0), (3.0, 7.0)]
    """
    corners: list[Point] = []
    for x, y in points:
        if corners:
            corners.append((x, corners[-1][1]))
        corners.append((x, y))
    return [*corners, (end, corners[-1][1])] if corners else []


def importance_rows(importances: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Gives a table for each family whose importances are known, or why they are not."""
    rows = []
    for family, found in importances.items():
        shares = list(found["shares"].items())
        top = max((value for _, value in shares), default=1.0) or 1.0
        rows.append(
            {
                "family": family,
                "trials": plural(int(found["trials"]), "complete trial"),
                "why_not": found["why_not"],
                "bars": [
                    {"name": name, "share": share(value), "bar": bar(0.0, value / top, "model")}
                    for name, value in shares[:SHOWN]
                ],
                "more": max(0, len(shares) - SHOWN),
            }
        )
    return rows
