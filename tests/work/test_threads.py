"""Real fits in forked workers: each library works after the fork, and a worker of one thread takes one processor at most."""

import importlib.util
import time

import pytest

from lepton_automl.work import Job, LocalExecutor, State

JOBS = """
import time

import numpy as np


def rows():
    X = np.random.default_rng(0).normal(size=(20_000, 20))
    return X, (X[:, 0] > 0).astype("int64")


def lightgbm():
    import lightgbm
    X, y = rows()
    lightgbm.train({"objective": "binary", "num_threads": 4, "verbose": -1}, lightgbm.Dataset(X, y), 40)

def xgboost():
    import xgboost
    X, y = rows()
    xgboost.train({"objective": "binary:logistic", "nthread": 4}, xgboost.DMatrix(X, y), 40)

def sklearn():
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.linear_model import LogisticRegression
    X, y = rows()
    ExtraTreesClassifier(20, n_jobs=-1).fit(X, y)
    LogisticRegression().fit(X, y)

def numpy():
    X, _ = rows()
    for _ in range(100):
        X.T @ X

def pyarrow():
    import pyarrow
    import pyarrow.compute
    table = pyarrow.table({"x": np.arange(2_000_000) % 97, "y": np.ones(2_000_000)})
    for _ in range(10):
        table.group_by("x").aggregate([("y", "sum")])

def torch():
    import torch
    a = torch.randn(600, 600)
    for _ in range(20):
        a = (a @ a).tanh()

def catboost():
    import catboost
    X, y = rows()
    catboost.CatBoostClassifier(iterations=30, thread_count=1, verbose=0, allow_writing_files=False).fit(X, y)


def measured(name):
    wall, cpu = time.perf_counter(), time.process_time()
    globals()[name]()
    return {"share": (time.process_time() - cpu) / (time.perf_counter() - wall)}
"""
LIBRARIES = ["lightgbm", "xgboost", "sklearn", "numpy", "pyarrow", "torch", "catboost"]


@pytest.fixture(scope="module")
def executor(tmp_path_factory):
    folder = tmp_path_factory.mktemp("threads")
    (folder / "fits_of_a_test.py").write_text(JOBS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder))
        preload = ["lightgbm", "xgboost", "sklearn.ensemble", "catboost", "pyarrow"]
        made = LocalExecutor(2, 1, 1e6, folder / "run.log", preload).start()
        yield made
        made.close()


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_fits_after_the_fork_within_the_one_thread_of_its_worker(executor, name):
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed")

    for number in range(2):  # both workers, so that neither owes anything to the other
        executor.submit(Job(str(number), "fits_of_a_test:measured", {"name": name}, 300.0))
    found, until = [], time.time() + 300
    while len(found) < 2 and time.time() < until:
        found.extend(executor.poll(1.0))

    assert [(outcome.state, outcome.error) for outcome in found] == [(State.DONE, "")] * 2
    assert max(outcome.value["share"] for outcome in found) < 1.15
