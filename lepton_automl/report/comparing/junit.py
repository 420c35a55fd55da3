"""A comparison as JUnit XML, which every CI system shows: a case for each figure."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from lepton_automl.evidence.comparing import Comparison, Figure, Word
from lepton_automl.report.comparing.words import full_title, interval, level, p_said, signed
from lepton_automl.report.language import speaking


def render_junit(comparisons: Sequence[Comparison]) -> str:
    """Gives the comparisons as JUnit XML: a deciding figure that is worse fails, what is underpowered is skipped.

    It is in English, whatever the recipes ask for: programs read it.
    """
    with speaking("en"):
        suites = "\n".join(_suite(comparison) for comparison in comparisons)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="lepton compare">\n{suites}\n</testsuites>\n'


def _suite(comparison: Comparison) -> str:
    figures = comparison.figures
    failed = sum(_is_failure(figure) for figure in figures)
    skipped = sum(figure.word is Word.UNDERPOWERED for figure in figures)
    name = quoteattr(_clean(f"{comparison.candidate.name} against {comparison.baseline.name}"))
    cases = "\n".join(_case(comparison, figure) for figure in figures)
    counts = f'tests="{len(figures)}" failures="{failed}" errors="0" skipped="{skipped}"'
    return f"  <testsuite name={name} {counts}>\n{cases}\n  </testsuite>"


def _case(comparison: Comparison, figure: Figure) -> str:
    name = quoteattr(_clean(full_title(figure)))
    where = quoteattr(_clean(f"{comparison.candidate.recipe}.{comparison.question}"))
    said = _clean(
        f"{figure.word}: {level(figure.baseline, figure)} to {level(figure.candidate, figure)}, "
        f"{signed(figure.difference, figure)} ({interval(figure)}), p {p_said(figure.p_adjusted)}"
    )
    inner = f"\n      <system-out>{_escaped(said)}</system-out>"
    if _is_failure(figure):
        inner = f"\n      <failure message={quoteattr(said)}/>"
    elif figure.word is Word.UNDERPOWERED:
        inner = f"\n      <skipped message={quoteattr(said)}/>"
    return f"    <testcase name={name} classname={where}>{inner}\n    </testcase>"


def _is_failure(figure: Figure) -> bool:
    return figure.is_deciding and figure.word is Word.WORSE


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clean(text: str) -> str:
    """Leaves out what XML can not hold."""
    return "".join(c if c.isprintable() else " " for c in text)
