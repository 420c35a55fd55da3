"""A comparison as Markdown, for a pull request: the verdict first, the rest folded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lepton_automl.evidence.comparing import Comparison, Figure
from lepton_automl.report.comparing.words import (
    MARK,
    QUESTIONS,
    interval,
    level,
    method_notes,
    p_said,
    sentence,
    signed,
    title_of,
    warning,
)
from lepton_automl.report.wording import number

_MARKS = re.compile(r"([\\`*_\[\]|~])")
HEAD = ("", "figure", "baseline", "candidate", "difference", "interval", "margin", "detectable", "p adjusted", "verdict")


def plain(text: object) -> str:
    r"""Writes text so that Markdown shows it as it is, on one line.

    >>> plain("a_b (+1) <i>|")
    'a\\_b (+1) &lt;i&gt;\\|'
    """
    line = " ".join(str(text).split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKS.sub(r"\\\1", line)


def _code(text: str) -> str:
    return f"`{' '.join(text.split()).replace('`', chr(39))}`"


def render_markdown(comparisons: Sequence[Comparison]) -> str:
    """Gives the comparisons as Markdown."""
    return "\n\n".join(_one(comparison) for comparison in comparisons) + "\n"


def _one(comparison: Comparison) -> str:
    overall = [figure for figure in comparison.figures if not figure.slice]
    slices = [figure for figure in comparison.figures if figure.slice]
    parts = [
        f"## {MARK[comparison.word]} {plain(comparison.candidate.recipe)}: {comparison.word}",
        f"{_code(comparison.candidate.name)} against {_code(comparison.baseline.name)}. {QUESTIONS[comparison.question]}",
        plain(sentence(comparison)),
        f"⚠️ {plain(text)}" if (text := warning(comparison)) else "",
        _figures(overall),
        _folded(f"By slice ({len(slices)})", _figures(slices)) if slices else "",
        _folded(f"What differs in the recipes ({len(comparison.changes)})", _changes(comparison)),
        _folded(
            "How this was judged", "\n".join(f"- {plain(text)}" for text in [*comparison.notices, *method_notes(comparison)])
        ),
    ]
    return "\n\n".join(part for part in parts if part)


def _figures(figures: Sequence[Figure]) -> str:
    return _table(HEAD, (_row(figure) for figure in figures))


def _row(figure: Figure) -> list[str]:
    name = plain(
        title_of(figure.name) + (f" of {figure.slice}" if figure.slice else "") + (f", {figure.unit}" if figure.unit else "")
    )
    return [
        MARK[figure.word],
        f"**{name}**" if figure.is_deciding else name,
        level(figure.baseline, figure),
        level(figure.candidate, figure),
        signed(figure.difference, figure),
        interval(figure),
        f"±{number(figure.margin, 2)}",
        number(figure.detectable, 2),
        p_said(figure.p_adjusted),
        str(figure.word),
    ]


def _changes(comparison: Comparison) -> str:
    if not comparison.changes:
        return "Nothing."
    rows = ([_code(change.key), plain(change.baseline), plain(change.candidate)] for change in comparison.changes)
    return _table(("key", "baseline", "candidate"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows))


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"
