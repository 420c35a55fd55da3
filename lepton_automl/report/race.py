"""The figure of the search: every trial's score in the order they started, and the best so far."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from markupsafe import Markup

from lepton_automl.report.heard import called
from lepton_automl.report.language import say
from lepton_automl.report.svg import Axis, Plot, Point, drawing
from lepton_automl.report.wording import MetricWords, number, plural, sentences
from lepton_automl.search import Trial, TrialState

SIZES = {True: 6, False: 4}
"""Radius of a dot: that of a marked trial, and of another one."""
SHOWN_SHARE = 0.1
"""The worst tenth of the scores may stand at the edge, so that the others can be told apart."""


def race_figure(trials: Sequence[Trial], weighed: set[int], words: MetricWords) -> Markup:
    """Draws score over trials; empty if fewer than two trials have a score.

    Args:
        trials: All trials; those without a finite loss are left out.
        weighed: Numbers of the trials in the ensemble.
        words: The metric.
    """
    scored = [trial for trial in trials if trial.fits and math.isfinite(trial.loss)]
    if len(scored) < 2:
        return Markup("")
    sign = -1.0 if words.is_score else 1.0
    plot = Plot(Axis(say("trial"), -0.5, max(trial.number for trial in scored) + 0.5), score_axis(scored, words))
    body = plot.frame()
    steps = best_so_far(scored, sign)
    if steps:
        body += plot.line([*steps, (plot.x.high, steps[-1][1])], "best")
    for trial in scored:
        score = sign * trial.loss
        style = "model" if trial.state is TrialState.DONE else "hollow"
        if trial.number in weighed:
            style = "model ringed"
        tip = say(
            "trial {trial}, {model}: {score} over {folds}, {state}",
            trial=trial.number,
            model=trial.candidate,
            score=number(score),
            folds=plural(len(trial.fits), "fold"),
            state=called(str(trial.state)),
        )
        body += plot.dot(trial.number, score, SIZES[trial.number in weighed], style, tip)
    said = say("{n} trials with a score; the line is the best so far of those with all folds.", n=len(scored))
    if steps:
        said = sentences(said, say("It ends at {score}.", score=number(steps[-1][1])))
    return drawing("race", say("{metric} over trials", metric=words.title), said, body)


def best_so_far(
    trials: Sequence[Trial], sign: float, place: Callable[[Trial], float] = lambda trial: trial.number
) -> list[Point]:
    """Gives the corners of the line of the best complete trial so far; empty if none is complete.

    Args:
        trials: Trials with a finite loss, in the order of their places.
        sign: -1 where higher is better.
        place: Where a trial stands; its number, if absent.
    """
    corners: list[Point] = []
    best = math.inf
    for trial in trials:
        if trial.state is TrialState.DONE and trial.loss < best:
            if corners:
                corners.append((place(trial), corners[-1][1]))
            best = trial.loss
            corners.append((place(trial), sign * best))
    return corners


def score_axis(trials: Sequence[Trial], words: MetricWords) -> Axis:
    """Gives an axis from the best score to about the worst; far worse ones stand at its edge."""
    losses = sorted(trial.loss for trial in trials)
    keep = losses[: max(2, math.ceil(len(losses) * (1 - SHOWN_SHARE)))]
    reach = (losses[-1] - losses[0]) or abs(losses[0]) * 0.05 or 1.0
    worst = losses[-1] if reach <= 2 * (keep[-1] - keep[0]) else keep[-1]
    space = ((worst - losses[0]) or reach) * 0.08
    low, high = losses[0] - space, worst + space
    label = say("{metric}, mean of folds ({better})", metric=words.title, better=words.better)
    return Axis(label, -high, -low) if words.is_score else Axis(label, low, high)
