"""What leaves keeps what the recipe promises, and is made again by a replay."""

import json

import numpy as np
import pandas as pd
import pytest

from lepton_automl.deliver import Scorer
from lepton_automl.engine import compile, replay  # noqa: A004 - the name of what it does
from lepton_automl.errors import RecipeError
from lepton_automl.ledger import read_ledger
from lepton_automl.recipe import compose


@pytest.fixture(scope="module")
def crooked(tmp_path_factory):
    """A table of 900 rows and three labels, some of them wrong."""
    rng = np.random.default_rng(0)
    n = 900
    frame = pd.DataFrame({"a": rng.normal(size=n), "b": rng.normal(size=n), "city": rng.choice(["Bern", "Rome", "Oslo"], n)})
    score = np.column_stack([frame["a"], frame["b"], np.where(frame["city"] == "Rome", 0.8, -0.4)])
    frame["kind"] = np.array(["x", "y", "z"])[(score + rng.gumbel(0, 0.7, score.shape)).argmax(axis=1)]
    path = tmp_path_factory.mktemp("data") / "crooked.csv"
    frame.to_csv(path, index=False)
    return path


def words(path, *more):
    source = f"data.source.path={path}"
    return ["recipe=table", source, "task.kind=multiclass", "task.target=kind", "budget.trials=4", *more]


def entries(result, code):
    return [row for row in read_ledger(result.folder / "ledger.jsonl") if row["code"] == code]


@pytest.fixture(scope="module")
def pruned(crooked, tmp_path_factory, run_words):
    """A run whose trees were cut."""
    out = tmp_path_factory.mktemp("runs") / "pruned"
    more = ("ensemble.prune_trees=0.05", "search.models={lightgbm:{learning_rate:0.3}}")
    return run_words(words(crooked, *more), out)


def test_pruning_leaves_out_trees_and_says_what_that_changed(pruned):
    _, result = pruned

    (entry,) = entries(result, "JOIN002")
    members = json.loads((result.folder / "ensemble.json").read_text())["members"]
    cut = {(m["trial"], fold): rounds for m in members for fold, rounds in m["cut_rounds"].items()}
    assert "rounds became" in entry["note"]
    assert cut
    assert entry["count"] == len({trial for trial, _ in cut})
    rounds = {rounds for piece in result.artifact.scorer.pieces for rounds in piece.fitted.rounds}
    assert set(cut.values()) <= rounds


def test_no_more_fits_leave_than_allowed_and_a_replay_leaves_the_same(crooked, tmp_path, run_words):
    _, result = run_words(words(crooked, "ensemble.max_fits=3", "ensemble.max_members=2"), tmp_path / "run")

    (entry,) = entries(result, "JOIN005")
    assert len(result.artifact.scorer.pieces) == entry["measured"] == entry["limit"] == 3
    assert entry["count"] > 0
    assert replay(result.folder, tmp_path / "again", started=0.0, in_process=True).is_identical


def test_the_calibration_is_judged_and_written_to_the_ledger(pruned):
    _, result = pruned

    (entry,) = entries(result, "JOIN001")

    kept = json.loads((result.folder / "ensemble.json").read_text())["calibration"]
    assert entry["note"].startswith("temperature: out of fold the log_loss goes from ")
    assert (kept is not None) == (entry["measured"] < entry["limit"]) == (result.artifact.scorer.calibration is not None)


def test_a_replay_cuts_and_calibrates_as_the_run_did(pruned, tmp_path):
    _, result = pruned

    assert replay(result.folder, tmp_path / "again", started=0.0, in_process=True).is_identical


def test_a_calibration_that_is_asked_for_is_packed_and_replayed(crooked, tmp_path, run_words):
    timid = "search.models={extra_trees:{min_samples_leaf:80}}"
    more = ("ensemble.calibration=isotonic", "~search.models.linear", "~search.models.lightgbm", timid)
    plan, result = run_words(words(crooked, *more), tmp_path / "run")
    scorer = Scorer.load(result.folder / "artifact")
    rows = plan.data.source.frame

    plain = sum(p.weight * p.fitted.predict(scorer.preparations[p.preparation].apply(rows), 1) for p in scorer.pieces)

    assert scorer.calibration.kind == "isotonic"
    assert scorer.score_typed(rows) == pytest.approx(scorer.calibration.apply(plain), abs=1e-12)
    assert replay(result.folder, tmp_path / "again", started=0.0, in_process=True).is_identical


def test_members_are_dropped_until_the_artefact_is_as_small_as_promised(crooked, tmp_path, run_words):
    _, whole = run_words(words(crooked), tmp_path / "whole")
    limit = 0.6 * whole.artifact.size_mb

    _, result = run_words(words(crooked, f"delivery.max_size_mb={limit:.4f}"), tmp_path / "small")

    metrics = json.loads((result.folder / "metrics.json").read_text())
    files = sum(path.stat().st_size for path in (result.folder / "artifact").rglob("*") if path.is_file())
    assert files / 1e6 <= limit
    assert metrics["artifact_mb"] == pytest.approx(files / 1e6, abs=1e-3)
    assert [(v.gate.figure, v.passed) for v in result.verdicts] == [("max_size_mb", True)]


def test_a_promise_that_nothing_keeps_is_said_and_fails_as_a_gate_does(crooked, tmp_path, run_words):
    _, result = run_words(words(crooked, "delivery.max_latency_ms=0.001"), tmp_path / "run")

    metrics = json.loads((result.folder / "metrics.json").read_text())
    members = json.loads((result.folder / "ensemble.json").read_text())["members"]
    assert len(members) == 1
    assert metrics["latency_ms"] > 0.001
    assert metrics["gates_failed"] == ["max_latency_ms"]
    assert entries(result, "GATE002")[0]["effect"] == "gate failed"


def test_no_more_members_are_joined_than_the_recipe_allows(crooked, tmp_path, run_words):
    _, result = run_words(words(crooked, "ensemble.max_members=1"), tmp_path / "run")

    assert len(json.loads((result.folder / "ensemble.json").read_text())["members"]) == 1


def test_calibration_without_probabilities_is_refused_with_the_key():
    source = "data.source.path=recipes/data/german_credit.csv"
    asked = ["recipe=table", source, "task.kind=regression", "task.target=credit_amount", "ensemble.calibration=isotonic"]

    with pytest.raises(RecipeError, match=r"ensemble\.calibration\s+is isotonic, and a regression task makes no prob"):
        compile(compose(asked))


def test_a_limit_of_time_with_a_budget_of_trials_is_told_in_the_plan(crooked, tmp_path):
    plan = compile(compose(words(crooked, "delivery.max_latency_ms=5", "budget.seconds=null")), tmp_path / "run")

    assert any("goes by the clock" in notice for notice in plan.notices)
