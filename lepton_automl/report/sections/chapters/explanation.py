"""Explanation: what moves the predictions and how, which features act together, and three rows as examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lepton_automl.evidence import Chapter
from lepton_automl.measure import Measure
from lepton_automl.report.curves import POINTS, effect_figure, signed
from lepton_automl.report.facts import Facts
from lepton_automl.report.heard import called
from lepton_automl.report.language import later, say
from lepton_automl.report.letter import value_words
from lepton_automl.report.svg import bar
from lepton_automl.report.wording import interval, listed, number, plural, rounded, sentences, share, short

SHOWN_FEATURES = 12
SHOWN_PAIRS = 5
SHOWN_EFFECTS = 6
SHOWN_WORDS = 8
SHOWN_LABELS = 12
NAMES = {
    "adverse": later("A typical row with the adverse answer"),
    "other": later("A typical row with the other answer"),
    "near the line": later("The row nearest to the line"),
    "typical": later("A typical row"),
    "middle": later("A row in the middle"),
}


def explanation_chapter(facts: Facts, chapter: Chapter) -> dict[str, Any]:
    """Gives what the page shows."""
    content = chapter.content
    if not content:
        return {}
    scale, unit = (POINTS, say("points")) if content["is_share"] else (1.0, say("units of {target}", target=facts.target))
    label = content["explained"]
    named = (
        say("the probability of the predicted label")
        if label == "the predicted label"
        else say("the probability of “{label}”", label=label)
    )
    said = named if content["is_share"] else say("the prediction")
    return {
        "said": said,
        "unit": unit,
        "intro": _intro(content, said),
        "features": _features(content["features"], scale),
        "rest": max(0, len(content["features"]) - SHOWN_FEATURES),
        "curves": _curves(content["curves"], scale, unit, said),
        "pairs": _pairs(content["interactions"], scale),
        "words": _words(content.get("words", ()), scale, unit),
        "trust": _trust(chapter, facts),
        "examples": [_example(example, content, scale, unit) for example in content["examples"]],
    }


def _intro(content: Mapping[str, Any], said: str) -> str:
    rows, rounds = plural(content["rows"], "test row"), plural(content["rounds"], "training row")
    return sentences(
        say(
            "Shapley values of the delivered ensemble: how far each feature moves {what} of a row away from the mean of the "
            "training rows.",
            what=said,
        ),
        say(
            "Of {rows}, each was compared with {others}; the effects of a row add up to its prediction.",
            rows=rows,
            others=rounds,
        ),
        *(
            [say("Series and time stay as they are: {columns}.", columns=listed(content["held"]))]
            if content.get("held")
            else []
        ),
    )


def _features(features: Sequence[Mapping[str, Any]], scale: float) -> list[dict[str, Any]]:
    most = max((f["high"] for f in features), default=0.0) or 1.0
    rows = []
    for feature in features[:SHOWN_FEATURES]:
        value, low, high = (scale * feature[name] for name in ("value", "low", "high"))
        measure = Measure(value, low, high, feature["n"])
        rows.append(
            {
                "name": feature["column"],
                "value": rounded(measure.value, measure),
                "interval": interval(rounded(measure.low, measure), rounded(measure.high, measure)),
                "bar": bar(0.0, feature["value"] / most, "model"),
                "goes": _goes(feature),
            }
        )
    return rows


def _goes(feature: Mapping[str, Any]) -> str:
    """Says the direction of a feature."""
    words = {"up": say("↑ rises with it"), "down": say("↓ falls with it"), "mixed": say("in no single direction")}
    if feature["goes"] == "levels":
        raises, lowers = (
            value_words(short(v, 40) if isinstance(v, str) else v) for v in (feature["raises"], feature["lowers"])
        )
        return say("highest at {raises}, lowest at {lowers}", raises=raises, lowers=lowers)
    return words[feature["goes"]]


def _curves(curves: Sequence[Mapping[str, Any]], scale: float, unit: str, said: str) -> list[dict[str, Any]]:
    """Gives a figure of each number and a table of each category; all with the same reach, so that they can be compared."""
    every = [scale * effect for curve in curves for effect in curve["effects"]]
    reach = (min(every, default=0.0), max(every, default=0.0))
    found = []
    for place, curve in enumerate(curves):
        kind, _, label = curve["kind"].partition(" of ")
        what = say("the probability of “{label}”", label=label) if label else said
        effects = [scale * effect for effect in curve["effects"]]
        item: dict[str, Any] = {"title": curve["column"], "figure": "", "rows": []}
        if kind == "ale":
            item["figure"] = effect_figure(f"effect-{place}", curve["column"], curve["at"], effects, what, unit, reach)
        else:
            item["rows"] = _levels(curve, effects, reach, unit)
            item["caption"] = say("{what}, {unit} beside the mean", what=what, unit=unit)
        found.append(item)
    return found


def _levels(curve: Mapping[str, Any], effects: Sequence[float], reach: tuple[float, float], unit: str) -> list[dict[str, Any]]:
    rows = []
    order = sorted(range(len(effects)), key=lambda place: -effects[place])
    for place in order:
        level = curve["at"][place]
        name = (say("yes") if level else say("no")) if isinstance(level, bool) else str(level)
        rows.append(
            {"name": short(name, 60), "value": signed(_said(effects[place], unit)), "bar": _diverging(effects[place], reach)}
        )
    return rows


def _said(effect: float, unit: str) -> float:
    """Gives an effect as it is written: points with one decimal."""
    return round(effect, 1) if unit == say("points") else effect


def _diverging(value: float, reach: tuple[float, float]) -> Any:
    low, high = min(0.0, reach[0]), max(0.0, reach[1])
    width = (high - low) or 1.0
    zero = -low / width
    return bar(zero, zero + value / width, "model" if value > 0 else "muted")


def _pairs(pairs: Sequence[Mapping[str, Any]], scale: float) -> list[dict[str, Any]]:
    most = max((pair["strength"] for pair in pairs), default=0.0)
    if most <= 0:
        return []
    return [
        {
            "names": " × ".join(pair["columns"]),
            "value": number(scale * pair["strength"], 2),
            "bar": bar(0.0, pair["strength"] / most, "model"),
        }
        for pair in pairs[:SHOWN_PAIRS]
    ]


def _words(texts: Sequence[Mapping[str, Any]], scale: float, unit: str) -> list[dict[str, Any]]:
    """Gives for each text its strongest words: of each predicted label those that raise its probability, else all."""
    found = []
    for text in texts:
        of = list(dict.fromkeys(word["of"] for word in text["words"]))
        rows = [
            (label, [(word["word"], signed(_said(scale * word["effect"], unit))) for word in words[:SHOWN_WORDS]])
            for label in of[:SHOWN_LABELS]
            if (words := [w for w in text["words"] if w["of"] == label and (w["effect"] > 0 or not label or len(of) < 3)])
        ]
        if rows:
            found.append({"column": text["column"], "rows": rows, "more": max(0, len(of) - SHOWN_LABELS)})
    return found


def _trust(chapter: Chapter, facts: Facts) -> list[str]:
    """Says whether reasons hold."""
    said, checks = [], chapter.content.get("checks") or {}
    stability, fidelity = (chapter.figures.get(name) for name in ("reason_stability", "reason_fidelity"))
    if stability is not None:
        said.append(
            say(
                "With other training rows to compare with, the first three reasons stay the same for {share} of {rows} "
                "(95 % interval {low} to {high}).",
                share=share(stability.value),
                rows=plural(stability.n, "checked row"),
                low=share(stability.low),
                high=share(stability.high),
            )
        )
    if fidelity is not None:
        moves = (
            later(
                "When the named features get other rows’ values, or the best ones, the prediction moves away from the adverse "
                "answer for {share} of {rows} (from {low})."
            )
            if chapter.content.get("has_adverse", True)
            else later(
                "When the named features get other rows’ values, or the best ones, the prediction moves away from what they "
                "are the reasons for, for {share} of {rows} (from {low})."
            )
        )
        said.append(
            say(
                moves,
                share=share(fidelity.value),
                rows=plural(fidelity.n, "row"),
                low=share(fidelity.low),
            )
        )
    if checks.get("flipped") is not None:
        flipped = share(checks["flipped"])
        said.append(say("With the best values of the named features, {share} of them get the other answer.", share=flipped))
    return said


def _example(example: Mapping[str, Any], content: Mapping[str, Any], scale: float, unit: str) -> dict[str, Any]:
    effects = example["effects"][:SHOWN_EFFECTS]
    sizes = [scale * effect["effect"] for effect in effects]
    reach = (min([0.0, *sizes]), max([0.0, *sizes]))
    show = share if content["is_share"] else number
    return {
        "title": say(NAMES[example["name"]]),
        "answer": example["answer"],
        "label": example["label"],
        "value": show(example["value"]),
        "usual": show(example["usual"]),
        "rows": [
            {
                "name": effect["column"],
                "own": value_words(effect["value"]),
                "value": signed(_said(size, unit)),
                "bar": _diverging(size, reach),
            }
            for effect, size in zip(effects, sizes, strict=True)
        ],
        "reasons": [reason["words"] for reason in example["reasons"]],
        "reasons_for": _reasons_for(content),
        "options": [_option(option) for option in example["options"][:2]],
        "unit": unit,
    }


def _reasons_for(content: Mapping[str, Any]) -> str:
    """Says what the reasons are reasons for."""
    if content.get("has_adverse", True):
        return say("Reasons toward the adverse answer")
    if content["is_share"]:
        return say("Reasons for the answer")
    return say("What makes it higher than usual") if content["sense"] > 0 else say("What makes it lower than usual")


def _option(option: Mapping[str, Any]) -> str:
    parts = []
    for change in option["changes"]:
        bound = "" if change["bound"] == "exactly" else f"{called(change['bound'])} "
        parts.append(f"{change['column']} {bound}{value_words(change['after'])}")
    return say(" and ").join(parts)
