"""A comparison as Markdown, for a pull request: the verdict first, the rest folded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lepton_automl.evidence.comparing import Comparison, Figure
from lepton_automl.report.comparing.words import (
    MARK,
    QUESTIONS,
    full_title,
    interval,
    language_of,
    level,
    method_notes,
    p_said,
    sentence,
    signed,
    warning,
    word_said,
)
from lepton_automl.report.language import later, say, speaking
from lepton_automl.report.wording import number, sentences

_MARKS = re.compile(r"([\\`*_\[\]|~])")
HEAD = (
    later("Figure"),
    later("Baseline"),
    later("Candidate"),
    later("Difference"),
    later("Interval"),
    later("Margin"),
    later("Detects"),
    later("p adjusted"),
    later("Verdict"),
)


def plain(text: object) -> str:
    r"""Writes text so that Markdown shows it as it is, on one line.

    >>> plain("a_b (+1) <i>|")
    'a\\_b (+1) &lt;i&gt;\\|'
    """
    line = " ".join(str(text).split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKS.sub(r"\\\1", line)


def _code(text: str) -> str:
    return f"`{' '.join(text.split()).replace('`', chr(39))}`"


def render_markdown(comparisons: Sequence[Comparison], language: str | None = None) -> str:
    """Gives the comparisons as Markdown.

    Args:
        comparisons: All of one baseline.
        language: Code of the language; the one that the candidates' recipes ask for if absent.
    """
    with speaking(language or language_of(comparisons)):
        return "\n\n".join(_one(comparison) for comparison in comparisons) + "\n"


def _one(comparison: Comparison) -> str:
    overall = [figure for figure in comparison.figures if not figure.slice]
    slices = [figure for figure in comparison.figures if figure.slice]
    parts = [
        f"## {MARK[comparison.word]} {plain(comparison.candidate.recipe)}{say(': ')}{word_said(comparison.word)}",
        sentences(_against(comparison), say(QUESTIONS[comparison.question])),
        plain(sentence(comparison)),
        f"⚠️ {plain(text)}" if (text := warning(comparison)) else "",
        _figures(overall),
        _folded(f"{say('By slice')} ({len(slices)})", _figures(slices)) if slices else "",
        _folded(f"{say('What differs in the recipes')} ({len(comparison.changes)})", _changes(comparison)),
        _folded(say("How this was judged"), "\n".join(f"- {plain(text)}" for text in method_notes(comparison))),
    ]
    return "\n\n".join(part for part in parts if part)


def _against(comparison: Comparison) -> str:
    candidate, baseline = _code(comparison.candidate.name), _code(comparison.baseline.name)
    return say("{candidate} against {baseline}.", candidate=candidate, baseline=baseline)


def _figures(figures: Sequence[Figure]) -> str:
    return _table(("", *map(say, HEAD)), (_row(figure) for figure in figures))


def _row(figure: Figure) -> list[str]:
    name = plain(full_title(figure) + (f", {figure.unit}" if figure.unit else ""))
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
        word_said(figure.word),
    ]


def _changes(comparison: Comparison) -> str:
    if not comparison.changes:
        return say("Nothing: the resolved recipes are the same.")
    rows = ([_code(change.key), plain(change.baseline), plain(change.candidate)] for change in comparison.changes)
    return _table((say("Key"), say("Baseline"), say("Candidate")), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows))


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"
