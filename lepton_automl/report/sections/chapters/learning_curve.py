"""Learning curve: what more rows would bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from lepton_automl.evidence import Chapter
from lepton_automl.measure import Measure
from lepton_automl.report.facts import Facts
from lepton_automl.report.svg import Axis, Plot, axis_over, drawing
from lepton_automl.report.wording import MetricWords, metric_words, number, rounded


def learning_curve_chapter(facts: Facts, chapter: Chapter) -> dict[str, Any]:
    """Gives the sentence, the picture, and the rows of the table."""
    content, gain = chapter.content, chapter.figures["doubling_gain"]
    words = metric_words(content["metric"])
    last = chapter.figures["last_gain"]
    return {
        "gain": signed(gain.value, gain),
        "interval": f"{signed(gain.low, gain)} to {signed(gain.high, gain)}",
        "last": f"{signed(last.value, last)} ({signed(last.low, last)} to {signed(last.high, last)})",
        "metric": words.title,
        "verdict": _verdict(gain),
        "figure": curve_figure(content["points"], content["ahead"], words),
        "rows": [
            {
                "rows": f"{point['rows']:,}",
                "value": number(point["value"]),
                "interval": f"{number(point['low'])} to {number(point['high'])}",
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


def _verdict(gain: Measure) -> str:
    if gain.low > 0:
        return "More rows are expected to help."
    if gain.high <= 0:
        return "More rows are not expected to help."
    return "Whether more rows would help can not be told from these."


def curve_figure(points: Sequence[Mapping[str, Any]], ahead: Sequence[Mapping[str, Any]], words: MetricWords) -> Markup:
    """Draws the metric over the rows that were learned of, and what is expected of more, dashed, with its interval."""
    ends = [row[end] for row in (*points, *ahead) for end in ("low", "high")]
    plot = Plot(Axis("training rows", 0, ahead[-1]["rows"] * 1.04), axis_over(f"{words.title}, {words.better}", ends, 0.08))
    body = plot.frame() + plot.line([(row["rows"], row["value"]) for row in points], "model")
    body += plot.line([(row["rows"], row["value"]) for row in ahead], "faint")
    for rows, style, dot in ((points, "", "model"), (ahead[1:], " faint", "hollow")):
        for row in rows:
            (x, bottom), (_, top) = plot.place(row["rows"], row["low"]), plot.place(row["rows"], row["high"])
            body += Markup('<line class="whisker{}" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>').format(
                style, x, x, bottom, top
            )
            tip = f"{row['rows']:,} rows: {number(row['value'])} ({number(row['low'])} to {number(row['high'])})"
            body += plot.dot(row["rows"], row["value"], 5, dot, tip)
    return drawing("learning-curve", "Learning curve", f"{words.title} by training rows; what is dashed is drawn on.", body)
