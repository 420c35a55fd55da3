"""A run that was killed goes on where it was."""

import json
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import optuna
import pandas as pd
import pytest

from lepton_automl.cli import main
from lepton_automl.ledger import verify_ledger

WORDS = [
    "recipe=credit",
    "search=quick",
    "~budget.seconds",
    "budget.trials=6",
    "evidence.resamples=50",
    "hardware.threads=1",
    "tracking.progress=none",
    "evidence.explanation=null",
]


@pytest.fixture
def lepton(capsys):
    """Runs the program in this process; gives how it ended and what it said."""

    def do(*words):
        capsys.readouterr()
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        return SimpleNamespace(returncode=code, stdout=said.out, stderr=said.err)

    return do


def kill_midway(folder, words=WORDS, fits=8):
    """Starts a run, and kills it with all its workers once so many fits have ended."""
    command = [sys.executable, "-m", "lepton_automl", *words, f"run.dir={folder}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    diary = folder / ".work" / "fits.jsonl"
    while not (diary.exists() and diary.read_bytes().count(b"\n") >= fits):
        assert process.poll() is None, "the run ended before it could be killed"
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return diary.read_text().splitlines()


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A killed run, and the fits it had finished."""
    folder = tmp_path_factory.mktemp("killed") / "run"
    return folder, kill_midway(folder)


def test_the_ledger_of_a_killed_run_is_whole(killed, lepton):
    folder, _ = killed
    assert not (folder / "metrics.json").exists()

    proved = lepton("ledger", str(folder), "--verify")

    assert proved.returncode == 0, proved.stderr
    assert "the chain is whole" in proved.stdout
    rows = [json.loads(line) for line in (folder / "ledger.jsonl").read_text().splitlines()]
    assert {"load", "data", "train", "split"} <= {row["stage"] for row in rows}


def test_a_changed_recipe_is_refused_with_the_difference(killed, lepton):
    folder, _ = killed

    done = lepton(*WORDS, f"run.dir={folder}", "resume=true", "seed=7", "split.folds=4")

    assert done.returncode == 2
    assert "seed" in done.stderr
    assert "was 0 when the run began, and is 7 now" in done.stderr
    assert "split.folds" in done.stderr


def test_a_killed_run_is_not_overwritten_without_resume(killed, lepton):
    done = lepton(*WORDS, f"run.dir={killed[0]}")

    assert done.returncode == 2
    assert "is not empty" in done.stderr


def test_a_resumed_run_delivers_what_a_run_left_alone_does(killed, tmp_path, lepton):
    folder, before = killed
    alone = lepton(*WORDS, f"run.dir={tmp_path / 'alone'}")

    resumed = lepton("resume", str(folder))

    assert alone.returncode == resumed.returncode == 0, resumed.stderr
    files = [json.loads((run / "artifact" / "manifest.json").read_text())["files"] for run in (folder, tmp_path / "alone")]
    assert files[0] == files[1]
    trials = [
        pd.read_parquet(run / "trials.parquet").drop(columns=["seconds", "predict_seconds"])
        for run in (folder, tmp_path / "alone")
    ]
    pd.testing.assert_frame_equal(*trials)
    assert verify_ledger(folder / "ledger.jsonl") == []
    assert "went on after" in (folder / "ledger.jsonl").read_text()
    assert not (folder / ".work").exists()
    assert len(before) >= 8


def test_a_finished_run_is_not_resumed(credit, lepton):
    done = lepton("resume", str(credit[1].folder))

    assert done.returncode == 3
    assert "is a finished run" in done.stderr


def test_seconds_spent_before_the_kill_count(tmp_path, lepton):
    words = [*WORDS[:2], "budget.seconds=60", *WORDS[4:]]
    folder = tmp_path / "run"
    fits = kill_midway(folder, words, fits=4)
    (folder / ".work" / "spent").write_text("59.0")

    done = lepton(*words, f"run.dir={folder}", "resume=true")

    assert done.returncode == 0, done.stderr
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["seconds"]["total"] > 59
    known = {json.loads(line)["number"] for line in fits}
    assert set(pd.read_parquet(folder / "trials.parquet")["number"]) >= known


def test_a_resumed_run_makes_its_studies_in_a_database_anew(tmp_path, lepton):
    folder, url = tmp_path / "run", f"sqlite:///{tmp_path / 'study.db'}"
    kill_midway(folder, [*WORDS, f"search.storage={url}"], fits=22)

    done = lepton("resume", str(folder))

    assert done.returncode == 0, done.stderr
    storage = optuna.storages.RDBStorage(url)
    names = ["credit/run/lightgbm", "credit/run/linear"]
    numbers = [t.user_attrs["trial"] for name in names for t in optuna.load_study(study_name=name, storage=storage).trials]
    storage.remove_session()
    storage.engine.dispose()
    assert sorted(numbers) == list(range(6))


def test_a_resumed_run_does_not_write_the_cleaned_table_again(tmp_path, lepton):
    folder, cleaned = tmp_path / "run", tmp_path / "cleaned.parquet"
    kill_midway(folder, [*WORDS, f"data.save_cleaned.path={cleaned}"], fits=4)
    before = cleaned.stat().st_mtime_ns

    done = lepton("resume", str(folder))

    assert done.returncode == 0, done.stderr
    assert cleaned.stat().st_mtime_ns == before
    rows = [json.loads(line) for line in (folder / "ledger.jsonl").read_text().splitlines()]
    assert sum(row["code"] == "SAVE001" for row in rows) == 1
    assert verify_ledger(folder / "ledger.jsonl") == []
