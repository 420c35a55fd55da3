"""Runs of MLflow in a local file, read back through its client."""

import json
import subprocess
import sys

import pytest

pytest.importorskip("mlflow")
READ = """
import json, sys
from mlflow.tracking import MlflowClient
client = MlflowClient(sys.argv[1])
(experiment,) = [one for one in client.search_experiments() if one.name == sys.argv[2]]
runs = client.search_runs([experiment.experiment_id])
print(json.dumps([
    {
        "name": run.info.run_name, "id": run.info.run_id, "status": run.info.status, "params": run.data.params,
        "tags": run.data.tags, "metrics": run.data.metrics,
        "histories": {m: [(p.step, p.value, p.timestamp) for p in client.get_metric_history(run.info.run_id, m)]
                      for m in run.data.metrics},
    } for run in runs]))
"""


def read(uri, experiment):
    """Gives name to run, as the client sees them, in a process of its own: its packages warn as they are imported."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READ, uri, experiment], capture_output=True, text=True, check=True
    )
    return {run["name"]: run for run in json.loads(done.stdout.splitlines()[-1])}


@pytest.fixture(scope="module")
def runs(tell, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mlflow")
    assert tell("mlflow", {"uri": None, "experiment": None}, folder).failure == ""
    return read(f"sqlite:///{folder / 'mlflow.db'}", "credit")


def test_the_run_has_the_best_score_over_time_and_the_figures_on_test_rows(runs):
    run = runs["2025-01-31_12-00-00"]

    assert run["status"] == "FINISHED"
    assert run["histories"]["best_roc_auc"] == [
        [1, 0.75, 1_700_000_004_000],
        [2, 0.75, 1_700_000_005_000],
        [3, 0.75, 1_700_000_006_000],
    ]
    assert {name: run["metrics"][name] for name in ("test/roc_auc", "test/roc_auc_low", "artifact_mb")} == {
        "test/roc_auc": 0.8,
        "test/roc_auc_low": 0.75,
        "artifact_mb": 2.5,
    }
    assert (run["params"]["metric"], run["tags"]["lepton_automl.recipe_hash"]) == ("roc_auc", "c0ffee")


def test_each_trial_is_a_run_below_it_with_parameters_score_and_curve(runs):
    parent, boosted, broken = runs["2025-01-31_12-00-00"], runs["0 lightgbm"], runs["2 linear"]

    assert len(runs) == 4
    assert boosted["tags"]["mlflow.parentRunId"] == parent["id"]
    assert boosted["params"] == {"model": "lightgbm", "num_leaves": "31"}
    assert boosted["metrics"]["roc_auc"] == 0.75
    assert [point[:2] for point in boosted["histories"]["curve_fold_1"]] == [[10, 0.7], [20, 0.4]]
    assert [point[:2] for point in boosted["histories"]["roc_auc_by_fold"]] == [[0, 0.7], [1, 0.8]]
    assert (broken["status"], broken["tags"]["state"]) == ("FAILED", "failed")


def test_another_store_and_experiment_can_be_named_and_a_secret_is_resolved(tell, tmp_path, monkeypatch):
    monkeypatch.setenv("TRACKING_STORE", f"sqlite:///{tmp_path / 'shared.db'}")
    (tmp_path / "run").mkdir()

    aside = tell("mlflow", {"uri": {"secret": "TRACKING_STORE"}, "experiment": "shared"}, tmp_path / "run")

    assert aside.failure == ""
    assert len(read(f"sqlite:///{tmp_path / 'shared.db'}", "shared")) == 4
    assert not (tmp_path / "run" / "mlflow.db").exists()


def test_what_goes_wrong_is_told_without_the_secret(tell, tmp_path, monkeypatch):
    monkeypatch.setenv("TRACKING_STORE", "hush-scheme://nowhere")

    aside = tell("mlflow", {"uri": {"secret": "TRACKING_STORE"}, "experiment": None}, tmp_path)

    assert "Exception" in aside.failure
    assert "hush" not in aside.failure
