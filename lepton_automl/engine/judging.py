"""Judges what will be served, and writes into the ledger what was left out."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from lepton_automl.data import Dataset, Role
from lepton_automl.engine.delivery import Delivered
from lepton_automl.engine.estimate import evidence_seconds, report_seconds
from lepton_automl.engine.judged_rows import write_test_rows
from lepton_automl.engine.looks import look
from lepton_automl.engine.plan import Plan
from lepton_automl.engine.refitting import Refits, wants_refits
from lepton_automl.engine.stopping import Stop
from lepton_automl.engine.table import Table
from lepton_automl.evidence import Evidence, HeldOut, Judged, examine
from lepton_automl.ledger import Entry, Ledger
from lepton_automl.limits import Clock
from lepton_automl.search import Search

STOPPED_SECONDS = 3.0
"""Seconds that the evidence may take once the user stopped the run."""


def evidence_deadline(plan: Plan, clock: Clock, stop: Stop) -> float:
    """Gives the moment from which the evidence leaves out what can be left out: soon, where the user stopped the run."""
    seconds, now = plan.budget.seconds, time.time()
    if seconds is None:
        end = float("inf")
    else:
        most = evidence_seconds(seconds, plan.evidence.chapters_share)
        end = min(clock.started + seconds - report_seconds(seconds), now + max(0.0, most))
    return min(end, now + STOPPED_SECONDS) if stop() else end


def show_evidence(
    plan: Plan, table: Table, made: Delivered, ledger: Ledger, deadline: float, search: Search | None = None
) -> Evidence:
    """Judges the packed artefact on test rows; without them, the ensemble on out-of-fold rows. Keeps them.

    Args:
        plan: The plan.
        table: The rows.
        made: What leaves.
        ledger: Where what was left out is recorded.
        deadline: Moment from which it leaves out what can be left out.
        search: The finished search, where its workers may fit again.
    """
    settings = replace(plan.evidence, deadline=deadline)
    test = None if table.test is None else table.test.without(set(table.test.names) - set(table.train.names))
    started = time.perf_counter()
    if test is None or not len(test):
        judged = judged_out_of_fold(plan, table, made)
        evidence = examine(judged, settings, "out of fold")
    else:
        judged = judged_on_test(plan, table, made, test)
        if search is not None and wants_refits(plan):
            judged = replace(judged, refit=Refits(plan, table, search, made.ensemble, test))
        evidence = examine(judged, settings, "test", time.perf_counter() - started)
        evidence = replace(evidence, looks=look(test, plan.out))
    write_test_rows(plan, judged, evidence.kind, len(table.train))
    ledger.extend(_entries(evidence, settings.resamples))
    return evidence


def judged_on_test(plan: Plan, table: Table, made: Delivered, test: Dataset) -> Judged:
    """Scores the test rows with the artefact; their labels are read here."""
    task, threads, scorer = plan.task, plan.hardware.threads, made.artifact.scorer
    prediction = scorer.score_typed(test.frame, threads)
    return Judged(
        test,
        task.encode(test.values(task.target)),
        prediction,
        task.baseline(table.train, test),
        task,
        made.decision,
        weights_of(test, test.name_of(Role.WEIGHT)),
        plan.splitter.blocks(test),
        lambda frame: scorer.score_typed(frame, threads),
        table.train,
        _out_of_fold(table, made),
        confidence=plan.evidence.confidence,
        resamples=plan.evidence.resamples,
        seed=plan.evidence.seed,
        rivals=made.rivals,
    )


def judged_out_of_fold(plan: Plan, table: Table, made: Delivered) -> Judged:
    """Takes what the ensemble said out of fold, where no test rows were set aside."""
    oof, task = _out_of_fold(table, made), plan.task
    return Judged(
        oof.rows,
        oof.y,
        oof.values,
        task.baseline(table.train, oof.rows),
        task,
        made.decision,
        oof.weight,
        plan.splitter.blocks(oof.rows),
        confidence=plan.evidence.confidence,
        resamples=plan.evidence.resamples,
        seed=plan.evidence.seed,
        rivals=made.rivals,
    )


def _out_of_fold(table: Table, made: Delivered) -> HeldOut:
    oof = made.ensemble.out_of_fold
    weight = None if table.weight is None else table.weight[oof.positions]
    return HeldOut(table.train.rows(oof.positions), table.y[oof.positions], oof.values, weight, made.averaging)


def weights_of(data: Dataset, name: str | None) -> np.ndarray | None:
    """Gives the weights of the rows, shape `(n,)`; none without a column of weights."""
    return None if name is None else data.values(name).to_numpy(dtype="float64")


def _entries(evidence: Evidence, resamples: int) -> list[Entry]:
    """Says what the evidence left out."""
    entries = []
    if evidence.resamples < resamples:
        note = f"intervals rest on {evidence.resamples} of {resamples} resamples: no time for more"
        entries.append(Entry("test", "TEST003", "resamples", "noted", count=evidence.resamples, note=note))
    done, of = evidence.importance_of
    if done < of:
        note = f"importance of {of - done} features was left out: no time"
        entries.append(Entry("test", "TEST002", "importance", "noted", count=of - done, note=note))
    for name, chapter in evidence.chapters.items():
        effect = "noted" if chapter.is_whole else "not whole"
        entries.extend(Entry("test", "TEST004", name, effect, note=note) for note in chapter.notes)
    return entries
