"""Parallel coordinates: every run of a sweep as a line through the values of its keys to its figure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from lepton_automl.evidence.comparing import Sweep
from lepton_automl.report.comparing.effects import level_said, ordered_keys, short_names, sorted_levels
from lepton_automl.report.language import say
from lepton_automl.report.svg import axis_over, canvas
from lepton_automl.report.wording import listed, metric_words, number, plural, short

WIDTH, HEIGHT, TOP, BOTTOM = 960, 360, 46, 18
LEFT, RIGHT = 12, 74
MOST_AXES = 8
"""Swept keys that are drawn, those with the largest effects."""
TOP_SHARE = 0.1
WAY = Markup('<path class="{}" d="{}" data-rank="{}" data-tip="{}"><title>{}</title></path>')
AXIS = Markup('<line class="axis-line" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>')
NAME = Markup('<text class="name" x="{}" y="20" text-anchor="{}">{}</text>')
WORD = Markup('<text class="tick" x="{}" y="{:.1f}">{}</text>')


def parallel_figure(sweep: Sweep) -> Markup:
    """Draws every run as a line through the values of its keys to its figure; the best tenth stands out."""
    keys = ordered_keys(sweep)[:MOST_AXES]
    names = dict(zip(sweep.keys, short_names(sweep.keys), strict=True))
    runs = [run for run in sweep.runs if math.isfinite(run.value)]
    columns = [[run.keys[key] for run in runs] for key in keys]
    places = [_places(column) for column in columns]
    axis = axis_over("", [run.value for run in runs], 0.02)
    across = [LEFT + round((WIDTH - LEFT - RIGHT) * at / len(keys)) for at in range(len(keys) + 1)]
    title = metric_words(sweep.metric).title
    parts = [
        _axis(at, x, name) for at, (x, name) in enumerate(zip(across, [*(names[key] for key in keys), title], strict=True))
    ]
    few = max(1, math.ceil(TOP_SHARE * len(runs)))
    for at in reversed(range(len(runs))):
        up = axis.at(runs[at].value)
        heights = [*(places[k][columns[k][at]] for k in range(len(keys))), up if sweep.is_score else 1 - up]
        path = "M" + "L".join(f"{x} {_down(h):.1f}" for x, h in zip(across, heights, strict=True))
        settings = listed(f"{names[key]} = {level_said(runs[at].keys[key])}" for key in keys)
        tip = say(
            "rank {rank}: {title} {value}; {settings}",
            rank=at + 1,
            title=title,
            value=number(runs[at].value, 4),
            settings=settings,
        )
        parts.append(WAY.format("way top" if at < few else "way", path, at, tip, tip))
    for x, place in zip(across, places, strict=False):
        parts += [_word(x, _down(h), short(level_said(level), 18)) for level, h in place.items()]
    for value in (axis.ticks[::2] or axis.ticks)[:6]:
        up = axis.at(value)
        parts.append(_word(across[-1], _down(up if sweep.is_score else 1 - up), number(value, 4)))
    said = say(
        "{runs} as lines through {keys}; the best {few} stand out. The table has all of it.",
        runs=plural(len(runs), "run"),
        keys=listed(keys),
        few=few,
    )
    return canvas("parallel", say("Runs through their keys"), said, (WIDTH, HEIGHT), Markup("").join(parts), "plot parallel")


def _down(height: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * height


def _axis(at: int, x: int, name: str) -> Markup:
    start, anchor = (0, "start") if at == 0 else (x, "middle")
    return AXIS.format(x, TOP, HEIGHT - BOTTOM) + NAME.format(start, anchor, short(name, 22))


def _word(x: int, y: float, text: str) -> Markup:
    return WORD.format(x + 8, y + 4, text)


def _places(column: Sequence[str]) -> dict[str, float]:
    """Gives each level its height: numbers by their order, others as they come."""
    levels = sorted_levels(column)
    if len(levels) == 1:
        return {levels[0]: 0.5}
    return {level: place / (len(levels) - 1) for place, level in enumerate(levels)}
