"""Raw files as published: every dirt that is known of them is found and counted, and nothing else is touched.

python benchmarks/raw.py --data DATA --out raw.jsonl

Each file has the recipe that a sensible user writes for it, and the dirts that are known of it, each with the entry of
the ledger that must tell of it; how many values or rows that is, is counted with pandas from the file's text. The
recipe is compiled and governed as by `lepton plan`. Then every cell of the table that the rules left is compared with
the file's text: the cells that differ must be as many as the ledger says, column by column, and the same holds for rows
and columns.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from raw_cases import CASES
from raw_dirts import Case, Dirt, Fact, Raw
from sets import default_data

from lepton_automl.data import Dataset, Kind
from lepton_automl.engine.compile import compile as compile_recipe
from lepton_automl.engine.run import prepare_rows
from lepton_automl.engine.table import Table
from lepton_automl.ledger import Entry, Ledger
from lepton_automl.recipe import compose

CHANGES = ("values changed", "values set missing", "values rewritten")


@dataclass(frozen=True)
class Judged:
    """What the engine made of a file.

    Args:
        name: Name of the case.
        found: Dirt to how many the ledger counts and how many there are; nothing where it is not told.
        cells: Cells of the table that the rules left.
        differ: Column to how many of its cells are not what the file says.
        counted: Column to how many the ledger says were changed.
        wrong_dates: Dates that are not those that their format says.
        faults: Rows and columns that went or came without the ledger saying so, and dirts that are not as they should be.
        seconds: Wall clock of compiling and governing.
    """

    name: str
    found: list[dict[str, Any]]
    cells: int
    differ: dict[str, int]
    counted: dict[str, int]
    wrong_dates: int
    faults: list[str]
    seconds: float

    @property
    def is_right(self) -> bool:
        """Whether all is found, counted, and nothing else touched."""
        all_found = all(dirt["is_found"] and dirt["is_count_right"] for dirt in self.found)
        return all_found and self.differ == self.counted and not self.wrong_dates and not self.faults


def read_raw(case: Case, data: Path) -> pd.DataFrame:
    """Reads the file's cells as text with pandas alone; what the query must give, where there is one."""
    path = data / next(iter(case.files.values()))
    separator = "\t" if path.suffix == ".tsv" else ","
    frame = pd.read_csv(
        path, sep=separator, dtype=str, keep_default_na=False, na_values=[""], encoding=case.encoding, skip_blank_lines=True
    )
    names = list(frame.columns)
    frame.columns = pd.Index(
        [f"column_{n}" if name.startswith("Unnamed: ") else name.strip() for n, name in enumerate(names, start=1)]
    )
    lines = len(frame)
    frame = frame if case.read is None else case.read(frame)
    frame.attrs = {"names": names, "lines": lines}
    return frame


def govern(case: Case, data: Path) -> tuple[Dataset, Table, Ledger]:
    """Compiles the recipe of a case and governs its rows; gives the table as read, as governed, and the ledger."""
    with tempfile.TemporaryDirectory(prefix="lepton_raw_") as name:
        folder = Path(name)
        sources = {key: {"path": str(data / path)} for key, path in case.files.items()}
        sources = sources if "source" in sources else {"sources": sources}
        recipe = {**case.recipe, "budget": {"trials": 1}, "run": {"dir": str(folder / "run")}}
        recipe["data"] = {**case.recipe.get("data", {}), **sources}
        recipe["defaults"] = [{"override /search": "quick"}]
        (folder / "recipes").mkdir()
        (folder / "recipes" / "raw.yaml").write_text(yaml.safe_dump(recipe, allow_unicode=True), encoding="utf-8")
        plan, ledger = compile_recipe(compose(["recipe=raw"], [folder])), Ledger()
        return plan.data.source, prepare_rows(plan, ledger), ledger


def joined(table: Table) -> Dataset:
    """Gives training and test rows of a governed table as one, in the order of the file."""
    if table.test is None:
        return table.train
    ids = np.concatenate([table.train.row_ids, table.test.row_ids])
    order = np.argsort(ids, kind="stable")
    parts = [table.train.frame, table.test.frame[table.train.names]]
    columns = {
        name: pd.Series(np.concatenate([part[name].to_numpy(dtype=object) for part in parts])[order])
        for name in table.train.names
    }
    return Dataset(pd.DataFrame(columns), table.train.columns, ids[order])


def unlike_text(texts: pd.Series, values: pd.Series, kind: Kind) -> np.ndarray:
    """Says which values are not what the file's text says, shape `(n,)`; a date is not, as it was a text."""
    texts, values = texts.reset_index(drop=True), values.reset_index(drop=True)
    both_missing = (texts.isna() & values.isna()).to_numpy()
    if kind is Kind.DATETIME:
        same = np.zeros(len(texts), dtype=bool)
    elif kind is Kind.NUMBER:
        numbers = pd.to_numeric(texts, errors="coerce").to_numpy(dtype="float64")
        same = numbers == values.to_numpy(dtype="float64", na_value=np.nan)
    else:
        words = values.astype(object).map(str, na_action="ignore")
        same = ((texts == words) & texts.notna() & words.notna()).to_numpy(dtype=bool)
    return ~(same | both_missing)


def unlike_before(before: pd.Series, after: pd.Series) -> np.ndarray:
    """Says which values are not what they were before the rules looked, shape `(n,)`."""
    old = before.reset_index(drop=True).astype(object)
    new = after.reset_index(drop=True).astype(object)
    return ~((old == new).to_numpy(dtype=bool, na_value=False) | (old.isna() & new.isna()).to_numpy())


def wrong_dates(texts: pd.Series, values: pd.Series, how: str) -> int:
    """Counts dates that are not what their format, or unit since 1970, says."""
    is_unit = how in ("s", "ms")
    wanted = pd.to_datetime(pd.to_numeric(texts), unit=how) if is_unit else pd.to_datetime(texts, format=how)
    wanted, found = wanted.reset_index(drop=True), pd.to_datetime(values).reset_index(drop=True)
    return int(((wanted != found) & ~(wanted.isna() & found.isna())).sum())


def judge(case: Case, data: Path) -> Judged:
    """Governs a file and holds what came of it against its text."""
    started = time.perf_counter()
    source, table, ledger = govern(case, data)
    seconds = time.perf_counter() - started
    whole = read_raw(case, data)
    raw = Raw(whole, whole.iloc[table.train.row_ids])
    governed = joined(table)
    faults = [*wrong_rows(whole, governed, ledger.entries), *wrong_columns(whole, governed, ledger.entries)]
    differ: dict[str, int] = {}
    late = 0
    for column in source.columns:
        name, is_typed = column.name, case.read is not None and column.name in case.dates
        unlike = 0 if is_typed else int(unlike_text(whole[name], source.values(name), kind_of(source, name, case)).sum())
        if name in case.dates:
            late += wrong_dates(whole[name], source.values(name), case.dates[name])
        if name in governed.names:
            left = source.values(name).iloc[governed.row_ids]
            unlike += int(unlike_before(left, governed.values(name)).sum())
        differ |= {name: unlike} if unlike else {}
    found = [told(dirt, raw, ledger.entries) for dirt in case.dirts if isinstance(dirt, Dirt)]
    for fact in case.dirts:
        if isinstance(fact, Fact):
            holds = bool(fact.holds(raw, governed))
            found.append({"what": fact.what, "code": "", "column": "", "is_found": holds, "is_count_right": holds})
    counted = changed(ledger.entries, governed.names)
    return Judged(case.name, found, governed.frame.size, differ, counted, late, faults, round(seconds, 2))


def kind_of(data: Dataset, name: str, case: Case) -> Kind:
    """Gives the kind of a column; labels are compared as text."""
    return (
        Kind.CATEGORY
        if name == case.recipe["task"]["target"] and data.column(name).kind is Kind.CATEGORY
        else data.column(name).kind
    )


def told(dirt: Dirt, raw: Raw, entries: list[Entry]) -> dict[str, Any]:
    """Says whether the ledger tells of a dirt, and whether it counts what pandas counts."""
    hits = [e for e in entries if (e.code, e.column, e.effect) == (dirt.code, dirt.column, dirt.effect)]
    wanted = None if dirt.count is None else dirt.count(raw)
    counts = sum(entry.count for entry in hits) if hits else None
    row: dict[str, Any] = {"what": dirt.what, "code": dirt.code, "column": dirt.column, "effect": dirt.effect}
    return row | {"is_found": bool(hits), "count": counts, "wanted": wanted, "is_count_right": wanted in (None, counts)}


def wrong_rows(whole: pd.DataFrame, governed: Dataset, entries: list[Entry]) -> list[str]:
    """Says whether rows went, or came twice, without the ledger saying so."""
    dropped = sum(entry.count for entry in entries if entry.effect == "rows dropped")
    is_right = len(set(governed.row_ids.tolist())) == len(governed) == len(whole) - dropped
    return [] if is_right else [f"{len(governed)} rows of {len(whole)} are left, {dropped} were told to be dropped"]


def wrong_columns(whole: pd.DataFrame, governed: Dataset, entries: list[Entry]) -> list[str]:
    """Says which columns went or came without the ledger saying so."""
    dropped = {entry.column for entry in entries if entry.effect == "column dropped"}
    gone, come = set(whole.columns) - set(governed.names), set(governed.names) - set(whole.columns)
    faults = [f"{name} went and the ledger does not say so" for name in sorted(gone - dropped)]
    faults += [f"{name} is told to be dropped and is there" for name in sorted(dropped - gone)]
    return faults + [f"{name} is not in the file" for name in sorted(come)]


def changed(entries: list[Entry], kept: list[str]) -> dict[str, int]:
    """Adds up by column how many values the ledger says were changed, on the way in and by rules."""
    counts: dict[str, int] = {}
    for entry in entries:
        is_kept = entry.stage == "load" or entry.column in kept
        if entry.effect in CHANGES and entry.column and entry.count and is_kept:
            counts[entry.column] = counts.get(entry.column, 0) + entry.count
    return counts


def show(judged: Judged) -> None:
    """Prints what came of a file."""
    found = sum(dirt["is_found"] for dirt in judged.found)
    right = sum(dirt["is_count_right"] and dirt["is_found"] for dirt in judged.found)
    n, cells = len(judged.found), sum(judged.differ.values())
    print(
        f"{judged.name:<30} dirts {found} of {n}, counts {right} of {n}; {cells:,} of {judged.cells:,} cells differ, "
        f"{sum(judged.counted.values()):,} counted; {'nothing else touched' if judged.is_right else 'NOT RIGHT'}",
        flush=True,
    )
    for dirt in judged.found:
        if not (dirt["is_found"] and dirt["is_count_right"]):
            print(f"{'':<8}{dirt}", flush=True)
    for name in sorted({*judged.differ, *judged.counted}):
        if judged.differ.get(name) != judged.counted.get(name):
            print(f"{'':<8}{name}: {judged.differ.get(name, 0)} differ, {judged.counted.get(name, 0)} counted", flush=True)
    for fault in [*judged.faults, *([f"{judged.wrong_dates} dates are wrong"] if judged.wrong_dates else [])]:
        print(f"{'':<8}{fault}", flush=True)


def main() -> None:
    """Looks at the files that are asked for and prints what came of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=default_data())
    parser.add_argument("--cases", default="", help="cases to look at, parted by commas; all if absent")
    parser.add_argument("--out", type=Path, help="JSON lines to write")
    options = parser.parse_args()
    named = [name for name in options.cases.split(",") if name]
    rows = []
    for case in CASES:
        if not named or case.name in named:
            judged = judge(case, options.data)
            show(judged)
            rows.append({**vars(judged), "is_right": judged.is_right})
    found = [dirt for row in rows for dirt in row["found"]]
    told_of, right = sum(d["is_found"] for d in found), sum(d["is_found"] and d["is_count_right"] for d in found)
    good = sum(row["is_right"] for row in rows)
    print(
        f"\n{len(rows)} cases: {told_of} of {len(found)} dirts found, {right} counted right; in {good} nothing else is touched"
    )
    if options.out is not None:
        options.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
