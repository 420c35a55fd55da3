"""The words of a comparison: the same sentences on the page, in a pull request and in the terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lepton_automl.evidence.comparing import POWER, VALUE, Comparison, Figure, Word
from lepton_automl.measure import Measure
from lepton_automl.report.wording import MINUS, MetricWords, metric_words, number, plural, rounded, share

TONE = {Word.BETTER: "good", Word.SAME: "calm", Word.WORSE: "bad", Word.UNDERPOWERED: "acted"}
MARK = {Word.BETTER: "✅", Word.SAME: "➖", Word.WORSE: "❌", Word.UNDERPOWERED: "❔"}
QUESTIONS = {
    "model": "These two fitted models, on the same rows: does one do better?",
    "recipe": "These two recipes, on fresh splits of the data: would one do better again?",
    "origins": "These two recipes, from several origins in time: would one do better again?",
}


def title_of(name: str) -> str:
    """Gives a figure's name for a reader."""
    return "Worth of a row" if name == VALUE else metric_words(name).title


def words_of(figure: Figure) -> MetricWords:
    """Gives the words of a figure; money is one that rises."""
    if figure.name != VALUE:
        return metric_words(figure.name)
    return MetricWords(VALUE, "Worth of a row", "mean worth of a row at the run's own line", True, None, False)


def unit_of(figure: Figure) -> str:
    """Gives the unit with a blank before it, or nothing."""
    return f" {figure.unit}" if figure.unit else ""


def signed(value: float, figure: Figure) -> str:
    """Writes a difference with its sign and the decimals that its interval can bear."""
    measure = Measure(figure.difference, figure.low, figure.high, figure.n)
    text = rounded(value, measure)
    return text if text.startswith(MINUS) or not math.isfinite(value) or value == 0 else f"+{text}"


def level(value: float, figure: Figure) -> str:
    """Writes a figure of one side, with as many decimals as the difference has."""
    measure = Measure(figure.difference, figure.low, figure.high, figure.n)
    return rounded(value, measure)


def interval(figure: Figure) -> str:
    """Writes the interval of the difference."""
    if not math.isfinite(figure.low + figure.high):
        return "unknown"
    return f"{signed(figure.low, figure)} to {signed(figure.high, figure)}"


def p_said(p: float) -> str:
    """Writes a p value.

    >>> p_said(0.00002), p_said(0.0412), p_said(1.0)
    ('< 0.001', '0.041', '1')
    """
    return "< 0.001" if p < 0.001 else number(round(p, 3), 2)


def sentence(comparison: Comparison) -> str:
    """Says what the whole comes to, in a sentence or two."""
    deciding = comparison.deciding
    said = "; ".join(_of_figure(figure, "splits" if comparison.question == "recipe" else "rows") for figure in deciding)
    basis = {
        "test": f"{plural(comparison.n, 'test row')} that both predicted",
        "out of fold": f"{plural(comparison.n, 'out-of-fold row')} that both predicted",
    }.get(comparison.basis, f"{comparison.basis} of the data")
    if comparison.question == "origins":
        basis = f"{comparison.basis}, {plural(comparison.n, 'test row')}"
    return f"{said}. From {basis}, {share(comparison.confidence)} intervals."


def _of_figure(figure: Figure, basis: str) -> str:
    name, unit = title_of(figure.name), unit_of(figure)
    change = f"{signed(figure.difference, figure)}{unit} ({interval(figure)})"
    if figure.word is Word.UNDERPOWERED:
        seen = number(figure.detectable, 2)
        would = f"they would show a difference of {seen}{unit} in 4 of 5 cases"
        return f"{name} differs by {change}: these {basis} can not tell; {would}"
    if figure.word is Word.SAME:
        if figure.difference == figure.low == figure.high == 0:
            return f"{name} is the same on every row"
        return f"{name} differs by {change}, within the margin of {number(figure.margin, 2)}{unit}"
    return f"{name} is {figure.word} by {change}"


def others(comparison: Comparison) -> list[Figure]:
    """Gives figures and slices that do not decide, and are worse or better."""
    return [f for f in comparison.figures if not f.is_deciding and f.word in (Word.WORSE, Word.BETTER)]


def warning(comparison: Comparison) -> str:
    """Names what got worse without deciding; empty if nothing did."""
    worse = [f for f in others(comparison) if f.word is Word.WORSE]
    if not worse:
        return ""
    names = ", ".join(title_of(f.name) + (f" of {f.slice}" if f.slice else "") for f in worse[:6])
    return f"Worse, though not among the deciding figures: {names}."


def method_notes(comparison: Comparison) -> list[str]:
    """Says how the figures were made."""
    alpha = 1 - comparison.confidence
    methods = sorted({figure.method for figure in comparison.figures})
    return [
        f"The verdict goes by {_and([title_of(f.name) for f in comparison.deciding])}; all else is told beside it.",
        f"“better” and “worse”: the p value, adjusted by Holm for the figures beside it, is below {alpha:g}; the deciding "
        "figures are one family, the rest another.",
        "“same”: the whole interval is within the margin, the difference that does not matter.",
        f"“underpowered”: neither. The smallest difference detected is what such data would show with a probability of "
        f"{share(POWER)}, were it the only figure.",
        f"Intervals and p values by {_and(methods)}.",
    ]


def _and(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + (" and " if len(words) > 1 else "") + words[-1] if words else ""
