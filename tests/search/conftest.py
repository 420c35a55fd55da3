"""Settings, trials and samplers that the tests of the search share."""

import numpy as np
import pytest

from lepton_automl.features import FeatureOptions
from lepton_automl.models import Shape
from lepton_automl.search import Candidate, Fit, SearchSettings, Studies, Trial, TrialState
from lepton_automl.search.sampling import Sampler
from lepton_automl.space import Choice, Fixed, Float, Int
from lepton_automl.tasks import METRICS, Goal, Makes

GOAL = Goal(Makes.PROBABILITIES, 2)
NET = Candidate(
    "net",
    "x:Y",
    {
        "rate": Float(0.01, 1.0, log=True),
        "share": Float(0.0, 1.0),
        "depth": Int(1, 9),
        "kind": Choice(("wide", "deep")),
        "rounds": Fixed(9),
    },
    ({"depth": 4},),
    True,
)


@pytest.fixture
def net():
    """A family with a dimension of each kind."""
    return NET


@pytest.fixture
def make_sampler(tmp_path):
    """Makes a sampler of one family: `make_sampler("tpe", name="a", **studies)`."""

    def make(kind="tpe", name="study", seed=7, **studies):
        return Sampler((NET,), kind, seed, tmp_path / f"{name}.journal", Studies(**studies))

    return make


@pytest.fixture
def make_trial():
    """Makes a trial with the losses of its first folds: `make_trial(0, 0.4, 0.5, params={...})`."""

    def make(number, *losses, state=TrialState.DONE, params=None, origin="start", sampled=None, seconds=0.01, mb=0.1, error=""):
        fits = {fold: Fit(fold, loss, (5,), 1.0, mb, seconds, "", "") for fold, loss in enumerate(losses)}
        return Trial(number, "net", params or {"depth": 4}, origin, state, fits, error, sampled)

    return make


@pytest.fixture
def make_settings():
    """Makes the settings of a search: `make_settings(trials=8, pruner="median")`."""

    def make(trials=None, pruner="racing", options=None, margin=0.1):
        return SearchSettings(
            (NET,),
            METRICS["log_loss"],
            GOAL,
            Shape(100, 3, GOAL),
            FeatureOptions(),
            None,
            trials,
            5,
            "tpe",
            margin,
            50,
            7,
            1,
            studies=Studies(pruner=pruner, pruner_options=options or {}),
        )

    return make


@pytest.fixture
def loss_of():
    """Gives a made loss of a configuration: lowest at rate 0.1, share 0.5, depth 5."""
    return lambda p: float((np.log10(p["rate"]) + 1) ** 2 + (p["share"] - 0.5) ** 2 + 0.01 * (p["depth"] - 5) ** 2)
