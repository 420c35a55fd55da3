"""The figure of how predictions go with one feature."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from lepton_automl.report.language import say
from lepton_automl.report.svg import Plot, axis_over, drawing
from lepton_automl.report.wording import number, sentences, short

POINTS = 100.0
"""Points of a probability."""


def effect_figure(
    name: str, column: str, at: Sequence[float], effects: Sequence[float], said: str, unit: str, reach: tuple[float, float]
) -> Markup:
    """Draws the accumulated local effect of a number, with a mark at the end of each stretch of equally many rows.

    Args:
        name: Identifier, once in a page.
        column: The feature.
        at: Ends of the stretches, in order.
        effects: Effect at each, in the unit of the axis.
        said: What is predicted, for the axis.
        unit: Unit of the effects.
        reach: Lowest and highest effect of all figures beside it: they share an axis.
    """
    beside = say("{what}, {unit} beside the mean", what=short(said), unit=unit)
    plot = Plot(axis_over(short(column, 40), at, 0.02), axis_over(beside, reach, 0.08))
    body = plot.frame()
    _, zero = plot.place(plot.x.low, 0.0)
    left, right = (plot.place(x, 0.0)[0] for x in (plot.x.low, plot.x.high))
    body += Markup('<line class="rule faint" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>').format(left, right, zero, zero)
    for value in at:
        x, base = plot.place(value, plot.y.low)
        body += Markup('<line class="base" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}"/>').format(x, base, base - 6)
    points = list(zip(at, effects, strict=True))
    body += plot.line(points, "model")
    for value, effect in points:
        body += plot.dot(
            value, effect, 6, "hover", say("{at}: {value}", at=f"{column} {number(value, 4)}", value=f"{signed(effect)} {unit}")
        )
    said = say(
        "How {what} goes with {column}, everything else as it is; marks below part equally many rows.",
        what=said,
        column=column,
    )
    if points:
        first, last = (
            say("{at}: {value}", at=number(at, 4), value=f"{signed(effect)} {unit}") for at, effect in (points[0], points[-1])
        )
        said = sentences(said, say("From {first} to {last}.", first=first, last=last))
    return drawing(name, say("Effect of {column}", column=column), said, body)


def signed(value: float) -> str:
    """Writes a figure with its sign.

    >>> signed(0.123), signed(-4.0), signed(0.0)
    ('+0.123', '−4', '0')
    """
    return ("+" if value > 0 else "") + number(float(value), 3)
