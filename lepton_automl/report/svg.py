"""The parts our figures are made of: axes, marks and text as inline SVG. No library, no network, colours from the page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from lepton_automl.report.wording import number

WIDTH, HEIGHT = 460, 320
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 34, 46
Point = tuple[float, float]
_DOT = Markup('<circle class="dot {}" cx="{:.1f}" cy="{:.1f}" r="{:.1f}" data-tip="{}"><title>{}</title></circle>')
_WORD = Markup('<text class="word {}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>')
_NAMED = Markup(
    'role="img" aria-labelledby="{0}-t" aria-describedby="{0}-d"><title id="{0}-t">{1}</title><desc id="{0}-d">{2}</desc>'
    '<g aria-hidden="true">{3}</g></svg>'
)
"""A figure is heard as its title and a sentence; its marks and ticks are only seen."""
_DRAWING = Markup('<svg class="{}" viewBox="0 0 {} {}" ')
_STRIP = Markup('<svg class="strip" height="{}" width="100%" ')
_BAR = Markup(
    '<svg class="bar" width="100%" height="10" aria-hidden="true">'
    '<rect class="{}" x="{:.2f}%" y="0" width="{:.2f}%" height="10" rx="2"/></svg>'
)


@dataclass(frozen=True)
class Axis:
    """One axis of a figure.

    Args:
        label: What it shows, with its unit.
        low: Value at its start.
        high: Value at its end; above `low`.
    """

    label: str
    low: float
    high: float

    def at(self, value: float) -> float:
        """Gives the place of a value on the axis, 0 to 1; values beyond the ends stand at the ends."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    @property
    def ticks(self) -> list[float]:
        """Round values along the axis, about five.

        >>> Axis("", 0.0, 1.0).ticks
        [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
        """
        rough = (self.high - self.low) / 5
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
        first = math.ceil(self.low / step - 1e-9)
        return [round(k * step, 12) for k in range(first, math.floor(self.high / step + 1e-9) + 1)]


def axis_over(label: str, values: Iterable[float], padding: float = 0.05) -> Axis:
    """Makes an axis that holds all finite values, with a little space at both ends."""
    found = [value for value in values if math.isfinite(value)]
    low, high = (min(found), max(found)) if found else (0.0, 1.0)
    space = (high - low) * padding or max(abs(high) * 0.05, 1e-6)
    return Axis(label, low - space, high + space)


@dataclass(frozen=True)
class Plot:
    """A rectangle with two axes, in which marks are placed.

    Args:
        x: The horizontal axis.
        y: The vertical axis.
    """

    x: Axis
    y: Axis

    def place(self, x: float, y: float) -> Point:
        """Gives the pixel of a pair of values."""
        across = LEFT + self.x.at(x) * (WIDTH - LEFT - RIGHT)
        return across, HEIGHT - BOTTOM - self.y.at(y) * (HEIGHT - TOP - BOTTOM)

    def frame(self, is_counted: bool = True, is_mirrored: bool = False) -> Markup:
        """Draws grid, tick labels and the names of the axes.

        Args:
            is_counted: Whether the horizontal axis has ticks with labels.
            is_mirrored: Whether the vertical axis counts upward and downward from 0.
        """
        parts = []
        for value in self.y.ticks:
            _, y = self.place(self.x.low, value)
            parts.append(
                Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(LEFT, WIDTH - RIGHT, y, y)
            )
            parts.append(
                Markup('<text class="tick" x="{}" y="{:.1f}" text-anchor="end">{}</text>').format(
                    LEFT - 7, y + 4, tick(abs(value) if is_mirrored else value)
                )
            )
        base = HEIGHT - BOTTOM
        parts.append(Markup('<line class="base" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(LEFT, WIDTH - RIGHT, base, base))
        for value in self.x.ticks if is_counted else ():
            x, _ = self.place(value, self.y.low)
            parts.append(Markup('<line class="base" x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}"/>').format(x, x, base, base + 4))
            parts.append(
                Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(x, base + 18, tick(value))
            )
        parts.append(Markup('<text class="axis" x="0" y="14">{}</text>').format(self.y.label))
        parts.append(
            Markup('<text class="axis" x="{}" y="{}" text-anchor="end">{}</text>').format(
                WIDTH - RIGHT, HEIGHT - 8, self.x.label
            )
        )
        area = Markup('<rect class="hit" x="{}" y="{}" width="{}" height="{}"/>')
        parts.append(area.format(LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM))
        return Markup("").join(parts)

    def line(self, points: Sequence[Point], style: str, is_filled: bool = False) -> Markup:
        """Draws a line through points, and fills what is below it."""
        placed = [self.place(x, y) for x, y in points]
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in placed)
        drawn = Markup('<path class="line {}" d="{}"/>').format(style, path)
        if not is_filled or not placed:
            return drawn
        base = HEIGHT - BOTTOM
        area = f"{path}L{placed[-1][0]:.1f} {base}L{placed[0][0]:.1f} {base}Z"
        return Markup('<path class="area {}" d="{}"/>').format(style, area) + drawn

    def cloud(self, points: Iterable[Point], style: str) -> Markup:
        """Draws many small dots as one path."""
        path = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in (self.place(*point) for point in points))
        return Markup('<path class="cloud {}" d="{}"/>').format(style, path)

    def dot(self, x: float, y: float, radius: float, style: str, tip: str) -> Markup:
        """Draws a dot that says what it is when pointed at."""
        across, down = self.place(x, y)
        return _DOT.format(style, across, down, radius, tip, tip)

    def rule_x(self, value: float, style: str, text: str = "", anchor: str = "start") -> Markup:
        """Draws a vertical line at a value, named at its top."""
        x, _ = self.place(value, self.y.low)
        drawn = Markup('<line class="rule {}" x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}"/>').format(
            style, x, x, TOP, HEIGHT - BOTTOM
        )
        shift = 6 if anchor == "start" else -6
        return drawn + _WORD.format(style, x + shift, TOP + 10, anchor, text)

    def rule_y(self, value: float, style: str, text: str = "", is_below: bool = False) -> Markup:
        """Draws a horizontal line at a value, named at its right end."""
        _, y = self.place(self.x.low, value)
        drawn = Markup('<line class="rule {}" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(
            style, LEFT, WIDTH - RIGHT, y, y
        )
        return drawn + _WORD.format(style, WIDTH - RIGHT - 2, y + (15 if is_below else -6), "end", text)

    def note(self, x: float, y: float, text: str, style: str, anchor: str = "start") -> Markup:
        """Writes a word inside the plot."""
        across, down = self.place(x, y)
        return _WORD.format(style, across, down, anchor, text)


def tick(value: float) -> str:
    """Writes the label of a tick; large numbers are shortened.

    >>> tick(0.25), tick(15000.0), tick(2000000.0)
    ('0.25', '15k', '2M')
    """
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= limit:
            return number(value / {"G": 1e9, "M": 1e6, "k": 1e3}[unit], 3) + unit
    return number(float(value), 4)


def drawing(name: str, title: str, description: str, body: Markup, style: str = "plot") -> Markup:
    """Wraps marks as a figure that a screen reader can tell.

    Args:
        name: Identifier, once in a page.
        title: What the figure is.
        description: What it shows, in a sentence.
        body: The marks, in a box of 460 by 320.
        style: Class of the `svg` element.
    """
    return canvas(name, title, description, (WIDTH, HEIGHT), body, style)


def canvas(name: str, title: str, description: str, size: tuple[int, int], body: Markup, style: str) -> Markup:
    """Wraps marks in a box of any width and height, as a figure that a screen reader can tell."""
    return _DRAWING.format(style, *size) + _NAMED.format(name, title, description, body)


def strip(name: str, title: str, description: str, height: int, body: Markup) -> Markup:
    """Wraps marks that are placed in per cent of the width, so that text keeps its size on a narrow page."""
    return _STRIP.format(height) + _NAMED.format(name, title, description, body)


def bar(start: float, end: float, style: str = "") -> Markup:
    """Draws a bar of a table's cell from one share of its width to another; the figure stands beside it as text."""
    left, width = min(start, end), abs(end - start)
    return _BAR.format(style, 100 * left, max(100 * width, 0.4))


def span(axis: Axis, low: float, value: float, high: float, against: float | None = None) -> Markup:
    """Draws a value with its interval in a table's cell, and a mark to compare it with; the figures stand beside it as text."""
    left, right = axis.at(low), axis.at(high)
    body = Markup('<line class="track" x1="0" x2="100%" y1="10" y2="10"/>')
    body += Markup('<rect class="range" x="{:.2f}%" y="6" width="{:.2f}%" height="8" rx="4"/>').format(
        100 * left, max(100 * (right - left), 0.5)
    )
    if against is not None:
        body += Markup('<line class="against" x1="{0:.2f}%" x2="{0:.2f}%" y1="2" y2="18"/>').format(100 * axis.at(against))
    body += Markup('<circle class="point" cx="{:.2f}%" cy="10" r="4.5"/>').format(100 * axis.at(value))
    return Markup('<svg class="strip" width="100%" height="20" aria-hidden="true">{}</svg>').format(body)


def anchor_at(place: float) -> str:
    """Gives the anchor of a word near an end of a strip, so that it stays inside.

    >>> anchor_at(0.02), anchor_at(0.5), anchor_at(0.97)
    ('start', 'middle', 'end')
    """
    return "start" if place < 0.15 else "end" if place > 0.85 else "middle"


def text_at(place: float, y: int, text: str, style: str) -> Markup:
    """Writes a word at a share of a strip's width."""
    return Markup('<text class="{}" x="{:.2f}%" y="{}" text-anchor="{}">{}</text>').format(
        style, 100 * place, y, anchor_at(place), escape(text)
    )
