"""GOV036: rows of people who are to be forgotten."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.data import Dataset, Role
from lepton_automl.data.people import FORGOTTEN, KEY_VARIABLE, Forgotten, hash_ids, is_key_of, read_forgotten, read_key
from lepton_automl.errors import DataError
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict


@dataclass(frozen=True)
class ForgottenPeople:
    """Rows of people whom `lepton forget` put on the list are dropped and counted; rows of a test table are flagged.

    Args:
        file: The list, relative to the working folder; `lepton forget outputs` writes it there.
    """

    file: Annotated[str, Field(min_length=1)] = f"outputs/{FORGOTTEN}"
    code = "GOV036"
    title = "Rows of people who are to be forgotten are dropped and counted"
    stage = Stage.DATA

    def check(self, subject: Subject) -> list[Finding]:
        """Finds the rows of people who are on the list, by every column that has the role id."""
        path, data, key = Path(self.file), subject.data, read_key()
        if not path.is_file():
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note=f"nobody is to be forgotten: there is no {path}")]
        names = [column.name for column in data.with_role(Role.ID)]
        if not names:
            note = f"no column has the role id: nobody can say which rows are of the people in {path}"
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note=note)]
        try:
            forgotten = read_forgotten(path)
        except DataError as error:
            return [Finding(self.code, "", Verdict.STOP, note=f"{path} {error.problems[0].message}")]
        if not forgotten.hashes:
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note=f"nobody is to be forgotten: {path} is empty")]
        if key is None:
            note = f"{path} names people to be forgotten, and {KEY_VARIABLE} is not set: set it to the key of the list"
            return [Finding(self.code, "", Verdict.STOP, note=note)]
        if not is_key_of(forgotten, key):
            return [Finding(self.code, "", Verdict.STOP, note=f"{path} was made with another key: set {KEY_VARIABLE} to it")]
        return [*self._dropped(data, names, forgotten, key), *self._flagged(subject.test, names, forgotten, key)]

    def reads(self) -> dict[str, str]:
        """Gives the list's place and SHA-256, nothing where there is none: a run that goes on must find the same."""
        path = Path(self.file)
        return {self.file: hashlib.sha256(path.read_bytes()).hexdigest()} if path.is_file() else {}

    def _dropped(self, data: Dataset, names: list[str], forgotten: Forgotten, key: bytes) -> list[Finding]:
        is_theirs = _theirs(data, names, forgotten, key)
        count, words = (
            int(is_theirs.sum()),
            f"of {len(forgotten.hashes)} hashes in {self.file}, SHA-256 {forgotten.sha256[:16]}",
        )
        if count == len(data):
            return [Finding(self.code, "", Verdict.STOP, count=count, note=f"every row is of people to be forgotten, {words}")]
        if not count:
            return [Finding(self.code, "", Verdict.NOTED, note=f"no row is of people to be forgotten, {words}")]
        note = f"of people to be forgotten, {words}"
        facts = (Verdict.ACTED, "rows dropped", np.flatnonzero(is_theirs), count, count / len(data), None, "share", note)
        return [Finding(self.code, "", *facts)]

    def _flagged(self, test: Dataset | None, names: list[str], forgotten: Forgotten, key: bytes) -> list[Finding]:
        here = [name for name in names if test is not None and name in test.names]
        count = int(_theirs(test, here, forgotten, key).sum()) if test is not None and here else 0
        if test is None or not count:
            return []
        note = "rows of the test table are of people to be forgotten; test rows are never dropped: take them out of the table"
        return [Finding(self.code, "", Verdict.NOTED, "", None, count, count / len(test), None, "share", note)]


def _theirs(data: Dataset, names: list[str], forgotten: Forgotten, key: bytes) -> np.ndarray:
    """Says which rows are of people on the list, by any of the columns; shape `(n,)`."""
    found = np.zeros(len(data), dtype=bool)
    for name in names:
        found |= np.isin(hash_ids(data.values(name), key).astype("str"), sorted(forgotten.hashes))
    return found
