"""A finished run is fitted again as it was."""

import shutil

import pandas as pd
import pytest

from lepton_automl.engine import replay
from lepton_automl.errors import ArtifactError, DataError


def test_a_replay_gives_the_same_predictions_to_the_last_bit(credit, tmp_path):
    _, result, _ = credit

    found = replay(result.folder, tmp_path / "again", started=0.0)

    assert found.is_identical
    assert found.rows == 1000


def test_a_replay_on_other_data_is_refused(run_words, tmp_path):
    source = tmp_path / "credit.csv"
    shutil.copyfile("recipes/data/german_credit.csv", source)
    _, result = run_words(
        ["recipe=table", f"data.source.path={source}", "task.kind=binary", "task.target=creditability"], tmp_path / "run"
    )
    frame = pd.read_csv(source)
    frame.loc[0, "credit_amount"] += 1
    frame.to_csv(source, index=False)

    with pytest.raises(DataError, match="is not what it was"):
        replay(result.folder, tmp_path / "again", started=0.0)


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(ArtifactError, match=r"is not a finished run: it has no metrics\.json"):
        replay(tmp_path, tmp_path / "again", started=0.0)
