"""Calibration of probabilities."""

import json

import numpy as np
import pytest

from lepton_automl.ensemble.calibrate import Calibration, kind_for, try_calibration
from lepton_automl.tasks import METRICS, Goal, Makes

LOG_LOSS = METRICS["log_loss"]


def rows(n, k, sharpness, seed=0):
    """Labels drawn from true probabilities, and those probabilities said too sharply or too mildly."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, (n, k))
    true = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    y = (rng.random(n)[:, None] > np.cumsum(true, axis=1)).sum(axis=1)
    said = np.exp(sharpness * logits)
    return said / said.sum(axis=1, keepdims=True), y, true


@pytest.mark.parametrize("k", [2, 4])
@pytest.mark.parametrize("sharpness", [2.5, 0.4], ids=["too sure", "too unsure"])
def test_a_temperature_gives_back_the_probabilities_that_labels_were_drawn_from(k, sharpness):
    said, y, true = rows(6_000, k, sharpness)

    found = try_calibration("temperature", said, y, None, LOG_LOSS)

    assert found.after < found.before
    assert found.kept.sharpness == pytest.approx(1 / sharpness, rel=0.1)
    assert np.abs(found.kept.apply(said) - true).max() < 0.05


@pytest.mark.parametrize("k", [2, 4])
def test_isotonic_mends_what_no_temperature_can(k):
    said, y, _ = rows(6_000, k, 1.0)
    bent = said**3 if k == 4 else np.column_stack([1 - said[:, 1] ** 3, said[:, 1] ** 3])
    bent = bent / bent.sum(axis=1, keepdims=True)

    found = try_calibration("isotonic", bent, y, None, LOG_LOSS)

    assert found.after < found.before
    out = found.kept.apply(bent)
    assert out.sum(axis=1) == pytest.approx(1.0)
    assert (out > 0).all()


def test_what_does_not_gain_out_of_fold_is_left_out():
    said, y, _ = rows(300, 2, 1.0)

    found = try_calibration("isotonic", said, y, None, LOG_LOSS)

    assert found.after >= found.before
    assert found.kept is None


def test_row_weights_decide_what_is_learned():
    said, y, _ = rows(4_000, 2, 2.0)
    turned = np.concatenate([said, said]), np.concatenate([y, 1 - y])
    weight = np.repeat([1.0, 0.0], 4_000)

    found = try_calibration("temperature", *turned, weight, LOG_LOSS)

    assert found.kept.sharpness == pytest.approx(0.5, rel=0.1)


def test_where_the_metric_does_not_judge_probabilities_the_log_loss_does():
    said, y, _ = rows(4_000, 2, 3.0)

    assert try_calibration("temperature", said, y, None, METRICS["roc_auc"]).metric == "log_loss"


@pytest.mark.parametrize("kind", ["temperature", "isotonic"])
def test_a_calibration_survives_being_written_down(kind):
    said, y, _ = rows(4_000, 3, 2.0)
    kept = try_calibration(kind, said, y, None, LOG_LOSS).kept

    again = Calibration.load(json.loads(json.dumps(kept.to_dict())))

    assert np.array_equal(again.apply(said), kept.apply(said))


@pytest.mark.parametrize(
    ("asked", "metric", "goal", "count", "kind"),
    [
        ("auto", "log_loss", Goal(Makes.PROBABILITIES, 2), 3_000, "temperature"),
        ("auto", "log_loss", Goal(Makes.PROBABILITIES, 2), 2_999, "none"),
        ("auto", "brier_score", Goal(Makes.PROBABILITIES, 5), 500, "temperature"),
        ("auto", "roc_auc", Goal(Makes.PROBABILITIES, 2), 9_000, "none"),
        ("isotonic", "roc_auc", Goal(Makes.PROBABILITIES, 2), 100, "isotonic"),
        ("none", "log_loss", Goal(Makes.PROBABILITIES, 2), 9_000, "none"),
        ("auto", "rmse", Goal(Makes.VALUES), 9_000, "none"),
    ],
)
def test_auto_calibrates_where_metric_and_rows_allow_it(asked, metric, goal, count, kind):
    assert kind_for(asked, METRICS[metric], goal, count) == kind
