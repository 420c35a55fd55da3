"""Public sets as they are, under every rule of a governance profile: what stops, what is dropped, what is changed.

python benchmarks/clean_sets.py --data DATA --governance standard,regulated --out clean_sets.jsonl

Each set is read with its own test rows and goes the way of `lepton plan`. A rule that stops is written down and waived, and the
set is looked at again, so that all that stop are known. One line for each set and profile; tables at the end.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from sets import default_data

from lepton_automl.engine.compile import compile as compile_recipe
from lepton_automl.engine.run import prepare_rows
from lepton_automl.errors import GovernanceStop, LeptonError
from lepton_automl.ledger import Entry, Ledger
from lepton_automl.recipe import compose

TASKS = ("binary", "multiclass", "regression", "text", "forecast")
"""Tasks of sets that the engine has; `text` is one of labels."""
CHANGES = ("values changed", "values set missing")


@dataclass
class Account:
    """What happened to one set under one profile.

    Args:
        rules: Rules that looked, in order.
        stops: Rule and column to what it said.
        columns: Rule to the columns it dropped.
        rows_dropped: Rule to the rows it dropped.
        values: Rule to column to the values it changed.
        notes: Rule to how often it told something and did nothing.
    """

    rules: list[str] = field(default_factory=list)
    stops: dict[str, str] = field(default_factory=dict)
    columns: dict[str, list[str]] = field(default_factory=dict)
    rows_dropped: dict[str, int] = field(default_factory=dict)
    values: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)


def recipe_of(meta: dict[str, Any], folder: Path, scratch: Path) -> dict[str, Any]:
    """Writes the recipe that a user of the set would write: files, task, and what its description says of them."""
    frame = pd.read_parquet(folder / "train.parquet")
    frame[frame[meta["target"]].notna()].to_parquet(scratch / "train.parquet")
    sources = {"source": {"path": str(scratch / "train.parquet")}}
    task: dict[str, Any] = {"kind": meta["task"], "target": meta["target"]}
    if meta["task"] == "text":
        task["kind"] = "binary" if frame[meta["target"]].nunique() == 2 else "multiclass"
    if meta["task"] == "forecast":
        series = list(meta.get("series_id_cols") or [])
        known = list(meta.get("known_future") or [])
        task |= {"time": meta["time_col"], "series": series, "horizon": int(meta["horizon"]), "known_future": known}
    else:
        sources["test"] = {"path": str(folder / "test.parquet")}
    recipe: dict[str, Any] = {"data": sources, "task": task, "budget": {"trials": 1}}
    if meta["task"] != "forecast" and meta.get("group_col"):
        recipe["split"] = {"group": meta["group_col"]}
    return recipe


def look_at(meta: dict[str, Any], folder: Path, profile: str) -> Account:
    """Governs one set under one profile, again and again with what stopped waived until nothing stops any more."""
    account = Account()
    with tempfile.TemporaryDirectory(prefix="lepton_clean_") as name:
        scratch = Path(name)
        recipe = recipe_of(meta, folder, scratch)
        (scratch / "recipes").mkdir()
        waived: dict[str, Any] = {}
        while True:
            whole = {**recipe, "run": {"dir": str(scratch / "run")}, "governance": {"waivers": waived}}
            whole["defaults"] = [{"override /governance": profile}, {"override /search": "quick"}]
            (scratch / "recipes" / "clean.yaml").write_text(yaml.safe_dump(whole, allow_unicode=True), encoding="utf-8")
            ledger = Ledger()
            try:
                prepare_rows(compile_recipe(compose(["recipe=clean"], [scratch])), ledger)
            except GovernanceStop as error:
                before = len(waived)
                for problem in error.problems:
                    rule, _, column = problem.key.removeprefix("governance.rules.").partition(" ")
                    account.stops[f"{rule} {column}".strip()] = problem.message
                    waived[rule] = {"by": "benchmark", "why": "to see what else would stop", "until": "2999-12-31"}
                if len(waived) == before:
                    raise
                continue
            break
    return add_up(account, ledger.entries)


def add_up(account: Account, entries: list[Entry]) -> Account:
    """Adds up what the ledger says that rules did."""
    for entry in entries:
        if not entry.code.startswith("GOV"):
            continue
        if entry.rule not in account.rules:
            account.rules.append(entry.rule)
        if entry.effect == "column dropped":
            account.columns.setdefault(entry.rule, []).append(entry.column)
        elif entry.effect == "rows dropped":
            account.rows_dropped[entry.rule] = account.rows_dropped.get(entry.rule, 0) + entry.count
        elif entry.effect in CHANGES:
            account.values.setdefault(entry.rule, {})[entry.column] = entry.count
        elif entry.effect == "noted":
            account.notes[entry.rule] = account.notes.get(entry.rule, 0) + 1
    return account


def look_at_all(data: Path, names: list[str], profiles: list[str]) -> list[dict[str, Any]]:
    """Governs each set under each profile; gives a row for each."""
    rows = []
    for name in names:
        folder = data / name
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        if meta["task"] not in TASKS:
            continue
        for profile in profiles:
            started = time.perf_counter()
            row: dict[str, Any] = {"set": name, "task": meta["task"], "profile": profile, "rows": meta["n_train"]}
            row["features"] = meta["n_features"]
            try:
                row |= vars(look_at(meta, folder, profile))
            except LeptonError as error:
                row["error"] = str(error)
            row["seconds"] = round(time.perf_counter() - started, 2)
            rows.append(row)
            shown = {key: row[key] for key in ("error", "stops", "columns", "rows_dropped", "values") if row.get(key)}
            print(f"{name:<24} {profile:<10} {row['seconds']:>6.1f} s  {shown or 'nothing touched'}", flush=True)
    return rows


def show(rows: list[dict[str, Any]]) -> None:
    """Prints for each profile and rule in how many sets it stopped, dropped, changed and told something."""
    for profile in dict.fromkeys(row["profile"] for row in rows):
        mine = [row for row in rows if row["profile"] == profile and "error" not in row]
        failed = sum("error" in row for row in rows if row["profile"] == profile)
        rules = list(dict.fromkeys(rule for row in mine for rule in row["rules"]))
        stopped = sum(bool(row["stops"]) for row in mine)
        print(f"\n{profile}: {len(mine)} sets, {failed} that can not be read, {len(rules)} rules, {stopped} sets stop\n")
        print("| rule | stops in sets | columns dropped | rows dropped | values changed | notes (sets) |")
        print("| --- | ---: | ---: | ---: | ---: | ---: |")
        for rule in rules:
            facts: dict[str, int] = defaultdict(int)
            for row in mine:
                facts["stops"] += any(key.split(" ")[0] == rule for key in row["stops"])
                facts["columns"] += len(row["columns"].get(rule, []))
                facts["rows"] += row["rows_dropped"].get(rule, 0)
                facts["values"] += sum(row["values"].get(rule, {}).values())
                facts["notes"] += row["notes"].get(rule, 0)
                facts["sets"] += rule in row["notes"]
            told = f"{facts['notes']:,} ({facts['sets']})"
            print(f"| {rule} | {facts['stops']} | {facts['columns']} | {facts['rows']:,} | {facts['values']:,} | {told} |")


def main() -> None:
    """Looks at the sets that are asked for and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=default_data())
    parser.add_argument("--sets", default="", help="sets to look at, parted by commas; all if absent")
    parser.add_argument("--governance", default="standard", help="profiles, parted by commas")
    parser.add_argument("--out", type=Path, help="JSON lines to write")
    options = parser.parse_args()
    named = [name for name in options.sets.split(",") if name]
    names = named or sorted(path.parent.name for path in options.data.glob("*/meta.json"))
    rows = look_at_all(options.data, names, options.governance.split(","))
    show(rows)
    if options.out is not None:
        options.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
