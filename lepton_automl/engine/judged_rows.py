"""The rows that a run was judged on, kept in its folder so that two runs can be compared row by row."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Column, Dataset, Kind, Role
from lepton_automl.data.fingerprint import fingerprint
from lepton_automl.data.personal import is_personal
from lepton_automl.engine.plan import Plan
from lepton_automl.errors import ArtifactError, Problem
from lepton_automl.evidence import Decision, Judged, order_cost

FILE = "test_rows.parquet"
"""File of a run's folder: a row for each judged row, sorted by `row_id`."""
FORMAT = 1
MOST_CELLS = 20_000_000
"""Cells of predictions that are kept; of more rows, a share is kept, the same rows in every run."""
LEAST_ROWS = 10
"""Rows that must share a level for it to be named, as in the profile."""
MOST_LEVELS = 20
"""Levels of a column that are told apart, the most frequent first."""
BANDS = 4
"""Bands of about equal rows that numbers and dates are cut into."""
MOST_COLUMNS = 40
"""Features by whose values it is told that two runs were judged on the same rows."""
REST, MISSING = "(others)", "(missing)"
OPTIONAL = ("weight", "worth", "group", "moment")
SLICED = (Role.PROTECTED, Role.EVALUATION_ONLY, Role.SERIES)
"""Roles of the columns whose values are kept, as slices."""


@dataclass(frozen=True)
class JudgedRows:
    """What `test_rows.parquet` of a run holds.

    Args:
        row_ids: Position of each row in the table it was read from, rising, shape `(n,)`.
        y: Class codes or numbers, shape `(n,)`.
        prediction: Shape `(n, width)`.
        weight: Weights of the rows, shape `(n,)`, or none.
        group: Code of the entity where the split keeps entities together, shape `(n,)`, or none.
        moment: Number of the moment where the split goes by time, shape `(n,)`, or none.
        worth: Worth of each row in money by the run's own decision, nan where it is not known, shape `(n,)`; or none.
        slices: Column to the level or band of each row, shape `(n,)`.
        about: Facts of the file: `kind`, `task`, `split`, `trained`, `rows_hash`, `fingerprint`, `columns`, `share` and
            `decision`.
    """

    row_ids: np.ndarray
    y: np.ndarray
    prediction: np.ndarray
    weight: np.ndarray | None
    group: np.ndarray | None
    moment: np.ndarray | None
    worth: np.ndarray | None = None
    slices: Mapping[str, np.ndarray] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.row_ids)


def write_test_rows(plan: Plan, judged: Judged, kind: str, trained: int) -> None:
    """Writes the judged rows: id, encoded target, prediction, weight, worth, and levels of protected and evaluation columns.

    Values are those that the rules left; a column that is personal is left out, and so is every level of fewer than ten rows.
    Numbers are told as bands. Only the owner may read the file.

    Args:
        plan: The plan.
        judged: What the evidence rests on.
        kind: `test`, or `out of fold`.
        trained: Rows that the models learned from.
    """
    import pyarrow as pa
    from pyarrow import parquet

    order = np.argsort(judged.rows.row_ids, kind="stable")
    keep, share = _kept(judged.rows.row_ids[order], judged.prediction.shape[1])
    order = order[keep]
    rows, y = judged.rows.rows(order), judged.y[order]
    table: dict[str, Any] = {"row_id": rows.row_ids, "target": _target(y), **_prediction_columns(judged.prediction[order])}
    for name, values in (("weight", judged.weight), ("worth", worth_of(judged))):
        if values is not None:
            table[name] = values[order]
    table.update(_blocks(plan, rows))
    table.update({f"slice {name}": pd.Categorical(levels) for name, levels in slices_of(rows, declared_slices(plan)).items()})
    about = {**_about(plan, judged.decision, rows, y), "kind": kind, "trained": trained, "share": share}
    content = pa.Table.from_pandas(pd.DataFrame(table), preserve_index=False)
    content = content.replace_schema_metadata({**(content.schema.metadata or {}), b"lepton": json.dumps(about).encode()})
    path = plan.out / FILE
    path.touch(mode=0o600)
    parquet.write_table(content, path, compression="zstd")


def worth_of(judged: Judged) -> np.ndarray | None:
    """Gives the worth of each row by the decision, shape `(n,)`, nan where its amount is missing; none without prices."""
    decision, rule = judged.decision, judged.decision.rule
    if decision.cost is not None:
        return -order_cost(judged.y, rule.quantity(judged.prediction, judged.task.goal.levels), decision.cost)
    if decision.payoff is None or decision.threshold is None:
        return None
    known = rule.known(judged.rows.frame)
    said, referred = rule.said(judged.prediction, known)
    worth = decision.worth(judged.y, said, referred, known).astype("float64")
    return worth if known.amounts is None else np.where(np.isnan(known.amounts), np.nan, worth)


def _kept(row_ids: np.ndarray, width: int) -> tuple[np.ndarray, float]:
    """Gives positions of the rows to keep, and their share: all, or those whose mixed id is small enough."""
    share = 1.0
    while len(row_ids) * width * share > MOST_CELLS:
        share /= 2
    if share == 1.0:
        return np.arange(len(row_ids)), share
    mixed = (row_ids.astype("uint64") * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)
    return np.flatnonzero(mixed < share * 2**32), share


def _target(y: np.ndarray) -> np.ndarray:
    return y.astype("int16") if np.issubdtype(y.dtype, np.integer) else y.astype("float64")


def _prediction_columns(prediction: np.ndarray) -> dict[str, np.ndarray]:
    """Gives the columns of a prediction; of more than eight, numbers of half the length."""
    width = prediction.shape[1]
    dtype = "float64" if width <= 8 else "float32"
    return {f"prediction_{k}": prediction[:, k].astype(dtype) for k in range(width)}


def _blocks(plan: Plan, rows: Dataset) -> dict[str, np.ndarray]:
    """Gives which rows belong together: codes of entities, numbers of moments; never their values."""
    found: dict[str, np.ndarray] = {}
    group, time = rows.name_of(Role.GROUP), rows.name_of(Role.TIME)
    if group is not None and plan.splitter.kind == "group":
        found["group"] = pd.factorize(rows.values(group), sort=True, use_na_sentinel=False)[0].astype("int32")
    if time is not None and not plan.splitter.is_exchangeable:
        found["moment"] = pd.factorize(rows.values(time), sort=True, use_na_sentinel=False)[0].astype("int32")
    return found


def declared_slices(plan: Plan) -> list[str]:
    """Gives the columns whose slices the recipe declares."""
    return list(((plan.recipe.get("evidence") or {}).get("slices") or {}).get("columns") or ())


def slices_of(rows: Dataset, declared: Sequence[str] = ()) -> dict[str, np.ndarray]:
    """Gives column to the level or band of each row, for columns that are declared, protected or for the evidence alone."""
    by_role = {c.name for c in rows.columns if any(c.has(role) for role in SLICED) and not c.has(Role.PAST_ONLY)}
    wanted = [column for column in rows.columns if column.name in by_role or column.name in declared]
    found = {}
    for column in wanted:
        values = rows.values(column.name)
        if column.kind in (Kind.IMAGE, Kind.SEQUENCE, Kind.TEXT) or is_personal(values, column.name):
            continue
        levels = _levels(values, column)
        if len(np.unique(levels)) > 1:
            found[column.name] = levels
    return found


def _levels(values: pd.Series, column: Column) -> np.ndarray:
    """Gives the level of each row as text, numbers and dates as bands, rare ones together."""
    is_number = column.kind in (Kind.NUMBER, Kind.DATETIME)
    texts = _bands(values) if is_number and values.nunique() > BANDS else _texts(values)
    counts = texts.value_counts()
    known = [level for level in counts.index if counts[level] >= LEAST_ROWS][:MOST_LEVELS]
    return texts.where(texts.isin([*known, MISSING]), REST).to_numpy(dtype=object)


def _texts(values: pd.Series) -> pd.Series:
    texts = values.astype(object).map(lambda value: f"{value:g}" if isinstance(value, float) else str(value))
    return texts.where(values.notna(), MISSING)


def _bands(values: pd.Series) -> pd.Series:
    """Cuts numbers or dates at their quartiles: `up to 26`, `26 to 33`, …; the ends themselves are not told."""
    is_date = pd.api.types.is_datetime64_any_dtype(values)
    plain = values.astype("datetime64[s]").to_numpy().astype("int64") if is_date else values.to_numpy(dtype="float64")
    numbers = np.where(values.notna(), plain, np.nan)
    edges = np.unique(np.nanquantile(numbers, np.linspace(0, 1, BANDS + 1)[1:-1]))
    place = np.searchsorted(edges, numbers, side="left")
    said = [str(pd.Timestamp(int(edge), unit="s").date()) if is_date else f"{edge:.4g}" for edge in edges]
    between = [f"{low} to {high}" for low, high in itertools.pairwise(said)]
    names = np.array([f"up to {said[0]}", *between, f"over {said[-1]}"], dtype=object)
    return pd.Series(names[place], index=values.index).where(values.notna(), MISSING)


def _about(plan: Plan, decision: Decision, rows: Dataset, y: np.ndarray) -> dict[str, Any]:
    features = [column for column in rows.features if column.kind is not Kind.TEXT][:MOST_COLUMNS]
    cost = None if decision.cost is None else dict(zip(("over", "under"), decision.cost, strict=True))
    prices = {
        "payoff": None if decision.payoff is None else decision.payoff.to_dict(),
        "refer": None if decision.refer is None else dict(vars(decision.refer)),
        "cost": cost,
    }
    return {
        "format": FORMAT,
        "task": plan.task.state(),
        "split": plan.splitter.kind,
        "fingerprint": plan.data.source.fingerprint if plan.data.test is None else plan.data.test.fingerprint,
        "rows_hash": hashlib.sha256(rows.row_ids.tobytes() + y.astype("float64").tobytes()).hexdigest(),
        "columns": {column.name: fingerprint(rows.frame[[column.name]], [column])[:16] for column in features},
        "decision": {"threshold": decision.threshold, "prices": prices, "currency": decision.currency},
    }


def read_test_rows(folder: Path) -> JudgedRows:
    """Reads what a run was judged on.

    Raises:
        ArtifactError: If the run has no such file, or it can not be read.
    """
    from pyarrow import parquet
    from pyarrow.lib import ArrowException

    path = folder / FILE
    if not path.is_file():
        fix = "Run its recipe again with this version: `lepton recipe=…`."
        raise ArtifactError(Problem(str(folder), f"has no {FILE}: it was made before runs kept it.", fix))
    try:
        content = parquet.read_table(path)
        about = json.loads((content.schema.metadata or {})[b"lepton"])
        frame = content.to_pandas()
        if about["format"] != FORMAT:
            raise ValueError(f"its format is {about['format']}, {FORMAT} is known")
        return _read(frame, about)
    except (ArrowException, OSError, ValueError, KeyError) as error:
        raise ArtifactError(Problem(str(path), f"can not be read: {error}.", "Run the recipe again.")) from error


def _read(frame: pd.DataFrame, about: dict[str, Any]) -> JudgedRows:
    names = [name for name in frame.columns if name.startswith("prediction_")]
    optional = {name: frame[name].to_numpy() if name in frame.columns else None for name in OPTIONAL}
    target = frame["target"].to_numpy()
    y = target.astype("int64") if np.issubdtype(target.dtype, np.integer) else target
    slices = {
        name.removeprefix("slice "): frame[name].astype(object).to_numpy()
        for name in frame.columns
        if name.startswith("slice ")
    }
    prediction = frame[names].to_numpy(dtype="float64")
    return JudgedRows(frame["row_id"].to_numpy(), y, prediction, **optional, slices=slices, about=about)


def forget_rows(folder: Path, row_ids: Mapping[str, np.ndarray]) -> int:
    """Takes rows of people to be forgotten out of the file; gives how many there were.

    Args:
        folder: The run's folder.
        row_ids: `train` and `test` to the ids of their rows.
    """
    from pyarrow import parquet

    path = folder / FILE
    if not path.is_file():
        return 0
    content = parquet.read_table(path)
    kind = json.loads(content.schema.metadata[b"lepton"])["kind"]
    keep = ~np.isin(content.column("row_id").to_numpy(), row_ids["test" if kind == "test" else "train"])
    if not keep.all():
        draft = path.with_suffix(".tmp")
        draft.touch(mode=0o600)
        parquet.write_table(content.filter(keep), draft, compression="zstd")
        draft.replace(path)
    return int((~keep).sum())
