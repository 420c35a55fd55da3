"""A comparison as one self-contained HTML file: the verdict first, then every figure, slice and key that differs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from lepton_automl.evidence.comparing import Comparison, Figure, Word
from lepton_automl.report.comparing.effects import band_order, level_said
from lepton_automl.report.comparing.figures import (
    Scale,
    difference_strip,
    scale_head,
    scale_of_one,
    scale_of_same,
    scale_of_unlike,
)
from lepton_automl.report.comparing.recipes import differing
from lepton_automl.report.comparing.words import (
    QUESTIONS,
    QUESTIONS_OF_SEVERAL,
    TONE,
    answer,
    basis,
    in_money,
    interval,
    is_of_splits,
    language_of,
    level,
    names_of,
    of_figure,
    own_notes,
    p_said,
    shared_notes,
    signed,
    tally,
    unit_of,
    warning,
    with_unit,
    word_said,
    words_of,
)
from lepton_automl.report.language import say, speaking
from lepton_automl.report.page import rendered
from lepton_automl.report.wording import dated, number, share, short

MOST_CARDS = 4
"""Deciding figures that have a picture of their own on the first screen; of more, the table tells the rest."""
ORDER = (Word.BETTER, Word.SAME, Word.UNDERPOWERED, Word.WORSE)


def render_comparison(comparisons: Sequence[Comparison], written: datetime | None = None, language: str | None = None) -> str:
    """Gives one comparison, or several candidates beside one baseline, as one HTML file.

    Args:
        comparisons: All of one baseline.
        written: Moment that is shown as the time of writing; now if absent.
        language: Code of the language; the one that the candidates' recipes ask for if absent.
    """
    with speaking(language or language_of(comparisons)):
        return rendered(
            "comparison.html", "comparison.css", written=dated(written or datetime.now(UTC)), **_content(comparisons)
        )


def _content(comparisons: Sequence[Comparison]) -> dict[str, Any]:
    first, is_one = comparisons[0], len(comparisons) == 1
    baseline, *names = names_of([first.baseline.name, *(c.candidate.name for c in comparisons)])
    notes = [own_notes(comparison) for comparison in comparisons]
    common = [note for note in notes[0] if all(note in found for found in notes)]
    own = [[note for note in found if note not in common] for found in notes]
    return {
        "question": say((QUESTIONS if is_one else QUESTIONS_OF_SEVERAL)[first.question]),
        "baseline": {"side": first.baseline, "name": baseline},
        "target": first.target,
        "recipes": sorted({c.candidate.recipe for c in comparisons} | {first.baseline.recipe}),
        "candidates": [_candidate(place, names[place], own[place], c) for place, c in enumerate(comparisons)],
        "groups": [] if is_one else _groups(names, comparisons),
        "matched": [] if is_one else _matched(names, comparisons),
        "differing": differing(comparisons),
        "notes": [*common, *shared_notes(first)],
        "confidence": share(first.confidence),
        "basis": basis(first),
        "is_of_splits": is_of_splits(first),
    }


def _candidate(place: int, name: str, notes: Sequence[str], comparison: Comparison) -> dict[str, Any]:
    overall = [figure for figure in comparison.figures if not figure.slice]
    slices = [figure for figure in comparison.figures if figure.slice]
    cards = (comparison.deciding or overall)[:MOST_CARDS]
    return {
        "id": f"c{place}",
        "name": name,
        "short": short(name),
        "side": comparison.candidate,
        "word": word_said(comparison.word),
        "tone": TONE[comparison.word],
        "answer": answer(comparison),
        "warning": warning(comparison),
        "tally": tally(comparison),
        "cards": [_card(f"c{place}-card-{k}", figure, is_of_splits(comparison)) for k, figure in enumerate(cards)],
        "figures": _figures(f"c{place}-figure", overall),
        "slices": _slices(f"c{place}", slices),
        "notes": list(notes),
    }


def _card(name: str, figure: Figure, is_of_splits: bool) -> dict[str, Any]:
    return {
        **_row(name, figure, scale_of_one(figure)),
        "name": words_of(figure).title,
        "meaning": words_of(figure).meaning,
        "better": words_of(figure).better,
        "said": of_figure(figure, is_of_splits),
        "money": in_money(figure),
        "picture": difference_strip(name, figure, scale_of_one(figure), is_large=True),
    }


def _figures(name: str, figures: Sequence[Figure]) -> dict[str, Any]:
    """Gives the figures of all rows, on one axis of margins where they have any."""
    scale = scale_of_unlike(figures)
    rows = [_row(f"{name}-{k}", figure, scale or scale_of_one(figure)) for k, figure in enumerate(figures)]
    return {"rows": rows, "head": scale_head(scale, figures[0]), "is_in_margins": scale is not None}


def _slices(name: str, figures: Sequence[Figure]) -> list[dict[str, Any]]:
    """Gives the slices by figure, on one axis each, so that they can be read beside each other."""
    found = []
    for title in dict.fromkeys(figure.name for figure in figures):
        mine = [figure for figure in figures if figure.name == title]
        scale = scale_of_same(mine)
        columns: dict[str, list[dict[str, Any]]] = {}
        for k, figure in enumerate(mine):
            column, _, part = figure.slice.partition(" = ")
            row = _row(f"{name}-{title}-{k}", figure, scale)
            columns.setdefault(column, []).append({**row, "title": level_said(part or column), "rows": row["n"], "part": part})
        ordered = {column: sorted(parts, key=lambda row: band_order(row["part"])) for column, parts in columns.items()}
        found.append({"title": with_unit(mine[0]), "columns": ordered, "head": scale_head(scale, mine[0])})
    return found


def _groups(names: Sequence[str], comparisons: Sequence[Comparison]) -> list[dict[str, Any]]:
    """Gives the candidates by their verdict, the best first."""
    found = []
    for word in ORDER:
        mine = [(f"c{place}", names[place]) for place, comparison in enumerate(comparisons) if comparison.word is word]
        if mine:
            found.append({"word": word_said(word), "tone": TONE[word], "runs": mine})
    return found


def _matched(names: Sequence[str], comparisons: Sequence[Comparison]) -> list[dict[str, Any]]:
    """Gives the deciding figures, each with all candidates on one axis."""
    found = []
    for title in dict.fromkeys(figure.name for c in comparisons for figure in c.deciding):
        mine = [(at, figure) for at, c in enumerate(comparisons) for figure in c.deciding if figure.name == title]
        scale = scale_of_same([figure for _, figure in mine])
        rows = [
            {**_row(f"m-{title}-{at}", figure, scale), "title": names[at], "id": f"c{at}", "is_deciding": False}
            for at, figure in mine
        ]
        head, words = scale_head(scale, mine[0][1]), words_of(mine[0][1])
        found.append({"title": with_unit(mine[0][1]), "rows": rows, "head": head, "words": words})
    return found


def _row(name: str, figure: Figure, scale: Scale) -> dict[str, Any]:
    start, end = scale.zone(figure)
    return {
        "title": with_unit(figure),
        "id": "",
        "n": f"{figure.n:,}",
        "rows": "",
        "unit": unit_of(figure),
        "baseline": level(figure.baseline, figure),
        "candidate": level(figure.candidate, figure),
        "difference": signed(figure.difference, figure),
        "interval": interval(figure),
        "margin": number(figure.margin, 2),
        "detectable": number(figure.detectable, 2),
        "p": p_said(figure.p_adjusted),
        "word": word_said(figure.word),
        "tone": TONE[figure.word],
        "is_deciding": figure.is_deciding,
        "strip": difference_strip(name, figure, scale),
        "start": start,
        "end": end,
    }
