"""The first screen: what was asked, and the answer with its interval, its worth and its price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from lepton_automl.evidence import Gate, Verdict
from lepton_automl.measure import Measure
from lepton_automl.report.facts import Facts
from lepton_automl.report.figures import interval_figure, worth_figure
from lepton_automl.report.heard import heard
from lepton_automl.report.language import later, say
from lepton_automl.report.spread import spread_figure
from lepton_automl.report.wording import (
    duration,
    listed,
    megabytes,
    metric_words,
    number,
    payoff_words,
    plural,
    rounded,
    sentences,
    share,
)
from lepton_automl.tasks import OUTCOMES, Payoff

PROMISES = {
    "max_latency_ms": later("Time to score one row, in ms"),
    "max_size_mb": later("Size of the artefact, in MB"),
}
"""Limits of the block `delivery` that are judged as gates are."""
TITLES = {"value_per_row": later("Worth of a row"), **PROMISES}


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
        say(pattern, value=f"{number(measure[key])}{unit}")
        for key, pattern in (("today", later("today {value}")), ("goal", later("goal {value}")))
        if measure.get(key) is not None
    ]
    business = say("{name}: {values}", name=said, values=listed(known)) if said and known else said
    lines = [
        (say("Goal"), engagement.get("goal")),
        (say("Owner"), engagement.get("owner")),
        (say("Business measure"), business),
        (say("Intended use"), engagement.get("intended_use")),
        (say("Limits"), engagement.get("limits")),
        (say("People it is about"), engagement.get("affected_people")),
        (say("Human oversight"), engagement.get("human_oversight")),
        (say("Reasons and objection"), engagement.get("redress")),
        (say("Risks"), engagement.get("risks")),
        (say("Retention"), engagement.get("retention")),
        (say("Watching in use"), engagement.get("monitoring")),
        (say("Use"), "" if engagement.get("commercial", True) else say("not commercial")),
    ]
    return [(name, str(text)) for name, text in lines if text]


def _headline(facts: Facts) -> dict[str, Any]:
    evidence = facts.evidence
    words, measure = metric_words(evidence.metric), evidence.scores[evidence.metric]
    below = evidence.baseline.get(evidence.metric)
    baseline = None if below is None else below.value
    limits = [
        (say("gate {limit}", limit=f"{sign} {number(limit)}"), float(limit))
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
        "underpowered": heard(evidence.underpowered.get(evidence.metric, "")),
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
    if looks <= 1:
        return say("These test rows were looked at for the first time.")
    return say("These test rows were looked at {n} times.", n=looks)


def _compared(measure: Measure, baseline: float | None, is_score: bool) -> str:
    """Says how the figure stands against the baseline's."""
    if baseline is None:
        return say("No baseline was judged.")
    sign, said = (1 if is_score else -1), rounded(baseline, measure)
    worst = measure.low if is_score else measure.high
    if sign * (measure.value - baseline) <= 0:
        return say("Not better than the baseline of {value}, which uses no model.", value=said)
    if sign * (worst - baseline) > 0:
        return say("Better than the baseline of {value}: the whole interval lies on the better side.", value=said)
    return say(
        "Better than the baseline of {value}, but the interval reaches it: chance may explain the difference.", value=said
    )


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
        "title": say(TITLES[gate.figure]) if gate.figure in TITLES else metric_words(gate.figure).title,
        "name": _key(gate.figure),
        "limit": say(" and ").join(limits),
        "value": number(shown.value),
        "judged": number(shown.judged),
        "basis": say("end of the interval") if gate.by_interval else say("the value"),
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
        return {
            "tone": "calm",
            "word": say("No gates"),
            "text": say("The recipe sets no limit that this model has to keep."),
        }
    if failed:
        if total == 1:
            text = say("The gate failed: the model does not keep the limits set before the run.")
        else:
            text = say(
                "{failed} of {total} gates failed: the model does not keep the limits set before the run.",
                failed=failed,
                total=total,
            )
        return {"tone": "bad", "word": say("Failed"), "text": text}
    if total == 1:
        text = say("The model keeps the limit set before the run.")
    else:
        text = say("The model keeps all {total} limits set before the run.", total=total)
    return {"tone": "good", "word": say("Passed"), "text": text}


def _worth(facts: Facts) -> dict[str, Any] | None:
    """Gives the decision in money, or none where no line is drawn."""
    decision, value = facts.decision, facts.evidence.value
    if not facts.decided:
        return None
    positive, other = facts.positive_label, facts.other_label
    shown: dict[str, Any] = {
        "decided": facts.decided,
        "reason": facts.decided_why,
        "positive": positive,
        "other": other,
        "currency": decision.currency,
        "payoff": None,
        "value": None,
        "figure": "",
        "gain": "",
        "underpowered": "",
        "lines": _lines(facts),
        "groups": _groups(facts),
        "spread": _spread(facts),
    }
    shown["value"] = None if value is None else {end: rounded(getattr(value, end), value) for end in ("value", "low", "high")}
    if decision.cost is not None:
        shown["gain"] = _saving(facts)
    if decision.payoff is None:
        return shown
    without = facts.value_without_model
    shown["payoff"] = {name: payoff_words(decision.payoff, name) for name in OUTCOMES}
    shown["underpowered"] = heard(facts.evidence.underpowered.get("value_per_row", ""))
    shown["rows"] = [
        (name, *(number(worth) if value is None else rounded(worth, value) for worth in pair))
        for name, pair in (
            (say("This model at its line"), (decision.value_per_row, None if value is None else value.value)),
            (say("Every row “{label}”", label=positive), (decision.value_all_positive, without.get("all_positive"))),
            (say("Every row “{label}”", label=other), (decision.value_all_negative, without.get("all_negative"))),
        )
    ]
    shown["gain"] = _gain(facts, without)
    shown["figure"] = worth_figure(decision, positive, other) if decision.curve else ""
    return shown


def _lines(facts: Facts) -> dict[str, Any] | None:
    """Gives what each line would do to the judged rows, as texts; none where the line is not drawn on the probability."""
    pictures, decision = facts.evidence.pictures, facts.decision
    lines, payoff = pictures.get("lines") or (), decision.payoff
    if len(lines) < 3 or decision.threshold not in lines or not decision.rule.is_one_probability:
        return None
    rate = pictures["positive_share"]
    has_worth = payoff is not None and decision.refer_from is None
    rows = []
    for line, (recall, precision), (fall_out, _) in zip(lines, pictures["precision_recall"], pictures["roc"][1:], strict=True):
        hits, alarms = rate * recall, (1 - rate) * fall_out
        texts = [number(line, 3), share(precision), share(recall), share(hits + alarms)]
        if payoff is not None and has_worth:
            texts.append(number(round(_worth_at(payoff, rate, hits, alarms), 9), 3))
        rows.append(texts)
    at = list(lines).index(decision.threshold)
    names = [
        say("Line"),
        say("Precision"),
        say("Recall"),
        say("Called “{label}”", label=facts.positive_label),
        *([say("Worth of a row, {currency}", currency=decision.currency)] if has_worth else []),
    ]
    return {"rows": rows[::-1], "at": len(rows) - 1 - at, "names": names}


def _groups(facts: Facts) -> dict[str, Any] | None:
    """Gives the line of each group, what that changes and costs, and why it is lawful; none where all rows have one line."""
    decision = facts.decision
    if decision.by_group is None:
        return None
    what = {
        "demographic_parity": later(
            "The lines are those at which all groups get “{label}” equally often and the worth is highest."
        ),
        "equal_opportunity": later(
            "The lines are those at which, of the rows that deserve the favourable label, all groups get it equally often "
            "and the worth is highest."
        ),
    }
    rows = [
        (line.name, plural(line.n, "row"), number(line.line, 3), share(line.share), share(line.share_at_one_line))
        for line in decision.by_group.lines
    ]
    own, one = (number(value, 3) for value in (decision.value_per_row or 0.0, decision.value_one_line or 0.0))
    price = say(
        "Out of fold a row is worth {own} {currency} with these lines, {one} with one line for all.",
        own=own,
        one=one,
        currency=decision.currency,
    )
    needed = say("Rows of other groups have the line of all, {line}.", line=number(decision.threshold or 0.0, 3))
    return {
        "said": sentences(say(what[decision.by_group.alike], label=facts.positive_label), price, needed),
        "basis": say("Why it is lawful to decide by this, as the recipe says: {basis}", basis=decision.by_group.basis),
        "columns": " × ".join(decision.by_group.names),
        "rows": rows,
    }


def _spread(facts: Facts) -> Markup:
    """Draws the probabilities of both labels; empty where the line is not drawn on the probability."""
    pictures, decision = facts.evidence.pictures, facts.decision
    if not pictures.get("spread") or not decision.rule.is_one_probability:
        return Markup("")
    line, lines, parted = decision.threshold, list(pictures["lines"]), ""
    if line in lines:
        fall_out, recall = pictures["roc"][1 + lines.index(line)]
        parted = say(
            "At the line {line} or above lie {found} of the “{positive}” rows and {false} of the “{other}” rows.",
            line=number(line, 3),
            found=share(recall),
            positive=facts.positive_label,
            false=share(fall_out),
            other=facts.other_label,
        )
    return spread_figure(pictures["spread"], facts.positive_label, facts.other_label, line, parted, decision.refer_from)


def _worth_at(payoff: Payoff, rate: float, hits: float, alarms: float) -> float:
    """Gives the mean worth of a row, from the shares of all rows that are hits and false alarms."""
    right = hits * payoff.true_positive + (1 - rate - alarms) * payoff.true_negative
    return right + alarms * payoff.false_positive + (rate - hits) * payoff.false_negative


def _gain(facts: Facts, without: Mapping[str, float]) -> str:
    """Says what the model is worth against the better of the two ways without a model."""
    value = facts.evidence.value
    if value is None or not without:
        return ""
    name, best = max(without.items(), key=lambda item: item[1])
    label = facts.positive_label if name == "all_positive" else facts.other_label
    difference = value.value - best
    said = (
        later("{gain} {currency} a row more than giving every row “{label}” ({value}).")
        if difference >= 0
        else later("{gain} {currency} a row less than giving every row “{label}” ({value}).")
    )
    return say(said, gain=number(abs(difference), 3), currency=facts.decision.currency, label=label, value=number(best, 3))


def _saving(facts: Facts) -> str:
    """Says what ordering by cost saves against ordering what is predicted."""
    chapter = facts.evidence.chapters.get("value")
    gain = None if chapter is None else chapter.figures.get("gain_over_prediction")
    if gain is None:
        return ""
    said = (
        later("{gain} {currency} a row more than ordering what is predicted.")
        if gain.value >= 0
        else later("{gain} {currency} a row less than ordering what is predicted.")
    )
    return say(said, gain=number(abs(gain.value), 3), currency=facts.decision.currency)


def _costs(facts: Facts) -> list[tuple[str, str, str]]:
    """Gives what the run took: name, figure, and what it was allowed."""
    budget, hardware = facts.plan["budget"], facts.plan["hardware"]
    seconds = budget.get("seconds")
    trials = plural(int(budget.get("trials") or 0), "trial")
    asked = say("of {allowed}", allowed=duration(float(seconds))) if seconds else say("for {trials}", trials=trials)
    memory = megabytes(1024 * float(hardware["memory_gb"]))
    costs = [
        (say("Wall clock"), duration(facts.seconds), asked),
        (say("Peak memory"), megabytes(facts.peak_mb), say("of {allowed}", allowed=memory)),
        (say("Artefact"), megabytes(facts.artifact_mb), plural(len(facts.ensemble.members), "member")),
    ]
    if facts.evidence.predict_seconds:
        each = 1000 * facts.evidence.predict_seconds / max(1, facts.evidence.n)
        at_once = say("{rows} at once", rows=plural(facts.evidence.n, "row"))
        costs.append((say("Scoring"), say("{milliseconds} ms a row", milliseconds=number(each, 2)), at_once))
    if facts.price is not None:
        hourly = say("{price} an hour", price=number(hardware["price_per_hour"]))
        costs.append((say("Price"), f"{number(facts.price, 2)} {hardware['currency']}", hourly))
    return costs
