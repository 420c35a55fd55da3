"""The pictures of a comparison: where a difference lies beside zero and the margin."""

from __future__ import annotations

import math

from markupsafe import Markup

from lepton_automl.evidence.comparing import Figure
from lepton_automl.report.comparing.words import TONE, interval, signed, title_of, unit_of
from lepton_automl.report.svg import Axis, strip, text_at

ZONE = Markup('<rect class="zone" x="{:.2f}%" y="{}" width="{:.2f}%" height="{}" rx="2"/>')
RANGE = Markup('<rect class="range {}" x="{:.2f}%" y="{}" width="{:.2f}%" height="{}" rx="{}"/>')
LINE = Markup('<line class="{0}" x1="{1:.2f}%" x2="{1:.2f}%" y1="{2}" y2="{3}"/>')
POINT = Markup('<circle class="point {}" cx="{:.2f}%" cy="{}" r="{}"/>')
TRACK = Markup('<line class="track" x1="0" x2="100%" y1="{0}" y2="{0}"/>')


def gains(figure: Figure) -> tuple[float, float, float]:
    """Gives low end, difference and high end with their sign turned so that more is better."""
    sign = 1.0 if figure.is_score else -1.0
    low, high = sorted((sign * figure.low, sign * figure.high))
    return low, sign * figure.difference, high


def reach_of(figure: Figure) -> float:
    """Gives how far an axis must go to both sides to hold interval and margin."""
    low, value, high = gains(figure)
    return max((abs(end) for end in (low, value, high, figure.margin) if math.isfinite(end)), default=0.0)


def difference_strip(name: str, figure: Figure, reach: float, is_large: bool = False) -> Markup:
    """Draws a difference with its interval, zero and the margin; right is better.

    Args:
        name: Identifier, once in a page.
        figure: The figure.
        reach: How far the axis goes to both sides.
        is_large: Whether words are written beside it.
    """
    reach = reach * 1.12 or 1.0
    axis = Axis("", -reach, reach)
    low, value, high = gains(figure)
    middle, half, thick = (36, 7, 14) if is_large else (11, 4, 8)
    tone = TONE[figure.word]
    body = TRACK.format(middle)
    if figure.margin:
        start, end = axis.at(-figure.margin), axis.at(figure.margin)
        body += ZONE.format(100 * start, middle - thick, 100 * (end - start), 2 * thick)
    body += LINE.format("zero", 50.0, middle - thick, middle + thick)
    if math.isfinite(low + high):
        start, end = axis.at(low), axis.at(high)
        body += RANGE.format(tone, 100 * start, middle - half, max(100 * (end - start), 0.6), 2 * half, half)
    if math.isfinite(value):
        body += POINT.format(tone, 100 * axis.at(value), middle, 7 if is_large else 4.5)
    if is_large:
        body += text_at(0.02, 12, "worse", "word side") + text_at(0.98, 12, "better", "word side")
        body += text_at(0.5, 12, "no difference", "word side")
    said = f"{title_of(figure.name)}: {signed(figure.difference, figure)}{unit_of(figure)}, interval {interval(figure)}"
    return strip(name, f"Difference of {title_of(figure.name)}", f"{said}; {figure.word}.", 60 if is_large else 22, body)
