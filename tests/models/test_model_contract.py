"""Every model family keeps the contract, and the contract finds those that do not."""

import pickle
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lepton_automl.data import Kind
from lepton_automl.features import Needs
from lepton_automl.models import MODELS, pack_arrays
from lepton_automl.models.baseline import Baseline
from lepton_automl.space import Fixed, Int
from lepton_automl.tasks import Makes
from lepton_automl.testing import check_model, holds_pickle

QUICK = {
    "extra_trees": {"n_estimators": 30},
    "random_forest": {"n_estimators": 30},
    "xgboost": {"learning_rate": 0.3},
    "catboost": {"learning_rate": 0.3, "iterations": 200},
    "tabm": {"epochs": 6, "width": 32, "batch_size": 32, "k": 4},
    "realmlp": {"epochs": 6, "width": 32, "batch_size": 32},
}


def test_there_are_nine_model_families():
    trees = ["extra_trees", "random_forest", "lightgbm", "xgboost", "catboost"]
    assert MODELS.names() == ["baseline", "linear", *trees, "tabm", "realmlp"]


@pytest.mark.parametrize("name", MODELS.names())
def test_a_model_family_keeps_the_contract(name):
    package = MODELS.find(name)().package
    if package is not None:
        pytest.importorskip(package[0])
    check_model(MODELS.find(name)(), QUICK.get(name))


@pytest.mark.parametrize("name", MODELS.names())
def test_a_family_says_what_it_is(name):
    model = MODELS.find(name)()
    assert type(model).__doc__ and sys.modules[type(model).__module__].__doc__


@dataclass
class Fitted:
    """Wraps what the baseline learned, and breaks one thing."""

    inner: Any
    change: Any = None
    files: Any = None
    rounds: tuple[int, ...] = ()

    def predict(self, rows, threads=1):
        out = self.inner.predict(rows, threads)
        return out if self.change is None else self.change(out)

    def save(self):
        return self.inner.save() if self.files is None else self.files


@dataclass
class Broken:
    """The baseline with one thing broken."""

    facts: dict[str, Any] = field(default_factory=dict)
    change: Any = None
    files: Any = None
    before: Any = None
    rounds: tuple[int, ...] = ()

    def __getattr__(self, name):
        return self.__dict__["facts"].get(name, getattr(Baseline(), name))

    def fit(self, train, valid, params, goal, limits, step):
        if self.before is not None:
            self.before(train)
        return Fitted(Baseline().fit(train, valid, params, goal, limits, step), self.change, self.files, self.rounds)


def unlike(out):
    return out + np.random.default_rng().random(out.shape) * 1e-9


BROKEN = {
    "reads must be a frozenset of Kind": Broken({"reads": {Kind.NUMBER}}),
    "makes must be a frozenset of Makes": Broken({"makes": frozenset()}),
    "needs must be Needs": Broken({"needs": None}),
    "needs.missing must be one of": Broken({"needs": Needs(missing="mean")}),
    "package must be none or": Broken({"package": "xgboost"}),
    "devices must be a frozenset of cpu and gpu": Broken({"devices": frozenset({"tpu"})}),
    "in_rounds must be true or false": Broken({"in_rounds": 1}),
    "space searches 'depth', which is not legal": Broken({"space": lambda shape: {"depth": Int(1, 3)}}),
    "outside of the legal": Broken(
        {"legal": lambda goal: {"depth": Int(1, 3)}, "space": lambda shape: {"depth": Fixed(4)}, "starts": lambda shape: [{}]}
    ),
    "starts must give one configuration": Broken({"starts": lambda shape: []}),
    "starts set 'depth', which is not legal": Broken({"starts": lambda shape: [{"depth": 1}]}),
    "predict must give shape": Broken(change=lambda out: out[:, 0]),
    "predict must give float64": Broken(change=lambda out: out.astype("float32")),
    "missing or infinite": Broken(change=lambda out: out * np.nan),
    "sum to 1": Broken({"makes": frozenset({Makes.PROBABILITIES})}, change=lambda out: out / 2),
    "quantiles must rise": Broken({"makes": frozenset({Makes.QUANTILES})}, change=lambda out: out[:, ::-1]),
    "worse than a constant does": Broken({"makes": frozenset({Makes.VALUES})}, change=lambda out: out + 1000),
    "holds a pickle": Broken(files={"model.bin": pickle.dumps({"a": 1})}),
    "a plain name with an ending is needed": Broken(files={"../model.npz": b""}),
    "save must give bytes": Broken(files={"model.txt": "text"}),
    "predicts differently once saved and loaded": Broken({"makes": frozenset({Makes.VALUES})}, change=lambda out: out + 1e-9),
    "rounds must be empty": Broken(rounds=(3,), facts={"load": lambda files: Fitted(Baseline().load(files), rounds=(3,))}),
    "must say how many": Broken({"in_rounds": True}),
    "prints: 'hello": Broken(before=lambda train: print("hello")),
    "leaves files in the working folder: left.txt": Broken(before=lambda train: Path("left.txt").write_text("x")),
    "fit changed the rows": Broken(before=lambda train: train.y.sort()),
}


@pytest.mark.parametrize(("said", "model"), BROKEN.items(), ids=BROKEN)
def test_a_family_that_breaks_the_contract_is_told_how(said, model):
    with pytest.raises(AssertionError, match=said.replace("(", r"\(").replace(".", r"\.")):
        check_model(model)


def test_weights_that_are_passed_over_are_found():
    class Unweighted(Broken):
        def fit(self, train, valid, params, goal, limits, step):
            return Baseline().fit(type(train)(train.prepared, train.y), valid, params, goal, limits, step)

    with pytest.raises(AssertionError, match="the weights of rows do not matter"):
        check_model(Unweighted())


def test_chance_without_a_seed_is_found():
    class Moody(Broken):
        def fit(self, train, valid, params, goal, limits, step):
            noise = np.random.default_rng().random() * 1e-9
            found = Baseline().fit(train, valid, params, goal, limits, step)
            return type(found)(found.values + noise)

    with pytest.raises(AssertionError, match="two fits with one seed predict differently"):
        check_model(Moody({"makes": frozenset({Makes.VALUES})}))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_found_whatever_its_protocol_and_wherever_it_hides(protocol):
    content = pickle.dumps(Fitted(None), protocol)
    assert holds_pickle(content)


def test_pickled_arrays_in_an_npz_are_found_and_plain_ones_are_not(tmp_path):
    np.savez(tmp_path / "bad.npz", a=np.array([{"a": 1}], dtype=object))
    assert holds_pickle((tmp_path / "bad.npz").read_bytes())
    assert not holds_pickle(pack_arrays({"a": np.arange(3), "b": np.array(["text"])}))
    assert not holds_pickle(b"tree\nversion=v4\n")
    assert not holds_pickle(b"")
