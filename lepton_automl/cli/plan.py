"""`lepton plan`: everything a run would do, before it does it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lepton_automl.cli.words import take_apart
from lepton_automl.errors import CommandError, OutputError, Problem
from lepton_automl.ledger import Entry

HELP = """\
usage: lepton plan recipe=NAME [GROUP=PRESET …] [KEY=VALUE …] [--save FILE]

Compiles the recipe and prints what a run would do: the data as read, what each rule will do, which models are tried and
which not, folds, what is found out, decided and must hold, budget by stage, and the time, memory and cost to expect. The
same is saved as JSON, by default to outputs/plans/RECIPE_HASH.json. Nothing is run. Exit
codes as `lepton validate`."""


def main(words: Sequence[str]) -> int:
    """Runs the verb."""
    words, save = _save_flag(list(words))
    parts = take_apart(words, "plan")
    if parts.help:
        print(HELP)
        return 0
    composed = parts.composed()

    from lepton_automl.engine import compile, preview  # noqa: A004 - the name of what it does

    plan = compile(composed)
    entries = preview(plan).entries
    shown = {**plan.to_dict(), "ledger": [vars(entry) for entry in entries], "resolved": dict(plan.recipe)}
    place = save or Path("outputs") / "plans" / f"{plan.name}_{plan.recipe_hash[:8]}.json"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(shown, indent=1, ensure_ascii=False, default=str) + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(Problem("--save", f"{place} can not be written: {error.strerror}.", "Give another file.")) from error
    _show(shown, entries)
    print(f"saved   {place}")
    return 0


def _save_flag(words: list[str]) -> tuple[list[str], Path | None]:
    if "--save" not in words:
        return words, None
    at = words.index("--save")
    if at + 1 >= len(words):
        raise CommandError(Problem("--save", "has no value.", "Write the file behind it."))
    return [*words[:at], *words[at + 2 :]], Path(words[at + 1])


def _show(plan: dict[str, Any], entries: Sequence[Entry]) -> None:
    from rich.console import Console

    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    for part in (_asked, _policy, _data, _rules, _candidates, _split, _evidence, _expected, _resolved):
        part(console, plan, entries)


def _head(console: Any, text: str) -> None:
    console.print(f"\n[bold]{text}[/bold]")


def _table(console: Any, names: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    console.print(table)


def _asked(console: Any, plan: dict[str, Any], entries: Sequence[Entry]) -> None:
    asked = plan["resolved"]["engagement"]
    _head(console, f"Plan of recipe {plan['recipe']}")
    rows = [(key.replace("_", " "), value) for key, value in asked.items() if isinstance(value, str) and value]
    rows += [("business measure", ", ".join(f"{k} {v}" for k, v in (asked["business_measure"] or {}).items() if v is not None))]
    rows += [("constraint", text) for text in asked["constraints"]]
    rows += [("note", notice) for notice in plan["notices"]]
    _table(console, ("", ""), [row for row in rows if row[1]])


def _policy(console: Any, plan: dict[str, Any], entries: Sequence[Entry]) -> None:
    policy = plan["policy"]
    if policy["name"] == "none" and not policy["documents"]:
        return
    title = f", {policy['title']}" if policy["title"] else ""
    _head(console, f"Policy {policy['name']}{title}")
    rows = [("source", f"{source['text']}, {source['date']}", source["url"]) for source in policy["sources"]]
    rows += [
        ("rule", rule["name"] + (f" (waived by {rule['waived']})" if rule["waived"] else ""), rule["why"])
        for rule in policy["rules"]
    ]
    rows += [("key", field["key"], field["why"]) for field in policy["fields"]]
    rows += [("key", said["asked"], said["why"]) for said in policy["settings"]]
    rows += [
        ("gate", ", ".join(gate["figures"]) or f"{gate['name']}: the task has none", gate["why"]) for gate in policy["gates"]
    ]
    rows += [("document", name, "written into the run's folder") for name in policy["documents"]]
    _table(console, ("asks for", "there is", "why"), rows)


def _data(console: Any, plan: dict[str, Any], entries: Sequence[Entry]) -> None:
    data = plan["data"]
    test = "" if data["test_rows"] is None else f" and {data['test_rows']:,} test rows of their own"
    _head(console, f"Data: {data['rows']:,} rows of {data['place']}{test}")
    rows = [(c["name"], c["kind"], ", ".join(c["roles"]), c["missing"], c["reason"]) for c in data["columns"]]
    _table(console, ("column", "kind", "roles", "missing", "why"), rows)


def _rules(console: Any, plan: dict[str, Any], entries: Sequence[Entry]) -> None:
    _head(console, "What is done to the data, and by which rule")
    rows = [(e.code, e.rule, e.effect, e.column, e.count or "", e.note) for e in entries]
    _table(console, ("code", "rule", "effect", "column", "count", "note"), rows)
    for name, waiver in plan["waivers"].items():
        meant = f" for {', '.join(waiver['columns'])}" if waiver["columns"] else ""
        console.print(f"waiver: {name}{meant}, by {waiver['by']} until {waiver['until']}: {waiver['why']}", markup=False)


def _candidates(console: Any, plan: dict[str, Any], entries: Sequence[Entry]) -> None:
    _head(console, f"Models, in the order in which they start; metric {plan['metric']}")
    rows = [
        (
            c["model"],
            c["device"],
            len(c["starts"]),
            ", ".join(k for k, d in c["space"].items() if isinstance(d, dict | list)) or "nothing",
        )
        for c in plan["candidates"]
    ]
    _table(console, ("model", "device", "starts", "searched"), rows)
    for name, why in plan["not_tried"].items():
        console.print(f"not tried: {name}: {why}", markup=False)


def _split(console: Any, plan: dict[str, Any], entries: Sequence[Entry]) -> None:
    split = plan["split"]
    folds = "one holdout" if split["folds"] == 1 else f"{split['folds']} folds"
    share = "" if split["test_share"] == 0 else f", {split['test_share']:.0%} of the rows kept for the test"
    _head(console, f"Split: {split['kind']}, {folds}{share}")


def _evidence(console: Any, plan: dict[str, Any], entries: Sequence[Entry]) -> None:
    asked, decision = plan["evidence"], plan["decision"]
    _head(console, "What is found out, decided, and must hold")
    chapters = ", ".join(asked["chapters"]) or "none"
    rows = [("intervals", f"{asked['confidence']:.0%}, {asked['resamples']} resamples"), ("chapters", chapters)]
    rows += [("decision", text) for text in _decided(decision)]
    for gate in plan["gates"]:
        limits = ", ".join(f"{k} {gate[k]:g}" for k in ("min", "max") if gate[k] is not None)
        judged = ", by the end of the interval" if gate["by_interval"] else ""
        rows.append(("gate", f"{gate['figure']} {limits}{judged}"))
    rows += [("fairness", text) for text in _fairness(plan["fairness"])]
    _table(console, ("", ""), rows)


def _fairness(asked: dict[str, Any]) -> list[str]:
    """Gives what is done so that groups fare alike, a sentence each."""
    lines = []
    if asked["reweighed"]:
        lines.append(f"training rows are reweighed by {', '.join(asked['reweighed'])}")
    if asked["constraint"]:
        limits = ", ".join(f"{k} {asked['constraint'][k]:g}" for k in ("min", "max") if asked["constraint"][k] is not None)
        lines.append(f"chosen among trials that keep {asked['constraint']['figure']} {limits} out of fold")
    return lines


def _decided(decision: dict[str, Any]) -> list[str]:
    """Gives what is asked of the decision, a sentence each; nothing where no line is drawn and nothing has a price."""
    lines, payoff, currency = [], decision["payoff"], decision["currency"]
    if payoff is not None:
        worth = ", ".join(f"{k.replace('_', ' ')} {_worth(term, payoff)}" for k, term in payoff.items() if k != "amount")
        lines.append(f"worth in {currency}: {worth}")
    if decision["threshold"] is not None:
        lines.append(f"the line is {decision['threshold']:g}")
    if decision["capacity"] < 1:
        lines.append(f"at most {decision['capacity']:.0%} of the rows get the positive label")
    if decision["alike"] is not None:
        groups, within = decision["alike"], decision["alike"]["within"]
        apart = f" within {within:g}" if within else ""
        lines.append(f"each group of {' × '.join(groups['columns'])} has its own line, alike in {groups['alike']}{apart}")
        lines.append(f"that this is lawful, as the recipe says: {groups['basis']}")
    if decision["refer"] is not None:
        refer = decision["refer"]
        lines.append(f"a human may judge up to {refer['max_share']:.0%} of the rows at {refer['cost']:g} {currency} each")
    if decision["today"] is not None:
        lines.append(f"today: {decision['today']}")
    if decision["cost"] is not None:
        over, under = decision["cost"]
        lines.append(f"the quantile {under / (under + over):.3g} is ordered: {over:g} {currency} over, {under:g} under")
    return lines


def _worth(term: Any, payoff: dict[str, Any]) -> str:
    if isinstance(term, int | float):
        return f"{term:g}"
    return f"{term['fixed']:g} {term['per_amount']:+g} × {payoff['amount']}"


def _expected(console: Any, plan: dict[str, Any], entries: Sequence[Entry]) -> None:
    estimate, hardware, budget = plan["estimate"], plan["hardware"], plan["budget"]
    _head(console, "What it takes")
    low, high = estimate["seconds"]
    rows = [
        ("budget", f"{budget['seconds']:g} s" if budget["seconds"] else f"{budget['trials']} trials"),
        ("time", f"{low:.0f} to {high:.0f} s"),
        *((f"  {stage}", f"{seconds:.1f} s") for stage, seconds in estimate["stages"].items()),
        (
            "memory",
            f"{estimate['memory_mb'][0]:.0f} to {estimate['memory_mb'][1]:.0f} MB of {hardware['memory_gb'] * 1024:.0f}",
        ),
        ("workers", f"{hardware['workers']}, each fit with {hardware['threads_of_a_fit']} of {hardware['threads']} threads"),
    ]
    asked = "" if hardware["device"] == hardware["asked_device"] else f", asked {hardware['asked_device']}"
    rows.append(("device", f"{hardware['device']}{asked}; precision of nets {hardware['precision']}"))
    if estimate["cost"] is not None:
        rows.append(("cost", f"{estimate['cost'][0]:.4f} to {estimate['cost'][1]:.4f} {estimate['currency']}"))
    _table(console, ("", ""), rows)


def _resolved(console: Any, plan: dict[str, Any], entries: Sequence[Entry]) -> None:
    import yaml

    _head(console, f"Resolved recipe, SHA-256 {plan['recipe_hash'][:16]}…")
    console.print(yaml.safe_dump(plan["resolved"], sort_keys=False, allow_unicode=True), markup=False)
