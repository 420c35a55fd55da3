"""A sweep as one page: which run is best, how the runs lie beside each other, and what each swept key does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup

from lepton_automl.evidence.comparing import Effect, Sweep, SweepRun, Word
from lepton_automl.measure import Measure
from lepton_automl.report.comparing.effects import (
    by_level,
    ends_of,
    level_said,
    ordered_keys,
    short_names,
    signed_effect,
    tone_of,
    why,
)
from lepton_automl.report.comparing.figures import LINE, POINT, RANGE, ROOM, TRACK, ends_head
from lepton_automl.report.comparing.parallel import parallel_figure
from lepton_automl.report.comparing.words import TONE, word_said
from lepton_automl.report.language import say, speaking
from lepton_automl.report.page import rendered
from lepton_automl.report.svg import Axis, axis_over, strip
from lepton_automl.report.wording import dated, duration, interval, megabytes, metric_words, number, rounded, share


def render_sweep(sweep: Sweep, written: datetime | None = None, language: str | None = None) -> str:
    """Gives the sweep as one self-contained HTML file.

    Args:
        sweep: The sweep.
        written: Moment that is shown as the time of writing; now if absent.
        language: Code of the language; the one that all recipes ask for if absent.
    """
    with speaking(language or sweep.language):
        return rendered("sweep.html", "comparison.css", written=dated(written or datetime.now(UTC)), **_content(sweep))


def _content(sweep: Sweep) -> dict[str, Any]:
    axis = axis_over("", [end for run in sweep.runs for end in (run.low, run.value, run.high)], 0.04)
    names = short_names(sweep.keys)
    effect_axis = _effect_axis(sweep)
    sign = 1 if sweep.is_score else -1
    return {
        "name": sweep.name,
        "target": sweep.target,
        "words": metric_words(sweep.metric),
        "confidence": share(sweep.confidence),
        "keys": sweep.keys,
        "short_keys": names,
        "runs": [_run(f"run-{place}", run, axis, names) for place, run in enumerate(sweep.runs)],
        "ties": sum(run.against_best in (Word.SAME, Word.UNDERPOWERED) for run in sweep.runs),
        "why": why(sweep),
        "effects": _effects(sweep, effect_axis),
        "effect_head": ends_head([number(side * sign * effect_axis.high, 2) for side in (-1, 1)]),
        "parallel": parallel_figure(sweep) if sweep.keys else "",
        "unfinished": dict(sweep.unfinished),
        "notices": sweep.notices,
    }


def _run(name: str, run: SweepRun, axis: Axis, names: Sequence[str]) -> dict[str, Any]:
    measure = Measure(run.value, run.low, run.high, 1)
    body = TRACK.format(11)
    if math.isfinite(run.low + run.high):
        start, end = axis.at(run.low), axis.at(run.high)
        body += RANGE.format("", 100 * start, 7, max(100 * (end - start), 0.6), 8, 4)
    if math.isfinite(run.value):
        body += POINT.format("", 100 * axis.at(run.value), 11, 4.5)
    low, value, high = (rounded(end, measure) for end in (run.low, run.value, run.high))
    title = say("{figure} of {slice}", figure=say("Figure"), slice=run.name)
    said = say("{value} ({range})", value=value, range=interval(low, high))
    return {
        "name": run.name,
        "settings": [(key, level_said(level)) for key, level in zip(names, run.keys.values(), strict=True)],
        "value": value,
        "low": low,
        "high": high,
        "raw": "" if math.isnan(run.value) else run.value,
        "place": f"{100 * axis.at(run.value):.2f}%" if math.isfinite(run.value) else "50%",
        "interval": interval(low, high),
        "strip": strip(name, title, said, 22, body),
        "seconds": duration(run.seconds),
        "raw_seconds": run.seconds,
        "size": megabytes(run.artifact_mb),
        "raw_size": run.artifact_mb,
        "word": "" if run.against_best is None else word_said(run.against_best),
        "tone": "calm" if run.against_best is None else TONE[run.against_best],
    }


def _effect_axis(sweep: Sweep) -> Axis:
    ends = [abs(end) for e in sweep.effects for end in (e.effect, e.low, e.high) if math.isfinite(end)]
    reach = (max(ends, default=0.0) or 1.0) * ROOM
    return Axis("", -reach, reach)


def _effects(sweep: Sweep, axis: Axis) -> list[dict[str, Any]]:
    """Gives the effects by key, those with the widest spread first, all on one axis; right is better."""
    found = []
    for place, key in enumerate(ordered_keys(sweep)):
        mine = by_level([effect for effect in sweep.effects if effect.key == key])
        rows = [
            {
                "level": level_said(effect.level),
                "runs": effect.runs,
                "mean": number(effect.mean, 4, keeps_zeros=True),
                "effect": signed_effect(effect.effect, effect),
                "interval": ends_of(effect),
                "strip": _effect_strip(f"effect-{place}-{at}", effect, axis, sweep.is_score),
            }
            for at, effect in enumerate(mine)
        ]
        if rows:
            found.append({"key": key, "rows": rows})
    return found


def _effect_strip(name: str, effect: Effect, axis: Axis, is_score: bool) -> Markup:
    sign, tone = (1.0 if is_score else -1.0), tone_of(effect, is_score)
    body = TRACK.format(11) + LINE.format("zero", 50.0, 2, 20)
    if math.isfinite(effect.low + effect.high):
        low, high = sorted((sign * effect.low, sign * effect.high))
        body += RANGE.format(tone, 100 * axis.at(low), 7, max(100 * (axis.at(high) - axis.at(low)), 0.6), 8, 4)
    if math.isfinite(effect.effect):
        body += POINT.format(tone, 100 * axis.at(sign * effect.effect), 11, 4.5)
    named = f"{effect.key} = {level_said(effect.level)}"
    said = say("{value}, interval {range}", value=signed_effect(effect.effect, effect), range=ends_of(effect))
    return strip(name, say("Effect of {column}", column=named), said, 22, body)
