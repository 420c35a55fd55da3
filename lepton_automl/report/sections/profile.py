"""The profile of the data: what the columns hold, by split and by target, and how they go together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from markupsafe import Markup

from lepton_automl.report.facts import Facts
from lepton_automl.report.heard import called, heard
from lepton_automl.report.language import later, say
from lepton_automl.report.profiles import association_map, split_picture, target_picture
from lepton_automl.report.svg import bar
from lepton_automl.report.wording import interval, listed, number, plural, sentences, share, short

SHOWN_COLUMNS = 60
"""Columns whose pictures are in the page: `profile.json` has all."""
SHOWN_LEVELS = 5
SHOWN_DRIFT = 10
MEASURES = {
    "spearman": later("rank correlation"),
    "cramers_v": later("Cramér’s V"),
    "correlation_ratio": later("correlation ratio"),
}
STABILITY = ((0.1, later("little")), (0.25, later("some")), (float("inf"), later("much")))
"""Population stability index below which there is little drift, some, or much (Siddiqi 2006)."""


def profile_part(facts: Facts) -> dict[str, Any] | None:
    """Gives what the part of the data profile shows; none where there is no profile."""
    profile = facts.profile
    if not profile:
        return None
    columns, names = profile["columns"], profile["target"]["groups"]
    return {
        "sampled": _sampled(profile),
        "left_out": [heard(text) for text in profile["left_out"]],
        "legend": [{"place": place, "name": name} for place, name in enumerate(names)],
        "has_test": profile["rows"]["test"] > 0,
        "columns": [_column(column, profile) for column in columns[:SHOWN_COLUMNS]],
        "counted": plural(min(len(columns), SHOWN_COLUMNS), "column"),
        "more": max(0, len(columns) - SHOWN_COLUMNS),
        "drift": _drift(columns),
        "groups": [_groups(found, names) for found in profile["groups"]],
        "group_names": names,
        "missing": _missing(profile["missing_together"]),
        "map": association_map(profile["associations"]),
        "map_note": _map_note(profile["associations"]),
        "pairs": [_pair(pair) for pair in profile["associations"].get("strongest", ())],
    }


def _sampled(profile: Mapping[str, Any]) -> str:
    rows, sampled = profile["rows"], profile["sampled"]
    if rows == sampled:
        return say("All rows were looked at, as the rules left them.")
    sides = [
        say(pattern, n=f"{sampled[side]:,}", of=f"{rows[side]:,}")
        for side, pattern in (("train", later("{n} of {of} training rows")), ("test", later("{n} of {of} test rows")))
    ]
    return say(
        "Pictures and figures rest on a sample: {sides}. Rows, missing values and groups are counted exactly.",
        sides=say(" and ").join(sides),
    )


def _column(column: Mapping[str, Any], profile: Mapping[str, Any]) -> dict[str, Any]:
    missing, rows = column["missing"], profile["rows"]
    train, test = (missing[side] / rows[side] if rows[side] else 0.0 for side in ("train", "test"))
    is_drawn = "train" in column
    drift = column.get("drift") or {}
    return {
        "name": column["name"],
        "kind": called(column["kind"]),
        "missing": share(train) if missing["train"] else "",
        "missing_value": train,
        "missing_test": share(test) if rows["test"] and round(test, 3) != round(train, 3) else "",
        "distinct": f"{column['distinct']:,}" if "distinct" in column else "",
        "distinct_value": column.get("distinct", 0),
        "split": split_picture(column["train"], column["test"]) if is_drawn else Markup(""),
        "target": target_picture(column["by_target"]) if is_drawn else Markup(""),
        "words": _words(column),
        "psi": number(drift["psi"], 2) if "psi" in drift else "",
        "psi_value": drift.get("psi", 0.0),
    }


def _words(column: Mapping[str, Any]) -> str:
    """Says in a line what a column holds."""
    if column.get("not_shown"):
        return say("not shown: {why}", why=heard(column["not_shown"]))
    if "levels" in column:
        total = sum(column["train"]) or 1
        shown = list(zip(column["levels"], column["train"], strict=True))
        told = [f"{short(level)}: {share(count / total)}" for level, count in shown[:SHOWN_LEVELS]]
        more = [plural(len(shown) - SHOWN_LEVELS, "other")] if len(shown) > SHOWN_LEVELS else []
        return say("; ").join([*told, *more])
    edges = column["edges"]
    if column.get("quantiles"):
        write = _date if column["kind"] == "datetime" else number
        return listed(f"{share(float(level))} ≤ {write(value)}" for level, value in column["quantiles"].items())
    what = heard(column["of"]) if "of" in column else say("values")
    return say("{what} {range}", what=what, range=interval(number(edges[0]), number(edges[-1])))


def _date(seconds: float) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%d}"


def _drift(columns: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Gives the columns whose test rows are farthest from the training rows."""
    found = [column for column in columns if (column.get("drift") or {}).get("psi", 0.0) >= STABILITY[0][0]]
    ranked = sorted(found, key=lambda column: -column["drift"]["psi"])[:SHOWN_DRIFT]
    return [
        {
            "name": column["name"],
            "psi": number(column["drift"]["psi"], 2),
            "ks": number(column["drift"].get("ks"), 2),
            "said": say(next((word for limit, word in STABILITY if column["drift"]["psi"] < limit), STABILITY[-1][1])),
        }
        for column in ranked
    ]


def _groups(found: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    rows = [
        {
            "name": group["name"],
            "train": f"{group['train']:,}",
            "test": f"{group['test']:,}",
            "share": share(group["share"]),
            "bar": bar(0.0, group["share"], "model"),
            "target": [share(value) for value in group["target"]],
            "is_small": group["is_small"],
        }
        for group in found["groups"]
    ]
    return {"column": found["column"], "rows": rows, "width": len(names)}


def _missing(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Gives the sets of columns that are missing in the same rows."""
    rows = []
    for pattern in found.get("patterns", ()):
        names = pattern["columns"]
        shown = listed(names[:8])
        if len(names) > 8:
            shown = say("{columns} and {n} more", columns=shown, n=len(names) - 8)
        rows.append({"columns": shown, "rows": f"{pattern['rows']:,}", "share": share(pattern["share"])})
    return rows


def _map_note(found: Mapping[str, Any]) -> str:
    if not found:
        return ""
    shown, of = len(found["columns"]), found["of"]
    few = say("The {n} of {of} columns that tell most of the target.", n=shown, of=of) if of > shown else ""
    signs = say("Blue: together; purple: one rises as the other falls. Numbers by rank, levels by Cramér’s V.")
    return sentences(signs, few, say("Measured on {rows}.", rows=plural(found["rows"], "row")))


def _pair(pair: Mapping[str, Any]) -> dict[str, str]:
    return {
        "columns": say(" and ").join(pair["columns"]),
        "value": number(pair["value"], 2),
        "kind": say(MEASURES[pair["kind"]]),
        "pearson": number(pair["pearson"], 2),
    }
