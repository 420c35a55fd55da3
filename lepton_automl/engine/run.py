"""The page that is the product: a plan in, a sealed run out."""

from __future__ import annotations

import contextlib
import importlib
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from lepton_automl.data import Dataset, Role
from lepton_automl.data.people import read_key
from lepton_automl.deliver import Artifact
from lepton_automl.engine import folder as files
from lepton_automl.engine.account import note_features
from lepton_automl.engine.delivery import Joiner, deliver, judge_promises, may_refit, rows_judged
from lepton_automl.engine.estimate import search_reserve
from lepton_automl.engine.explaining import grounds_entry
from lepton_automl.engine.fairness import weights_to_fit
from lepton_automl.engine.hardware import hardware_entries
from lepton_automl.engine.judging import evidence_deadline, show_evidence, weights_of
from lepton_automl.engine.lineage import trace
from lepton_automl.engine.people import keep_people
from lepton_automl.engine.plan import Plan
from lepton_automl.engine.profiling import Profiling
from lepton_automl.engine.refitting import wants_refits
from lepton_automl.engine.resume import WORK, held, note_spent, spent_before
from lepton_automl.engine.saving import Saving
from lepton_automl.engine.searched import Endings, describe_search
from lepton_automl.engine.stopping import Stop, stoppable
from lepton_automl.engine.table import Table
from lepton_automl.engine.time_check import check_seconds, check_time
from lepton_automl.engine.watching import Heard, Progress
from lepton_automl.ensemble import RecordedEnsemble
from lepton_automl.errors import LeptonError
from lepton_automl.evidence import Evidence, Verdict, gate_entries, judge_gates
from lepton_automl.governance import govern_stages
from lepton_automl.ledger import Entry, Ledger
from lepton_automl.limits import Clock
from lepton_automl.report import Facts, write_report
from lepton_automl.search import Bench, Diary, Search, Trial, Watcher, forget_tables, open_search, record_failures
from lepton_automl.tasks import Fold
from lepton_automl.work import Executor, InlineExecutor, LocalExecutor

ALONE = threading.Lock()
"""Held by a run that fits in this process: several threads take turns, as output and warnings belong to the whole process."""


@dataclass
class Stages:
    """Wall clock of each stage."""

    progress: Progress | None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextlib.contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Times a stage, and tells that it begins."""
        started = time.perf_counter()
        if self.progress is not None:
            self.progress.on_stage(name)
        yield
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - started, 3)


@dataclass(frozen=True)
class Result:
    """A finished run.

    Args:
        folder: The run's folder.
        artifact: What is served.
        evidence: What the test rows say.
        verdicts: What became of the gates.
        trials: All trials.
        warnings: What a reader must know before believing the figures.
    """

    folder: Path
    artifact: Artifact
    evidence: Evidence
    verdicts: list[Verdict]
    trials: list[Trial]
    warnings: list[str]


def run(
    plan: Plan,
    clock: Clock,
    progress: Progress | None = None,
    recorded: RecordedEnsemble | None = None,
    in_process: bool = False,
) -> Result:
    """Runs a plan.

    Args:
        plan: The plan.
        clock: Counts its seconds.
        progress: Is told what happens.
        recorded: The ensemble of an earlier run, to be made as it was; found by selection if absent.
        in_process: Whether fits run in this process, without limits of time and memory, instead of in workers.

    Raises:
        GovernanceStop: If rules forbid going on; with all their reasons, of before and after the split.
        RunError: If no model at all could be fitted.
        KeyboardInterrupt: If the user ended it before there was a result; it can be resumed.
    """
    stages = Stages(progress)
    clock = replace(clock, started=clock.started - spent_before(plan.out))
    with (
        ALONE if in_process else contextlib.nullcontext(),
        stoppable(plan.out, progress) as stop,
        held(plan.out),
        files.marked_if_it_fails(plan.out),
        workbench(plan, clock, stop, in_process) as bench,
        Heard(plan, clock, progress, stop) as heard,
    ):
        ledger = files.open_folder(plan)
        with stages("data"):
            table = prepare_rows(plan, ledger, plan.saving)
            ledger.extend(note_people(plan, table))
        with stages("search"):
            endings = Endings(clock, heard)
            search = start_search(plan, table, bench, ledger, endings)
            stop.heed()
            bench.executor.count_in(heard.begin(ledger))
            profiling = Profiling.begin(plan, table, stop, bench.deadline)
            warm = threading.Thread(target=warm_up, args=(plan,), daemon=True)
            warm.start()
            record_failures(search.run(), ledger)
            searched = describe_search(plan, search, endings, ledger)
            warnings = check_time(plan, search, table.train, table.y, ledger)
            warm.join()
            profile = profiling.end(ledger)
        if not may_refit(plan) and not wants_refits(plan):
            bench.executor.dismiss()
        made = deliver(Joiner(plan, table, search, ledger, clock, recorded), stages)
        note_features(made.ensemble, bench.folder, ledger)
        ledger.add(grounds_entry(made.artifact.folder))
        with stages("evidence"):
            evidence = show_evidence(plan, table, made, ledger, evidence_deadline(plan, clock, stop), search)
        measured = {"artifact.latency_ms": made.latency.total, "artifact.size_mb": made.artifact.size_mb}
        verdicts = [*judge_gates(evidence, plan.gates, ledger, measured), *judge_promises(made, plan, ledger)]
        with stages("report"):
            facts = Facts(
                plan.to_dict(),
                plan.recipe,
                plan.title,
                search.board.trials,
                made.ensemble,
                made.decision,
                evidence,
                verdicts,
                ledger.entries,
                dict(stages.seconds),
                made.artifact.size_mb,
                clock.spent(),
                bench.executor.peak_mb,
                searched,
                made.latency,
                made.calibrated,
                profile,
                trace(plan, table.train, made.ensemble, bench.folder, ledger.entries),
                ledger.head,
            )
            files.write_facts(plan, facts, made.cut, made.artifact.scorer.contract)
            write_report(facts, plan.out)
        heard.finish(files.seal(plan, facts, bench.folder, stages.seconds, clock))
    return Result(plan.out, made.artifact, evidence, verdicts, search.board.trials, warnings)


@contextlib.contextmanager
def workbench(plan: Plan, clock: Clock, stop: Stop, in_process: bool = False) -> Iterator[Bench]:
    """Starts the workers and gives the search its place and its deadline; ends and clears both."""
    folder = plan.out / WORK
    executor: Executor = InlineExecutor(plan.out / "run.log") if in_process else start_workers(plan)
    evidence = plan.evidence
    reserve = search_reserve(plan.budget, rows_judged(plan), evidence.resamples, plan.delivery.final, evidence.chapters_share)
    reserve += check_seconds(plan)
    deadline = clock.started + plan.budget.seconds - reserve if plan.budget.seconds is not None else float("inf")
    ended = threading.Event()
    watch = threading.Thread(target=_note_seconds, args=(plan.out, clock, ended), daemon=True)
    watch.start()
    diary = Diary.open(folder / "fits.jsonl")
    try:
        yield Bench(executor, folder, deadline, rows_judged(plan), 0.15 * (plan.budget.seconds or 0.0), diary, stop)
    except LeptonError:  # the same again would end the same way: nothing is kept to go on with
        ended.set()
        watch.join()  # it writes into the folder
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        ended.set()
        watch.join()
        executor.close()
        forget_tables()
    shutil.rmtree(folder, ignore_errors=True)


def start_workers(plan: Plan) -> LocalExecutor:
    """Starts the processes that fit, within the limits of the plan."""
    preload = sorted({c.package for c in plan.search.candidates if c.package})
    return LocalExecutor(
        plan.workers,
        plan.search.threads,
        plan.hardware.memory_gb * 1024,
        plan.out / "run.log",
        ["lepton_automl.search.fold_job", *preload],
        None if plan.hardware.gpu_memory_gb is None else plan.hardware.gpu_memory_gb * 1024,
        plan.hardware.gpus,
    ).start()


def _note_seconds(folder: Path, clock: Clock, ended: threading.Event) -> None:
    """Writes down every second how many are spent, for a run that goes on after being killed."""
    while not ended.wait(1.0):
        note_spent(folder, clock)


def warm_up(plan: Plan) -> None:
    """Imports what scoring needs while the workers search, so that nothing waits for it afterwards."""
    for candidate in plan.search.candidates:
        if candidate.package:
            importlib.import_module(candidate.package)


def prepare_rows(plan: Plan, ledger: Ledger, saving: Saving | None = None) -> Table:
    """Governs the data, sets the test rows aside, writes both where that is asked for, and cuts the folds."""
    data, place = plan.data.source, plan.data.place
    note = f"fingerprint {data.fingerprint[:16]}"
    ledger.extend([*hardware_entries(plan), *plan.policy.entries(), *gate_entries(plan.gates), *plan.data.entries])
    ledger.add(Entry("load", "LOAD000", "read", "noted", place, len(data), len(data), len(data), note=note))
    wants_test = plan.data.test is None and plan.test_share > 0
    cut = partial(plan.splitter.holdout, share=plan.test_share, seed=plan.seed) if wants_test else None
    governed = govern_stages(data, plan.rules, ledger, plan.subject, cut, plan.data.test, plan.waivers)
    data, train, test = governed.data, governed.data.rows(governed.train), governed.test
    if saving is not None:
        saving.save(data, governed.train, None if wants_test else test, ledger)
    if test is not None:
        test = _judgeable(plan, test, ledger)
    weight = train.name_of(Role.WEIGHT)
    folds = cut_folds(plan, train)
    note = _split_note(train, test, folds)
    ledger.add(Entry("split", "SPLIT001", plan.splitter.kind, "noted", count=len(train), note=note))
    y, given = plan.task.encode(train.values(plan.task.target)), weights_of(train, weight)
    return Table(train, test, folds, y, given, weights_to_fit(plan.fairness, train, y, given, ledger))


def note_people(plan: Plan, table: Table) -> list[Entry]:
    """Keeps hashes of whose rows the run uses, where the recipe names identifiers and the environment has a key."""
    source = plan.data.source
    parts = [("train", source, table.train.row_ids)]
    if table.test is not None:
        parts.append(("test", source if plan.data.test is None else plan.data.test, table.test.row_ids))
    return keep_people(source, parts, read_key(), plan.out)


def preview(plan: Plan) -> Ledger:
    """Does all that is done to the rows before the search, and writes nothing; gives what the ledger would say.

    Raises:
        GovernanceStop: If rules forbid going on; with all their reasons, of before and after the split.
    """
    ledger = Ledger()
    prepare_rows(plan, ledger)
    return ledger


def _split_note(train: Dataset, test: Dataset | None, folds: list[Fold]) -> str:
    rest = "no test rows" if test is None else f"{len(test):,} test rows"
    return f"{len(train):,} training rows, {len(folds)} folds, {rest}"


def _judgeable(plan: Plan, test: Dataset, ledger: Ledger) -> Dataset:
    """Leaves test rows without a usable target out of the evidence, and says how many."""
    raw = test.values(plan.task.target)
    known = raw.notna().to_numpy()
    if plan.task.labels is not None:
        known = known & (plan.task.encode(raw) >= 0)
    if not known.all():
        count = int((~known).sum())
        note = "rows with a missing or unknown target are not judged"
        ledger.add(
            Entry("test", "TEST001", "target", "noted", count=count, measured=count / len(test), unit="share", note=note)
        )
    return test.rows(known) if not known.all() else test


def cut_folds(plan: Plan, train: Dataset) -> list[Fold]:
    """Cuts the folds; a single one is a holdout of a tenth, of a fifth below 5,000 rows.

    Where what fits cost decides on how many folds trials are fitted, those in the order of time begin with the latest one.
    """
    if plan.folds > 1:
        folds = plan.splitter.folds(train, plan.folds, plan.seed)
        if plan.search.folds is None and not plan.splitter.is_exchangeable:
            return [Fold(number, fold.train, fold.valid) for number, fold in enumerate(reversed(folds))]
        return folds
    split = plan.splitter.holdout(train, 0.2 if len(train) < 5_000 else 0.1, plan.seed + 1)
    return [Fold(0, split.train, split.test)]


def start_search(plan: Plan, table: Table, bench: Bench, ledger: Ledger, watcher: Watcher | None) -> Search:
    """Opens the search, its baseline judged on every fold."""
    task = plan.task
    losses = []
    for fold in table.folds:
        train, valid = table.train.rows(fold.train), table.train.rows(fold.valid)
        weight = None if table.weight is None else table.weight[fold.valid]
        losses.append(task.metric.loss(table.y[fold.valid], task.baseline(train, valid), weight))
    journal = plan.out / "study.journal"
    journal.unlink(missing_ok=True)
    ledger.extend(plan.started_from)
    judged = (table.y, table.weight, table.folds, losses)
    return open_search(plan.search, bench, table.train, *judged, ledger, journal, watcher, table.fit_weight)
