"""The figures of the evidence: one small function each, from plain numbers to inline SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from lepton_automl.evidence import Decision
from lepton_automl.measure import Measure
from lepton_automl.report.language import say
from lepton_automl.report.svg import Axis, Plot, axis_over, drawing, strip, text_at
from lepton_automl.report.wording import MetricWords, number, plural, rounded, sentences, share, short

UNIT = Axis("", 0.0, 1.0)
DIAGONAL = ((0.0, 0.0), (1.0, 1.0))
HOVERED = 60
"""Points of a curve that say their values when pointed at."""


def _thin(points: Sequence[Any], count: int = HOVERED) -> list[Any]:
    if len(points) <= count:
        return list(points)
    step = (len(points) - 1) / (count - 1)
    return [points[round(i * step)] for i in range(count)]


def interval_figure(
    words: MetricWords, measure: Measure, baseline: float | None, limits: Sequence[tuple[str, float]], confidence: float
) -> Markup:
    """Draws the headline: the interval, the value in it, the baseline, and the limits of gates."""
    marks = [measure.low, measure.high, *([] if baseline is None else [baseline]), *(limit for _, limit in limits)]
    axis = axis_over("", marks, 0.1)
    low, high, value = axis.at(measure.low), axis.at(measure.high), axis.at(measure.value)
    body = Markup('<line class="track" x1="0" x2="100%" y1="36" y2="36"/>')
    range_ = Markup('<rect class="range" x="{:.2f}%" y="29" width="{:.2f}%" height="14" rx="7"/>')
    body += range_.format(100 * low, max(100 * (high - low), 0.5))
    for text, limit in limits:
        place = axis.at(limit)
        body += Markup('<line class="limit" x1="{0:.2f}%" x2="{0:.2f}%" y1="18" y2="48"/>').format(100 * place)
        body += text_at(place, 12, text, "word limit")
    if baseline is not None:
        place = axis.at(baseline)
        body += Markup('<line class="against" x1="{0:.2f}%" x2="{0:.2f}%" y1="24" y2="48"/>').format(100 * place)
        body += text_at(place, 64, say("baseline {value}", value=rounded(baseline, measure)), "word")
    body += Markup('<circle class="point" cx="{:.2f}%" cy="36" r="7"/>').format(100 * value)
    if baseline is None or abs(axis.at(baseline) - value) > 0.25:
        body += text_at(value, 64, say("this model {value}", value=rounded(measure.value, measure)), "word model")
    value_said, low_said, high_said = (rounded(end, measure) for end in (measure.value, measure.low, measure.high))
    said = say(
        "{metric} {value}, {confidence} interval {low} to {high}",
        metric=words.title,
        value=value_said,
        confidence=share(confidence),
        low=low_said,
        high=high_said,
    )
    against = [] if baseline is None else [say("baseline {value}", value=rounded(baseline, measure))]
    parts = say("; ").join([said, *against, *(text for text, _ in limits)])
    return strip("headline", say("{metric} and its interval", metric=words.title), say("{said}.", said=parts), 72, body)


def progress_figure(name: str, words: MetricWords, measure: Measure, baseline: float) -> Markup:
    """Draws a metric's interval on the way from the baseline (left) to perfect (right); empty if perfect is not known."""
    if words.perfect is None or words.perfect == baseline:
        return Markup("")
    axis = Axis("", -0.15, 1.0)
    ends = sorted((value - baseline) / (words.perfect - baseline) for value in (measure.low, measure.value, measure.high))
    low, value, high = (axis.at(end) for end in ends)
    zero = axis.at(0.0)
    body = Markup('<line class="track" x1="{:.2f}%" x2="100%" y1="10" y2="10"/>').format(100 * zero)
    body += Markup('<line class="against" x1="{0:.2f}%" x2="{0:.2f}%" y1="3" y2="17"/>').format(100 * zero)
    body += Markup('<rect class="range" x="{:.2f}%" y="6" width="{:.2f}%" height="8" rx="4"/>').format(
        100 * low, max(100 * (high - low), 0.5)
    )
    body += Markup('<circle class="point" cx="{:.2f}%" cy="10" r="4.5"/>').format(100 * value)
    said = say(
        "{share} of the way from the baseline to perfect, interval {low} to {high}.",
        share=share(ends[1]),
        low=share(ends[0]),
        high=share(ends[2]),
    )
    return strip(name, say("{metric} between baseline and perfect", metric=words.title), said, 20, body)


def roc_figure(points: Sequence[Sequence[float]], area: float | None, positive: str) -> Markup:
    """Draws the ROC curve."""
    positive = short(positive)
    plot = Plot(
        Axis(say("of the other rows, share called so too"), 0, 1),
        Axis(say("of “{positive}”, share found", positive=positive), 0, 1),
    )
    curve = [(x, y) for x, y in points]
    body = plot.frame() + plot.line(DIAGONAL, "faint") + plot.line(curve, "model", is_filled=True)
    for x, y in _thin(curve):
        body += plot.dot(
            x, y, 6, "hover", say("finds {found} and calls {false} of the other rows so too", found=share(y), false=share(x))
        )
    said = "" if area is None else say("The area under it is {area}; 0.5 is chance.", area=number(area))
    if area is not None:
        body += plot.note(0.97, 0.08, say("area {area}", area=number(area)), "model strong", "end")
    return drawing(
        "roc",
        say("ROC curve"),
        sentences(say("Share of positive rows found against share of other rows called so too."), said),
        body,
    )


def precision_recall_figure(points: Sequence[Sequence[float]], base: float | None, positive: str) -> Markup:
    """Draws precision over recall, with the share of positive rows as what chance gives."""
    positive = short(positive)
    plot = Plot(
        Axis(say("recall: of “{positive}”, share found", positive=positive), 0, 1),
        Axis(say("precision: of rows called “{positive}”, share that is", positive=positive), 0, 1),
    )
    curve = [(x, y) for x, y in points]
    body = plot.frame()
    if base is not None:
        body += plot.rule_y(base, "faint", say("chance {share}", share=share(base)), is_below=base > 0.12)
    body += plot.line(curve, "model", is_filled=True)
    for x, y in _thin(curve):
        body += plot.dot(
            x, y, 6, "hover", say("finding {found}: {true} of the rows called so are", found=share(x), true=share(y))
        )
    said = "" if base is None else say("Chance gives {share}.", share=share(base))
    return drawing(
        "precision-recall",
        say("Precision over recall"),
        sentences(say("How precision falls as more positive rows are found."), said),
        body,
    )


def calibration_figure(bins: Sequence[Mapping[str, float]], positive: str) -> Markup:
    """Draws what was said against what was seen, a dot for each tenth of the rows."""
    positive = short(positive)
    plot = Plot(
        Axis(say("probability that was said (mean of a bin)"), 0, 1),
        Axis(say("share that is “{positive}”", positive=positive), 0, 1),
    )
    most, tips = max((b["n"] for b in bins), default=1), []
    body = plot.frame() + plot.line(DIAGONAL, "faint")
    body += plot.line([(b["predicted"], b["observed"]) for b in bins], "thin")
    for b in bins:
        tip = say(
            "said {said}, seen {seen}, {rows}",
            said=share(b["predicted"]),
            seen=share(b["observed"]),
            rows=plural(int(b["n"]), "row"),
        )
        tips.append((abs(b["predicted"] - b["observed"]), tip))
        body += plot.dot(b["predicted"], b["observed"], 3.5 + 3.5 * (b["n"] / most) ** 0.5, "model", tip)
    furthest = say("Furthest from it: {bin}.", bin=max(tips)[1]) if tips else ""
    said = sentences(say("On the diagonal, what was said is what was seen."), furthest)
    return drawing("calibration", say("Calibration"), said, body)


def observed_figure(predicted: Sequence[float], observed: Sequence[float], target: str) -> Markup:
    """Draws observed against predicted values of a sample of rows."""
    target = short(target)
    both = axis_over("", [*predicted, *observed], 0.03)
    plot = Plot(
        Axis(say("predicted {target}", target=target), both.low, both.high),
        Axis(say("observed {target}", target=target), both.low, both.high),
    )
    body = plot.frame() + plot.line(((both.low, both.low), (both.high, both.high)), "faint")
    body += plot.cloud(zip(predicted, observed, strict=True), "model")
    said = say("{rows}; on the diagonal a prediction is right.", rows=plural(len(observed), "row"))
    return drawing("observed", say("Observed against predicted"), said, body)


def residual_figure(predicted: Sequence[float], observed: Sequence[float], target: str) -> Markup:
    """Draws what is left over (observed less predicted) against the prediction."""
    target = short(target)
    rest = [b - a for a, b in zip(predicted, observed, strict=True)]
    reach = max((abs(value) for value in rest), default=1.0) * 1.05 or 1.0
    across = axis_over(say("predicted {target}", target=target), predicted, 0.03)
    plot = Plot(across, Axis(say("observed less predicted {target}", target=target), -reach, reach))
    body = plot.frame() + plot.rule_y(0.0, "faint") + plot.cloud(zip(predicted, rest, strict=True), "model")
    return drawing(
        "residuals",
        say("Residuals"),
        say("{rows}; above the line more was observed than predicted.", rows=plural(len(rest), "row")),
        body,
    )


def coverage_figure(levels: Sequence[Mapping[str, float]]) -> Markup:
    """Draws how often observations lay below each quantile, against how often they should."""
    plot = Plot(Axis(say("quantile level: share that should lie below"), 0, 1), Axis(say("share that did lie below"), 0, 1))
    body = plot.frame() + plot.line(DIAGONAL, "faint")
    body += plot.line([(row["level"], row["observed"]) for row in levels], "thin")
    for row in levels:
        tip = say("should {level}, did {observed}", level=share(row["level"]), observed=share(row["observed"]))
        body += plot.dot(row["level"], row["observed"], 6, "model", tip)
    said = say("On the diagonal, quantiles cover what they promise.")
    return drawing("coverage", say("Coverage of the quantiles"), said, body)


def worth_figure(decision: Decision, positive: str, other: str) -> Markup:
    """Draws the mean worth of a row over all lines, against giving every row the same label."""
    positive, other = short(positive), short(other)
    curve = [(x, y) for x, y in decision.curve]
    flat = [v for v in (decision.value_all_negative, decision.value_all_positive) if v is not None]
    if decision.rule.amount is None:
        held = say("line: probability of “{positive}” from which rows get it", positive=positive)
    else:
        held = say(
            "line: what “{positive}” is expected to be worth more, {currency}", positive=positive, currency=decision.currency
        )
    x = axis_over(held, [p for p, _ in curve], 0.02)
    worth = say("worth of a row, {currency}, out of fold", currency=decision.currency)
    y = axis_over(worth, [*(v for _, v in curve), *flat], 0.14)
    plot, known = Plot(x, y), list[str]()
    body = plot.frame()
    for value, label in ((decision.value_all_positive, positive), (decision.value_all_negative, other)):
        if value is not None:
            upper = value == max(flat)
            named = say("all “{label}” {value}", label=label, value=number(value, 3))
            known.append(named)
            body += plot.rule_y(value, "faint", named, is_below=not upper)
    body += plot.line(curve, "model")
    for line, value in _thin(curve):
        tip = say(
            "line at {line}: {value} {currency} a row",
            line=number(line, 3),
            value=number(value, 3),
            currency=decision.currency,
        )
        body += plot.dot(line, value, 6, "hover", tip)
    if decision.refer_from is not None:
        body += plot.rule_x(decision.refer_from, "limit", say("a human judges"), "end")
    if decision.threshold is not None and decision.value_per_row is not None and decision.by_group is None:
        anchor = "start" if x.at(decision.threshold) < 0.7 else "end"
        body += plot.rule_x(decision.threshold, "limit", say("line {line}", line=number(decision.threshold, 3)), anchor)
        tip = say("the line: {value} {currency} a row", value=number(decision.value_per_row), currency=decision.currency)
        body += plot.dot(decision.threshold, decision.value_per_row, 6, "model", tip)
        known.insert(0, tip)
    said = say("The line stands where the worth is highest, or where the recipe put it.")
    figures = say("{said}.", said=say("; ").join(known)) if known else ""
    return drawing("worth", say("Worth of a row over all lines"), sentences(said, figures), body)
