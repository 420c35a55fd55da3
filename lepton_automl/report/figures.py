"""The figures of the evidence: one small function each, from plain numbers to inline SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from lepton_automl.evidence import Decision
from lepton_automl.measure import Measure
from lepton_automl.report.svg import Axis, Plot, axis_over, drawing, strip, text_at
from lepton_automl.report.wording import MetricWords, number, rounded, share, short

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
        body += text_at(place, 64, f"baseline {rounded(baseline, measure)}", "word")
    body += Markup('<circle class="point" cx="{:.2f}%" cy="36" r="7"/>').format(100 * value)
    if baseline is None or abs(axis.at(baseline) - value) > 0.25:
        body += text_at(value, 64, f"this model {rounded(measure.value, measure)}", "word model")
    value_said, low_said, high_said = (rounded(end, measure) for end in (measure.value, measure.low, measure.high))
    said = f"{words.title} {value_said}, {share(confidence)} interval {low_said} to {high_said}"
    against = "" if baseline is None else f"; baseline {rounded(baseline, measure)}"
    gates = "".join(f"; {text}" for text, _ in limits)
    return strip("headline", f"{words.title} and its interval", f"{said}{against}{gates}.", 72, body)


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
    said = f"{share(ends[1])} of the way from the baseline to perfect"
    return strip(
        name, f"{words.title} between baseline and perfect", f"{said}, interval {share(ends[0])} to {share(ends[2])}.", 20, body
    )


def roc_figure(points: Sequence[Sequence[float]], area: float | None, positive: str) -> Markup:
    """Draws the ROC curve."""
    positive = short(positive)
    plot = Plot(Axis("of the other rows, share called so too", 0, 1), Axis(f"of “{positive}”, share found", 0, 1))
    curve = [(x, y) for x, y in points]
    body = plot.frame() + plot.line(DIAGONAL, "faint") + plot.line(curve, "model", is_filled=True)
    for x, y in _thin(curve):
        body += plot.dot(x, y, 6, "hover", f"finds {share(y)} and calls {share(x)} of the other rows so too")
    said = "" if area is None else f" The area under it is {number(area)}; 0.5 is chance."
    if area is not None:
        body += plot.note(0.97, 0.08, f"area {number(area)}", "model strong", "end")
    return drawing("roc", "ROC curve", f"Share of positive rows found against share of other rows called so too.{said}", body)


def precision_recall_figure(points: Sequence[Sequence[float]], base: float | None, positive: str) -> Markup:
    """Draws precision over recall, with the share of positive rows as what chance gives."""
    positive = short(positive)
    plot = Plot(
        Axis(f"recall: of “{positive}”, share found", 0, 1),
        Axis(f"precision: of rows called “{positive}”, share that is", 0, 1),
    )
    curve = [(x, y) for x, y in points]
    body = plot.frame()
    if base is not None:
        body += plot.rule_y(base, "faint", f"chance {share(base)}", is_below=base > 0.12)
    body += plot.line(curve, "model", is_filled=True)
    for x, y in _thin(curve):
        body += plot.dot(x, y, 6, "hover", f"finding {share(x)}: {share(y)} of the rows called so are")
    said = "" if base is None else f" Chance gives {share(base)}."
    return drawing(
        "precision-recall", "Precision over recall", f"How precision falls as more positive rows are found.{said}", body
    )


def calibration_figure(bins: Sequence[Mapping[str, float]], positive: str) -> Markup:
    """Draws what was said against what was seen, a dot for each tenth of the rows."""
    positive = short(positive)
    plot = Plot(Axis("probability that was said (mean of a bin)", 0, 1), Axis(f"share that is “{positive}”", 0, 1))
    most = max((b["n"] for b in bins), default=1)
    body = plot.frame() + plot.line(DIAGONAL, "faint")
    body += plot.line([(b["predicted"], b["observed"]) for b in bins], "thin")
    for b in bins:
        tip = f"said {share(b['predicted'])}, seen {share(b['observed'])}, {b['n']:,.0f} rows"
        body += plot.dot(b["predicted"], b["observed"], 3.5 + 3.5 * (b["n"] / most) ** 0.5, "model", tip)
    return drawing("calibration", "Calibration", "On the diagonal, what was said is what was seen.", body)


def observed_figure(predicted: Sequence[float], observed: Sequence[float], target: str) -> Markup:
    """Draws observed against predicted values of a sample of rows."""
    target = short(target)
    both = axis_over("", [*predicted, *observed], 0.03)
    plot = Plot(Axis(f"predicted {target}", both.low, both.high), Axis(f"observed {target}", both.low, both.high))
    body = plot.frame() + plot.line(((both.low, both.low), (both.high, both.high)), "faint")
    body += plot.cloud(zip(predicted, observed, strict=True), "model")
    return drawing(
        "observed", "Observed against predicted", f"{len(observed)} rows; on the diagonal a prediction is right.", body
    )


def residual_figure(predicted: Sequence[float], observed: Sequence[float], target: str) -> Markup:
    """Draws what is left over (observed less predicted) against the prediction."""
    target = short(target)
    rest = [b - a for a, b in zip(predicted, observed, strict=True)]
    reach = max((abs(value) for value in rest), default=1.0) * 1.05 or 1.0
    across = axis_over(f"predicted {target}", predicted, 0.03)
    plot = Plot(across, Axis(f"observed less predicted {target}", -reach, reach))
    body = plot.frame() + plot.rule_y(0.0, "faint") + plot.cloud(zip(predicted, rest, strict=True), "model")
    return drawing("residuals", "Residuals", f"{len(rest)} rows; above the line more was observed than predicted.", body)


def coverage_figure(levels: Sequence[Mapping[str, float]]) -> Markup:
    """Draws how often observations lay below each quantile, against how often they should."""
    plot = Plot(Axis("quantile level: share that should lie below", 0, 1), Axis("share that did lie below", 0, 1))
    body = plot.frame() + plot.line(DIAGONAL, "faint")
    body += plot.line([(row["level"], row["observed"]) for row in levels], "thin")
    for row in levels:
        body += plot.dot(
            row["level"], row["observed"], 6, "model", f"should {share(row['level'])}, did {share(row['observed'])}"
        )
    return drawing("coverage", "Coverage of the quantiles", "On the diagonal, quantiles cover what they promise.", body)


def worth_figure(decision: Decision, positive: str, other: str) -> Markup:
    """Draws the mean worth of a row over all lines, against giving every row the same label."""
    positive, other = short(positive), short(other)
    curve = [(x, y) for x, y in decision.curve]
    flat = [v for v in (decision.value_all_negative, decision.value_all_positive) if v is not None]
    if decision.rule.amount is None:
        held = f"line: probability of “{positive}” from which rows get it"
    else:
        held = f"line: what “{positive}” is expected to be worth more, {decision.currency}"
    x = axis_over(held, [p for p, _ in curve], 0.02)
    y = axis_over(f"worth of a row, {decision.currency}, out of fold", [*(v for _, v in curve), *flat], 0.14)
    plot = Plot(x, y)
    body = plot.frame()
    for value, label in ((decision.value_all_positive, positive), (decision.value_all_negative, other)):
        if value is not None:
            upper = value == max(flat)
            body += plot.rule_y(value, "faint", f"all “{label}” {number(value, 3)}", is_below=not upper)
    body += plot.line(curve, "model")
    for line, value in _thin(curve):
        body += plot.dot(line, value, 6, "hover", f"line at {number(line, 3)}: {number(value, 3)} {decision.currency} a row")
    if decision.refer_from is not None:
        body += plot.rule_x(decision.refer_from, "limit", "a human judges", "end")
    if decision.threshold is not None and decision.value_per_row is not None:
        anchor = "start" if x.at(decision.threshold) < 0.7 else "end"
        body += plot.rule_x(decision.threshold, "limit", f"line {number(decision.threshold, 3)}", anchor)
        tip = f"the line: {number(decision.value_per_row)} {decision.currency} a row"
        body += plot.dot(decision.threshold, decision.value_per_row, 6, "model", tip)
    return drawing(
        "worth",
        "Worth of a row over all lines",
        "The line stands where the worth is highest, or where the recipe put it.",
        body,
    )
