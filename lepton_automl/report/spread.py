"""The figure of how the probabilities of both labels' rows are spread, and where the line parts them."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from lepton_automl.report.language import say
from lepton_automl.report.svg import Axis, Plot, drawing
from lepton_automl.report.wording import number, sentences, short

_COLUMN = Markup('<rect class="column {}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" data-tip="{}"/>')


def spread_figure(
    bins: Sequence[Sequence[int]],
    positive: str,
    other: str,
    line: float | None,
    parted: str = "",
    referred: float | None = None,
) -> Markup:
    """Draws how many rows of each label got which probability: the positive ones upward, the others downward.

    Args:
        bins: Positive and other rows in equal bins of the probability from 0 to 1.
        positive: The label the probability is of.
        other: The other label.
        line: Probability from which rows get the positive label, where there is one.
        parted: What the line does to both labels, as a sentence.
        referred: Probability from which a human judges, where one does.
    """
    positive, other = short(positive), short(other)
    high, low = (max(1, *(rows[side] for rows in bins)) for side in (0, 1))
    across = Axis(say("probability of “{positive}”", positive=positive), 0, 1)
    counted = say("rows: “{positive}” upward, “{other}” downward", positive=positive, other=other)
    plot = Plot(across, Axis(counted, -1.05 * low, high + 0.14 * (high + low)))
    body, dots = plot.frame(is_mirrored=True), Markup("")
    for place, (ups, downs) in enumerate(bins):
        start, end = place / len(bins), (place + 1) / len(bins)
        reach = say("{low} to {high}", low=number(start, 3), high=number(end, 3))
        tip = say(
            "{range}: {ups} “{positive}”, {downs} “{other}”",
            range=reach,
            ups=ups,
            positive=positive,
            downs=downs,
            other=other,
        )
        left, zero = plot.place(start, 0.0)
        right, top = plot.place(end, ups)
        _, bottom = plot.place(end, -downs)
        body += _COLUMN.format("model", left + 0.5, top, right - left - 1, zero - top, tip)
        body += _COLUMN.format("", left + 0.5, zero, right - left - 1, bottom - zero, tip)
        if ups or downs:
            dots += plot.dot((start + end) / 2, ups, 6, "hover", tip)
    if referred is not None:
        body += plot.rule_x(referred, "limit", say("a human judges"), "end")
    if line is not None:
        body += plot.rule_x(line, "limit", say("line {line}", line=number(line, 3)), "start" if line < 0.7 else "end")
    said = say("How many rows of each label got which probability.")
    return drawing("spread", say("Probabilities of both labels"), sentences(said, parted), body + dots)
