"""The data: its columns, how rows were set aside, and the ledger of all that was done to it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from markupsafe import Markup

from lepton_automl.ledger import Entry
from lepton_automl.report.facts import Facts
from lepton_automl.report.lineage import lineage_figure
from lepton_automl.report.sections.profile import profile_part
from lepton_automl.report.svg import bar
from lepton_automl.report.wording import LEDGER_STAGES, masked, number, plural, share, tone_of

OPEN_ENTRIES = 12
"""A stage of the ledger with more entries than this is closed until it is asked for."""


def data_section(facts: Facts) -> dict[str, Any]:
    """Gives what the section of data and ledger shows."""
    data, split = facts.plan["data"], facts.plan["split"]
    columns = [_column(column, int(data["rows"])) for column in data["columns"]]
    return {
        "facts": _facts(data, split, facts),
        "columns": columns,
        "kinds": _counted(column["kind"] for column in columns),
        "split_note": next((entry.note for entry in facts.entries if entry.code.startswith("SPLIT") and entry.note), ""),
        "profile": profile_part(facts),
        "lineage": lineage_figure(facts.lineage),
        "ledger": _ledger(facts),
        "touched": _touched(facts),
        "policy": _policy(facts),
        "waivers": _waivers(facts),
    }


def _facts(data: dict[str, Any], split: dict[str, Any], facts: Facts) -> list[tuple[str, str]]:
    features = sum("feature" in column["roles"] for column in data["columns"])
    lines = [
        ("Source", masked(str(data["place"]))),
        ("Rows", f"{data['rows']:,}"),
        ("Columns", f"{len(data['columns']):,}, {plural(features, 'feature')} among them"),
        ("Target", facts.target),
        ("Split", f"{split['kind']}, {plural(int(split['folds']), 'fold')}"),
    ]
    if data["test_rows"] is not None:
        lines.append(("Test rows", f"{data['test_rows']:,}, a table of their own"))
    elif split["test_share"]:
        lines.append(("Test rows", f"{share(split['test_share'])} of the source, set aside before anything was learned"))
    else:
        lines.append(("Test rows", "none"))
    lines.append(("Fingerprint", f"SHA-256 {data['fingerprint']}"))
    return lines


def _column(column: dict[str, Any], rows: int) -> dict[str, Any]:
    part = column["missing"] / rows if rows else 0.0
    roles = [role.replace("_", " ") for role in column["roles"]]
    return {
        "name": column["name"],
        "kind": column["kind"],
        "roles": roles,
        "is_plain": roles == ["feature"],
        "missing": f"{column['missing']:,}",
        "missing_value": column["missing"],
        "share": share(part) if column["missing"] else "",
        "bar": bar(0.0, part, "muted") if column["missing"] else Markup(""),
        "reason": column["reason"],
    }


def _counted(words: Any) -> str:
    """Says how often each word occurs, the most frequent first: `13 number, 7 category`."""
    return ", ".join(f"{count:,} {word}" for word, count in Counter(words).most_common())


def _ledger(facts: Facts) -> list[dict[str, Any]]:
    """Gives the ledger, stage by stage in the order in which they happened."""
    stages: dict[str, list[Entry]] = {}
    for entry in facts.entries:
        stages.setdefault(entry.stage, []).append(entry)
    return [
        {
            "title": LEDGER_STAGES.get(stage, stage),
            "summary": _counted(entry.effect for entry in entries),
            "count": plural(len(entries), "entry", "entries"),
            "is_open": len(entries) <= OPEN_ENTRIES,
            "entries": [_entry(entry) for entry in entries],
        }
        for stage, entries in stages.items()
    ]


def _entry(entry: Entry) -> dict[str, str]:
    rows = (
        f"{entry.rows_before:,} → {entry.rows_after:,}"
        if entry.rows_before >= 0 and entry.rows_before != entry.rows_after
        else ""
    )
    unit = f" {entry.unit}" if entry.unit else ""
    measured = f"{number(entry.measured)}{unit}" if entry.measured is not None else ""
    if entry.limit is not None:
        measured = f"{measured} (limit {number(entry.limit)})" if measured else f"limit {number(entry.limit)}"
    return {
        "code": entry.code,
        "rule": entry.rule.replace("_", " "),
        "effect": entry.effect,
        "tone": tone_of(entry.effect),
        "column": masked(entry.column),
        "count": f"{entry.count:,}" if entry.count else "",
        "rows": rows,
        "measured": measured,
        "note": masked(entry.note),
    }


def _policy(facts: Facts) -> dict[str, Any] | None:
    """Gives what the policy asked for beside what there is; none where no policy was chosen."""
    policy = facts.plan.get("policy") or {}
    if policy.get("name", "none") == "none":
        return None
    rows = [
        *(
            ("rule", rule["name"], f"waived by {rule['waived']}" if rule["waived"] else "", rule["why"])
            for rule in policy["rules"]
        ),
        *(("key", field["key"], "", field["why"]) for field in policy["fields"]),
        *(("key", said["asked"], "", said["why"]) for said in policy.get("settings", ())),
        *(
            ("gate", ", ".join(gate["figures"]) or gate["name"], "" if gate["figures"] else "no such figure", gate["why"])
            for gate in policy["gates"]
        ),
        *(("document", name.replace("_", " "), "", "written beside this report") for name in policy["documents"]),
    ]
    return {**policy, "title": policy["title"] or policy["name"], "rows": rows}


def _waivers(facts: Facts) -> list[tuple[str, str]]:
    """Gives each waived rule with who answers for it."""
    return [
        (
            name,
            f"waived by {w['by']} until {w['until']}: {w['why']}" + (f" ({', '.join(w['columns'])})" if w["columns"] else ""),
        )
        for name, w in (facts.plan.get("waivers") or {}).items()
    ]


def _touched(facts: Facts) -> str:
    """Says in a sentence what was changed: rows and columns dropped, values set."""
    changed: Counter[str] = Counter()
    for entry in facts.entries:
        if tone_of(entry.effect) == "acted":
            changed[entry.effect] += 1 if entry.effect.startswith("column") else max(1, entry.count)
    if not changed:
        return "Nothing was dropped, filled or changed."
    return "Changed: " + ", ".join(f"{effect} {count:,}" for effect, count in changed.most_common()) + "."
