"""The pictures of a comparison: where a difference lies beside zero and the margin."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from lepton_automl.evidence.comparing import Figure
from lepton_automl.report.comparing.words import TONE, full_title, interval, signed, unit_of, word_said
from lepton_automl.report.language import say
from lepton_automl.report.svg import Axis, strip, text_at
from lepton_automl.report.wording import number

ZONE = Markup('<rect class="zone" x="{:.2f}%" y="{}" width="{:.2f}%" height="{}" rx="2"/>')
RANGE = Markup('<rect class="range {}" x="{:.2f}%" y="{}" width="{:.2f}%" height="{}" rx="{}"/>')
LINE = Markup('<line class="{0}" x1="{1:.2f}%" x2="{1:.2f}%" y1="{2}" y2="{3}"/>')
POINT = Markup('<circle class="point {}" cx="{:.2f}%" cy="{}" r="{}"/>')
TRACK = Markup('<line class="track" x1="0" x2="100%" y1="{0}" y2="{0}"/>')
BEYOND = Markup('<text class="beyond {}" x="{}%" y="{}" text-anchor="{}">{}</text>')
HEAD = Markup('<svg class="strip scale" width="100%" height="{}" aria-hidden="true">{}</svg>')
ROOM = 1.12
"""How far an axis goes beyond what it must hold."""
MOST_MARGINS = 10.0
"""Margins to both sides of zero that figures of unlike units are shown on; what lies beyond ends in an arrow."""


@dataclass(frozen=True)
class Scale:
    """The axis that the rows of one table share, so that they are read beside each other; right is better.

    Args:
        reach: How far it goes to both sides of zero.
        is_in_margins: Whether each figure is told in multiples of its own margin, as figures of unlike units must be.
    """

    reach: float
    is_in_margins: bool = False

    def axis(self, figure: Figure) -> Axis:
        """Gives the axis of a figure in its own units."""
        reach = self.reach * (figure.margin if self.is_in_margins else 1.0) or 1.0
        return Axis("", -reach, reach)

    def zone(self, figure: Figure) -> tuple[str, str]:
        """Gives where the margin begins and ends, in per cent of the width."""
        axis = self.axis(figure)
        start, end = (axis.at(side * figure.margin) for side in (-1, 1))
        return f"{100 * start:.2f}%", f"{100 * end:.2f}%"


def gains(figure: Figure) -> tuple[float, float, float]:
    """Gives low end, difference and high end with their sign turned so that more is better."""
    sign = 1.0 if figure.is_score else -1.0
    low, high = sorted((sign * figure.low, sign * figure.high))
    return low, sign * figure.difference, high


def reach_of(figure: Figure) -> float:
    """Gives how far an axis must go to both sides to hold interval and margin."""
    low, value, high = gains(figure)
    return max((abs(end) for end in (low, value, high, figure.margin) if math.isfinite(end)), default=0.0)


def scale_of_one(figure: Figure) -> Scale:
    """Gives the scale of a figure alone."""
    return Scale(ROOM * reach_of(figure))


def scale_of_same(figures: Sequence[Figure]) -> Scale:
    """Gives the scale of one figure in several slices or candidates."""
    return Scale(ROOM * max(reach_of(figure) for figure in figures))


def scale_of_unlike(figures: Sequence[Figure]) -> Scale | None:
    """Gives the scale of figures of unlike units, in margins; none where a margin is zero."""
    if not figures or any(figure.margin <= 0 for figure in figures):
        return None
    reach = max(reach_of(figure) / figure.margin for figure in figures)
    return Scale(ROOM * min(reach, MOST_MARGINS), is_in_margins=True)


def difference_strip(name: str, figure: Figure, scale: Scale, is_large: bool = False) -> Markup:
    """Draws a difference with its interval, zero and, in a large picture, the margin; right is better.

    Args:
        name: Identifier, once in a page.
        figure: The figure.
        scale: The axis; in a table the margin is drawn by the cell, through all rows.
        is_large: Whether words are written beside it.
    """
    axis = scale.axis(figure)
    low, value, high = gains(figure)
    middle, half, thick = (36, 7, 14) if is_large else (11, 4, 9)
    tone = TONE[figure.word]
    body = TRACK.format(middle)
    if figure.margin and is_large:
        start, end = axis.at(-figure.margin), axis.at(figure.margin)
        body += ZONE.format(100 * start, middle - thick, 100 * (end - start), 2 * thick)
    body += LINE.format("zero", 50.0, middle - thick, middle + thick)
    if math.isfinite(low + high):
        start, end = axis.at(low), axis.at(high)
        body += RANGE.format(tone, 100 * start, middle - half, max(100 * (end - start), 0.6), 2 * half, half)
        if low < axis.low:
            body += BEYOND.format(tone, 0, middle + 4, "start", "◂")
        if high > axis.high:
            body += BEYOND.format(tone, 100, middle + 4, "end", "▸")
    if math.isfinite(value):
        body += POINT.format(tone, 100 * axis.at(value), middle, 7 if is_large else 4.5)
    if is_large:
        body += text_at(0.02, 12, say("worse"), "word side") + text_at(0.98, 12, say("better"), "word side")
        body += text_at(0.5, 12, say("no difference"), "word side")
    title, word = full_title(figure), word_said(figure.word)
    change = f"{signed(figure.difference, figure)}{unit_of(figure)}"
    said = say("{name}: {change}, interval {range}; {word}.", name=title, change=change, range=interval(figure), word=word)
    return strip(name, say("Difference of {name}", name=title), said, 60 if is_large else 22, body)


def ends_head(ends: Sequence[str]) -> Markup:
    """Draws the head of a column of pictures: which side is better, and the value at both ends and in the middle."""
    body = text_at(0.0, 12, f"← {say('worse')}", "word side") + text_at(1.0, 12, f"{say('better')} →", "word side")
    if not ends:
        return HEAD.format(16, body)
    for place, text in ((0.0, ends[0]), (0.5, "0"), (1.0, ends[1])):
        body += text_at(place, 30, text, "tick")
    return HEAD.format(34, body)


def scale_head(scale: Scale | None, figure: Figure) -> Markup:
    """Draws the head of a column of differences; a scale of margins is told in multiples of them."""
    if scale is None:
        return ends_head(())
    if scale.is_in_margins:
        return ends_head([f"{number(side * scale.reach, 2)} ×" for side in (-1, 1)])
    sign = 1 if figure.is_score else -1
    return ends_head([number(side * sign * scale.reach, 2) for side in (-1, 1)])
