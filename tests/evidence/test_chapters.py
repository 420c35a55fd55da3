"""Examiners write chapters; what one of them can not do never costs the run."""

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Dataset
from lepton_automl.evidence import EXAMINERS, Chapter, Decision, DecisionSettings, Judged
from lepton_automl.evidence.chapter import write_chapters
from lepton_automl.tasks import TASKS
from lepton_automl.tasks.split import blocks_in_time


def judged(n=2_000, sharp=1.0, block=None, seed=0, resamples=60):
    rng = np.random.default_rng(seed)
    truth = rng.beta(2, 3, n)
    y = (rng.random(n) < truth).astype("int64")
    said = np.clip(0.5 + sharp * (truth - 0.5), 0, 1)
    task = TASKS.find("binary").load(
        {"kind": "binary", "target": "y", "metric": "roc_auc", "labels": {"values": [0, 1], "dtype": "int64"}}
    )
    rows = Dataset(pd.DataFrame({"y": y}), (), np.arange(n), "")
    p = np.column_stack([1 - said, said])
    return Judged(rows, y, p, np.full((n, 2), 0.5), task, Decision(0.5, ""), block=block, resamples=resamples)


@dataclass(frozen=True)
class Failing:
    name: str = "failing"

    def figures(self, task, decision):
        return ()

    def examine(self, judged, until):
        raise KeyError("a value of the data")


def test_probabilities_that_hold_are_calibrated_and_stretched_ones_are_not():
    examiner = EXAMINERS.find("calibration")()
    good = examiner.examine(judged(), float("inf")).figures
    bad = examiner.examine(judged(sharp=2.0), float("inf")).figures

    assert set(good) == set(examiner.figures(judged().task, DecisionSettings()))
    assert good["ece"].value < 0.03 < 0.1 < bad["ece"].low
    assert good["reliability"].value < bad["reliability"].low
    uncertainty = np.mean(judged().y) * (1 - np.mean(judged().y))
    parts = good["reliability"].value - good["resolution"].value + uncertainty
    assert good["brier_score"].value == pytest.approx(parts, abs=0.003), "but for the spread within bins"


def test_rows_of_one_block_are_drawn_together():
    block = np.arange(2_000) // 100
    apart = EXAMINERS.find("calibration")().examine(judged(resamples=300), float("inf")).figures["brier_score"]
    y_alike = judged(block=block, resamples=300)
    y_alike.y[:] = np.repeat(np.arange(20) % 2, 100)
    y_alike.prediction[:] = 0.5 + 0.3 * np.random.default_rng(0).normal(size=20).repeat(100)[:, None] * [[-1, 1]]
    together = EXAMINERS.find("calibration")().examine(y_alike, float("inf")).figures["brier_score"]

    assert together.high - together.low > 3 * (apart.high - apart.low)


def test_an_examiner_that_fails_says_so_without_a_value_and_the_next_one_goes_on():
    chapters = write_chapters(judged(), [Failing(), EXAMINERS.find("calibration")()], float("inf"))

    assert chapters["failing"] == Chapter(notes=("failed: KeyError",), is_whole=False)
    assert chapters["calibration"].is_whole and chapters["calibration"].figures


def test_without_time_a_chapter_is_left_out_and_told():
    chapters = write_chapters(judged(), [EXAMINERS.find("calibration")()], time.time() - 1)

    assert chapters["calibration"] == Chapter(notes=("left out: no time",), is_whole=False)


def test_few_moments_make_no_blocks_and_many_make_longer_ones():
    assert blocks_in_time(pd.Series([1, 2, 3])) is None
    assert np.bincount(blocks_in_time(pd.Series(range(1_000)))).max() == 10
