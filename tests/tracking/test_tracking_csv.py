"""Two tables that grow while the search goes on."""

import json

import pandas as pd
import pytest

from lepton_automl.tracking import CsvTracker


@pytest.fixture
def written(tmp_path, facts, trials):
    """The folder after the first trial, and the tracker that goes on."""
    tracker = CsvTracker(tmp_path)
    tracker.on_start(facts)
    tracker.on_trial(trials[0])
    yield tmp_path, tracker
    tracker.close(True)


def test_a_trial_can_be_read_as_soon_as_it_has_ended(written):
    folder, _ = written

    table = pd.read_csv(folder / "trials.csv")

    assert list(table.columns) == [
        *("trial", "model", "origin", "state", "roc_auc", "best_roc_auc", "seconds", "at_seconds", "folds", "params")
    ]
    assert table.loc[0, ["model", "state", "roc_auc", "at_seconds", "folds"]].tolist() == ["lightgbm", "done", 0.75, 4.0, 2]
    assert json.loads(table["params"][0]) == {"num_leaves": 31}


def test_the_curve_of_each_fold_is_a_line_for_each_point(written):
    folder, _ = written

    table = pd.read_csv(folder / "curves.csv")

    assert table.values.tolist() == [
        [0, "lightgbm", 0, 10, 0.6],
        [0, "lightgbm", 0, 20, 0.5],
        [0, "lightgbm", 1, 10, 0.7],
        [0, "lightgbm", 1, 20, 0.4],
    ]


def test_a_trial_without_a_score_has_none_in_the_table(written, trials):
    folder, tracker = written

    tracker.on_trial(trials[2])

    last = pd.read_csv(folder / "trials.csv").iloc[-1]
    assert (last["state"], last["best_roc_auc"], last["folds"]) == ("failed", 0.75, 0)
    assert pd.isna(last["roc_auc"])


def test_the_tables_of_a_run_that_goes_on_are_written_anew(written, facts, trials):
    folder, _ = written
    again = CsvTracker(folder)

    again.on_start(facts)
    again.on_trial(trials[1])
    again.close(False)

    assert pd.read_csv(folder / "trials.csv")["trial"].tolist() == [1]
