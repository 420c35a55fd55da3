"""A comparison as one self-contained HTML file: the verdict first, then every figure, slice and key that differs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from lepton_automl import __version__
from lepton_automl.evidence.comparing import Comparison, Figure
from lepton_automl.report.comparing.figures import difference_strip, reach_of
from lepton_automl.report.comparing.words import (
    QUESTIONS,
    TONE,
    interval,
    level,
    method_notes,
    p_said,
    sentence,
    signed,
    title_of,
    unit_of,
    warning,
    words_of,
)
from lepton_automl.report.page import rendered
from lepton_automl.report.wording import number, share


def render_comparison(comparisons: Sequence[Comparison], written: datetime | None = None) -> str:
    """Gives one comparison, or several candidates beside one baseline, as one HTML file.

    Args:
        comparisons: All of one baseline.
        written: Moment that is shown as the time of writing; now if absent.
    """
    first = comparisons[0]
    return rendered(
        "comparison.html",
        "comparison.css",
        version=__version__,
        written=f"{written or datetime.now(UTC):%-d %B %Y, %H:%M} UTC",
        question=QUESTIONS[first.question],
        baseline=first.baseline,
        target=first.target,
        recipes=sorted({c.candidate.recipe for c in comparisons} | {first.baseline.recipe}),
        candidates=[_candidate(place, comparison) for place, comparison in enumerate(comparisons)],
    )


def _candidate(place: int, comparison: Comparison) -> dict[str, Any]:
    overall = [figure for figure in comparison.figures if not figure.slice]
    slices = [figure for figure in comparison.figures if figure.slice]
    head, *further = comparison.deciding or overall
    return {
        "id": f"c{place}",
        "side": comparison.candidate,
        "word": str(comparison.word),
        "tone": TONE[comparison.word],
        "sentence": sentence(comparison),
        "warning": warning(comparison),
        "head": _head(f"c{place}-head", head),
        "further": [_head(f"c{place}-further-{k}", figure) for k, figure in enumerate(further)],
        "figures": [_row(f"c{place}-figure-{k}", figure, reach_of(figure)) for k, figure in enumerate(overall)],
        "slices": _slices(f"c{place}", slices),
        "changes": comparison.changes,
        "notes": [*comparison.notices, *method_notes(comparison)],
        "confidence": share(comparison.confidence),
        "basis": "splits" if comparison.question == "recipe" else "rows",
    }


def _head(name: str, figure: Figure) -> dict[str, Any]:
    row = _row(name, figure, reach_of(figure))
    return {**row, "words": words_of(figure), "figure": difference_strip(name, figure, reach_of(figure), is_large=True)}


def _slices(name: str, figures: Sequence[Figure]) -> list[dict[str, Any]]:
    """Gives the slices by figure, on one axis each, so that they can be read beside each other."""
    found = []
    for title in dict.fromkeys(figure.name for figure in figures):
        mine = [figure for figure in figures if figure.name == title]
        reach = max(reach_of(figure) for figure in mine)
        rows = [_row(f"{name}-{title}-{k}", figure, reach) for k, figure in enumerate(mine)]
        found.append({"title": title_of(title), "unit": unit_of(mine[0]), "rows": rows})
    return found


def _row(name: str, figure: Figure, reach: float) -> dict[str, Any]:
    return {
        "name": figure.name,
        "title": title_of(figure.name),
        "slice": figure.slice,
        "n": f"{figure.n:,}",
        "unit": unit_of(figure),
        "baseline": level(figure.baseline, figure),
        "candidate": level(figure.candidate, figure),
        "difference": signed(figure.difference, figure),
        "interval": interval(figure),
        "margin": number(figure.margin, 2),
        "detectable": number(figure.detectable, 2),
        "p": p_said(figure.p_adjusted),
        "word": str(figure.word),
        "tone": TONE[figure.word],
        "is_deciding": figure.is_deciding,
        "strip": difference_strip(name, figure, reach),
    }
