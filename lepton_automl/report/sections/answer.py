"""The first screen: what was asked, and the answer with its interval, its worth and its price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lepton_automl.evidence import Gate, Verdict
from lepton_automl.measure import Measure
from lepton_automl.report.facts import Facts
from lepton_automl.report.figures import interval_figure, worth_figure
from lepton_automl.report.wording import duration, megabytes, metric_words, number, payoff_words, plural, rounded, share
from lepton_automl.tasks import OUTCOMES

PROMISES = {"max_latency_ms": "Time to score one row, in ms", "max_size_mb": "Size of the artefact, in MB"}
"""Limits of the block `delivery` that are judged as gates are."""
TITLES = {"value_per_row": "Worth of a row", **PROMISES}


def answer_section(facts: Facts) -> dict[str, Any]:
    """Gives what the first section shows."""
    gates = _gates(facts.verdicts)
    return {
        "asked": _asked(facts.engagement),
        "constraints": list(facts.engagement.get("constraints") or ()),
        "headline": _headline(facts),
        "gates": gates,
        "verdict": _verdict(gates),
        "worth": _worth(facts),
        "costs": _costs(facts),
    }


def _asked(engagement: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Gives the lines of the engagement that were filled in."""
    measure = engagement.get("business_measure") or {}
    said = measure.get("name", "")
    unit = f" {measure['unit']}" if measure.get("unit") else ""
    known = [
        f"{word} {number(measure[key])}{unit}"
        for key, word in (("today", "today"), ("goal", "goal"))
        if measure.get(key) is not None
    ]
    business = f"{said}: {', '.join(known)}" if said and known else said
    lines = [
        ("Goal", engagement.get("goal")),
        ("Owner", engagement.get("owner")),
        ("Business measure", business),
        ("Intended use", engagement.get("intended_use")),
        ("Limits", engagement.get("limits")),
        ("People it is about", engagement.get("affected_people")),
        ("Human oversight", engagement.get("human_oversight")),
        ("Reasons and objection", engagement.get("redress")),
        ("Risks", engagement.get("risks")),
        ("Retention", engagement.get("retention")),
        ("Watching in use", engagement.get("monitoring")),
        ("Use", "" if engagement.get("commercial", True) else "not commercial"),
    ]
    return [(name, str(text)) for name, text in lines if text]


def _headline(facts: Facts) -> dict[str, Any]:
    evidence = facts.evidence
    words, measure = metric_words(evidence.metric), evidence.scores[evidence.metric]
    below = evidence.baseline.get(evidence.metric)
    baseline = None if below is None else below.value
    limits = [
        (f"gate {sign} {number(limit)}", float(limit))
        for verdict in facts.verdicts
        if verdict.gate.figure == evidence.metric
        for sign, limit in (("≥", verdict.gate.min), ("≤", verdict.gate.max))
        if limit is not None
    ]
    return {
        "words": words,
        "value": rounded(measure.value, measure),
        "low": rounded(measure.low, measure),
        "high": rounded(measure.high, measure),
        "confidence": share(evidence.confidence),
        "rows": plural(measure.n, "row"),
        "underpowered": evidence.underpowered.get(evidence.metric, ""),
        "looks": looks_words(evidence.looks),
        "sentence": _compared(measure, baseline, words.is_score),
        "figure": interval_figure(words, measure, baseline, sorted(set(limits)), evidence.confidence),
    }


def looks_words(looks: int | None) -> str:
    """Says how often the test rows were looked at; empty where that is not known.

    >>> looks_words(1), looks_words(7)
    ('These test rows were looked at for the first time.', 'These test rows were looked at 7 times.')
    """
    if looks is None:
        return ""
    return (
        "These test rows were looked at for the first time." if looks <= 1 else f"These test rows were looked at {looks} times."
    )


def _compared(measure: Measure, baseline: float | None, is_score: bool) -> str:
    """Says how the figure stands against the baseline's."""
    if baseline is None:
        return "No baseline was judged."
    sign, said = (1 if is_score else -1), rounded(baseline, measure)
    worst = measure.low if is_score else measure.high
    if sign * (measure.value - baseline) <= 0:
        return f"Not better than the baseline of {said}, which uses no model."
    if sign * (worst - baseline) > 0:
        return f"Better than the baseline of {said}: the whole interval lies on the better side."
    return f"Better than the baseline of {said}, but the interval reaches it: chance may explain the difference."


def _gates(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Gives a row for each gate: one with two limits was judged twice and passes if both were kept."""
    judged: dict[Gate, list[Verdict]] = {}
    for verdict in verdicts:
        judged.setdefault(verdict.gate, []).append(verdict)
    return [_gate(gate, found) for gate, found in judged.items()]


def _gate(gate: Gate, found: Sequence[Verdict]) -> dict[str, Any]:
    shown = next((verdict for verdict in found if not verdict.passed), found[0])
    limits = [f"{sign} {number(limit)}" for sign, limit in (("≥", gate.min), ("≤", gate.max)) if limit is not None]
    return {
        "title": TITLES.get(gate.figure) or metric_words(gate.figure).title,
        "name": _key(gate.figure),
        "limit": " and ".join(limits),
        "value": number(shown.value),
        "judged": number(shown.judged),
        "basis": "end of the interval" if gate.by_interval else "the value",
        "passed": all(verdict.passed for verdict in found),
    }


def _key(figure: str) -> str:
    """Gives the key of the recipe that sets the limit."""
    if figure in PROMISES:
        return f"delivery.{figure}"
    return f"gates.{figure}" if "." in figure else f"gates.test.{figure}"


def _verdict(gates: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Gives the sentence on the gates, and its tone."""
    failed, total = sum(not gate["passed"] for gate in gates), len(gates)
    if not total:
        return {"tone": "calm", "word": "No gates", "text": "The recipe sets no limit that this model has to keep."}
    if failed:
        count = "The gate" if total == 1 else f"{failed} of {total} gates"
        return {
            "tone": "bad",
            "word": "Failed",
            "text": f"{count} failed: the model does not keep the limits set before the run.",
        }
    kept = "the limit" if total == 1 else f"all {total} limits"
    return {"tone": "good", "word": "Passed", "text": f"The model keeps {kept} set before the run."}


def _worth(facts: Facts) -> dict[str, Any] | None:
    """Gives the decision in money, or none where no line is drawn."""
    decision, value = facts.decision, facts.evidence.value
    if not facts.decided:
        return None
    positive, other = facts.positive_label, facts.other_label
    shown: dict[str, Any] = {
        "decided": facts.decided,
        "reason": decision.reason,
        "positive": positive,
        "other": other,
        "currency": decision.currency,
        "payoff": None,
        "value": None,
        "figure": "",
        "gain": "",
    }
    shown["value"] = None if value is None else {end: rounded(getattr(value, end), value) for end in ("value", "low", "high")}
    if decision.cost is not None:
        shown["gain"] = _saving(facts)
    if decision.payoff is None:
        return shown
    without = facts.value_without_model
    shown["payoff"] = {name: payoff_words(decision.payoff, name) for name in OUTCOMES}
    shown["underpowered"] = facts.evidence.underpowered.get("value_per_row", "")
    shown["rows"] = [
        (name, *(number(worth) if value is None else rounded(worth, value) for worth in pair))
        for name, pair in (
            ("This model at its line", (decision.value_per_row, None if value is None else value.value)),
            (f"Every row “{positive}”", (decision.value_all_positive, without.get("all_positive"))),
            (f"Every row “{other}”", (decision.value_all_negative, without.get("all_negative"))),
        )
    ]
    shown["gain"] = _gain(facts, without)
    shown["figure"] = worth_figure(decision, positive, other) if decision.curve else ""
    return shown


def _gain(facts: Facts, without: Mapping[str, float]) -> str:
    """Says what the model is worth against the better of the two ways without a model."""
    value = facts.evidence.value
    if value is None or not without:
        return ""
    name, best = max(without.items(), key=lambda item: item[1])
    label = facts.positive_label if name == "all_positive" else facts.other_label
    difference = value.value - best
    word = "more" if difference >= 0 else "less"
    gain = f"{number(abs(difference), 3)} {facts.decision.currency} a row {word}"
    return f"{gain} than giving every row “{label}” ({number(best, 3)})."


def _saving(facts: Facts) -> str:
    """Says what ordering by cost saves against ordering what is predicted."""
    chapter = facts.evidence.chapters.get("value")
    gain = None if chapter is None else chapter.figures.get("gain_over_prediction")
    if gain is None:
        return ""
    word = "more" if gain.value >= 0 else "less"
    return f"{number(abs(gain.value), 3)} {facts.decision.currency} a row {word} than ordering what is predicted."


def _costs(facts: Facts) -> list[tuple[str, str, str]]:
    """Gives what the run took: name, figure, and what it was allowed."""
    budget, hardware = facts.plan["budget"], facts.plan["hardware"]
    seconds = budget.get("seconds")
    asked = f"of {duration(float(seconds))}" if seconds else f"for {plural(int(budget.get('trials') or 0), 'trial')}"
    costs = [
        ("Wall clock", duration(facts.seconds), asked),
        ("Peak memory", megabytes(facts.peak_mb), f"of {megabytes(1024 * float(hardware['memory_gb']))}"),
        ("Artefact", megabytes(facts.artifact_mb), plural(len(facts.ensemble.members), "member")),
    ]
    if facts.evidence.predict_seconds:
        each = 1000 * facts.evidence.predict_seconds / max(1, facts.evidence.n)
        costs.append(("Scoring", f"{number(each, 2)} ms a row", f"{plural(facts.evidence.n, 'row')} at once"))
    if facts.price is not None:
        costs.append(
            ("Price", f"{number(facts.price, 2)} {hardware['currency']}", f"{number(hardware['price_per_hour'])} an hour")
        )
    return costs
