"""The picture of the lineage: columns on the left, what rules and preparations made of them, and the models that read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from lepton_automl.report.heard import called
from lepton_automl.report.language import say
from lepton_automl.report.svg import canvas
from lepton_automl.report.wording import plural, share, short

SINGLE = 30
"""So many columns have a line of their own; of more, those with the same way share one."""
ROW, GAP, HEAD = 20, 6, 26
LEFT, MIDDLE, RIGHT = 200, (330, 530), 660
WIDE = 840
Line = tuple[str, tuple[str, ...]]


def lineage_figure(lineage: Mapping[str, Any]) -> Markup:
    """Draws the way of every column; empty where there is no lineage."""
    if not lineage:
        return Markup("")
    lines, stations = _lines(lineage["columns"]), _stations(lineage)
    models = lineage["models"]
    reach = max(len(lines) * ROW, len(stations) * (ROW + GAP), len(models) * (ROW + GAP))
    places = dict(zip(stations, _spread(len(stations), reach), strict=True))
    height = HEAD + reach + 6
    heads = (
        (LEFT, "end", say("columns")),
        (sum(MIDDLE) / 2, "middle", say("rules and preparation")),
        (RIGHT, "start", say("models")),
    )
    body = Markup("").join(
        Markup('<text class="tick" x="{}" y="12" text-anchor="{}">{}</text>').format(x, anchor, text)
        for x, anchor, text in heads
    )
    for place, (label, keys) in enumerate(lines):
        y = HEAD + place * ROW + ROW / 2
        for key in keys:
            body += _curve(LEFT + 6, y, MIDDLE[0], places[key], stations[key][1])
        body += Markup('<text x="{}" y="{:.0f}" text-anchor="end">{}</text>').format(LEFT, y + 4, short(label, 30))
    for model, y in zip(models, _spread(len(models), reach), strict=True):
        for kind in lineage["views"].get(model["view"], {}):
            body += _curve(MIDDLE[1], places[f"kind {kind}"], RIGHT - 6, y, "read")
        label = f"{model['model']} {model['trial']}, {share(model['weight'])}"
        body += Markup('<text class="strong" x="{}" y="{:.0f}">{}</text>').format(RIGHT, y + 4, label)
    for key, (label, style) in stations.items():
        box = Markup('<rect class="station {}" x="{}" y="{:.0f}" width="{}" height="{}" rx="4"/>')
        body += box.format(style, MIDDLE[0], places[key] - ROW / 2, MIDDLE[1] - MIDDLE[0], ROW)
        word = Markup('<text x="{:.0f}" y="{:.0f}" text-anchor="middle">{}</text>')
        body += word.format(sum(MIDDLE) / 2, places[key] + 4, short(label, 34))
    columns = plural(len(lineage["columns"]), "column")
    said = say(
        "{columns} of the source, and {models} that read what was made of them.",
        columns=columns,
        models=plural(len(models), "model"),
    )
    return canvas("lineage", say("From source to model"), said, (WIDE, int(height)), body, "lineage")


def _spread(count: int, reach: float) -> list[float]:
    """Gives the heights of so many boxes, spread evenly, at most three rows apart."""
    step = min(3 * ROW, reach / max(1, count))
    return [HEAD + place * step + ROW / 2 for place in range(count)]


def _keys(column: Mapping[str, Any]) -> tuple[str, ...]:
    """Gives the stations a column passes: kinds of preparation, the rule that dropped it, or its role."""
    kinds = [f"kind {kind}" for kinds in column["prepared"].values() for kind in kinds]
    rules = [f"rule {act['rule']}" for act in column["rules"] if act["effect"] == "column dropped"]
    if kinds or rules:
        return tuple(dict.fromkeys([*rules, *kinds]))
    return (f"fate {column['fate']}",)


def _lines(columns: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Gives the lines on the left: a column each, or all that pass the same stations where there are many."""
    if len(columns) <= SINGLE:
        return [(column["name"], _keys(column)) for column in columns]
    alike: dict[tuple[str, ...], list[str]] = {}
    for column in columns:
        alike.setdefault(_keys(column), []).append(column["name"])
    return [
        (names[0] if len(names) == 1 else say("{n} columns: {name}, …", n=len(names), name=names[0]), keys)
        for keys, names in alike.items()
    ]


def _stations(lineage: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Gives key, label and style of each station: preparations first, then fates, then rules that dropped something."""
    totals: dict[str, int] = {}
    for kinds in lineage["views"].values():
        for kind, count in kinds.items():
            totals[kind] = max(totals.get(kind, 0), count)
    found = {f"kind {kind}": (f"{called(kind)} ({count:,})", "read") for kind, count in totals.items()}
    keys = [key for column in lineage["columns"] for key in _keys(column)]
    codes = {act["rule"]: act["code"] for column in lineage["columns"] for act in column["rules"]}
    for key in dict.fromkeys(keys):
        word, _, rest = key.partition(" ")
        if word == "fate":
            found[key] = (called(rest), "calm")
    for key in dict.fromkeys(keys):
        word, _, rest = key.partition(" ")
        if word == "rule":
            count = keys.count(key)
            found[key] = (say("{code} {rule}: {n} dropped", code=codes[rest], rule=called(rest), n=count), "gone")
    return found


def _curve(x1: float, y1: float, x2: float, y2: float, style: str) -> Markup:
    bend = (x2 - x1) / 2
    path = f"M{x1:.0f} {y1:.1f}C{x1 + bend:.0f} {y1:.1f} {x2 - bend:.0f} {y2:.1f} {x2:.0f} {y2:.1f}"
    return Markup('<path class="way {}" d="{}"/>').format(style, path)
