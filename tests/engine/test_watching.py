"""Trackers hear what the display hears; one that fails is recorded once, and the run goes on."""

import json
import sys
import time

import pandas as pd
import pytest

from lepton_automl.engine import compile, run  # noqa: A004 - the name of what it does
from lepton_automl.errors import HardwareError, RecipeError
from lepton_automl.ledger import read_ledger, verify_ledger
from lepton_automl.limits import Clock
from lepton_automl.recipe import compose
from lepton_automl.tracking import BACKENDS
from lepton_automl.tracking.backends import Known

SMALL = ["recipe=credit", "search=quick", "budget={seconds: null, trials: 2}", "evidence.resamples=50", "hardware.threads=1"]
SMALL += ["evidence.explanation=null"]


def planned(words, out):
    return compile(compose([*SMALL, *words]), out)


def test_what_csv_holds_is_what_the_run_kept(credit):
    _, result, _ = credit

    told = pd.read_csv(result.folder / "trials.csv").sort_values("trial").reset_index(drop=True)
    kept = pd.read_parquet(result.folder / "trials.parquet")

    assert told["trial"].tolist() == kept["number"].tolist()
    assert told["roc_auc"].tolist() == pytest.approx((-kept["loss"]).tolist())
    assert told["best_roc_auc"].max() == pytest.approx(-kept["loss"].min())
    assert [json.loads(a) == json.loads(b) for a, b in zip(told["params"], kept["params"], strict=True)] == [True, True]
    curves = pd.read_csv(result.folder / "curves.csv")
    assert set(curves["model"]) == {"lightgbm"} and set(curves["fold"]) == {0, 1, 2, 3, 4}


def test_a_tracker_that_fails_is_recorded_once_and_the_run_goes_on(tmp_path):
    pytest.importorskip("tensorboardX")
    plan = planned(["tracking.tensorboard=true"], tmp_path / "run")
    plan.out.mkdir()
    (plan.out / "events").write_text("a file where a folder is needed")

    run(plan, Clock(time.time(), plan.budget), in_process=True)

    rows = [row for row in read_ledger(plan.out / "ledger.jsonl") if row["code"] == "TRACK001"]
    assert [(row["rule"], row["effect"], row["count"]) for row in rows] == [("tensorboard", "switched off", 1)]
    assert rows[0]["note"].startswith("FileExistsError")
    assert verify_ledger(plan.out / "ledger.jsonl") == []
    assert (plan.out / "metrics.json").is_file()


@pytest.mark.skipif(sys.platform != "linux", reason="a device that is always full")
def test_a_full_disk_switches_csv_off_and_the_run_goes_on(tmp_path):
    plan = planned([], tmp_path / "run")
    plan.out.mkdir()
    (plan.out / "curves.csv").symlink_to("/dev/full")

    run(plan, Clock(time.time(), plan.budget), in_process=True)

    rows = [row for row in read_ledger(plan.out / "ledger.jsonl") if row["code"] == "TRACK001"]
    assert [(row["rule"], row["note"]) for row in rows] == [
        ("csv", "OSError: No space left on device; the run went on without it")
    ]
    assert (plan.out / "metrics.json").is_file()


def test_a_tool_without_its_package_is_refused_with_the_extra_that_brings_it(tmp_path, monkeypatch):
    monkeypatch.setitem(BACKENDS, "wandb", Known(BACKENDS["wandb"].place, "no_such_package", "tracking"))

    with pytest.raises(HardwareError) as caught:
        planned(["tracking.wandb={}"], tmp_path / "run")

    said = caught.value.text()
    assert "tracking.wandb   needs the package no_such_package, which is not installed." in said
    assert "pip install 'lepton-automl[tracking]'" in said


def test_a_secret_that_the_environment_lacks_is_told_before_the_run(tmp_path, monkeypatch):
    monkeypatch.delenv("NO_SUCH_STORE", raising=False)

    with pytest.raises(HardwareError, match=r"tracking\.mlflow\.uri   the environment has no NO_SUCH_STORE"):
        planned(["tracking.mlflow.uri={secret: NO_SUCH_STORE}"], tmp_path / "run")


def test_a_password_in_an_address_is_refused(tmp_path):
    with pytest.raises(RecipeError, match=r"tracking\.mlflow\.uri\S*   holds a password"):
        planned(["tracking.mlflow.uri=https://ann:hush@host/"], tmp_path / "run")


def test_tracking_does_not_change_the_identity_of_a_recipe(tmp_path):
    with_csv, without = planned([], tmp_path / "one"), planned(["tracking.csv=false"], tmp_path / "two")

    assert with_csv.recipe_hash == without.recipe_hash
    assert (with_csv.tracking.csv, without.tracking.csv) == (True, False)
