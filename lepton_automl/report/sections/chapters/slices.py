"""Slices: where the model does worse than elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lepton_automl.evidence import Chapter
from lepton_automl.measure import Measure
from lepton_automl.report.facts import Facts
from lepton_automl.report.heard import heard
from lepton_automl.report.language import say
from lepton_automl.report.svg import Axis, axis_over, span
from lepton_automl.report.wording import interval, metric_words, number, plural, rounded, sentences, share


def slices_chapter(facts: Facts, chapter: Chapter) -> dict[str, Any]:
    """Gives the sentence, the table of the slices found and those of the declared columns."""
    content = chapter.content
    found = content["found"]
    axis = axis_over("", [0.0, *(end for row in found for end in row["difference"])])
    return {
        "said": _said(content),
        "words": metric_words(content["metric"]),
        "loss": heard(content["loss"]),
        "found": [_found(row, axis) for row in found],
        "more": max(0, content["worse"] - content["inside"] - len(found)),
        "declared": [_declared(column) for column in content["declared"]],
        "range": interval(number(axis.low, 2), number(axis.high, 2)),
    }


def _said(content: Mapping[str, Any]) -> str:
    """Says how many were looked at, how many are worse, and how that was decided."""
    looked, worse, inside = content["looked_at"], content["worse"], content["inside"]
    values = {"slices": plural(looked, "slice"), "least": content["min_rows"], "columns": plural(content["columns"], "column")}
    if content["pairs"]:
        of = say(
            "{slices} of at least {least} rows, of {columns} and pairs of them ({pairs})",
            pairs=f"{content['pairs']:,}",
            **values,
        )
    else:
        of = say("{slices} of at least {least} rows, of {columns}", **values)
    if not looked:
        return say("No column could be sliced into parts of enough rows.")
    if not worse:
        return sentences(
            say("None of {of}, is worse than can be chance.", of=of),
            say("That does not prove that all are alike: small slices hide much."),
        )
    chance = share(content["false_share"])
    if worse == 1:
        said = say(
            "1 of {of}, is worse than can be chance (of those told, at most {chance} are expected to be chance).",
            of=of,
            chance=chance,
        )
    else:
        said = say(
            "{n} of {of}, are worse than can be chance (of those told, at most {chance} are expected to be chance).",
            n=f"{worse:,}",
            of=of,
            chance=chance,
        )
    if not inside:
        return said
    rest = say("{n} of them lie inside of another one told here and are no worse than it.", n=f"{inside:,}")
    return sentences(said, rest)


def _found(row: Mapping[str, Any], axis: Axis) -> dict[str, Any]:
    difference, low, high = row["difference"]
    measure = Measure(difference, low, high, row["n"])
    return {
        "name": row["name"],
        "n": f"{row['n']:,}",
        "loss": number(row["loss"], 3),
        "rest": number(row["rest"], 3),
        "difference": rounded(difference, measure),
        "interval": interval(rounded(low, measure), rounded(high, measure)),
        "effect": number(row["effect"], 2),
        **_with_interval(row["metric"]),
        "span": span(axis, low, difference, high, 0.0),
    }


def _declared(column: Mapping[str, Any]) -> dict[str, Any]:
    known = [row["metric"] for row in column["slices"] if row.get("metric")]
    axis = axis_over("", [end for metric in known for end in metric])
    rows = [_slice(row, axis) for row in column["slices"]]
    return {
        "name": column["name"],
        "how": heard(column["how"]),
        "rows": rows,
        "range": interval(number(axis.low, 3), number(axis.high, 3)),
    }


def _slice(row: Mapping[str, Any], axis: Axis) -> dict[str, Any]:
    metric = row.get("metric")
    return {
        "name": row["name"],
        "n": say("fewer than 10") if row["n"] is None else f"{row['n']:,}",
        "is_small": row["is_small"],
        **_with_interval(metric),
        "loss": number(row.get("loss"), 3),
        "span": span(axis, metric[1], metric[0], metric[2]) if metric else "",
    }


def _with_interval(metric: Sequence[float] | None) -> dict[str, str]:
    """Gives `metric` and `metric_interval` as texts; the interval is empty where the metric is not known."""
    if metric is None:
        return {"metric": say("not known"), "metric_interval": ""}
    value, low, high = metric
    measure = Measure(value, low, high, 0)
    return {
        "metric": rounded(value, measure),
        "metric_interval": interval(rounded(low, measure), rounded(high, measure)),
    }
