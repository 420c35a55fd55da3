"""Fits the best configuration again on shares of the training rows, in the workers, for the learning curve."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lepton_automl.data import Dataset
from lepton_automl.engine.plan import Plan
from lepton_automl.engine.table import Table
from lepton_automl.ensemble import Ensemble, Member, load_fit
from lepton_automl.models import pack_arrays
from lepton_automl.search import Fit, Search, load_preparation
from lepton_automl.work import Job, State

FOLDER = "curve"
"""Name of the folder of tables and fits, in the search's working folder."""
FOLDS = "folds.npz"


def wants_refits(plan: Plan) -> bool:
    """Says whether the evidence fits again, so that workers must stay."""
    return any(getattr(examiner, "fits_again", False) for examiner in plan.evidence.examiners)


@dataclass(frozen=True)
class Refits:
    """Fits the member with the lowest loss on shares of the training rows of one of its folds.

    The rest of that fold stops boosters early, as in the search; the fit on the whole fold is the search's own. Of rows in time
    the latest ones are taken, of groups whole ones. A fit that does not end in time is given up, never cut short.

    Args:
        plan: The plan.
        table: The rows.
        search: The finished search, with its workers.
        ensemble: What is delivered.
        test: The rows to predict.
    """

    plan: Plan
    table: Table
    search: Search
    ensemble: Ensemble
    test: Dataset

    def __call__(self, shares: Sequence[float], until: float) -> list[tuple[int, np.ndarray | None]]:
        """Gives for each share the rows that were learned of, and what was said of the judged rows then, or none.

        Args:
            shares: Shares of the training rows, rising, the last of them 1.
            until: Moment at which fits that have not ended are given up; infinite where no clock may decide.
        """
        member = min(self.ensemble.members, key=lambda one: (one.loss, one.trial.number))
        if member.trial.candidate not in self.search.fitting.candidates or not member.trial.fits:
            return [(0, None) for _ in shares]
        fold = min(member.trial.fits)
        parts = [self._part(fold, share) for share in shares[:-1]]
        self._lay(fold, parts)
        done = self._fitted(member, fold, len(parts), until)
        found: list[tuple[int, np.ndarray | None]] = []
        for place, part in enumerate(parts):
            fit = done.get(place)
            found.append((len(part), None if fit is None else self._told(member, fit, self._folder, part)))
        whole = self.table.folds[fold].train
        return [*found, (len(whole), self._told(member, member.trial.fits[fold], self._table, whole))]

    @property
    def _table(self) -> Path:
        return self.search.bench.folder / "table"

    @property
    def _folder(self) -> Path:
        return self.search.bench.folder / FOLDER

    def _part(self, fold: int, share: float) -> np.ndarray:
        """Gives the positions of a share of the fold's training rows, whole groups or the latest ones."""
        here = self.table.folds[fold].train
        block = self.plan.splitter.blocks(self.table.train)
        unit = np.arange(len(here)) if block is None else np.unique(block[here], return_inverse=True)[1]
        units = int(unit.max()) + 1
        order = np.random.default_rng(self.plan.seed).permutation(units)
        if not self.plan.splitter.is_exchangeable and block is not None and self._is_in_time:
            order = np.arange(units)[::-1]
        rank = np.empty(units, dtype="int64")
        rank[order] = np.arange(units)
        sizes = np.bincount(unit)[order].cumsum()
        last = int(np.searchsorted(sizes, math.ceil(share * len(here))))
        return np.asarray(here[rank[unit] <= last])

    @property
    def _is_in_time(self) -> bool:
        return self.plan.splitter.kind in ("time", "rolling")

    def _lay(self, fold: int, parts: Sequence[np.ndarray]) -> None:
        """Writes the table that workers read: the search's own rows, cut anew."""
        self._folder.mkdir(exist_ok=True)
        for name in ("train.arrow", "target.npz"):
            if not (self._folder / name).exists():
                os.link(self._table / name, self._folder / name)
        valid = self.table.folds[fold].valid
        cut = {
            f"{side}_{place}": rows for place, part in enumerate(parts) for side, rows in (("train", part), ("valid", valid))
        }
        (self._folder / FOLDS).write_bytes(pack_arrays(cut))

    def _fitted(self, member: Member, fold: int, count: int, until: float) -> dict[int, Fit]:
        """Fits in the workers; gives place to fit of those that ended."""
        executor, waiting, found = self.search.bench.executor, list(range(count))[::-1], dict[int, Fit]()
        under_way: dict[str, int] = {}
        while (waiting or under_way) and time.time() < until:
            while waiting and executor.idle:
                job = self._job(member, fold, waiting.pop(), until)
                under_way[job.id] = int(job.arguments["fold"])
                executor.submit(job)
            for outcome in executor.poll(max(0.0, min(0.5, until - time.time()))):
                place = under_way.pop(outcome.id, None)
                if place is not None and outcome.state is State.DONE:
                    out, value = str(self._folder / f"part{place}"), outcome.value
                    found[place] = Fit(
                        place,
                        math.nan,
                        tuple(value["rounds"]),
                        value["seconds"],
                        value["model_mb"],
                        0.0,
                        out,
                        value["preparation"],
                    )
        return found

    def _job(self, member: Member, fold: int, place: int, until: float) -> Job:
        """Makes the job of a fit: that of the search, on the table that was cut anew; at `until` its worker is killed."""
        job = self.search.fitting.job(member.trial, fold, None, until, float("inf"))
        places = {"table": str(self._folder), "out": str(self._folder / f"part{place}"), "fold": place}
        return replace(job, id=f"part{place}", arguments={**job.arguments, **places}, seconds=until - time.time())

    def _told(self, member: Member, fit: Fit, folder: Path, rows: np.ndarray) -> np.ndarray:
        """Gives what a fit says of the judged rows, calibrated as the ensemble is; shape `(n, width)`."""
        preparation = load_preparation(folder / fit.preparation)
        prepared = preparation.apply(self.test.frame, self.table.train.rows(rows).frame)
        told = load_fit(member.trial, fit, self.plan.plugins).predict(prepared, self.plan.hardware.threads)
        return told if self.ensemble.calibration is None else self.ensemble.calibration.apply(told)
