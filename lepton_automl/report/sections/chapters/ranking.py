"""Ranking: gain and lift, and what is found at the top."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from lepton_automl.evidence import Chapter
from lepton_automl.measure import Measure
from lepton_automl.report.facts import Facts
from lepton_automl.report.svg import Axis, Plot, axis_over, drawing
from lepton_automl.report.wording import number, rounded, share, short


def ranking_chapter(facts: Facts, chapter: Chapter) -> dict[str, Any]:
    """Gives both curves and the rows of the table."""
    content, figures = chapter.content, chapter.figures
    shares = content["shares"]
    tops = [f"{100 * part:g}".replace(".", "_") for part in shares]
    rows = [
        {"share": share(part), **{word: shown(figures[f"{word}_top_{top}"]) for word in ("precision", "recall", "lift")}}
        for part, top in zip(shares, tops, strict=True)
    ]
    ks = figures["ks"]
    place = content["furthest"]["taken"]
    return {
        "rows": rows,
        "ks": f"{rounded(ks.value, ks)} ({rounded(ks.low, ks)} to {rounded(ks.high, ks)})",
        "at": share(place),
        "positive": facts.positive_label,
        "gains": gains_figure(content["gains"], content["positive_share"], facts.positive_label, place),
        "lift": lift_figure(content["gains"], facts.positive_label),
    }


def shown(measure: Measure) -> dict[str, str]:
    """Gives a figure and its interval as text."""
    value, low, high = (rounded(end, measure) for end in (measure.value, measure.low, measure.high))
    return {"value": value, "interval": f"{low} to {high}"}


def gains_figure(points: Sequence[Sequence[float]], base: float, positive: str, furthest: float) -> Markup:
    """Draws the share found against the share of rows taken, between chance and a perfect order."""
    positive = short(positive)
    plot = Plot(Axis("share of rows taken, the most probable ones first", 0, 1), Axis(f"of “{positive}”, share found", 0, 1))
    curve = [(x, y) for x, y in points]
    body = plot.frame() + plot.line(((0, 0), (1, 1)), "faint")
    body += plot.line(((0, 0), (min(1.0, base), 1), (1, 1)), "thin") + plot.line(curve, "model", is_filled=True)
    if 0 < furthest < 1:
        body += plot.rule_x(furthest, "faint", "furthest apart", "start" if furthest < 0.6 else "end")
    for x, y in curve[1::4]:
        body += plot.dot(x, y, 6, "hover", f"the first {share(x)} of the rows hold {share(y)} of them")
    said = "Between the diagonal, which is chance, and the upper line, which is a perfect order."
    return drawing("gains", "Gains", said, body)


def lift_figure(points: Sequence[Sequence[float]], positive: str) -> Markup:
    """Draws how many times more often than by chance the label stands among the rows taken."""
    curve = [(x, y / x) for x, y in points if x > 0]
    top = axis_over("", [0.0, *(lift for _, lift in curve)], 0.08)
    x = Axis("share of rows taken, the most probable ones first", 0, 1)
    plot = Plot(x, Axis(f"“{short(positive)}” among them, times chance", 0, top.high))
    body = plot.frame() + plot.rule_y(1.0, "faint", "chance", is_below=True) + plot.line(curve, "model")
    for x_, lift in curve[1::4]:
        body += plot.dot(x_, lift, 6, "hover", f"among the first {share(x_)} of the rows {number(lift, 3)} times chance")
    return drawing("lift", "Lift", "How many times more often than by chance; 1 is chance.", body)
