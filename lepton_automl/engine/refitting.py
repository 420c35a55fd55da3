"""Fits the best configuration again on shares of the training rows, in the workers, for the learning curve."""

from __future__ import annotations

import itertools
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
from lepton_automl.evidence import Refitted
from lepton_automl.models import pack_arrays
from lepton_automl.search import Fit, Search, load_preparation
from lepton_automl.work import Job, State

FOLDER = "curve"
"""Name of the folder of tables and fits, in the search's working folder."""
FOLDS = "folds.npz"
MOST_FOLDS = 5
"""Folds whose own fits judge how much fits of as many rows differ."""
START_SECONDS = 0.15
"""What a fit takes besides learning: reading the table, preparing the rows, writing the model."""
SAFETY = 1.3
"""Times as long as expected that a fit may take, for there to be time for it."""


def wants_refits(plan: Plan) -> bool:
    """Says whether the evidence fits again, so that workers must stay."""
    return any(getattr(examiner, "fits_again", False) for examiner in plan.evidence.examiners)


@dataclass(frozen=True)
class Refits:
    """Fits the member with the lowest loss whose fits end in time on shares of the training rows of one of its folds.

    The rest of that fold stops boosters early, as in the search; the fits on whole folds are the search's own. Of rows in time
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

    def __call__(self, shares: Sequence[float], until: float) -> Refitted:
        """Gives what was said of the judged rows by fits on each share.

        Args:
            shares: Shares of the training rows, rising, the last of them 1.
            until: Moment at which fits that have not ended are given up; infinite where no clock may decide.
        """
        member, note = self._chosen(shares, until - time.time())
        if member is None:
            return Refitted([(0, ()) for _ in shares], notes=(note,))
        fold = min(member.trial.fits)
        parts = [self._part(fold, share) for share in shares[:-1]]
        self._lay(fold, parts)
        done = self._fitted(member, fold, len(parts), until)
        points: list[tuple[int, list[np.ndarray]]] = []
        for place, part in enumerate(parts):
            fit = done.get(place)
            points.append((len(part), [] if fit is None else [self._told(member, fit, self._folder, part)]))
        whole = self.table.folds[fold].train
        alike = [number for number in sorted(member.trial.fits) if self._is_as_large(number, len(whole))][:MOST_FOLDS]
        told = [self._told(member, member.trial.fits[k], self._table, self.table.folds[k].train) for k in alike]
        notes = (note,) if note else ()
        return Refitted([*points, (len(whole), told)], self._shared(alike), member.trial.candidate, notes)

    def _chosen(self, shares: Sequence[float], seconds: float) -> tuple[Member | None, str]:
        """Gives the member to fit, by what its fits took in the search; and why it is not the best one, or why it is none."""
        ranked = sorted(self.ensemble.members, key=lambda one: (one.loss, one.trial.number))
        known = [m for m in ranked if m.trial.candidate in self.search.fitting.candidates and m.trial.fits]
        if not known:
            return None, "left out: no model that is delivered was fitted by this search"
        wants = [self._expected(member, shares) for member in known]
        place = next((k for k, wanted in enumerate(wants) if wanted <= seconds), None)
        count = len(shares) - 1
        if place is None:
            least = int(np.argmin(wants))
            return None, (
                f"left out: {count} fits of each of {len(known)} models do not end in the {max(0.0, seconds):.1f} s left; "
                f"the quickest, {known[least].trial.candidate}, takes about {wants[least]:.1f} s"
            )
        if place == 0:
            return known[0], ""
        best, taken = known[0].trial.candidate, known[place].trial.candidate
        return known[place], (
            f"the curve is that of {taken}: {count} fits of the best model, {best}, take about {wants[0]:.1f} s, "
            f"and {seconds:.1f} s are left"
        )

    def _expected(self, member: Member, shares: Sequence[float]) -> float:
        """Gives the seconds that the fits will take: as much for a row as the slowest of the search's, side by side."""
        slowest = max(fit.seconds for fit in member.trial.fits.values())
        each = sorted((share * slowest + START_SECONDS for share in shares[:-1]), reverse=True)
        return SAFETY * max(each[0], sum(each) / max(1, self.plan.workers))

    def _is_as_large(self, fold: int, rows: int) -> bool:
        return abs(len(self.table.folds[fold].train) - rows) <= 0.05 * rows

    def _shared(self, folds: Sequence[int]) -> float:
        """Gives the share of the rows that two folds learn of both, the mean over pairs."""
        rows = [self.table.folds[fold].train for fold in folds]
        pairs = [
            len(np.intersect1d(one, other)) / max(1, min(len(one), len(other)))
            for one, other in itertools.combinations(rows, 2)
        ]
        return float(np.mean(pairs)) if pairs else 0.0

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
