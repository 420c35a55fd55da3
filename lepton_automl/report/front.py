"""The figure of the ensemble: score against the time for one row, of members alone and joined one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from lepton_automl.report.language import say
from lepton_automl.report.svg import Axis, Plot, axis_over, drawing
from lepton_automl.report.wording import MetricWords, number


@dataclass(frozen=True)
class Choice:
    """An ensemble that could be delivered.

    Args:
        name: What it is made of, in words.
        milliseconds: Time for one row.
        loss: Its out-of-fold loss.
        is_delivered: Whether it is the one that was.
    """

    name: str
    milliseconds: float
    loss: float
    is_delivered: bool = False


def front(choices: Sequence[Choice]) -> list[Choice]:
    """Gives the choices that no other beats in both time and loss, the quickest first."""
    kept: list[Choice] = []
    for choice in sorted(choices, key=lambda one: (one.milliseconds, one.loss)):
        if not kept or choice.loss < kept[-1].loss:
            kept.append(choice)
    return kept


def front_figure(choices: Sequence[Choice], words: MetricWords) -> Markup:
    """Draws score over time for one row, the front as a line; empty with fewer than two choices."""
    if len(choices) < 2:
        return Markup("")
    sign = -1.0 if words.is_score else 1.0
    longest = max(choice.milliseconds for choice in choices)
    label = say("{metric}, out of fold ({better})", metric=words.title, better=words.better)
    scores = axis_over(label, [sign * choice.loss for choice in choices], 0.1)
    plot = Plot(Axis(say("time for one row, ms"), 0.0, 1.08 * longest or 1.0), scores)
    best = front(choices)
    corners: list[tuple[float, float]] = []
    for choice in best:
        if corners:
            corners.append((choice.milliseconds, corners[-1][1]))
        corners.append((choice.milliseconds, sign * choice.loss))
    body = plot.frame() + plot.line([*corners, (plot.x.high, corners[-1][1])], "best")
    for choice in sorted(choices, key=lambda one: one.is_delivered):
        style = "model ringed" if choice.is_delivered else "model" if choice in best else "hollow"
        score, took = number(sign * choice.loss), number(choice.milliseconds, 3)
        tip = say("{choice}: {score} in {milliseconds} ms", choice=choice.name, score=score, milliseconds=took)
        body += plot.dot(choice.milliseconds, sign * choice.loss, 7 if choice.is_delivered else 5, style, tip)
    said = say(
        "{n} choices; on the line are the {best} that no other beats in both time and score.", n=len(choices), best=len(best)
    )
    return drawing("front", say("{metric} against time for one row", metric=words.title), said, body)
