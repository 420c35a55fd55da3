"""What the documents say: the run's facts in the order in which a reviewer asks for them, without a value of the data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from lepton_automl import __version__
from lepton_automl.ledger import Entry
from lepton_automl.report.facts import Facts
from lepton_automl.report.language import later
from lepton_automl.report.sections import answer_section
from lepton_automl.report.sections.chapters.fairness import group_figures
from lepton_automl.report.wording import masked, megabytes, metric_words, number, plural, rounded, share

RULE_STAGES = ("data", "train")
VERDICTS = ("passed", "noted", "waived", "not applicable", "stop")
"""Effects that are a verdict by themselves; any other one says what was done: the rule acted."""
SHOWN_FEATURES = 50
"""Features that are listed one by one; of more, only how many there are."""


def document_content(facts: Facts) -> dict[str, Any]:
    """Gives what the templates show."""
    plan, answer, columns = facts.plan, answer_section(facts), _columns(facts)
    return {
        "facts": facts,
        "engagement": facts.engagement,
        "policy": plan.get("policy") or {"name": "none"},
        "has_policy": (plan.get("policy") or {}).get("name", "none") != "none",
        "version": __version__,
        "place": masked(str(plan["data"]["place"])),
        "rows": _rows(facts),
        "rules": _rules(facts),
        "findings": _findings(facts),
        "waivers": [{"name": name, **waiver} for name, waiver in (plan.get("waivers") or {}).items()],
        "reading": _reading(facts),
        "columns": columns,
        "dropped": [column for column in columns if column["is_dropped"]],
        "changed": _changed(facts),
        "features": _features(facts, {column["name"] for column in columns if column["is_dropped"]}),
        "shown_features": SHOWN_FEATURES,
        "kinds": _counted(column["kind"] for column in plan["data"]["columns"]),
        "protected": [c["name"] for c in plan["data"]["columns"] if {"protected", "evaluation_only"} & set(c["roles"])],
        "missing": [c for c in plan["data"]["columns"] if c["missing"]],
        "scores": _scores(facts),
        "gates": answer["gates"],
        "verdict": answer["verdict"],
        "groups": group_figures(facts),
        "confidence": share(facts.evidence.confidence),
        "members": _members(facts),
        "made_columns": _made(facts.entries),
        "made": [entry for entry in facts.entries if entry.stage == "features"],
        "line": _line(facts),
        "worth": _worth(facts),
        "limits": _limits(facts),
        "models": _counted(trial.candidate for trial in facts.trials),
        "trial_count": plural(len(facts.trials), "trial"),
        "size": megabytes(facts.artifact_mb),
        "hardware": plan["hardware"],
        "entry_count": len(facts.entries),
        "written": list((plan.get("policy") or {}).get("documents", ())),
    }


def _counted(words: Any) -> str:
    return ", ".join(f"{count:,} {word}" for word, count in Counter(words).most_common())


def _of_rules(facts: Facts) -> list[Entry]:
    return [entry for entry in facts.entries if entry.stage in RULE_STAGES]


def _verdict(entry: Entry) -> str:
    return entry.effect if entry.effect in VERDICTS else "acted"


def _rules(facts: Facts) -> list[dict[str, Any]]:
    """Gives each rule with its verdict, what it did, and how many rows or values that was about."""
    told = {rule["name"]: rule for rule in facts.plan.get("rules") or ()}
    entries: dict[str, list[Entry]] = {name: [] for name in told}
    for entry in _of_rules(facts):
        entries.setdefault(entry.rule, []).append(entry)
    rows = []
    for name, found in entries.items():
        rule = told.get(name) or {"code": found[0].code, "title": "", "stage": found[0].stage}
        verdicts = [_verdict(entry) for entry in found]
        order = ("stop", "acted", "waived", "noted", "not applicable", "passed")
        rows.append(
            {
                "name": name,
                "code": rule["code"],
                "title": rule["title"],
                "stage": rule["stage"],
                "verdict": next((verdict for verdict in order if verdict in verdicts), later("did not look")),
                "effects": Counter(entry.effect for entry in found if entry.effect != "passed").most_common(),
                "did": _counted(entry.effect for entry in found if entry.effect != "passed"),
                "rows_dropped": sum(entry.count for entry in found if entry.effect == "rows dropped"),
                "columns_dropped": sum(entry.effect == "column dropped" for entry in found),
                "seconds": number(sum(entry.seconds for entry in found), 2),
            }
        )
    return rows


def _findings(facts: Facts) -> list[dict[str, str]]:
    """Gives what the rules found, one row for each entry that is more than `passed`."""
    return [
        {
            "code": entry.code,
            "rule": entry.rule,
            "column": entry.column,
            "effect": entry.effect,
            "count": f"{entry.count:,}" if entry.count else "",
            "measured": f"{number(entry.measured)} {entry.unit}".strip() if entry.measured is not None else "",
            "limit": number(entry.limit) if entry.limit is not None else "",
            "note": masked(entry.note),
        }
        for entry in _of_rules(facts)
        if entry.effect != "passed"
    ]


def _reading(facts: Facts) -> list[dict[str, str]]:
    """Gives what reading changed; only what was done and how often, as a note may quote how a value was written."""
    return [
        {"code": entry.code, "column": masked(entry.column), "effect": entry.effect, "count": f"{entry.count:,}"}
        for entry in facts.entries
        if entry.stage == "load" and entry.code != "LOAD000"
    ]


def _rows(facts: Facts) -> dict[str, Any]:
    """Gives the rows that were read, those dropped by each rule, and those the evidence rests on."""
    steps = [
        {
            "code": e.code,
            "rule": e.rule,
            "before": f"{e.rows_before:,}",
            "dropped": f"{e.rows_before - e.rows_after:,}",
            "after": f"{e.rows_after:,}",
        }
        for e in facts.entries
        if e.rows_before >= 0 and e.rows_before != e.rows_after
    ]
    split = next((entry.note for entry in facts.entries if entry.code == "SPLIT001"), "")
    read = int(facts.plan["data"]["rows"])
    return {"read": f"{read:,}", "steps": steps, "split": split, "judged": f"{facts.evidence.n:,}"}


def _columns(facts: Facts) -> list[dict[str, Any]]:
    """Gives the lineage of the columns: what each is, what was done to it, and where it ends."""
    touched: dict[str, list[Entry]] = {}
    for entry in _of_rules(facts):
        if entry.column and _verdict(entry) in ("acted", "waived"):
            touched.setdefault(entry.column, []).append(entry)
    rows = []
    for column in facts.plan["data"]["columns"]:
        found = touched.get(column["name"], [])
        dropped = next((entry for entry in found if entry.effect == "column dropped"), None)
        rows.append(
            {
                "name": column["name"],
                "kind": column["kind"],
                "role_names": list(column["roles"]),
                "roles": ", ".join(role.replace("_", " ") for role in column["roles"]),
                "missing": f"{column['missing']:,}",
                "acts": found,
                "done": "; ".join(f"{entry.code} {entry.rule}: {entry.effect}" for entry in found),
                "why": dropped.note if dropped else "",
                "by": f"{dropped.code} {dropped.rule}" if dropped else "",
                "is_dropped": dropped is not None,
                "end": _end(column, dropped, facts),
                "end_code": dropped.code if dropped else "",
            }
        )
    return rows


def _changed(facts: Facts) -> str:
    """Says how many columns, rows and values the rules took out or changed."""
    acted = [entry for entry in _of_rules(facts) if _verdict(entry) == "acted"]
    if not acted:
        return "nothing"
    counts: Counter[str] = Counter()
    for entry in acted:
        counts[entry.effect] += 1 if entry.effect.startswith("column") else entry.count
    return ", ".join(f"{effect}: {count:,}" for effect, count in counts.most_common())


def _end(column: Mapping[str, Any], dropped: Entry | None, facts: Facts) -> str:
    if dropped is not None:
        return f"dropped by {dropped.code}"
    if column["name"] == facts.target:
        return later("predicted")
    return later("in the model") if "feature" in column["roles"] else later("kept out of the model")


def _features(facts: Facts, dropped: set[str]) -> list[dict[str, str]]:
    """Gives the features the model may read, the most important first, with the share that was missing when it was trained."""
    rows = int(facts.plan["data"]["rows"]) or 1
    found = [
        column
        for column in facts.plan["data"]["columns"]
        if "feature" in column["roles"] and column["name"] not in dropped and column["name"] != facts.target
    ]
    found.sort(key=lambda column: -facts.evidence.importance.get(column["name"], float("-inf")))
    return [
        {
            "name": column["name"],
            "kind": column["kind"],
            "missing": share(column["missing"] / rows),
            "importance": number(facts.evidence.importance.get(column["name"]), 3),
        }
        for column in found
    ]


def _scores(facts: Facts) -> list[dict[str, Any]]:
    rows = []
    for name, measure in facts.evidence.scores.items():
        words, below = metric_words(name), facts.evidence.baseline.get(name)
        rows.append(
            {
                "name": name,
                "title": words.title,
                "meaning": words.meaning,
                "better": words.better,
                "value": rounded(measure.value, measure),
                "interval": f"{rounded(measure.low, measure)} to {rounded(measure.high, measure)}",
                "baseline": rounded(None if below is None else below.value, measure),
                "is_headline": name == facts.evidence.metric,
            }
        )
    return rows


def _members(facts: Facts) -> list[dict[str, str]]:
    return [
        {"model": member.trial.candidate, "trial": str(member.trial.number), "weight": share(member.weight)}
        for member in facts.ensemble.members
    ]


def _made(entries: Sequence[Entry]) -> str:
    """Says how many columns of which make the models saw; how they are named may hold words of a text."""
    return ", ".join(
        f"{entry.count:,} {entry.rule.replace('_', ' ')} ({entry.code})" for entry in entries if entry.stage == "features"
    )


def _line(facts: Facts) -> str:
    return f"{facts.decided} ({facts.decision.reason})" if facts.decided else ""


def _worth(facts: Facts) -> str:
    value = facts.evidence.value
    if value is None:
        return ""
    return (
        f"{rounded(value.value, value)} {facts.decision.currency} ({rounded(value.low, value)} to {rounded(value.high, value)})"
    )


def _limits(facts: Facts) -> list[str]:
    """Lists what a reader must know before believing the figures."""
    said = []
    if facts.is_out_of_fold:
        said.append(
            "No test rows were set aside: the rows judged took part in choosing the models, so the figures are likely too good."
        )
    if facts.time_warning:
        said.append(facts.time_warning)
    said.append("The figures hold for rows that come from where these came from; they say nothing of other places or times.")
    if not group_figures(facts):
        said.append("There are no figures by group of people: no column is protected, or its groups are too small.")
    return said
