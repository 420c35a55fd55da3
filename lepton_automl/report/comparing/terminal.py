"""A comparison as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lepton_automl.evidence.comparing import Comparison, Figure, Word
from lepton_automl.report.comparing.words import (
    QUESTIONS,
    full_title,
    interval,
    level,
    p_said,
    sentence,
    signed,
    warning,
)
from lepton_automl.report.language import speaking
from lepton_automl.report.wording import number


def render_text(comparisons: Sequence[Comparison]) -> str:
    """Gives the comparisons as lines, in English as all of the terminal."""
    with speaking("en"):
        return "\n\n".join("\n".join(_lines(comparison)) for comparison in comparisons)


def _lines(comparison: Comparison) -> Iterator[str]:
    yield f"{comparison.candidate.name}   against   {comparison.baseline.name}"
    yield f"  {QUESTIONS[comparison.question]}"
    yield ""
    overall = [figure for figure in comparison.figures if not figure.slice]
    slices = [figure for figure in comparison.figures if figure.slice]
    told = [figure for figure in slices if figure.word in (Word.BETTER, Word.WORSE)]
    yield from table(
        [("figure", "baseline", "candidate", "difference", "interval", "p", "detects", "verdict"), *map(_row, overall)]
    )
    if slices:
        rest = len(slices) - len(told)
        yield f"  by slice: {len(slices)} figures, {rest} of them same or underpowered"
        yield from table([_row(figure) for figure in told])
    yield ""
    for change in comparison.changes[:20]:
        yield f"  {change.key}: {change.baseline} -> {change.candidate}"
    if len(comparison.changes) > 20:
        yield f"  … and {len(comparison.changes) - 20} more keys that differ"
    if not comparison.changes:
        yield "  the recipes do not differ"
    for notice in comparison.notices:
        yield f"  note: {notice}"
    if text := warning(comparison):
        yield f"  note: {text}"
    yield f"{comparison.word.upper()}: {sentence(comparison)}"


def _row(figure: Figure) -> tuple[str, ...]:
    name = full_title(figure) + (f", {figure.unit}" if figure.unit else "")
    return (
        ("* " if figure.is_deciding else "  ") + name,
        level(figure.baseline, figure),
        level(figure.candidate, figure),
        signed(figure.difference, figure),
        interval(figure),
        p_said(figure.p_adjusted),
        number(figure.detectable, 2),
        str(figure.word),
    )


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Gives rows as lines with columns of one width; the first and the last column stand left."""
    if not rows:
        return
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.ljust(width) if at in (0, len(row) - 1) else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield ("  " + "  ".join(cells)).rstrip()
