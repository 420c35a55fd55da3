"""scikit-learn's own checks of an estimator, all of them."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from lepton_automl import LeptonClassifier, LeptonRegressor

EXPECTED = {
    "check_sample_weight_equivalence_on_dense_data": (
        "rows are shared out over folds and counted in leaves as rows, whatever they weigh: a row of weight 2 is not two rows"
    )
}


@pytest.mark.filterwarnings("ignore::lepton_automl.api.fitting.LeakWarning")
@pytest.mark.filterwarnings("ignore:labels with one row:UserWarning")
@parametrize_with_checks(
    [kind(trials=1, threads=1, overrides={"evidence.resamples": 50}) for kind in (LeptonClassifier, LeptonRegressor)],
    expected_failed_checks=lambda estimator: EXPECTED,
)
def test_scikit_learn_finds_no_fault(estimator, check):
    check(estimator)
