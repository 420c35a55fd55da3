"""A sweep: which run is best, how the runs lie beside each other, and what each swept key does."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup

from lepton_automl import __version__
from lepton_automl.evidence.comparing import Effect, Sweep, SweepRun, Word
from lepton_automl.measure import Measure
from lepton_automl.report.comparing.figures import LINE, POINT, RANGE, TRACK
from lepton_automl.report.comparing.terminal import table
from lepton_automl.report.comparing.words import TONE
from lepton_automl.report.comparing.write import finite
from lepton_automl.report.page import rendered
from lepton_automl.report.svg import Axis, axis_over, canvas, strip
from lepton_automl.report.wording import DASH, MINUS, duration, megabytes, metric_words, number, plural, rounded, share, short

FILES = ("sweep.html", "sweep.json")
HEIGHT, TOP, BOTTOM, STEP = 380, 48, 30, 170
MOST_AXES = 8
"""Swept keys that are drawn, those with the largest effects."""
TOP_SHARE = 0.1


def render_sweep_json(sweep: Sweep) -> str:
    """Gives the sweep as JSON; figures that are not finite become null."""
    return json.dumps({"format": 1, "sweep": finite(sweep.to_dict())}, ensure_ascii=False, indent=1) + "\n"


def write_sweep(sweep: Sweep, folder: Path) -> list[Path]:
    """Writes page and JSON into a folder; gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in FILES]
    for path, text in zip(paths, (render_sweep(sweep), render_sweep_json(sweep)), strict=True):
        path.write_text(text, encoding="utf-8", errors="replace")
    return paths


def render_sweep_text(sweep: Sweep) -> str:
    """Gives the sweep as lines for a terminal."""
    return "\n".join(_lines(sweep))


def _lines(sweep: Sweep) -> Iterator[str]:
    words = metric_words(sweep.metric)
    yield f"{plural(len(sweep.runs), 'run')} of {sweep.name}, by {words.title}; {words.better}"
    yield ""
    head = ("run", words.title, f"{share(sweep.confidence)} interval", "seconds", "beside the best")
    yield from table([head, *(_run_row(run) for run in sweep.runs[:30])])
    if len(sweep.runs) > 30:
        yield f"  … and {len(sweep.runs) - 30} more"
    every = [effect for key in ordered_keys(sweep) for effect in by_level([e for e in sweep.effects if e.key == key])]
    if every:
        yield ""
        yield from table(
            [("key = level", "runs", "effect", "interval", ""), *(_effect_row(effect) for effect in sweep.effects)]
        )
    for name, why in sweep.unfinished.items():
        yield f"  without result: {name}: {why}"
    for notice in sweep.notices:
        yield f"  note: {notice}"


def _run_row(run: SweepRun) -> tuple[str, ...]:
    measure = Measure(run.value, run.low, run.high, 1)
    ends = f"{rounded(run.low, measure)} to {rounded(run.high, measure)}"
    return run.name, rounded(run.value, measure), ends, number(run.seconds, 3), _beside(run)


def _beside(run: SweepRun) -> str:
    return "" if run.against_best is None else str(run.against_best)


def _effect_row(effect: Effect) -> tuple[str, ...]:
    measure = Measure(effect.effect, effect.low, effect.high, effect.runs)
    return f"{effect.key} = {effect.level}", str(effect.runs), _signed(effect.effect, measure), _ends(effect), ""


def _signed(value: float, measure: Measure) -> str:
    if not math.isfinite(value):
        return DASH
    text = rounded(value, measure)
    return text if text.startswith(MINUS) or value == 0 else f"+{text}"


def _ends(effect: Effect) -> str:
    if not math.isfinite(effect.low + effect.high):
        return DASH
    measure = Measure(effect.effect, effect.low, effect.high, effect.runs)
    return f"{_signed(effect.low, measure)} to {_signed(effect.high, measure)}"


def render_sweep(sweep: Sweep, written: datetime | None = None) -> str:
    """Gives the sweep as one self-contained HTML file.

    Args:
        sweep: The sweep.
        written: Moment that is shown as the time of writing; now if absent.
    """
    axis = axis_over("", [end for run in sweep.runs for end in (run.low, run.high)], 0.04)
    return rendered(
        "sweep.html",
        "comparison.css",
        version=__version__,
        written=f"{written or datetime.now(UTC):%-d %B %Y, %H:%M} UTC",
        name=sweep.name,
        target=sweep.target,
        words=metric_words(sweep.metric),
        confidence=share(sweep.confidence),
        keys=sweep.keys,
        runs=[_run_content(f"run-{place}", run, axis) for place, run in enumerate(sweep.runs)],
        ties=sum(run.against_best in (Word.SAME, Word.UNDERPOWERED) for run in sweep.runs),
        effects=_effects(sweep),
        parallel=parallel_figure(sweep) if sweep.keys else "",
        unfinished=dict(sweep.unfinished),
        notices=sweep.notices,
    )


def _run_content(name: str, run: SweepRun, axis: Axis) -> dict[str, Any]:
    measure = Measure(run.value, run.low, run.high, 1)
    body = TRACK.format(11)
    if math.isfinite(run.low + run.high):
        start, end = axis.at(run.low), axis.at(run.high)
        body += RANGE.format("", 100 * start, 7, max(100 * (end - start), 0.6), 8, 4)
    if math.isfinite(run.value):
        body += POINT.format("", 100 * axis.at(run.value), 11, 4.5)
    ends = f"{rounded(run.low, measure)} to {rounded(run.high, measure)}"
    return {
        "name": run.name,
        "keys": list(run.keys.values()),
        "value": rounded(run.value, measure),
        "raw": "" if math.isnan(run.value) else run.value,
        "interval": ends,
        "strip": strip(name, f"Figure of {run.name}", f"{rounded(run.value, measure)}, interval {ends}.", 22, body),
        "seconds": duration(run.seconds),
        "raw_seconds": run.seconds,
        "size": megabytes(run.artifact_mb),
        "raw_size": run.artifact_mb,
        "word": _beside(run),
        "tone": "calm" if run.against_best is None else TONE[run.against_best],
    }


def _effects(sweep: Sweep) -> list[dict[str, Any]]:
    """Gives the effects by key, those with the widest spread first, all on one axis; right is better."""
    sign = 1.0 if sweep.is_score else -1.0
    ends = [abs(end) for e in sweep.effects for end in (e.effect, e.low, e.high) if math.isfinite(end)]
    reach = (max(ends, default=0.0) or 1.0) * 1.12
    axis = Axis("", -reach, reach)
    found = []
    for number_, key in enumerate(ordered_keys(sweep)):
        mine = by_level([effect for effect in sweep.effects if effect.key == key])
        rows = [
            {
                "level": effect.level,
                "runs": effect.runs,
                "mean": number(effect.mean, 4, keeps_zeros=True),
                "effect": _signed(effect.effect, Measure(effect.effect, effect.low, effect.high, 1)),
                "interval": _ends(effect),
                "strip": _effect_strip(f"effect-{number_}-{place}", effect, axis, sign),
            }
            for place, effect in enumerate(mine)
        ]
        found.append({"key": key, "rows": rows})
    return found


def _effect_strip(name: str, effect: Effect, axis: Axis, sign: float) -> Markup:
    body = TRACK.format(11) + LINE.format("zero", 50.0, 3, 19)
    tone = "calm"
    if math.isfinite(effect.low + effect.high):
        low, high = sorted((sign * effect.low, sign * effect.high))
        tone = "good" if low > 0 else "bad" if high < 0 else "calm"
        body += RANGE.format(tone, 100 * axis.at(low), 7, max(100 * (axis.at(high) - axis.at(low)), 0.6), 8, 4)
    if math.isfinite(effect.effect):
        body += POINT.format(tone, 100 * axis.at(sign * effect.effect), 11, 4.5)
    said = f"{effect.key} = {effect.level}: {number(effect.effect, 3)}, interval {_ends(effect)}."
    return strip(name, f"Effect of {effect.key} = {effect.level}", said, 22, body)


def ordered_keys(sweep: Sweep) -> list[str]:
    """Gives the swept keys, those whose levels lie furthest apart first."""

    def spread(key: str) -> float:
        found = [e.effect for e in sweep.effects if e.key == key and math.isfinite(e.effect)]
        return max(found) - min(found) if found else 0.0

    return sorted(sweep.keys, key=lambda key: (-spread(key), key))


def parallel_figure(sweep: Sweep) -> Markup:
    """Draws every run as a line through the values of its keys to its figure; the best tenth stands out."""
    keys = ordered_keys(sweep)[:MOST_AXES]
    runs = [run for run in sweep.runs if math.isfinite(run.value)]
    columns = [[run.keys[key] for run in runs] for key in keys]
    places = [_places(column) for column in columns]
    axis = axis_over("", [run.value for run in runs], 0.02)
    width = STEP * len(keys) + 170
    across = [60 + STEP * at for at in range(len(keys) + 1)]
    span = HEIGHT - TOP - BOTTOM
    parts = [_axis(x, key) for x, key in zip(across, [*keys, metric_words(sweep.metric).title], strict=True)]
    few = max(1, math.ceil(TOP_SHARE * len(runs)))
    for at in reversed(range(len(runs))):
        heights = [places[k][columns[k][at]] for k in range(len(keys))]
        up = axis.at(runs[at].value)
        heights.append(up if sweep.is_score else 1 - up)
        path = "M" + "L".join(f"{x} {HEIGHT - BOTTOM - span * h:.1f}" for x, h in zip(across, heights, strict=True))
        tip = f"{runs[at].name}: {number(runs[at].value, 4)}"
        style = "way top" if at < few else "way"
        parts.append(Markup('<path class="{}" d="{}" data-tip="{}"><title>{}</title></path>').format(style, path, tip, tip))
    for x, place in zip(across, places, strict=False):
        parts += [_word(x, HEIGHT - BOTTOM - span * h, short(level, 18)) for level, h in place.items()]
    for value in (axis.ticks[::2] or axis.ticks)[:6]:
        up = axis.at(value)
        parts.append(_word(across[-1], HEIGHT - BOTTOM - span * (up if sweep.is_score else 1 - up), number(value, 4)))
    said = f"{plural(len(runs), 'run')} as lines through {', '.join(keys)}; the best {few} stand out. The table has all of it."
    return canvas("parallel", "Runs through their keys", said, (width, HEIGHT), Markup("").join(parts), "plot parallel")


def _axis(x: int, name: str) -> Markup:
    line = Markup('<line class="axis-line" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>').format(x, TOP, HEIGHT - BOTTOM)
    shown = short(".".join(name.split(".")[-2:]), 22)
    return line + Markup('<text class="name" x="{}" y="22" text-anchor="middle">{}</text>').format(x, shown)


def _word(x: int, y: float, text: str) -> Markup:
    return Markup('<text class="tick" x="{}" y="{:.1f}">{}</text>').format(x + 8, y + 4, text)


def sorted_levels(levels: Sequence[str]) -> list[str]:
    """Gives the different levels in order: numbers by their size, others by their letters.

    >>> sorted_levels(["31", "4", "31"])
    ['4', '31']
    """
    found = list(dict.fromkeys(levels))
    try:
        return sorted(found, key=float)
    except ValueError:
        return sorted(found)


def by_level(effects: Sequence[Effect]) -> list[Effect]:
    """Gives the effects of one key in the order of its levels; bands stay in theirs."""
    order = sorted_levels([effect.level for effect in effects])
    if any(" to " in level for level in order):
        return sorted(effects, key=lambda effect: (not effect.level.startswith("up to"), effect.level.startswith("over")))
    return sorted(effects, key=lambda effect: order.index(effect.level))


def _places(column: Sequence[str]) -> dict[str, float]:
    """Gives each level its height: numbers by their order, others as they come."""
    levels = sorted_levels(column)
    if len(levels) == 1:
        return {levels[0]: 0.5}
    return {level: place / (len(levels) - 1) for place, level in enumerate(levels)}
