"""What stands at the top of a ranking."""

import numpy as np
import pytest
from made_judged import made_judged, task_of
from scipy.stats import ks_2samp
from sklearn.metrics import precision_score, recall_score

from lepton_automl.evidence import EXAMINERS, DecisionSettings
from lepton_automl.evidence.examiners.ranking import Gains, top


def test_the_distance_is_that_of_the_two_sample_kolmogorov_smirnov_test():
    rows = made_judged()
    chapter = EXAMINERS.find("ranking")().examine(rows, float("inf"))
    score = np.round(rows.prediction[:, 1], 2)
    gains = Gains(rows.y == 1, score)

    found = chapter.figures["ks"]
    assert found.value == pytest.approx(ks_2samp(*(rows.prediction[rows.y == label, 1] for label in (0, 1))).statistic)
    assert found.low < found.value < found.high
    ends, hits = gains.ends(np.ones(len(score)))
    assert np.abs(hits / hits[-1] - (ends - hits) / (ends - hits)[-1]).max() == pytest.approx(
        ks_2samp(*(score[rows.y == label] for label in (0, 1))).statistic
    ), "with many rows of one score"


@pytest.mark.parametrize("share", [0.05, 0.1, 0.5])
def test_precision_and_recall_of_a_share_are_those_of_calling_its_rows_positive(share):
    rows = made_judged()
    found = EXAMINERS.find("ranking")(shares=[share]).examine(rows, float("inf")).figures
    called = np.zeros(len(rows.y), dtype=int)
    called[np.argsort(-rows.prediction[:, 1])[: round(share * len(called))]] = 1

    name = f"top_{100 * share:g}"
    assert found[f"precision_{name}"].value == pytest.approx(precision_score(rows.y, called))
    assert found[f"recall_{name}"].value == pytest.approx(recall_score(rows.y, called))
    assert found[f"lift_{name}"].value == pytest.approx(precision_score(rows.y, called) / rows.y.mean())


def test_a_score_that_says_nothing_has_the_lift_of_chance_however_its_rows_are_cut():
    y, score = np.array([True, False] * 50), np.full(100, 0.3)
    precision, recall, lift = top(*Gains(y, score).ends(np.ones(100)), 0.1)

    assert (precision, recall, lift) == pytest.approx((0.5, 0.1, 1.0))


def test_the_figures_are_named_before_the_run_and_there_are_none_of_several_labels():
    examiner = EXAMINERS.find("ranking")(shares=[0.025, 0.1])

    assert examiner.figures(made_judged().task, DecisionSettings()) == tuple(
        examiner.examine(made_judged(), float("inf")).figures
    )
    assert "lift_top_2_5" in examiner.figures(made_judged().task, DecisionSettings())
    assert examiner.figures(task_of("multiclass"), DecisionSettings()) == ()
