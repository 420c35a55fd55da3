"""Conformal: what intervals and sets promise, and what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from lepton_automl.evidence import Chapter
from lepton_automl.report.facts import Facts
from lepton_automl.report.language import later, say
from lepton_automl.report.sections.chapters.ranking import shown
from lepton_automl.report.svg import Axis, Plot, axis_over, drawing
from lepton_automl.report.wording import interval, number, plural, sentences, share, short

KINDS = {
    "absolute": later("the prediction plus and minus what it was off by in that share of training rows"),
    "quantile": later("a pair of quantiles, moved by what training rows lay outside them"),
    "lac": later("the labels that are probable enough; a set may be empty"),
    "aps": later("the most probable labels until enough is held; never empty"),
}


def conformal_chapter(facts: Facts, chapter: Chapter) -> dict[str, Any]:
    """Gives the table of levels, the picture and the table of groups."""
    content, figures = chapter.content, chapter.figures
    levels = content["levels"]
    has_sets = "sizes" in content
    names = list(figures)
    rows = [
        {"level": share(level), "coverage": shown(figures[names[2 * at]]), "size": shown(figures[names[2 * at + 1]])}
        for at, level in enumerate(levels)
    ]
    return {
        "rows": rows,
        "kind": say(KINDS[content["kind"]]),
        "size": say("Labels in a set") if has_sets else say("Width ({target})", target=facts.target),
        "learned": plural(content["rows"], "training row"),
        "delivered": content["delivered"],
        "columns": [f"set_{name}" if has_sets else f"low_{name}, high_{name}" for name in _names(levels)],
        "figure": sizes_figure(content["sizes"], levels)
        if has_sets
        else rows_figure(content["sample"], levels[-1], facts.target),
        "title": say("Labels in a set") if has_sets else say("Intervals and truths"),
        "caption": _caption(has_sets, levels[-1], len(content.get("sample", ()))),
        "levels": [share(level) for level in levels],
        "groups": [
            {"group": group["group"], "n": f"{group['n']:,}", "coverage": [share(part) for part in group["coverage"]]}
            for group in content["groups"]
        ],
    }


def _names(levels: Sequence[float]) -> list[str]:
    return [f"{100 * level:g}".replace(".", "_") for level in levels]


def _caption(has_sets: bool, level: float, rows: int) -> str:
    if has_sets:
        return say("How many labels a set holds: one is an answer, more are a doubt, none is a row unlike the others.")
    return say(
        "{rows}, each with its {level} interval; a ringed dot is a truth that lies outside.",
        rows=plural(rows, "row"),
        level=share(level),
    )


def sizes_figure(sizes: Sequence[Sequence[float]], levels: Sequence[float]) -> Markup:
    """Draws for each level the share of rows whose set holds none, one, two, or more labels."""
    words = (say("none"), say("one"), say("two"), say("more"))
    plot = Plot(Axis(say("labels in the set"), 0, 4), Axis(say("share of rows"), 0, 1))
    body, told = plot.frame(is_counted=False), [say("Share of rows by the number of labels in their set.")]
    wide = 0.8 / len(levels)
    for at, (row, level) in enumerate(zip(sizes, levels, strict=True)):
        for number_, part in enumerate(row):
            left = number_ + 0.1 + at * wide
            said = say("{level} sets: {share} of the rows hold {n}", level=share(level), share=share(part), n=words[number_])
            body += _column(plot, left, left + wide * 0.9, part, said, "" if at < len(levels) - 1 else "model")
            told += [say("{said}.", said=said)] if part >= 0.005 else []
            if part >= 0.005:
                body += plot.note(left + wide * 0.45, part + 0.02, share(round(part, 2)), "tick", "middle")
    for number_, word in enumerate(words):
        across, down = plot.place(number_ + 0.5, 0)
        body += Markup('<text class="tick" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>').format(
            across, down + 18, word
        )
    return drawing("set-sizes", say("Sizes of the sets"), sentences(*told), body)


def _column(plot: Plot, left: float, right: float, height: float, said: str, style: str) -> Markup:
    (x, y), (end, base) = plot.place(left, height), plot.place(right, 0)
    return Markup('<rect class="column {}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" data-tip="{}"/>').format(
        style, x, y, end - x, max(0.5, base - y), said
    )


def rows_figure(sample: Sequence[Sequence[float]], level: float, target: str) -> Markup:
    """Draws rows in the order of their prediction: the interval, and the truth in it or outside."""
    target = short(target)
    values = [value for row in sample for value in row[1:]]
    plot = Plot(Axis(say("rows, in the order of their prediction"), 0, max(1, len(sample))), axis_over(target, values, 0.05))
    body = plot.frame(is_counted=False)
    for at, (middle, low, high, truth) in enumerate(sample):
        (x, bottom), (_, top) = plot.place(at + 0.5, low), plot.place(at + 0.5, high)
        body += Markup('<line class="whisker" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}"/>').format(x, bottom, top)
        is_held = low <= truth <= high
        tip = say(
            "predicted {value}, {range}; it was {truth}",
            value=number(middle),
            range=interval(number(low), number(high)),
            truth=number(truth),
        )
        body += plot.dot(at + 0.5, truth, 3 if is_held else 4, "model" if is_held else "missed", tip)
    said = say("{rows} with their {level} intervals.", rows=plural(len(sample), "row"), level=share(level))
    return drawing("intervals", say("Intervals and truths"), said, body)
