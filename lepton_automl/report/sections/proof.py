"""The evidence: every metric beside the baseline's, and the figures that fit the task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from lepton_automl.report import figures
from lepton_automl.report.facts import Facts
from lepton_automl.report.heard import heard
from lepton_automl.report.language import later, say
from lepton_automl.report.svg import bar
from lepton_automl.report.wording import DASH, interval, metric_words, number, plural, rounded, sentences, share

SHOWN_FEATURES = 15
DEEP = 0.55
"""Share of a row above which the figure of a cell of the confusion is written bold."""


def proof_section(facts: Facts) -> dict[str, Any]:
    """Gives what the section of the evidence shows."""
    return {
        "rows": plural(facts.evidence.n, "row"),
        "confidence": share(facts.evidence.confidence),
        "resamples": f"{facts.evidence.resamples:,}" if facts.evidence.resamples else "",
        "metrics": [_metric(name, facts) for name in facts.evidence.scores],
        "figures": _figures(facts),
        "confusion": _confusion(facts),
        "coverage": _coverage(facts),
        "importance": _importance(facts),
        "importance_note": _importance_note(facts),
    }


def _metric(name: str, facts: Facts) -> dict[str, Any]:
    words, measure = metric_words(name), facts.evidence.scores[name]
    below = facts.evidence.baseline.get(name)
    figure = Markup("") if below is None else figures.progress_figure(f"progress-{name}", words, measure, below.value)
    return {
        "words": words,
        "value": rounded(measure.value, measure),
        "interval": interval(rounded(measure.low, measure), rounded(measure.high, measure)),
        "baseline": rounded(None if below is None else below.value, measure),
        "figure": figure,
        "is_headline": name == facts.evidence.metric,
        "unit": facts.target if words.in_target else "",
        "underpowered": heard(facts.evidence.underpowered.get(name, "")),
    }


def _figures(facts: Facts) -> list[dict[str, Any]]:
    """Gives the figures for which there is data, each with a caption."""
    pictures, positive = facts.evidence.pictures, facts.positive_label
    found: list[tuple[str, Markup, str]] = []
    if pictures.get("roc"):
        area = facts.evidence.scores.get("roc_auc")
        figure = figures.roc_figure(pictures["roc"], None if area is None else area.value, positive)
        found.append((say("ROC curve"), figure, say("Every line that could be drawn; the dashed diagonal is chance.")))
    if pictures.get("precision_recall"):
        figure = figures.precision_recall_figure(pictures["precision_recall"], pictures.get("positive_share"), positive)
        found.append((say("Precision over recall"), figure, say("The price of finding more of them.")))
    if pictures.get("calibration"):
        figure = figures.calibration_figure(pictures["calibration"], positive)
        said = say("Above the diagonal it happens more often than was said. Larger dots hold more rows.")
        found.append((say("Calibration"), figure, said))
    rest = pictures.get("residuals")
    if rest and rest["observed"]:
        pair = (rest["predicted"], rest["observed"], facts.target)
        said = say(
            "{n} of {rows}; on the dashed diagonal a prediction is right.",
            n=f"{len(rest['observed']):,}",
            rows=plural(facts.evidence.n, "row"),
        )
        found.append((say("Observed against predicted"), figures.observed_figure(*pair), said))
        found.append((say("Residuals"), figures.residual_figure(*pair), _residual_words(rest.get("quantiles"), facts.target)))
    if pictures.get("coverage"):
        said = say("On the diagonal, quantiles cover what they promise.")
        found.append((say("Coverage of the quantiles"), figures.coverage_figure(pictures["coverage"]), said))
    return [{"title": title, "figure": figure, "caption": caption} for title, figure, caption in found]


def _residual_words(quantiles: list[float] | None, target: str) -> str:
    if not quantiles or len(quantiles) != 5:
        return say("Above the line, more was observed than predicted.")
    low, quarter, _, half, high = (number(value, 3) for value in quantiles)
    return say(
        "Half of the rows are off by {quarter} to {half}, nine in ten by {low} to {high} ({target}).",
        quarter=quarter,
        half=half,
        low=low,
        high=high,
        target=target,
    )


def _confusion(facts: Facts) -> dict[str, Any] | None:
    """Gives the table of true against predicted labels, shaded by the share of its row."""
    confusion = facts.evidence.pictures.get("confusion")
    if not confusion:
        return None
    rows = [
        {
            "label": label,
            "cells": _cells(counts, place),
            "total": f"{sum(counts):,}",
            "found": share(counts[place] / sum(counts)) if sum(counts) else DASH,
        }
        for place, (label, counts) in enumerate(zip(confusion["labels"], confusion["counts"], strict=True))
    ]
    shown, of = len(rows), confusion.get("of", len(rows))
    said = [sum(counts[place] for counts in confusion["counts"]) for place in range(shown)]
    right = [share(confusion["counts"][place][place] / n) if n else DASH for place, n in enumerate(said)]
    notes = [say("The {n} most frequent of {of} labels.", n=shown, of=of)] if of > shown else []
    if confusion.get("threshold") not in (None, 0.5):
        notes.append(say("The line is the decision’s own, {line}.", line=number(confusion["threshold"], 3)))
    if confusion.get("referred"):
        notes.append(say("{rows} for a human are not in it.", rows=plural(confusion["referred"], "row")))
    return {
        "labels": confusion["labels"],
        "rows": rows,
        "right": right if of == shown else [],
        "note": sentences(*notes),
        "size": "small" if shown > 8 else "",
        "is_wide": shown > 4,
    }


def _cells(counts: Sequence[int], hit: int) -> list[dict[str, Any]]:
    """Gives the cells of one true label; `hit` is the place of the cell in which it was recognised."""
    total = sum(counts) or 1
    cells = []
    for place, count in enumerate(counts):
        part = count / total
        style = " ".join(name for name, holds in (("deep", part > DEEP), ("zero", not count), ("hit", place == hit)) if holds)
        cells.append({"count": f"{count:,}", "share": round(part, 3), "said": share(part), "style": style})
    return cells


def _coverage(facts: Facts) -> list[dict[str, str]]:
    """Gives the rows of the table of quantiles."""
    rows = []
    for row in facts.evidence.pictures.get("coverage") or []:
        points = 100 * (row["observed"] - row["level"])
        off = say("{n} points", n=f"{'+' if points > 0 else ''}{number(round(points, 1), 3)}")
        rows.append({"level": share(row["level"]), "observed": share(row["observed"]), "off": off})
    return rows


def _importance(facts: Facts) -> dict[str, Any] | None:
    """Gives the features with what permuting each costs, as bars; the first ones apart from the rest."""
    found = facts.evidence.importance
    if not found:
        return None
    low, high = min(0.0, *found.values()), max(0.0, *found.values())
    reach = (high - low) or 1.0
    zero = -low / reach
    rows = [
        {"name": name, "value": number(value, 3), "bar": bar(zero, zero + value / reach, "model" if value > 0 else "muted")}
        for name, value in found.items()
    ]
    words = metric_words(facts.evidence.metric)
    said = later("drop of {metric}") if words.is_score else later("growth of {metric}")
    unit = say(said, metric=words.title)
    return {"unit": unit, "shown": rows[:SHOWN_FEATURES], "rest": rows[SHOWN_FEATURES:]}


def _importance_note(facts: Facts) -> str:
    done, of = facts.evidence.importance_of
    if done < of:
        return say(
            "Only {done} of {features} were shuffled before the time was up: a feature that is missing here may matter.",
            done=done,
            features=plural(of, "feature"),
        )
    if not facts.evidence.importance:
        why = say("no test rows were set aside") if facts.is_out_of_fold else say("evidence.importance is off")
        return say("Which features matter was not measured: {why}.", why=why)
    return ""
