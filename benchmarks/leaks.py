"""Leaks planted into public sets, and the sets as they are: what rules of `governance=standard` find, and what in error.

python benchmarks/leaks.py --data DATA --clean all --plant titanic,insurance_charges,wine_quality --out leaks.jsonl

Each table goes the way of `lepton plan`: the recipe is compiled, and all is done to the rows that is done before a search.
A leak is found where a rule about leaks names its column (or, of rows and order, the table) as dropped, told or stopped.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from sets import METRICS, TableSet, default_data, open_set

from lepton_automl.engine.compile import compile as compile_recipe
from lepton_automl.engine.run import preview
from lepton_automl.errors import GovernanceStop, LeptonError
from lepton_automl.recipe import compose

CODES = ("GOV007", "GOV011", "GOV012", "GOV013", "GOV014", "GOV015", "GOV016", "GOV017")
TOLD = ("noted", "column dropped", "rows dropped", "stop")
MOST_ROWS = 30_000
"""Rows of a set that leaks are planted in; the sets as they are have all of theirs."""


@dataclass
class Planted:
    """A table with a leak in it.

    Args:
        frame: The table.
        column: Column that a finding must name; empty for the whole table.
        codes: Codes of rules of which one must find it.
        words: More words of the recipe.
        test: Rows of a test table of their own, or none.
    """

    frame: pd.DataFrame
    column: str
    codes: tuple[str, ...]
    words: tuple[str, ...] = ()
    test: pd.DataFrame | None = None


@dataclass(frozen=True)
class Found:
    """What the rules said of a table.

    Args:
        entries: Code, column, effect, note and figure of each finding of a rule about leaks.
        stop: What stopped it, or empty.
        seconds: Wall clock of compiling and governing.
    """

    entries: list[dict[str, object]] = field(default_factory=list)
    stop: str = ""
    seconds: float = 0.0


def look_at(table: TableSet, planted: Planted) -> Found:
    """Governs a table as a run would before its search."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="lepton_leaks_") as scratch:
        path, test = Path(scratch) / "train.parquet", Path(scratch) / "test.parquet"
        planted.frame.to_parquet(path)
        words = ["recipe=table", f"data.source.path={path}", f"task.kind={table.task}", f"task.target={table.target}"]
        words += ["task.missing_target=drop", "search=quick", "budget.trials=1", f"run.dir={Path(scratch) / 'run'}"]
        words += [f"split.group={table.group}"] if table.group is not None else []
        if planted.test is not None:
            planted.test.to_parquet(test)
            words.append(f"data.test.path={test}")
        try:
            ledger = preview(compile_recipe(compose([*words, *planted.words])))
        except GovernanceStop as error:
            return Found([], "; ".join(problem.line() for problem in error.problems), time.perf_counter() - started)
        entries = [
            {"code": e.code, "column": e.column, "effect": e.effect, "measured": e.measured, "note": e.note}
            for e in ledger.entries
            if e.code in CODES and e.effect in TOLD
        ]
    return Found(entries, "", time.perf_counter() - started)


def is_first(y: pd.Series) -> np.ndarray:
    """Gives rows of the rarer of two labels or a common one of several, or of the highest third of numbers, shape `(n,)`."""
    if pd.api.types.is_numeric_dtype(y) and y.nunique() > 30:
        return (y > y.quantile(0.67)).to_numpy()
    counts = y.value_counts()
    return (y == counts.index[min(1, len(counts) - 1)]).to_numpy()


def copy_with_noise(frame: pd.DataFrame, table: TableSet, rng: np.random.Generator) -> Planted:
    """The target and normal noise: numbers with a fifth of its deviation; of two labels one shifted by two deviations."""
    y = frame[table.target]
    if table.task == "regression":
        values = y + rng.normal(size=len(y)) * 0.2 * y.std()
    elif table.task == "binary":
        values = is_first(y) + rng.normal(size=len(y)) * 0.5
    else:
        return recoded(frame, table, rng)
    return Planted(frame.assign(planted=values), "planted", ("GOV007", "GOV011"))


def recoded(frame: pd.DataFrame, table: TableSet, rng: np.random.Generator) -> Planted:
    """The target under other names (or times 1.21), drawn anew in 4 of 100 rows."""
    y = frame[table.target].to_numpy()
    wrong = rng.random(len(y)) < 0.04
    shown = np.where(wrong, rng.permutation(y), y)
    if table.task == "regression":
        values = pd.Series(shown.astype("float64") * 1.21)
    else:
        values = pd.Series(pd.factorize(shown)[0]).map(lambda code: f"state {code}")
    return Planted(frame.assign(planted=values.to_numpy()), "planted", ("GOV007", "GOV011"))


def coded_missingness(frame: pd.DataFrame, table: TableSet, rng: np.random.Generator) -> Planted:
    """Random numbers, missing in 95 of 100 rows of one label (or of the highest third), and in 3 of 100 others."""
    gone = rng.random(len(frame)) < np.where(is_first(frame[table.target]), 0.95, 0.03)
    values = pd.Series(rng.normal(size=len(frame))).mask(gone).to_numpy()
    return Planted(frame.assign(planted=values), "planted", ("GOV007", "GOV011", "GOV012"))


def post_event(frame: pd.DataFrame, table: TableSet, rng: np.random.Generator) -> Planted | None:
    """An amount that is filled in for two of three rows of one label, and for no other row."""
    if table.task == "regression":
        return None
    hit = is_first(frame[table.target]) & (rng.random(len(frame)) < 0.67)
    values = np.where(hit, np.round(rng.gamma(2.0, 500.0, len(frame)), 2), 0.0)
    return Planted(frame.assign(planted=values), "planted", ("GOV007", "GOV011", "GOV012"))


def post_event_date(frame: pd.DataFrame, table: TableSet, rng: np.random.Generator) -> Planted:
    """A date some weeks after the row's own time, in every row."""
    opened = pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 900, len(frame)), unit="D")
    closed = opened + pd.to_timedelta(rng.integers(1, 60, len(frame)), unit="D")
    words = ("governance.rules.post_outcome.time=opened_at",)
    return Planted(frame.assign(opened_at=opened, planted=closed), "planted", ("GOV013",), words)


def declared(frame: pd.DataFrame, table: TableSet, rng: np.random.Generator) -> Planted:
    """Noise that the recipe declares as known only afterwards."""
    words = ("governance.rules.post_outcome.columns=[planted]",)
    return Planted(frame.assign(planted=rng.normal(size=len(frame))), "planted", ("GOV013",), words)


def future_row(frame: pd.DataFrame, table: TableSet, rng: np.random.Generator) -> Planted:
    """One row that is dated five years from now."""
    days = pd.Series(pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 900, len(frame)), unit="D"))
    days[int(rng.integers(len(days)))] = pd.Timestamp.now().normalize() + pd.Timedelta(days=5 * 365)
    return Planted(frame.assign(planted=days.to_numpy()), "planted", ("GOV013",))


def people(frame: pd.DataFrame, rng: np.random.Generator, times: int, count: int) -> pd.DataFrame:
    """Takes rows several times, each person's with a name and an age in months that grows."""
    some = frame.iloc[rng.permutation(len(frame))[:count]].assign(planted=[f"P{i:06d}" for i in range(count)])
    parts = [some.assign(visit_age=rng.random(count)) for _ in range(times)]
    whole = pd.concat(parts, ignore_index=True)
    return whole.iloc[rng.permutation(len(whole))].reset_index(drop=True)


def same_person(frame: pd.DataFrame, table: TableSet, rng: np.random.Generator) -> Planted:
    """A third of the rows three times, with a person's name that nobody declares."""
    return Planted(people(frame, rng, 3, len(frame) // 3), "planted", ("GOV014",))


def same_person_in_test(frame: pd.DataFrame, table: TableSet, rng: np.random.Generator) -> Planted:
    """Each person once in the training rows, and some of them again in a test table of its own; nobody declares the name."""
    whole = people(frame, rng, 1, len(frame))
    cut = int(0.8 * len(whole))
    again = whole.iloc[: cut // 10].assign(visit_age=rng.random(cut // 10))
    test = pd.concat([whole.iloc[cut:], again], ignore_index=True)
    return Planted(whole.iloc[:cut].reset_index(drop=True), "planted", ("GOV014",), (), test)


def same_row(frame: pd.DataFrame, table: TableSet, rng: np.random.Generator) -> Planted:
    """One row in twenty once more."""
    again = frame.iloc[rng.permutation(len(frame))[: max(5, len(frame) // 20)]]
    whole = pd.concat([frame, again], ignore_index=True)
    return Planted(whole.iloc[rng.permutation(len(whole))].reset_index(drop=True), "", ("GOV014",))


def _order(y: pd.Series, rng: np.random.Generator) -> np.ndarray:
    """Gives each row's place when sorted by the target, equal ones at random, shape `(n,)`."""
    codes = y.to_numpy() if pd.api.types.is_numeric_dtype(y) else pd.factorize(y, sort=True)[0]
    order = np.lexsort((rng.random(len(y)), codes.astype("float64")))
    place = np.empty(len(y), dtype="int64")
    place[order] = np.arange(len(y))
    return place


def sorted_identifier(frame: pd.DataFrame, table: TableSet, rng: np.random.Generator) -> Planted:
    """Whole numbers without gaps, given out in the order of the target."""
    return Planted(frame.assign(planted=_order(frame[table.target], rng) + 1000), "planted", ("GOV007", "GOV015"))


def sorted_identifier_with_gaps(frame: pd.DataFrame, table: TableSet, rng: np.random.Generator) -> Planted:
    """Whole numbers with gaps, named as an identifier, in the order of the target but for noise."""
    place = _order(frame[table.target], rng) + rng.normal(size=len(frame)) * 0.1 * len(frame)
    numbers = np.cumsum(rng.integers(1, 60, len(frame)))[np.argsort(np.argsort(place))]
    return Planted(frame.assign(case_id=numbers), "case_id", ("GOV007", "GOV011", "GOV015"))


def sorted_file(frame: pd.DataFrame, table: TableSet, rng: np.random.Generator) -> Planted:
    """The rows of the file in the order of the target."""
    return Planted(frame.iloc[np.argsort(_order(frame[table.target], rng))].reset_index(drop=True), "", ("GOV015",))


def look_up(frame: pd.DataFrame, table: TableSet, rng: np.random.Generator) -> Planted:
    """The mean target of each level of a made category, learned on all rows."""
    count = max(4, min(40, len(frame) // 40))
    level = rng.integers(0, count, len(frame))
    y = frame[table.target].astype("float64") if table.task == "regression" else pd.Series(is_first(frame[table.target]) * 1.0)
    means = y.groupby(level).transform("mean").to_numpy()
    return Planted(frame.assign(region=[f"r{k}" for k in level], planted=means), "planted", ("GOV007", "GOV016"))


def pair(frame: pd.DataFrame, table: TableSet, rng: np.random.Generator) -> Planted | None:
    """Two columns whose difference is the target."""
    if table.task != "regression":
        return None
    y = frame[table.target].astype("float64")
    before = rng.normal(size=len(y)) * 3 * y.std()
    return Planted(frame.assign(before=before, after=before + y), "before", ("GOV011",))


def rule_of_two(frame: pd.DataFrame, table: TableSet, rng: np.random.Generator) -> Planted | None:
    """Two columns that together tell one of two labels for sure, and neither alone."""
    if table.task != "binary":
        return None
    sign = np.where(is_first(frame[table.target]), 1.0, -1.0)
    left = rng.choice([-1.0, 1.0], len(frame)) * (0.5 + rng.random(len(frame)))
    return Planted(frame.assign(left=left, right=sign * left + 0.1 * rng.random(len(frame))), "left", ("GOV011", "GOV017"))


PLANTS: dict[str, Callable[[pd.DataFrame, TableSet, np.random.Generator], Planted | None]] = {
    "target with noise": copy_with_noise,
    "target recoded": recoded,
    "target-coded missingness": coded_missingness,
    "post-event amount": post_event,
    "post-event date": post_event_date,
    "declared post-event column": declared,
    "future-dated row": future_row,
    "same person, random split": same_person,
    "same person, own test table": same_person_in_test,
    "same row": same_row,
    "identifier sorted by outcome": sorted_identifier,
    "the same with gaps and noise": sorted_identifier_with_gaps,
    "file sorted by outcome": sorted_file,
    "target-encoded look-up": look_up,
    "difference of two columns": pair,
    "rule of two columns": rule_of_two,
}


def is_found(planted: Planted, found: Found) -> bool:
    """Says whether a rule about the leak names it."""
    return any(
        e["code"] in planted.codes and (planted.column == e["column"] or not planted.column or e["code"] == "GOV017")
        for e in found.entries
    ) or (bool(planted.column) and planted.column in found.stop)


def table_sets(data: Path) -> list[str]:
    """Gives the names of all sets that are one table of labels or numbers."""
    names = []
    for path in sorted(data.glob("*/meta.json")):
        if json.loads(path.read_text(encoding="utf-8"))["task"] in METRICS:
            names.append(path.parent.name)
    return names


def read(table: TableSet, most: int | None = None) -> pd.DataFrame:
    """Reads the training rows that have a target, at most so many, drawn without order."""
    frame = pd.read_parquet(table.train)
    frame = frame[frame[table.target].notna()].reset_index(drop=True)
    return frame if most is None or len(frame) <= most else frame.sample(most, random_state=0).reset_index(drop=True)


def plant_all(data: Path, names: list[str], seed: int) -> list[dict[str, object]]:
    """Plants every leak into every set; gives a row for each."""
    rows = []
    for name in names:
        table = open_set(data, name)
        frame = read(table, MOST_ROWS)
        for leak, plant in PLANTS.items():
            planted = plant(frame, table, np.random.default_rng(seed))
            if planted is None:
                continue
            row: dict[str, object] = {"kind": "planted", "set": name, "leak": leak, "rows": len(planted.frame)}
            try:
                found = look_at(table, planted)
            except LeptonError as error:
                rows.append({**row, "found": False, "error": str(error)})
                print(f"{name:<24} {leak:<30} FAILED: {error}", flush=True)
                continue
            by = sorted({f"{e['code']} {e['effect']}" for e in found.entries if planted.column in (e["column"], "")})
            row |= {"found": is_found(planted, found), "by": by, "seconds": round(found.seconds, 2), "stop": found.stop}
            print(f"{name:<24} {leak:<30} {'found' if row['found'] else 'MISSED':<7} {', '.join(by)}", flush=True)
            rows.append(row)
    return rows


def look_at_clean(data: Path, names: list[str]) -> list[dict[str, object]]:
    """Governs every set as it is, with its own test rows; gives a row for each."""
    rows = []
    for name in names:
        table = open_set(data, name)
        frame = read(table)
        row: dict[str, object] = {"kind": "clean", "set": name, "rows": len(frame), "columns": frame.shape[1] - 1}
        try:
            found = look_at(table, Planted(frame, "", (), (), pd.read_parquet(table.test)))
        except LeptonError as error:
            rows.append({**row, "error": str(error)})
            print(f"{name:<24} FAILED: {error}", flush=True)
            continue
        dropped = [f"{e['code']} {e['column']}" for e in found.entries if e["effect"] == "column dropped"]
        notes = [f"{e['code']} {e['column']}: {e['note']}" for e in found.entries if e["effect"] == "noted"]
        row |= {"stop": found.stop, "dropped": dropped, "notes": notes, "seconds": round(found.seconds, 2)}
        print(f"{name:<24} {'STOPPED ' + found.stop if found.stop else 'no stop':<8} dropped: {dropped}", flush=True)
        for note in notes:
            print(f"{'':<26}{note}", flush=True)
        rows.append(row)
    return rows


def show(rows: list[dict[str, object]]) -> None:
    """Prints found and planted by leak, and what was found in the sets as they are."""
    planted = [row for row in rows if row["kind"] == "planted"]
    if planted:
        print("\n| planted leak | sets | found |\n| --- | ---: | ---: |")
        for leak in PLANTS:
            mine = [row for row in planted if row["leak"] == leak]
            print(f"| {leak} | {len(mine)} | {sum(bool(row['found']) for row in mine)} |")
    clean = [row for row in rows if row["kind"] == "clean" and "error" not in row]
    if clean:
        stops, columns = sum(bool(row["stop"]) for row in clean), sum(int(str(row["columns"])) for row in clean)
        dropped = sum(len(row["dropped"]) for row in clean)  # type: ignore[arg-type]
        notes = sum(len(row["notes"]) for row in clean)  # type: ignore[arg-type]
        print(f"\n{len(clean)} sets as they are: {stops} stopped, {dropped} of {columns} columns dropped, {notes} notes")


def main() -> None:
    """Looks at the sets that are asked for and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=default_data())
    parser.add_argument("--clean", default="", help="sets to look at as they are, parted by commas, or `all`")
    parser.add_argument("--plant", default="", help="sets to plant leaks into, parted by commas, or `all`")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="JSON lines to write")
    options = parser.parse_args()
    chosen = [
        table_sets(options.data) if words == "all" else [name for name in words.split(",") if name]
        for words in (options.clean, options.plant)
    ]
    rows = [*look_at_clean(options.data, chosen[0]), *plant_all(options.data, chosen[1], options.seed)]
    show(rows)
    if options.out is not None:
        options.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
