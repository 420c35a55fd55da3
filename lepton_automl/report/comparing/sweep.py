"""A sweep as JSON and as lines for a terminal, and its files."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from lepton_automl.evidence.comparing import Effect, Sweep, SweepRun
from lepton_automl.measure import Measure
from lepton_automl.report.comparing.effects import by_level, ends_of, ordered_keys, signed_effect
from lepton_automl.report.comparing.sweep_page import render_sweep
from lepton_automl.report.comparing.terminal import table
from lepton_automl.report.comparing.write import finite
from lepton_automl.report.language import speaking
from lepton_automl.report.wording import metric_words, number, plural, rounded, share

FILES = ("sweep.html", "sweep.json")
MOST_LINES = 30


def render_sweep_json(sweep: Sweep) -> str:
    """Gives the sweep as JSON; figures that are not finite become null."""
    return json.dumps({"format": 1, "sweep": finite(sweep.to_dict())}, ensure_ascii=False, indent=1) + "\n"


def write_sweep(sweep: Sweep, folder: Path, language: str | None = None) -> list[Path]:
    """Writes page and JSON into a folder; gives their paths.

    Args:
        sweep: The sweep.
        folder: Where they are written.
        language: Code of the page's language; the one that all recipes ask for if absent.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in FILES]
    for path, text in zip(paths, (render_sweep(sweep, language=language), render_sweep_json(sweep)), strict=True):
        path.write_text(text, encoding="utf-8", errors="replace")
    return paths


def render_sweep_text(sweep: Sweep) -> str:
    """Gives the sweep as lines for a terminal, in English as all of it."""
    with speaking("en"):
        return "\n".join(_lines(sweep))


def _lines(sweep: Sweep) -> Iterator[str]:
    words = metric_words(sweep.metric)
    yield f"{plural(len(sweep.runs), 'run')} of {sweep.name}, by {words.title}; {words.better}"
    yield ""
    head = ("run", words.title, f"{share(sweep.confidence)} interval", "seconds", "beside the best")
    yield from table([head, *(_run_row(run) for run in sweep.runs[:MOST_LINES])])
    if len(sweep.runs) > MOST_LINES:
        yield f"  … and {len(sweep.runs) - MOST_LINES} more"
    every = _in_order(sweep)
    if every:
        yield ""
        yield from table([("key = level", "runs", "effect", "interval", ""), *(_effect_row(effect) for effect in every)])
    for name, why in sweep.unfinished.items():
        yield f"  without result: {name}: {why}"
    for notice in sweep.notices:
        yield f"  note: {notice}"


def _in_order(sweep: Sweep) -> Sequence[Effect]:
    return [effect for key in ordered_keys(sweep) for effect in by_level([e for e in sweep.effects if e.key == key])]


def _run_row(run: SweepRun) -> tuple[str, ...]:
    measure = Measure(run.value, run.low, run.high, 1)
    ends = f"{rounded(run.low, measure)} to {rounded(run.high, measure)}"
    beside = "" if run.against_best is None else str(run.against_best)
    return run.name, rounded(run.value, measure), ends, number(run.seconds, 3), beside


def _effect_row(effect: Effect) -> tuple[str, ...]:
    said = signed_effect(effect.effect, effect) if math.isfinite(effect.effect) else "–"
    return f"{effect.key} = {effect.level}", str(effect.runs), said, ends_of(effect), ""
