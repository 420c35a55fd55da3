"""Fairness: how groups of people fare, how far they lie apart, and what another choice would cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lepton_automl.evidence import Chapter
from lepton_automl.measure import Measure
from lepton_automl.report.facts import Facts
from lepton_automl.report.fairness_front import front_part
from lepton_automl.report.svg import Axis, axis_over, span
from lepton_automl.report.wording import number, plural, rounded, share, short

WORDS = {
    "demographic_parity_difference": ("Demographic parity difference", "how often it is said, highest less lowest"),
    "disparate_impact_ratio": ("Disparate impact ratio", "how often it is said, lowest over highest; 1 is alike"),
    "equal_opportunity_difference": ("Equal opportunity difference", "of rows where it is true, share found"),
    "equalised_odds_difference": (
        "Equalised odds difference",
        "the same, or of rows where it is not true, whichever is larger",
    ),
    "predictive_parity_difference": ("Predictive parity difference", "of rows of which it is said, share where it is true"),
    "calibration_gap": ("Calibration gap", "probability said less how often it is true"),
    "mean_prediction_difference": ("Difference of the mean prediction", "what is said on average"),
    "mean_error_difference": ("Difference of the mean error", "what is said less what was observed"),
    "mae_difference": ("Difference of the mean absolute error", "how far predictions are off"),
}
"""Figure to its title and what it compares."""
HEADS = {
    "selection": "Said",
    "true_positive": "Found",
    "false_positive": "Said wrongly",
    "precision": "Precision",
    "said_less_observed": "Said less seen",
    "said": "Mean said",
    "error": "Mean error",
    "absolute_error": "MAE",
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
    small = f"A group with fewer than {least} is too small to be compared."
    if content["kind"] == "numbers":
        wide = f"could be no difference and one of {number(content['relevant_difference'], 3)} as well"
        return f"Groups are compared by what is predicted for them and how far that is off. {small} {_wide(wide)}"
    line = "" if content["threshold"] is None else f" at the line {number(content['threshold'], 3)}"
    what = f"who gets “{short(content['favourable'])}”{line}" if content["favourable"] else "each label; the worst one counts"
    limits = f"one of {share(content['relevant_difference'])} (a ratio of {number(content['relevant_ratio'], 2)})"
    return f"Groups are compared by {what}. {small} {_wide(f'could be no difference and {limits} as well')}"


def _legend(content: Mapping[str, Any]) -> str:
    if content["kind"] == "numbers":
        return "Mean error: what is said less what was observed. MAE: mean absolute error."
    if not content["favourable"]:
        return (
            "Said less seen: probability of the most probable label less how often it is true. ECE: expected calibration error."
        )
    return (
        "Said: share of the rows of which it is said. Found: of rows where it is true, share of which it is said (true "
        "positive rate). Said wrongly: the same of all other rows (false positive rate). Precision: of rows of which it is "
        "said, share where it is true. Said less seen: mean probability less how often it is true. ECE: expected calibration "
        "error."
    )


def _wide(could: str) -> str:
    return f"“Underpowered” stands where, by the interval, it {could}: the rows are too few to tell."


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
        "how": column["how"],
        "is_joint": "*" in column["name"],
        "heads": [HEADS[rate] for rate in rates],
        "has_accuracy": any("accuracy" in row for row in rows),
        "has_ece": any("ece" in row for row in rows),
        "range": f"{_written(axis.low, is_number)} to {_written(axis.high, is_number)}",
        "first": HEADS.get(first, ""),
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
    told = [f"{row['name']} ({'fewer than 10' if row['n'] is None else row['n']})" for row in rows]
    more = f" and {len(told) - SHOWN_SMALL} more" if len(told) > SHOWN_SMALL else ""
    return "; ".join(told[:SHOWN_SMALL]) + more


def _cell(rate: Sequence[float] | None, is_number: bool) -> dict[str, str]:
    if rate is None:
        return {"value": "–", "interval": ""}
    value, low, high = rate
    if is_number:
        measure = Measure(value, low, high, 0)
        return {"value": rounded(value, measure), "interval": f"{rounded(low, measure)} to {rounded(high, measure)}"}
    return {"value": share(value), "interval": f"{_points(low)} to {share(high)}" if low < high else ""}


def _points(value: float) -> str:
    return share(value).removesuffix(" %")


def _figure(row: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    title, said = WORDS[row["name"]]
    measure = Measure(row["value"], row["low"], row["high"], 0)
    is_share = not row["is_ratio"] and content["kind"] == "labels"
    value, low, high = (share(v) if is_share else rounded(v, measure) for v in (row["value"], row["low"], row["high"]))
    label = f" (“{short(row['label'])}”)" if row["label"] and not content["favourable"] else ""
    return {
        "title": title,
        "said": said + label,
        "value": value,
        "interval": f"{low} to {high}",
        "between": f"“{short(row['highest'], 40)}” above “{short(row['lowest'], 40)}”",
        "is_underpowered": row["is_underpowered"],
    }


def _sentence(column: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    """Says in plain words how far the groups of a column lie apart; nothing of what that means in law."""
    figures = {row["name"]: row for row in column["figures"]}
    row = figures.get("disparate_impact_ratio") or figures.get("mean_error_difference")
    if row is None:
        return ""
    most, least = f"“{short(row['highest'], 40)}”", f"“{short(row['lowest'], 40)}”"
    name = column["name"]
    if content["kind"] == "numbers":
        measure = Measure(row["value"], row["low"], row["high"], 0)
        value, low, high = (rounded(v, measure) for v in (row["value"], row["low"], row["high"]))
        said = f"{name}: measured against what was observed, {value} more is predicted for {most} than for {least}"
        return f"{said} ({low} to {high}){_doubt(row, row['low'] <= 0)}."
    if row["value"] <= 0:
        said = f"{name}: “{short(row['label'])}” is said of some rows of {most} and of none of {least}"
        return f"{said}{_doubt(row, row['high'] >= 1)}."
    times = f"{number(1 / row['value'], 3)} times as often"
    far = (
        f"{number(1 / row['high'], 3)} to {number(1 / row['low'], 3)}"
        if row["low"] > 0
        else f"{number(1 / row['high'], 3)} or more"
    )
    rates = {
        group["name"]: group["rates"]["selection"] for group in column["groups"] if (group.get("rates") or {}).get("selection")
    }
    one, other = (rates.get(row[end]) for end in ("highest", "lowest"))
    told = f" ({share(one[0])} and {share(other[0])})" if one and other else ""
    said = f"{name}: “{short(row['label'])}” is said {times} of {most} as of {least}{told}"
    return f"{said}; the interval is {far}{_doubt(row, row['high'] >= 1)}."


def _doubt(row: Mapping[str, Any], can_be_chance: bool) -> str:
    if row["is_underpowered"]:
        return ", too wide to tell anything: the rows are too few"
    return ", so it can be chance" if can_be_chance and math.isfinite(row["value"]) else ""


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
