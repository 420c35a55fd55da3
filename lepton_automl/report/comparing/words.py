"""The words of a comparison: the same sentences on the page, in a pull request and in the terminal."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from lepton_automl.evidence.comparing import POWER, VALUE, Comparison, Figure, Word
from lepton_automl.measure import Measure
from lepton_automl.report.comparing.effects import level_said
from lepton_automl.report.heard import heard
from lepton_automl.report.language import later, say, shared
from lepton_automl.report.wording import MINUS, MetricWords, listed, metric_words, number, plural, rounded, sentences, share
from lepton_automl.report.wording import interval as between

TONE = {Word.BETTER: "good", Word.SAME: "calm", Word.WORSE: "bad", Word.UNDERPOWERED: "acted"}
MARK = {Word.BETTER: "✅", Word.SAME: "➖", Word.WORSE: "❌", Word.UNDERPOWERED: "❔"}
WORDS = {
    Word.BETTER: later("better"),
    Word.SAME: later("same"),
    Word.WORSE: later("worse"),
    Word.UNDERPOWERED: later("underpowered"),
}
"""Verdict to its word."""
QUESTIONS = {
    "model": later("These two fitted models, on the same rows: does one do better?"),
    "recipe": later("These two recipes, on fresh splits of the data: would one do better again?"),
    "origins": later("These two recipes, from several origins in time: would one do better again?"),
}
QUESTIONS_OF_SEVERAL = {
    "model": later("Several fitted models, each beside the baseline on the same rows: which does better?"),
    "recipe": later("Several recipes, each beside the baseline on fresh splits of the data: which would do better again?"),
    "origins": later("Several recipes, each beside the baseline from several origins in time: which would do better again?"),
}
ANSWERS = {
    Word.BETTER: later("The candidate is better."),
    Word.SAME: later("No difference that matters."),
    Word.WORSE: later("The candidate is worse."),
}
"""Verdict on the whole to its sentence; what can not be told names what it rests on."""
SHORT = 28
"""Characters of a run's name that fit a table as they are."""
PER = 1_000
"""Rows for which money is told beside what one row is worth."""


def language_of(comparisons: Sequence[Comparison]) -> str:
    """Gives the language that the candidates' recipes ask for; English where they differ."""
    return shared(comparison.candidate.language for comparison in comparisons)


def word_said(word: Word) -> str:
    """Gives a verdict in the language of the page."""
    return say(WORDS[word])


def answer(comparison: Comparison) -> str:
    """Says what the whole comes to, in one short sentence."""
    if comparison.word in ANSWERS:
        return say(ANSWERS[comparison.word])
    return say("These splits can not tell.") if is_of_splits(comparison) else say("These rows can not tell.")


def is_of_splits(comparison: Comparison) -> bool:
    """Says whether recipes were compared on splits, and not models on rows."""
    return comparison.question == "recipe"


def title_of(name: str) -> str:
    """Gives a figure's name for a reader."""
    return say("Worth of a row") if name == VALUE else metric_words(name).title


def full_title(figure: Figure) -> str:
    """Gives a figure's name, with the slice it is of."""
    title = title_of(figure.name)
    if not figure.slice:
        return title
    column, equals, level_ = figure.slice.partition(" = ")
    return say("{figure} of {slice}", figure=title, slice=f"{column}{equals}{level_said(level_)}")


def with_unit(figure: Figure) -> str:
    """Gives a figure's name with its unit, without the slice."""
    title = title_of(figure.name)
    return say("{name}, {unit}", name=title, unit=figure.unit) if figure.unit else title


def words_of(figure: Figure) -> MetricWords:
    """Gives the words of a figure; money is one that rises."""
    if figure.name != VALUE:
        return metric_words(figure.name)
    meaning = say("mean worth of a row at the run's own line")
    return MetricWords(VALUE, title_of(VALUE), meaning, True, None, False)


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
        return say("unknown")
    return between(signed(figure.low, figure), signed(figure.high, figure))


def p_said(p: float) -> str:
    """Writes a p value.

    >>> p_said(0.00002), p_said(0.0412), p_said(1.0)
    ('< 0.001', '0.041', '1')
    """
    return "< 0.001" if p < 0.001 else number(round(p, 3), 2)


def sentence(comparison: Comparison) -> str:
    """Says what the whole comes to, in a sentence or two."""
    said = say("; ").join(of_figure(figure, is_of_splits(comparison)) for figure in comparison.deciding)
    rests = say("From {basis}, {confidence} intervals.", basis=basis(comparison), confidence=share(comparison.confidence))
    return sentences(say("{said}.", said=said), rests)


def basis(comparison: Comparison) -> str:
    """Says what the comparison rests on."""
    if is_of_splits(comparison):
        return say("{splits} of the data", splits=plural(comparison.n, "fresh split"))
    if comparison.question == "origins":
        return say("{origins}, {rows}", origins=heard(comparison.basis), rows=plural(comparison.n, "test row"))
    is_test = comparison.basis == "test"
    rows = plural(comparison.n, "test row") if is_test else plural(comparison.n, "out-of-fold row")
    return say("{rows} that both predicted", rows=rows)


def change(figure: Figure) -> str:
    """Writes the difference with its unit and interval."""
    return say("{value} ({range})", value=f"{signed(figure.difference, figure)}{unit_of(figure)}", range=interval(figure))


def of_figure(figure: Figure, is_of_splits: bool) -> str:
    """Says what is found of a figure, without the full stop."""
    name, unit, said = title_of(figure.name), unit_of(figure), change(figure)
    if figure.word is Word.UNDERPOWERED:
        seen = f"{number(figure.detectable, 2)}{unit}"
        if is_of_splits:
            text = later(
                "{name} differs by {change}: these splits can not tell; they would show a difference of {seen} in 4 of 5 cases"
            )
        else:
            text = later(
                "{name} differs by {change}: these rows can not tell; they would show a difference of {seen} in 4 of 5 cases"
            )
        return say(text, name=name, change=said, seen=seen)
    if figure.word is Word.SAME:
        if figure.difference == figure.low == figure.high == 0:
            return say("{name} is the same on every row", name=name)
        margin = f"{number(figure.margin, 2)}{unit}"
        return say("{name} differs by {change}, within the margin of {margin}", name=name, change=said, margin=margin)
    if figure.word is Word.BETTER:
        return say("{name} is better by {change}", name=name, change=said)
    return say("{name} is worse by {change}", name=name, change=said)


def in_money(figure: Figure) -> str:
    """Says what a difference of money comes to for a thousand rows; empty for other figures."""
    if figure.name != VALUE or not math.isfinite(figure.difference + figure.low + figure.high):
        return ""
    measure = Measure(PER * figure.difference, PER * figure.low, PER * figure.high, figure.n)
    value, low, high = (_plus(rounded(end, measure)) for end in (measure.value, measure.low, measure.high))
    many, worth = f"{PER:,}", f"{value}{unit_of(figure)}"
    return say("For {n} rows that is {value} ({low} to {high}).", n=many, value=worth, low=low, high=high)


def _plus(text: str) -> str:
    return text if text.startswith(MINUS) or not text.strip("0.,") else f"+{text}"


def others(comparison: Comparison) -> list[Figure]:
    """Gives figures and slices that do not decide, and are worse or better."""
    return [f for f in comparison.figures if not f.is_deciding and f.word in (Word.WORSE, Word.BETTER)]


def warning(comparison: Comparison) -> str:
    """Names what got worse without deciding; empty if nothing did."""
    worse = [f for f in others(comparison) if f.word is Word.WORSE]
    if not worse:
        return ""
    return say("Worse, though not among the deciding figures: {names}.", names=listed(full_title(f) for f in worse[:6]))


def tally(comparison: Comparison) -> str:
    """Counts what was found beside the deciding figures; empty where there is nothing else."""
    rest = [figure for figure in comparison.figures if not figure.is_deciding]
    parts = []
    for kind, found in (
        (later("{n} other figures"), [figure for figure in rest if not figure.slice]),
        (later("{n} figures of slices"), [figure for figure in rest if figure.slice]),
    ):
        if found:
            counted = [(sum(figure.word is word for figure in found), word_said(word)) for word in WORDS]
            counts = [say("{n} {word}", n=count, word=word) for count, word in counted if count]
            parts.append(say("{what}: {counts}", what=say(kind, n=f"{len(found):,}"), counts=listed(counts)))
    return say("Beside these {parts}.", parts=say("; ").join(parts)) if parts else ""


def shared_notes(comparison: Comparison) -> list[str]:
    """Says what the words mean; the same for all candidates of one comparison."""
    alpha = 1 - comparison.confidence
    return [
        say(
            "“better” and “worse”: the p value, adjusted by Holm for the figures beside it, is below {alpha}; the deciding "
            "figures are one family, the rest another.",
            alpha=f"{alpha:g}",
        ),
        say("“same”: the whole interval is within the margin, the difference that does not matter."),
        say(
            "“underpowered”: neither. The smallest difference detected is what such data would show with a probability of "
            "{power}, were it the only figure.",
            power=share(POWER),
        ),
    ]


def own_notes(comparison: Comparison) -> list[str]:
    """Says what holds for one candidate: what a reader must know, what decides, and the methods."""
    methods = sorted({figure.method for figure in comparison.figures})
    deciding = _and(title_of(figure.name) for figure in comparison.deciding)
    return [
        *map(heard, comparison.notices),
        say("The verdict goes by {figures}; all else is told beside it.", figures=deciding),
        say("Intervals and p values by {methods}.", methods=_and(map(heard, methods))),
    ]


def method_notes(comparison: Comparison) -> list[str]:
    """Says how the figures were made, and what a reader must know."""
    return [*own_notes(comparison), *shared_notes(comparison)]


def names_of(names: Sequence[str]) -> list[str]:
    """Gives each run the shortest end of its path that tells it from the others.

    >>> names_of(["outputs/credit/a", "outputs/credit/b"]), names_of(["one/x", "two/x"])
    (['outputs/credit/a', 'outputs/credit/b'], ['one/x', 'two/x'])
    >>> names_of(["outputs/credit/2026-03-01_10-00-00", "outputs/credit/2026-03-01_12-00-00"])
    ['2026-03-01_10-00-00', '2026-03-01_12-00-00']
    """
    if all(len(name) <= SHORT for name in names):
        return list(names)
    parts = [name.rstrip("/").split("/") for name in names]
    for length in range(1, max(map(len, parts), default=1) + 1):
        found = ["/".join(part[-length:]) for part in parts]
        if len(set(found)) == len(set(names)):
            return found
    return list(names)


def _and(words: Iterable[str]) -> str:
    *first, last = list(words) or [""]
    return say("{first} and {last}", first=listed(first), last=last) if first else last
