"""Whose rows a run used, and how they are taken out of what runs keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from lepton_automl.data import Dataset, Role
from lepton_automl.data.dataset import load_dataset, save_dataset
from lepton_automl.data.people import (
    KEY_VARIABLE,
    PROOF,
    hash_id,
    hash_ids,
    is_key_of,
    read_forgotten,
    remember,
    wanted_hashes,
)
from lepton_automl.deliver import check_files
from lepton_automl.deliver.pack import BACKGROUND, write_manifest
from lepton_automl.engine.judged_rows import forget_rows
from lepton_automl.engine.resume import WORK, is_finished
from lepton_automl.errors import DataError, Problem
from lepton_automl.ledger import Entry, Ledger

PEOPLE = "people.parquet"
"""File of a run's folder: part (`train` or `test`), column, row id and hash of every identifier."""


def keep_people(
    source: Dataset, parts: Iterable[tuple[str, Dataset, np.ndarray]], key: bytes | None, folder: Path
) -> list[Entry]:
    """Writes hashes of the identifiers of the rows that a run uses into its folder; gives what the ledger is told.

    Args:
        source: The table to learn from, as it was read.
        parts: Name of a part, the table it comes from as it was read, and the ids of its rows.
        key: Key of the hashes, or none.
        folder: Folder of the run.
    """
    import pandas as pd

    names = [column.name for column in source.with_role(Role.ID)]
    if not names:
        return []
    if key is None:
        note = f"no hashes of {', '.join(names)} are kept: set {KEY_VARIABLE} so that `lepton forget` can find people's rows"
        return [Entry("data", "ID001", "people", "noted", note=note)]
    tables = []
    for part, table, row_ids in parts:
        for name in (name for name in names if name in table.names):
            hashes = hash_ids(table.values(name).iloc[row_ids], key)
            tables.append(pd.DataFrame({"part": part, "column": name, "row_id": row_ids, "hash": hashes}).dropna())
    found = pd.concat([pd.DataFrame({"part": ["key"], "column": [""], "row_id": [-1], "hash": [hash_id(PROOF, key)]}), *tables])
    found.to_parquet(folder / PEOPLE, index=False)
    note = f"keyed hashes of {', '.join(names)} are kept in {PEOPLE}"
    return [Entry("data", "ID001", "people", "noted", count=len(found) - 1, note=note)]


@dataclass(frozen=True)
class Used:
    """What a run has of the people to be forgotten.

    Args:
        folder: Folder of the run.
        is_known: Whether the run keeps hashes; without them nobody can say.
        train: Training rows of theirs.
        test: Test rows of theirs.
        removed: Rows taken out of what the artefact keeps, its context and its background, or that would be.
        is_open: Whether the run did not finish, so that its working folder may still hold rows.
    """

    folder: Path
    is_known: bool
    train: int = 0
    test: int = 0
    removed: int = 0
    is_open: bool = False


def forget(folder: Path, ids: Iterable[str], key: bytes, to: Path, is_dry: bool = False) -> list[Used]:
    """Finds the runs under a folder that used rows of people, and takes those rows out of the contexts of artefacts.

    The people are put on a list, so that later runs leave their rows out (rule `forgotten`).

    Args:
        folder: Folder of runs, or of one run.
        ids: Identifiers of the people, as in the id column.
        key: Key with which the runs were made.
        to: The list of people who are to be forgotten.
        is_dry: Whether to change nothing.

    Raises:
        DataError: If a run or the list was made with another key, or the list can not be read; then nothing is changed.
        ArtifactError: If an artefact or a ledger is not as it was sealed.
    """
    wanted = wanted_hashes(ids, key)
    runs = sorted(path.parent for path in folder.rglob("plan.json"))
    problems = [problem for run in runs for problem in _other_key(run, key)]
    if to.is_file() and not is_key_of(read_forgotten(to), key):
        problems.append(
            Problem(str(to), "was made with another key.", f"Set {KEY_VARIABLE} to its key, or give another --list.")
        )
    if problems:
        raise DataError(problems)
    found = [_forget_in(run, wanted, is_dry) for run in runs]
    if not is_dry:
        remember(to, wanted, key)
    return found


def _other_key(run: Path, key: bytes) -> Iterator[Problem]:
    import pandas as pd

    path = run / PEOPLE
    if path.is_file() and pd.read_parquet(path, filters=[("part", "==", "key")])["hash"].tolist() != [hash_id(PROOF, key)]:
        yield Problem(str(path), "was made with another key.", f"Set {KEY_VARIABLE} to the key that the run was made with.")


def _forget_in(run: Path, wanted: set[str], is_dry: bool) -> Used:
    import pandas as pd

    is_open = not is_finished(run) and (run / WORK).is_dir()
    if not (run / PEOPLE).is_file():
        return Used(run, False, is_open=is_open)
    people = pd.read_parquet(run / PEOPLE)
    theirs = people[people["hash"].isin(wanted) & (people["part"] != "key")]
    rows = {part: np.unique(theirs.loc[theirs["part"] == part, "row_id"]) for part in ("train", "test")}
    removed = _clear_context(run / "artifact", rows["train"], is_dry)
    train, test = len(rows["train"]), len(rows["test"])
    if not is_dry:
        forget_rows(run, rows)
    if train + test and not is_dry and (run / "ledger.jsonl").is_file():
        day = datetime.now(UTC).date()
        note = f"{day}: {train} training rows and {test} test rows are of people to be forgotten; {removed} left the context"
        Ledger.reopen(run).add(Entry("forget", "ID002", "forget", "rows forgotten", count=removed, note=note))
    return Used(run, True, train, test, removed, is_open)


def _clear_context(artifact: Path, row_ids: np.ndarray, is_dry: bool) -> int:
    """Takes rows out of what an artefact looks back on and compares with, and seals it again; gives how many there are."""
    paths = [path for path in (artifact / "context.arrow", artifact / BACKGROUND) if path.is_file()]
    if not paths or not len(row_ids):
        return 0
    check_files(artifact)
    removed = 0
    for path in paths:
        kept = load_dataset(path)
        is_theirs = np.isin(kept.row_ids, row_ids)
        removed += int(is_theirs.sum())
        if is_theirs.any() and not is_dry:
            draft = path.with_suffix(".tmp")
            save_dataset(kept.rows(~is_theirs), draft)
            draft.replace(path)
    if removed and not is_dry:
        write_manifest(artifact)
    return removed
