"""Words and numerals for readers: what figures are called, and how they are written."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from lepton_automl.measure import Measure
from lepton_automl.report.language import language, later, say
from lepton_automl.tasks import METRICS, OUTCOMES, Payoff

DASH = "–"
MINUS = "−"
GAPS = {"zh": ""}
"""Language to what stands between two sentences; a space in others."""


@dataclass(frozen=True)
class MetricWords:
    """How a metric is presented.

    Args:
        name: Its name in recipes and files.
        title: Its name for a reader.
        meaning: What it says, in a sentence.
        is_score: Whether higher is better.
        perfect: The best figure there is; none if it is not known.
        in_target: Whether it is in the units of the target.
    """

    name: str
    title: str
    meaning: str
    is_score: bool
    perfect: float | None
    in_target: bool

    @property
    def better(self) -> str:
        """Which direction is better, in words."""
        return say("higher is better") if self.is_score else say("lower is better")


_WORDS: dict[str, tuple[str, str]] = {
    "value_per_row": (later("Worth of a row"), later("mean worth of a row at the line of the decision")),
    "roc_auc": (later("ROC AUC"), later("how often a positive row is ranked above another one; 0.5 is chance")),
    "log_loss": (later("Log loss"), later("how surprised the probabilities are by what happened")),
    "brier_score": (later("Brier score"), later("mean squared error of the probabilities")),
    "average_precision": (later("Average precision"), later("mean precision over all recalls")),
    "accuracy": (later("Accuracy"), later("share of rows whose most probable label is true")),
    "balanced_accuracy": (later("Balanced accuracy"), later("mean over the labels of the share of their rows that is found")),
    "f1": (later("F1"), later("harmonic mean of precision and recall at a probability of 0.5")),
    "macro_f1": (later("Macro F1"), later("mean over the labels of the harmonic mean of precision and recall")),
    "rmse": (later("RMSE"), later("root of the mean squared error")),
    "mae": (later("MAE"), later("mean absolute error")),
    "r2": (later("R²"), later("share of the variance that is explained")),
    "mape": (later("MAPE"), later("mean absolute error as a share of the observed value")),
    "wape": (later("WAPE"), later("sum of absolute errors as a share of the sum observed")),
    "pinball": (later("Pinball loss"), later("mean loss over the quantile levels")),
}
_PERFECT = {"pinball": 0.0, "r2": 1.0}
_IN_TARGET = {"rmse", "mae", "pinball"}

LEDGER_STAGES = {
    "hardware": later("Hardware, asked for and used"),
    "policy": later("Policy"),
    "load": later("Reading the source"),
    "data": later("Rules on the whole table"),
    "split": later("Setting rows aside"),
    "train": later("Rules on training rows"),
    "profile": later("Data profile"),
    "save": later("Writing the cleaned table"),
    "search": later("Search"),
    "features": later("Columns made"),
    "ensemble": later("Ensemble"),
    "test": later("Test rows"),
    "gate": later("Gates"),
    "tracking": later("Tracking"),
    "run": later("The run"),
    "forget": later("Forgetting"),
}
"""Stage of the ledger to its title."""

RUN_STAGES = {
    "start": later("Start"),
    "data": later("Data, rules and folds"),
    "search": later("Search"),
    "ensemble": later("Ensemble"),
    "pack": later("Packing the artefact"),
    "evidence": later("Evidence"),
}
"""Stage of the run to its title."""

TONES = {
    "passed": "good",
    "gate passed": "good",
    "done": "good",
    "gate failed": "bad",
    "trial failed": "bad",
    "family failed": "bad",
    "disagrees": "bad",
    "failed": "bad",
    "stop": "bad",
}
"""Outcome to the tone of its badge; others are calm, or `acted` where something was changed."""


MONTHS = (
    later("January"),
    later("February"),
    later("March"),
    later("April"),
    later("May"),
    later("June"),
    later("July"),
    later("August"),
    later("September"),
    later("October"),
    later("November"),
    later("December"),
)


def metric_words(name: str) -> MetricWords:
    """Gives the words of a metric; one that is not known is called by its own name.

    >>> metric_words("roc_auc").title
    'ROC AUC'
    """
    title, meaning = (say(text) for text in _WORDS.get(name, (name, "")))
    metric = METRICS.get(name)
    perfect = metric.perfect if metric is not None and metric.perfect is not None else _PERFECT.get(name)
    return MetricWords(name, title, meaning, metric is not None and metric.is_score, perfect, name in _IN_TARGET)


def tone_of(effect: str) -> str:
    """Gives the tone of an outcome: `good`, `bad`, `acted` or `calm`.

    >>> tone_of("rows dropped"), tone_of("noted")
    ('acted', 'calm')
    """
    if effect in TONES:
        return TONES[effect]
    return "acted" if any(word in effect for word in ("dropped", "excluded", "set", "renamed", "weight")) else "calm"


def number(value: Any, digits: int = 4, keeps_zeros: bool = False) -> str:
    """Writes a figure with so many significant digits; a dash stands for none and for what is not finite.

    >>> number(0.82642), number(-1234567.8), number(float("inf")), number(3), number(0.785, keeps_zeros=True)
    ('0.8264', '−1,234,568', '–', '3', '0.7850')
    """
    if value is None or isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return DASH
    if isinstance(value, int) or value == 0:
        return f"{value:,.0f}".replace("-", MINUS)
    size = math.floor(math.log10(abs(value)))
    if size < -digits or size > 14:
        return f"{value:.{digits - 1}g}".replace("-", MINUS)
    text = f"{value:,.{max(0, digits - 1 - size)}f}"
    if "." in text and not keeps_zeros:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", MINUS)


def rounded(value: float | None, measure: Measure) -> str:
    """Writes a figure with the decimals that a measure's interval can bear; the same for all figures beside it.

    The interval's width keeps two significant digits and the figure at least three: more would be noise.

    >>> m = Measure(0.82573, 0.7593, 0.8869, 200)
    >>> rounded(m.value, m), rounded(0.5, m)
    ('0.826', '0.500')
    """
    width = measure.high - measure.low
    if value is None or not math.isfinite(value) or not math.isfinite(width) or width <= 0:
        return number(value)
    size = max(abs(measure.low), abs(measure.high))
    decimals = max(2 - math.ceil(math.log10(width)), 2 - math.floor(math.log10(size)))
    text = f"{value:,.{min(8, max(0, decimals))}f}"
    return (text if any(digit in text for digit in "123456789") else text.removeprefix("-")).replace("-", MINUS)


def share(value: float | None) -> str:
    """Writes a share from 0 to 1 as per cent.

    >>> share(0.3), share(0.0004), share(1.0)
    ('30 %', '< 0.1 %', '100 %')
    """
    if value is None or not math.isfinite(value):
        return DASH
    if 0 < value < 0.001:
        return say("< {n} %", n="0.1")
    return say("{n} %", n=f"{100 * value:.1f}".removesuffix(".0").replace("-", MINUS))


def duration(seconds: float | None) -> str:
    """Writes seconds as people say them.

    >>> duration(0.034), duration(19.46), duration(125), duration(7260)
    ('0.03 s', '19.5 s', '2 min 5 s', '2 h 1 min')
    """
    if seconds is None or not math.isfinite(seconds):
        return DASH
    if seconds < 1:
        return say("{n} s", n=f"{seconds:.2f}")
    if seconds < 100:
        return say("{n} s", n=f"{seconds:.1f}")
    if seconds < 3600:
        return say("{minutes} min {seconds} s", minutes=int(seconds) // 60, seconds=int(seconds) % 60)
    return say("{hours} h {minutes} min", hours=int(seconds) // 3600, minutes=int(seconds) % 3600 // 60)


def megabytes(value: float | None) -> str:
    """Writes MB, and GB from 1,024 MB on.

    >>> megabytes(0.0241), megabytes(523.2), megabytes(19281.9)
    ('0.02 MB', '523 MB', '18.8 GB')
    """
    if value is None or not math.isfinite(value):
        return DASH
    if value >= 1024:
        return f"{value / 1024:.1f} GB"
    return f"{value:.0f} MB" if value >= 100 else f"{value:.1f} MB" if value >= 0.1 else f"{value:.2f} MB"


def plural(count: int, one: str, many: str = "") -> str:
    """Writes a count with its noun; other languages than English look up `{n} rows`, whatever the count.

    >>> plural(1, "row"), plural(1200, "row"), plural(2, "class", "classes")
    ('1 row', '1,200 rows', '2 classes')
    """
    if count == 1 and language() == "en":
        return f"1 {one}"
    return say(f"{{n}} {many or one + 's'}", n=f"{count:,}")


def listed(parts: Iterable[str]) -> str:
    """Writes parts one after the other, with the comma of the language between.

    >>> listed(["age", "income"])
    'age, income'
    """
    return say(", ").join(parts)


def sentences(*parts: str) -> str:
    """Writes sentences one after the other; empty ones are left out.

    >>> sentences("It is.", "", "So it is.")
    'It is. So it is.'
    """
    return GAPS.get(language(), " ").join(part for part in parts if part)


def interval(low: str, high: str) -> str:
    """Writes the ends of an interval.

    >>> interval("0.1", "0.3")
    '0.1 to 0.3'
    """
    return say("{low} to {high}", low=low, high=high)


def dated(moment: datetime) -> str:
    """Writes a day and a time of it.

    >>> dated(datetime(2026, 3, 1, 14, 5))
    '1 March 2026, 14:05 UTC'
    """
    month = say(MONTHS[moment.month - 1])
    return say("{day} {month} {year}, {time} UTC", day=moment.day, month=month, year=moment.year, time=f"{moment:%H:%M}")


def short(text: str, length: int = 24) -> str:
    """Cuts a name that would not fit into a figure; the tables have it in full.

    >>> short("a" * 30, 5), short("abc")
    ('aaaa…', 'abc')
    """
    return text if len(text) <= length else text[: length - 1] + "…"


def breakable(text: object) -> Markup:
    """Lets a long name be broken after its joints, so that it fits a narrow column.

    >>> breakable("credit_amount<"), breakable("PlayMusic")
    (Markup('credit_<wbr>amount&lt;'), Markup('Play<wbr>Music'))
    """
    parts = re.split(r"(?<=[_./\\-])(?=[^_./\\-])|(?<=[a-z])(?=[A-Z])", str(text))
    return Markup("<wbr>").join(parts)


def masked(text: str) -> str:
    """Hides the password of a database address.

    >>> masked("postgresql://ana:secret@host/db")
    'postgresql://ana:•••@host/db'
    """
    return re.sub(r"(://[^:/@\s]*:)[^@\s]+@", r"\1•••@", text)


def payoff_words(payoff: Payoff, outcome: str) -> str:
    """Writes the worth of an outcome, with what is added for each unit of the row's amount.

    >>> payoff_words(Payoff(0, -1, 0, -5), "false_negative")
    '−5'
    >>> payoff_words(Payoff(0, -1, 0, -5, (0.0, 0.0, 0.0, -0.6), "credit"), "false_negative")
    '−5 − 0.6 × credit'
    """
    fixed, share = getattr(payoff, outcome), payoff.per_amount[OUTCOMES.index(outcome)]
    if not share or payoff.amount is None:
        return number(fixed)
    rest = f"{number(abs(share))} × {payoff.amount}"
    if not fixed:
        return f"−{rest}" if share < 0 else rest
    return f"{number(fixed)} {'−' if share < 0 else '+'} {rest}"
