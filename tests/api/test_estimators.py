"""Estimators in the company of scikit-learn's tools, and what they say of malformed uses."""

import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from people_table import people
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lepton_automl import LeptonClassifier, LeptonRegressor, load
from lepton_automl.api.fitting import LeakWarning
from lepton_automl.engine import replay
from lepton_automl.errors import GovernanceStop

IRIS, KIND = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])[KIND]
pytestmark = pytest.mark.filterwarnings("ignore::lepton_automl.api.fitting.LeakWarning")


def small(**more):
    return LeptonClassifier(**{"trials": 1, "threads": 1, "overrides": {"evidence.resamples": 50}, **more})


def test_labels_come_back_as_they_were_and_probabilities_in_their_order():
    fitted = small().fit(IRIS, NAMES)

    assert fitted.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    assert fitted.predict(IRIS[[0, 60, 140]]).tolist() == ["setosa", "versicolor", "virginica"]
    assert fitted.predict_proba(IRIS[[0]]).argmax() == 0 and fitted.score(IRIS, NAMES) > 0.9


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (["NA", "yes"], "U"),
        ([" a", "a"], "U"),
        ([False, True], "b"),
        ([0.0, 1.0], "f"),
        ([-1, 1], "i"),
        (["10", "9"], "U"),
        (["1e5", "null"], "U"),
    ],
    ids=["missing token", "blanks", "truth", "float", "signed", "texts of numbers", "words of YAML"],
)
def test_any_two_labels_are_learned(labels, kind):
    y = np.array(labels)[(KIND == 2).astype(int)]

    fitted = small().fit(IRIS, y)

    assert fitted.classes_.dtype.kind == kind and fitted.classes_.tolist() == sorted(labels)
    assert fitted.score(IRIS, y) > 0.9


def test_a_data_frame_keeps_its_kinds_and_names():
    table = people()
    features = table.drop(columns="outcome").assign(when=pd.Timestamp("2025-01-01") + pd.to_timedelta(table.index, unit="D"))
    features.loc[3, "debt"] = np.nan

    fitted = small().fit(features, table["outcome"])

    assert fitted.feature_names_in_.tolist() == list(features.columns)
    kinds = {column["name"]: column["kind"] for column in fitted.run_.plan["data"]["columns"]}
    assert list(kinds.values()) == ["number", "number", "category", "datetime", "category"]
    assert len(fitted.predict(features)) == len(features)
    with pytest.raises(ValueError, match="feature names"):
        fitted.predict(features[features.columns[::-1]])


def test_the_same_seed_gives_the_same_model_and_a_clone_is_not_fitted():
    one, two = small(random_state=3).fit(IRIS, KIND), small(random_state=3).fit(IRIS, KIND)

    assert one.predict_proba(IRIS).tobytes() == two.predict_proba(IRIS).tobytes()
    assert clone(one).get_params()["random_state"] == 3
    with pytest.raises(NotFittedError):
        clone(one).predict(IRIS)


def test_cross_validation_pipelines_and_grids_take_them():
    scores = cross_val_score(small(), IRIS, NAMES, cv=2)
    piped = make_pipeline(StandardScaler(), small()).fit(IRIS, NAMES)
    grid = GridSearchCV(small(), {"search": [{"models": {"linear": {}}}, "quick"]}, cv=2, refit=False).fit(IRIS, NAMES)

    assert scores.mean() > 0.9 and piped.score(IRIS, NAMES) > 0.9
    assert len(grid.cv_results_["params"]) == 2 and grid.best_score_ > 0.85


def test_two_processes_of_joblib_fit_at_once():
    with joblib.parallel_config("loky", n_jobs=2):
        scores = cross_val_score(LeptonRegressor(trials=1, threads=1), *load_diabetes(return_X_y=True), cv=2)

    assert len(scores) == 2 and scores.min() > 0.2


def test_threads_fit_at_once_and_leave_output_alone(capsys):
    expected = [small(random_state=seed).fit(IRIS, KIND).predict_proba(IRIS).tobytes() for seed in range(4)]

    with ThreadPoolExecutor(4) as threads:
        fitted = list(threads.map(lambda seed: small(random_state=seed).fit(IRIS, KIND), range(4)))

    assert [one.predict_proba(IRIS).tobytes() for one in fitted] == expected
    print("still here")
    assert capsys.readouterr().out == "still here\n"


def test_a_fitted_one_travels_as_bytes_without_its_folder(tmp_path):
    fitted = small(folder=tmp_path / "runs").fit(IRIS, KIND)
    expected = fitted.predict_proba(IRIS)

    content = pickle.dumps(fitted)
    (tmp_path / "runs").rename(tmp_path / "gone")
    again = pickle.loads(content)

    assert b"lightgbm.basic" not in content and again.predict_proba(IRIS).tobytes() == expected.tobytes()
    assert again.run_.metrics == fitted.run_.metrics and again.run_.leaderboard.equals(fitted.run_.leaderboard)


def test_every_fit_leaves_a_run_in_its_folder_that_can_be_replayed(tmp_path):
    estimator = small(folder=tmp_path)

    one, two = clone(estimator).fit(IRIS, KIND), clone(estimator).fit(IRIS, KIND)

    assert one.run_.folder != two.run_.folder and one.run_.folder.parent == tmp_path
    assert load(one.run_.folder).metrics == one.run_.metrics
    assert replay(one.run_.folder, tmp_path / "again", 0.0, in_process=True).is_identical


def test_workers_fit_where_seconds_are_counted():
    X, y = load_diabetes(return_X_y=True)

    fitted = LeptonRegressor(seconds=6, threads=1).fit(X, y)

    assert fitted.run_.plan["budget"] == {"seconds": 6.0, "trials": None} and fitted.run_.evidence["kind"] == "out of fold"
    assert fitted.predict(X).shape == y.shape and np.isfinite(fitted.predict(X)).all()


def test_in_this_process_or_in_workers_the_model_is_the_same():
    here, there = (small(in_process=where).fit(IRIS, KIND).predict_proba(IRIS) for where in (True, False))

    assert here.tobytes() == there.tobytes()


def test_weights_count_and_rows_without_weight_are_not_learned():
    weights = (KIND != 1).astype(float)

    fitted = small().fit(IRIS, NAMES, sample_weight=weights)

    assert fitted.classes_.tolist() == ["setosa", "virginica"]
    assert fitted.run_.metrics["rows"]["source"] == 100


def test_a_label_of_one_row_is_learned_with_a_warning():
    y = np.where(np.arange(150) == 149, "rare", NAMES)

    with pytest.warns(UserWarning, match="labels with one row are learned from and judged on at once: rare"):
        fitted = small().fit(IRIS, y)

    assert fitted.classes_.tolist() == ["rare", "setosa", "versicolor", "virginica"]


def test_a_feature_that_gives_the_target_away_is_told_and_stays_or_goes_as_asked():
    X = pd.DataFrame(IRIS, columns=list("abcd")).assign(leak=KIND == 2)

    with pytest.warns(LeakWarning, match="leak: alone reaches 1.000 AUC"):
        stays = small().fit(X, KIND == 2)
    goes = small(governance="standard").fit(X, KIND == 2)

    dropped = stays.run_.ledger.query("effect == 'column dropped'"), goes.run_.ledger.query("effect == 'column dropped'")
    assert "leak" not in set(dropped[0]["column"]) and "leak" in set(dropped[1]["column"])


def test_a_rule_that_stops_raises():
    X = pd.DataFrame(IRIS, columns=list("abcd")).assign(leak=KIND == 2)

    with pytest.raises(GovernanceStop, match="leak"):
        small(governance="regulated").fit(X, KIND == 2)


def test_a_fit_that_is_refused_leaves_nothing_behind(tmp_path):
    with pytest.raises(ValueError, match="'roc_acu' is not a metric"):
        small(metric="roc_acu", folder=tmp_path).fit(IRIS, KIND)
    with pytest.raises(ValueError, match="in_process"):
        small(in_process="maybe", folder=tmp_path).fit(IRIS, KIND)

    assert not list(tmp_path.iterdir())


def test_other_tables_than_those_of_pandas_are_read():
    table = people().drop(columns="outcome")

    fitted = small().fit(pa.Table.from_pandas(table), people()["outcome"])

    assert fitted.predict(table).tolist() == fitted.predict(pa.Table.from_pandas(table)).tolist()


def test_nothing_is_warned_of_where_nothing_is_wrong():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        small().fit(people()[["age", "debt"]], people()["outcome"])


@pytest.mark.parametrize(
    ("fit", "error", "said"),
    [
        (lambda: small().fit(IRIS, None), ValueError, "requires y to be passed"),
        (lambda: small().fit(sparse.csr_matrix(IRIS), KIND), TypeError, "dense data is required"),
        (lambda: small().fit(IRIS, np.zeros(150)), ValueError, "at least 2 classes; y has one class"),
        (lambda: small().fit(IRIS, IRIS[:, 0]), ValueError, "Unknown label type: continuous"),
        (lambda: small().fit(IRIS, np.where(KIND == 0, None, "b")), ValueError, "Input y contains NaN"),
        (lambda: small().fit(np.where(IRIS > 7, np.inf, IRIS), KIND), ValueError, "contains infinity"),
        (lambda: small().fit(pd.DataFrame(np.where(IRIS > 7, np.inf, IRIS)), KIND), ValueError, "infinity in the columns 0"),
        (lambda: small().fit(IRIS, KIND[:-1]), ValueError, "inconsistent numbers of samples"),
        (lambda: small().fit(IRIS, KIND, -np.ones(150)), ValueError, "Negative values in data passed to `sample_weight`"),
        (lambda: small().fit(IRIS, KIND, np.ones((150, 2))), ValueError, "Sample weights must be 1D"),
        (lambda: small(metric="roc_acu").fit(IRIS, KIND), ValueError, "'roc_acu' is not a metric.   Did you mean roc_auc"),
        (lambda: small(metric="rmse").fit(IRIS, KIND), ValueError, "'rmse' does not fit a multiclass task"),
        (lambda: small(search="quik").fit(IRIS, KIND), ValueError, "there is no search named 'quik'.   Did you mean quick"),
        (lambda: small(seconds=30).fit(IRIS, KIND), ValueError, "gives both seconds .* and trials"),
        (lambda: small(trials=0).fit(IRIS, KIND), ValueError, "budget.trials"),
        (lambda: small(in_process="maybe").fit(IRIS, KIND), ValueError, "in_process   is 'maybe'"),
        (lambda: small(trials=None, seconds=9, in_process=True).fit(IRIS, KIND), ValueError, "budget counts seconds"),
        (lambda: small(overrides={"split.fold": 3}).fit(IRIS, KIND), ValueError, "split.fold .*Did you mean folds"),
        (lambda: LeptonRegressor(trials=1).fit(IRIS, NAMES), ValueError, "could not convert string to float"),
        (lambda: LeptonRegressor(trials=1).fit(IRIS, np.ones(150)), ValueError, "holds only the value 1"),
    ],
)
def test_a_malformed_use_says_what_is_wrong(fit, error, said):
    with pytest.raises(error, match=said):
        fit()


def test_the_picture_of_a_fitted_one_holds_its_run():
    estimator = small()
    before = estimator._repr_html_()

    fitted = estimator.fit(IRIS, KIND)

    assert "lepton-x card" not in before and "sk-" in before
    assert '<div class="lepton-x card">' in fitted._repr_html_() and "Out of fold" in fitted._repr_html_()
    assert "http://" not in fitted.run_._repr_html_() and "https://" not in fitted.run_._repr_html_()
