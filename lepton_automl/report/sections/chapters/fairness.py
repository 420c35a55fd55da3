"""Fairness: how groups of people fare, how far they lie apart, and what another choice would cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lepton_automl.evidence import Chapter
from lepton_automl.measure import Measure
from lepton_automl.report.facts import Facts
from lepton_automl.report.fairness_front import front_part
from lepton_automl.report.heard import heard
from lepton_automl.report.language import later, say
from lepton_automl.report.svg import Axis, axis_over, span
from lepton_automl.report.wording import interval, number, plural, rounded, sentences, share, short

WORDS = {
    "demographic_parity_difference": (
        later("Demographic parity difference"),
        later("how often it is said, highest less lowest"),
    ),
    "disparate_impact_ratio": (later("Disparate impact ratio"), later("how often it is said, lowest over highest; 1 is alike")),
    "equal_opportunity_difference": (later("Equal opportunity difference"), later("of rows where it is true, share found")),
    "equalised_odds_difference": (
        later("Equalised odds difference"),
        later("the same, or of rows where it is not true, whichever is larger"),
    ),
    "predictive_parity_difference": (
        later("Predictive parity difference"),
        later("of rows of which it is said, share where it is true"),
    ),
    "calibration_gap": (later("Calibration gap"), later("probability said less how often it is true")),
    "mean_prediction_difference": (later("Difference of the mean prediction"), later("what is said on average")),
    "mean_error_difference": (later("Difference of the mean error"), later("what is said less what was observed")),
    "mae_difference": (later("Difference of the mean absolute error"), later("how far predictions are off")),
}
"""Figure to its title and what it compares."""
HEADS = {
    "selection": later("Said"),
    "true_positive": later("Found"),
    "false_positive": later("Said wrongly"),
    "precision": later("Precision"),
    "said_less_observed": later("Said less seen"),
    "said": later("Mean said"),
    "error": later("Mean error"),
    "absolute_error": later("MAE"),
}
"""Rate to its heading."""
SHOWN_SMALL = 12
ODDS = frozenset({"said_less_observed", "error"})
"""Rates that may be below 0."""


def fairness_chapter(facts: Facts, chapter: Chapter) -> dict[str, Any]:
    """Gives the sentences, a table of groups and one of differences for each column, and the front."""
    content = chapter.content
    columns = [_column(column, content) for column in content["columns"]]
    single = [column for column in columns if not column["is_joint"]]
    return {
        "intro": _intro(content) if columns else "",
        "legend": _legend(content) if columns else "",
        "sentences": [column["sentence"] for column in single if column["sentence"]],
        "columns": single,
        "joint": [column for column in columns if column["is_joint"]],
        "front": front_part(facts, content["front"]),
    }


def _intro(content: Mapping[str, Any]) -> str:
    least = plural(content["min_group"], "row")
    small = say("A group with fewer than {rows} is too small to be compared.", rows=least)
    if content["kind"] == "numbers":
        what = say("Groups are compared by what is predicted for them and how far that is off.")
        return sentences(what, small, _wide(number(content["relevant_difference"], 3)))
    if not content["favourable"]:
        what = say("Groups are compared by each label; the worst one counts.")
    elif content["threshold"] is None:
        what = say("Groups are compared by who gets “{label}”.", label=short(content["favourable"]))
    else:
        what = say(
            "Groups are compared by who gets “{label}” at the line {line}.",
            label=short(content["favourable"]),
            line=number(content["threshold"], 3),
        )
    apart = say(
        "{share} (a ratio of {ratio})",
        share=share(content["relevant_difference"]),
        ratio=number(content["relevant_ratio"], 2),
    )
    return sentences(what, small, _wide(apart))


def _legend(content: Mapping[str, Any]) -> str:
    if content["kind"] == "numbers":
        return say("Mean error: what is said less what was observed. MAE: mean absolute error.")
    if not content["favourable"]:
        return say(
            "Said less seen: probability of the most probable label less how often it is true. ECE: expected calibration error."
        )
    return say(
        "Said: share of the rows of which it is said. Found: of rows where it is true, share of which it is said (true "
        "positive rate). Said wrongly: the same of all other rows (false positive rate). Precision: of rows of which it is "
        "said, share where it is true. Said less seen: mean probability less how often it is true. ECE: expected calibration "
        "error."
    )


def _wide(apart: str) -> str:
    return say(
        "“Underpowered” stands where, by the interval, it could be no difference and one of {apart} as well: the rows are "
        "too few to tell.",
        apart=apart,
    )


def _column(column: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    rows = column["groups"]
    rates = next((list(row["rates"]) for row in rows if "rates" in row), [])
    first = rates[0] if rates else ""
    ends = [end for row in rows if row.get("rates", {}).get(first) for end in row["rates"][first]]
    axis = _axis(first, ends)
    is_number = content["kind"] == "numbers"
    return {
        "name": column["name"].replace("*", " × "),
        "key": column["name"],
        "how": heard(column["how"]),
        "is_joint": "*" in column["name"],
        "heads": [say(HEADS[rate]) for rate in rates],
        "has_accuracy": any("accuracy" in row for row in rows),
        "has_ece": any("ece" in row for row in rows),
        "range": interval(_written(axis.low, is_number), _written(axis.high, is_number)),
        "first": say(HEADS[first]) if first in HEADS else "",
        "groups": [_group(row, rates, axis, is_number) for row in rows if not row["is_small"]],
        "figures": [_figure(row, content) for row in column["figures"]],
        "small": _small([row for row in rows if row["is_small"]]),
        "missing": column["missing"],
        "more": column["more"],
        "sentence": _sentence(column, content),
    }


def _axis(rate: str, ends: Sequence[float]) -> Axis:
    if rate in ODDS or not ends:
        return axis_over("", ends)
    return Axis("", 0.0, max(1.05 * max(ends), 1e-9)) if min(ends) >= 0 else axis_over("", ends)


def _written(value: float, is_number: bool) -> str:
    return number(value, 3) if is_number else share(value)


def _group(row: Mapping[str, Any], rates: Sequence[str], axis: Axis, is_number: bool) -> dict[str, Any]:
    found = row.get("rates", {})
    first = found.get(rates[0]) if rates else None
    return {
        "name": row["name"],
        "n": f"{row['n']:,}",
        "span": "" if first is None else span(axis, first[1], first[0], first[2]),
        "cells": [_cell(found.get(rate), is_number) for rate in rates],
        "accuracy": share(row["accuracy"]) if "accuracy" in row else "",
        "ece": share(row["ece"]) if "ece" in row else "",
    }


def _small(rows: Sequence[Mapping[str, Any]]) -> str:
    """Names the groups that are too small, each with its rows."""
    told = [f"{row['name']} ({say('fewer than 10') if row['n'] is None else row['n']})" for row in rows]
    shown = say("; ").join(told[:SHOWN_SMALL])
    return say("{columns} and {n} more", columns=shown, n=len(told) - SHOWN_SMALL) if len(told) > SHOWN_SMALL else shown


def _cell(rate: Sequence[float] | None, is_number: bool) -> dict[str, str]:
    if rate is None:
        return {"value": "–", "interval": ""}
    value, low, high = rate
    if is_number:
        measure = Measure(value, low, high, 0)
        return {"value": rounded(value, measure), "interval": interval(rounded(low, measure), rounded(high, measure))}
    return {"value": share(value), "interval": interval(_points(low), share(high)) if low < high else ""}


def _points(value: float) -> str:
    return share(value).removesuffix("%").rstrip()


def _figure(row: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    title, said = (say(text) for text in WORDS[row["name"]])
    measure = Measure(row["value"], row["low"], row["high"], 0)
    is_share = not row["is_ratio"] and content["kind"] == "labels"
    value, low, high = (share(v) if is_share else rounded(v, measure) for v in (row["value"], row["low"], row["high"]))
    label = f" (“{short(row['label'])}”)" if row["label"] and not content["favourable"] else ""
    return {
        "title": title,
        "said": said + label,
        "value": value,
        "interval": interval(low, high),
        "between": say("“{high}” above “{low}”", high=short(row["highest"], 40), low=short(row["lowest"], 40)),
        "is_underpowered": row["is_underpowered"],
    }


def _sentence(column: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    """Says in plain words how far the groups of a column lie apart; nothing of what that means in law."""
    figures = {row["name"]: row for row in column["figures"]}
    row = figures.get("disparate_impact_ratio") or figures.get("mean_error_difference")
    if row is None:
        return ""
    names = {"column": column["name"], "most": short(row["highest"], 40), "least": short(row["lowest"], 40)}
    if content["kind"] == "numbers":
        measure = Measure(row["value"], row["low"], row["high"], 0)
        value, low, high = (rounded(v, measure) for v in (row["value"], row["low"], row["high"]))
        said = say(
            "{column}: measured against what was observed, {value} more is predicted for “{most}” than for “{least}” "
            "({low} to {high})",
            value=value,
            low=low,
            high=high,
            **names,
        )
        return _doubted(said, row, row["low"] <= 0)
    if row["value"] <= 0:
        said = say(
            "{column}: “{label}” is said of some rows of “{most}” and of none of “{least}”", label=short(row["label"]), **names
        )
        return _doubted(said, row, row["high"] >= 1)
    nearest = number(1 / row["high"], 3)
    far = interval(nearest, number(1 / row["low"], 3)) if row["low"] > 0 else say("{n} or more", n=nearest)
    rates = {
        group["name"]: group["rates"]["selection"] for group in column["groups"] if (group.get("rates") or {}).get("selection")
    }
    one, other = (rates.get(row[end]) for end in ("highest", "lowest"))
    values = {"label": short(row["label"]), "times": number(1 / row["value"], 3), "far": far, **names}
    if one and other:
        said = say(
            "{column}: “{label}” is said {times} times as often of “{most}” as of “{least}” ({one} and {other}); the "
            "interval is {far}",
            one=share(one[0]),
            other=share(other[0]),
            **values,
        )
    else:
        said = say(
            "{column}: “{label}” is said {times} times as often of “{most}” as of “{least}”; the interval is {far}", **values
        )
    return _doubted(said, row, row["high"] >= 1)


def _doubted(said: str, row: Mapping[str, Any], can_be_chance: bool) -> str:
    """Ends a sentence with what its interval leaves open."""
    if row["is_underpowered"]:
        return say("{said}, too wide to tell anything: the rows are too few.", said=said)
    if can_be_chance and math.isfinite(row["value"]):
        return say("{said}, so it can be chance.", said=said)
    return say("{said}.", said=said)


def group_figures(facts: Facts) -> str:
    """Says how far the groups of each column lie apart, without naming one; empty where nothing is known."""
    chapter = facts.evidence.chapters.get("fairness")
    told = []
    for column in chapter.content.get("columns", ()) if chapter is not None else ():
        shown = {row["name"]: row for row in column["figures"]}
        row = shown.get("disparate_impact_ratio") or shown.get("mean_error_difference")
        if row is None or "*" in column["name"]:
            continue
        measure = Measure(row["value"], row["low"], row["high"], 0)
        value, low, high = (rounded(v, measure) for v in (row["value"], row["low"], row["high"]))
        mark = ", underpowered" if row["is_underpowered"] else ""
        told.append(f"{column['name']}: {WORDS[row['name']][0].lower()} {value} ({low} to {high}{mark})")
    return "; ".join(told)
