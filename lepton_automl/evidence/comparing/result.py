"""What a comparison found, and the word for it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from lepton_automl.evidence.comparing.distribution import POWER, Difference
from lepton_automl.tasks import VALUE


class Word(StrEnum):
    """What is said of the candidate."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"
    UNDERPOWERED = "underpowered"


@dataclass(frozen=True)
class Figure:
    """One figure of both sides.

    Args:
        name: Metric, or `value_per_row`.
        slice: `column = level`; empty for all rows.
        n: Rows, or splits, it rests on.
        baseline: Figure of the baseline.
        candidate: Figure of the candidate.
        difference: Candidate minus baseline, in the figure's own units.
        low: Lower end of the difference's interval.
        high: Upper end.
        is_score: Whether higher is better.
        p: Probability of a difference at least as large where there is none.
        p_adjusted: The same, with the other figures of its family counted in (Holm 1979).
        margin: Differences up to this size do not matter.
        detectable: Smallest true difference that data like these detect four times out of five, alone.
        method: How the interval was found.
        is_deciding: Whether the verdict on the whole goes by it.
        unit: Currency of money, else empty.
        word: What is said of it.
    """

    name: str
    slice: str
    n: int
    baseline: float
    candidate: float
    difference: float
    low: float
    high: float
    is_score: bool
    p: float
    p_adjusted: float
    margin: float
    detectable: float
    method: str
    is_deciding: bool
    unit: str = ""
    word: Word = Word.UNDERPOWERED

    def to_dict(self) -> dict[str, Any]:
        """Gives the figure as plain JSON data."""
        return {**vars(self), "word": str(self.word)}


ABSENT = "…"
"""What stands for a side of a change that does not have the key."""


@dataclass(frozen=True)
class Change:
    """A key of the recipes that differs; `…` stands for a side that does not have it."""

    key: str
    baseline: str
    candidate: str


@dataclass(frozen=True)
class Side:
    """One of the two that are compared.

    Args:
        name: Name that tells it from the others: the folder as given.
        recipe: Name of the recipe.
        recipe_hash: SHA-256 of the recipe.
        version: Version of the program that made it.
        language: Code of the language that its recipe asks for in pages.
    """

    name: str
    recipe: str
    recipe_hash: str = ""
    version: str = ""
    language: str = "en"


@dataclass(frozen=True)
class Comparison:
    """One candidate beside the baseline.

    Args:
        question: `model`: these two fitted models on the same rows; `recipe`: would the recipe do better again; `origins`:
            the same, where splits are windows of time.
        basis: `test`, `out of fold`, `N fresh splits`, or `N origins in time`.
        n: Rows, or splits.
        baseline: The one side.
        candidate: The other.
        figures: All figures, the deciding ones first.
        confidence: Confidence of intervals and verdicts.
        changes: What differs in the recipes.
        notices: What a reader must know.
        target: Column that is predicted.
    """

    question: str
    basis: str
    n: int
    baseline: Side
    candidate: Side
    figures: tuple[Figure, ...]
    confidence: float
    changes: tuple[Change, ...] = ()
    notices: tuple[str, ...] = ()
    target: str = ""
    word: Word = field(default=Word.UNDERPOWERED)

    @property
    def deciding(self) -> tuple[Figure, ...]:
        """The figures by which the verdict on the whole goes."""
        return tuple(figure for figure in self.figures if figure.is_deciding)

    def to_dict(self) -> dict[str, Any]:
        """Gives the comparison as plain JSON data."""
        return {
            **vars(self),
            "baseline": dict(vars(self.baseline)),
            "candidate": dict(vars(self.candidate)),
            "figures": [figure.to_dict() for figure in self.figures],
            "changes": [dict(vars(change)) for change in self.changes],
            "notices": list(self.notices),
            "word": str(self.word),
        }


def figure_of(
    name: str,
    slice_: str,
    n: int,
    sides: tuple[float, float],
    difference: Difference,
    is_score: bool,
    confidence: float,
    margin: float,
    is_deciding: bool,
    unit: str = "",
) -> Figure:
    """Makes a figure that is not judged yet."""
    low, high = difference.interval(confidence)
    detectable = difference.detectable(confidence, POWER)
    p, method = difference.p_value, difference.method
    value = difference.value
    return Figure(name, slice_, n, *sides, value, low, high, is_score, p, p, margin, detectable, method, is_deciding, unit)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusts p values for being several: the chance of one false alarm among all stays as agreed.

    Source: Holm (1979), "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6(2),
    pages 65-70.

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted, highest = [1.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted


def word_of(figure: Figure, confidence: float) -> Word:
    """Says what a figure means.

    `same` where the whole interval is within the margin (Schuirmann 1987, at the interval's own confidence, which is the
    stricter way); else `better` or `worse` where the adjusted p value says so; else `underpowered`: the rows can neither tell a
    difference nor rule out one that matters.
    """
    if figure.difference == 0 and figure.low == figure.high == 0:
        return Word.SAME
    if not math.isfinite(figure.low + figure.high):
        return Word.UNDERPOWERED
    if -figure.margin < figure.low and figure.high < figure.margin:
        return Word.SAME
    if figure.p_adjusted < 1 - confidence:
        return Word.BETTER if (figure.difference > 0) == figure.is_score else Word.WORSE
    return Word.UNDERPOWERED


def judged(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Gives the comparisons of several candidates with a verdict on each figure and on the whole.

    There are two families, and Holm's correction goes over each, all candidates together: the deciding figures, and the rest.
    """
    places = [(at, number) for at, comparison in enumerate(comparisons) for number in range(len(comparison.figures))]
    adjusted: dict[tuple[int, int], float] = {}
    for is_deciding in (True, False):
        family = [(at, number) for at, number in places if comparisons[at].figures[number].is_deciding == is_deciding]
        values = holm([comparisons[at].figures[number].p for at, number in family])
        adjusted.update(zip(family, values, strict=True))
    found = []
    for at, comparison in enumerate(comparisons):
        figures = [replace(f, p_adjusted=adjusted[at, number]) for number, f in enumerate(comparison.figures)]
        figures = [replace(figure, word=word_of(figure, comparison.confidence)) for figure in figures]
        found.append(replace(comparison, figures=tuple(figures), word=whole_of(figures)))
    return found


def whole_of(figures: Sequence[Figure]) -> Word:
    """Gives the verdict on the whole: worse where a deciding figure is, else better where one is, else same where all are."""
    words = {figure.word for figure in figures if figure.is_deciding}
    for word in (Word.WORSE, Word.BETTER):
        if word in words:
            return word
    return Word.SAME if words == {Word.SAME} else Word.UNDERPOWERED


MARGIN_OF_SCORE = 0.01
MARGIN_OF_LOSS = 0.02


def default_margin(name: str, is_score: bool, baseline: float) -> float:
    """Gives the difference that does not matter where nobody says: 0.01 of a score from 0 to 1, 2 % of a loss or of money."""
    if is_score and name != VALUE:
        return MARGIN_OF_SCORE
    return MARGIN_OF_LOSS * abs(baseline)


def margin_of(name: str, is_score: bool, baseline: float, given: Mapping[str, float]) -> float:
    """Gives the margin of a figure: the one that is given, or the default."""
    return given[name] if name in given else default_margin(name, is_score, baseline)
