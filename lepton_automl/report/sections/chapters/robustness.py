"""Robustness: the metric before and after, and over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from lepton_automl.evidence import Chapter
from lepton_automl.measure import Measure
from lepton_automl.report.facts import Facts
from lepton_automl.report.svg import Axis, Plot, axis_over, drawing, strip
from lepton_automl.report.wording import metric_words, number, rounded, share

WAYS = {
    "noise": ("Noise", "normal noise of {} of a standard deviation on every number"),
    "missing": ("Missing values", "{} of the cells blanked"),
    "unseen": ("Unseen levels", "{} of the cells of categories given a level no training row had"),
    "far_rows": ("Far rows", "the {} of the rows farthest from the training rows, against the others"),
    "late_rows": ("Late rows", "the later half of the rows, against the earlier half"),
    "wrong_labels": ("Wrong labels", "{} of the truths replaced by another: how far the metric may be off"),
}


def robustness_chapter(facts: Facts, chapter: Chapter) -> dict[str, Any]:
    """Gives a row for each way, its drop as a picture, and the picture over time."""
    words = metric_words(chapter.content["metric"])
    ways = chapter.content["ways"]
    drops = [chapter.figures[f"{way['name']}_drop"] for way in ways]
    ends = [0.0, *(end for drop in drops for end in (drop.low, drop.high))]
    axis = axis_over("", ends, 0.06)
    rows = [_row(way, chapter.figures, axis) for way in ways]
    blocks = chapter.content["blocks"]
    return {
        "rows": rows,
        "metric": words.title,
        "better": words.better,
        "over_time": time_figure(blocks, words.title) if blocks else "",
    }


def _row(way: Mapping[str, Any], figures: Mapping[str, Measure], axis: Axis) -> dict[str, Any]:
    name = way["name"]
    after, drop = figures[name], figures[f"{name}_drop"]
    title, said = WAYS[name]
    tone = "worse" if drop.low > 0 else "better" if drop.high < 0 else "no difference that shows"
    return {
        "title": title,
        "said": said.format(share(way["strength"])),
        "before": rounded(way["before"], after),
        "after": rounded(after.value, after),
        "drop": rounded(drop.value, drop),
        "interval": f"{rounded(drop.low, drop)} to {rounded(drop.high, drop)}",
        "tone": tone,
        "figure": drop_figure(f"drop-{name}", title, drop, axis, tone),
    }


def drop_figure(name: str, title: str, drop: Measure, axis: Axis, tone: str) -> Markup:
    """Draws the interval of a drop, and where nothing is lost."""
    low, value, high, zero = (axis.at(end) for end in (drop.low, drop.value, drop.high, 0.0))
    body = Markup('<line class="track" x1="0" x2="100%" y1="10" y2="10"/>')
    body += Markup('<line class="against" x1="{0:.2f}%" x2="{0:.2f}%" y1="2" y2="18"/>').format(100 * zero)
    body += Markup('<rect class="range" x="{:.2f}%" y="6" width="{:.2f}%" height="8" rx="4"/>').format(
        100 * low, max(100 * (high - low), 0.5)
    )
    body += Markup('<circle class="point" cx="{:.2f}%" cy="10" r="4.5"/>').format(100 * value)
    return strip(name, f"Drop: {title}", f"{rounded(drop.value, drop)}: {tone}.", 20, body)


def time_figure(blocks: Sequence[Mapping[str, Any]], title: str) -> Markup:
    """Draws the metric of each stretch of time with its interval."""
    plot = Plot(
        Axis("stretches of time, the earliest first", 0.5, blocks[-1]["number"] + 0.5),
        axis_over(title, [block[end] for block in blocks for end in ("low", "high")], 0.08),
    )
    body = plot.frame(is_counted=False) + plot.line([(block["number"], block["value"]) for block in blocks], "thin")
    for block in blocks:
        (x, bottom), (_, top) = plot.place(block["number"], block["low"]), plot.place(block["number"], block["high"])
        body += Markup('<line class="whisker" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}"/>').format(x, bottom, top)
        tip = f"{number(block['value'])} ({number(block['low'])} to {number(block['high'])}), {block['n']:,} rows"
        body += plot.dot(block["number"], block["value"], 5, "model", tip)
    return drawing("over-time", f"{title} over time", "Each stretch of time holds about as many moments.", body)
