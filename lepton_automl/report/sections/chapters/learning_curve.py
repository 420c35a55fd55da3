"""Learning curve: what more rows would bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from lepton_automl.evidence import Chapter
from lepton_automl.measure import Measure
from lepton_automl.report.facts import Facts
from lepton_automl.report.language import say
from lepton_automl.report.svg import Axis, Plot, axis_over, drawing
from lepton_automl.report.wording import MetricWords, interval, metric_words, number, plural, rounded


def learning_curve_chapter(facts: Facts, chapter: Chapter) -> dict[str, Any]:
    """Gives the sentence, the picture, and the rows of the table."""
    content, gain = chapter.content, chapter.figures["doubling_gain"]
    words = metric_words(content["metric"])
    last = chapter.figures["last_gain"]
    return {
        "gain": signed(gain.value, gain),
        "interval": interval(signed(gain.low, gain), signed(gain.high, gain)),
        "last": say(
            "{value} ({low} to {high})",
            value=signed(last.value, last),
            low=signed(last.low, last),
            high=signed(last.high, last),
        ),
        "metric": words.title,
        "money": _money(chapter.figures),
        "model": content.get("model", ""),
        "verdict": _verdict(gain),
        "figure": curve_figure(content["points"], content["ahead"], words),
        "rows": [
            {
                "rows": f"{point['rows']:,}",
                "value": number(point["value"]),
                "interval": interval(number(point["low"]), number(point["high"])),
            }
            for point in content["points"]
        ],
    }


def signed(value: float, measure: Measure) -> str:
    """Writes a gain with its sign.

    >>> signed(0.0042, Measure(0.0042, -0.001, 0.01, 200))
    '+0.0042'
    """
    return ("+" if value > 0 else "") + rounded(value, measure)


def _money(figures: Mapping[str, Measure]) -> str:
    """Says what twice the rows would bring in money; empty where nothing has a payoff."""
    worth = figures.get("doubling_value")
    if worth is None:
        return ""
    return say(
        "In money, by the line as it is: about {gain} {currency} a row ({low} to {high}).",
        gain=signed(worth.value, worth),
        currency=worth.unit,
        low=signed(worth.low, worth),
        high=signed(worth.high, worth),
    )


def _verdict(gain: Measure) -> str:
    if gain.low > 0:
        return say("More rows are expected to help.")
    if gain.high <= 0:
        return say("More rows are not expected to help.")
    return say("Whether more rows would help can not be told from these.")


def curve_figure(points: Sequence[Mapping[str, Any]], ahead: Sequence[Mapping[str, Any]], words: MetricWords) -> Markup:
    """Draws the metric over the rows that were learned of, and what is expected of more, dashed, with its interval."""
    ends = [row[end] for row in (*points, *ahead) for end in ("low", "high")]
    label = say("{metric}, {better}", metric=words.title, better=words.better)
    plot = Plot(Axis(say("training rows"), 0, ahead[-1]["rows"] * 1.04), axis_over(label, ends, 0.08))
    body = plot.frame() + plot.line([(row["rows"], row["value"]) for row in points], "model")
    body += plot.line([(row["rows"], row["value"]) for row in ahead], "faint")
    for rows, style, dot in ((points, "", "model"), (ahead[1:], " faint", "hollow")):
        for row in rows:
            (x, bottom), (_, top) = plot.place(row["rows"], row["low"]), plot.place(row["rows"], row["high"])
            body += Markup('<line class="whisker{}" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>').format(
                style, x, x, bottom, top
            )
            tip = say(
                "{rows}: {value} ({low} to {high})",
                rows=plural(int(row["rows"]), "row"),
                value=number(row["value"]),
                low=number(row["low"]),
                high=number(row["high"]),
            )
            body += plot.dot(row["rows"], row["value"], 5, dot, tip)
    return drawing(
        "learning-curve",
        say("Learning curve"),
        say("{metric} by training rows; what is dashed is drawn on.", metric=words.title),
        body,
    )
