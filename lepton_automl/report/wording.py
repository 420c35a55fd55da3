"""Words and numerals for readers: what figures are called, and how they are written."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from lepton_automl.measure import Measure
from lepton_automl.tasks import METRICS, OUTCOMES, Payoff

DASH = "–"
MINUS = "−"


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
        return "higher is better" if self.is_score else "lower is better"


_WORDS: dict[str, tuple[str, str]] = {
    "roc_auc": ("ROC AUC", "how often a positive row is ranked above another one; 0.5 is chance"),
    "log_loss": ("Log loss", "how surprised the probabilities are by what happened"),
    "brier_score": ("Brier score", "mean squared error of the probabilities"),
    "average_precision": ("Average precision", "mean precision over all recalls"),
    "accuracy": ("Accuracy", "share of rows whose most probable label is true"),
    "balanced_accuracy": ("Balanced accuracy", "mean over the labels of the share of their rows that is found"),
    "f1": ("F1", "harmonic mean of precision and recall at a probability of 0.5"),
    "macro_f1": ("Macro F1", "mean over the labels of the harmonic mean of precision and recall"),
    "rmse": ("RMSE", "root of the mean squared error"),
    "mae": ("MAE", "mean absolute error"),
    "r2": ("R²", "share of the variance that is explained"),
    "mape": ("MAPE", "mean absolute error as a share of the observed value"),
    "wape": ("WAPE", "sum of absolute errors as a share of the sum observed"),
    "pinball": ("Pinball loss", "mean loss over the quantile levels"),
}
_PERFECT = {"pinball": 0.0, "r2": 1.0}
_IN_TARGET = {"rmse", "mae", "pinball"}

LEDGER_STAGES = {
    "hardware": "Hardware, asked for and used",
    "policy": "Policy",
    "load": "Reading the source",
    "data": "Rules on the whole table",
    "split": "Setting rows aside",
    "train": "Rules on training rows",
    "profile": "Data profile",
    "save": "Writing the cleaned table",
    "search": "Search",
    "features": "Columns made",
    "ensemble": "Ensemble",
    "test": "Test rows",
    "gate": "Gates",
}
"""Stage of the ledger to its title."""

RUN_STAGES = {
    "start": "Start",
    "data": "Data, rules and folds",
    "search": "Search",
    "ensemble": "Ensemble",
    "pack": "Packing the artefact",
    "evidence": "Evidence",
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


def metric_words(name: str) -> MetricWords:
    """Gives the words of a metric; one that is not known is called by its own name.

    >>> metric_words("roc_auc").title
    'ROC AUC'
    """
    title, meaning = _WORDS.get(name, (name, ""))
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
        return "< 0.1 %"
    text = f"{100 * value:.1f}"
    return f"{text.removesuffix('.0')} %".replace("-", MINUS)


def duration(seconds: float | None) -> str:
    """Writes seconds as people say them.

    >>> duration(0.034), duration(19.46), duration(125), duration(7260)
    ('0.03 s', '19.5 s', '2 min 5 s', '2 h 1 min')
    """
    if seconds is None or not math.isfinite(seconds):
        return DASH
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 100:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{int(seconds) // 60} min {int(seconds) % 60} s"
    return f"{int(seconds) // 3600} h {int(seconds) % 3600 // 60} min"


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
    """Writes a count with its noun.

    >>> plural(1, "row"), plural(1200, "row"), plural(2, "class", "classes")
    ('1 row', '1,200 rows', '2 classes')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def short(text: str, length: int = 24) -> str:
    """Cuts a name that would not fit into a figure; the tables have it in full.

    >>> short("a" * 30, 5), short("abc")
    ('aaaa…', 'abc')
    """
    return text if len(text) <= length else text[: length - 1] + "…"


def breakable(text: object) -> Markup:
    """Lets a long name be broken after its joints, so that it fits a narrow column.

    >>> breakable("credit_amount<")
    Markup('credit_<wbr>amount&lt;')
    """
    parts = re.split(r"(?<=[_./\\-])(?=[^_./\\-])", str(text))
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
