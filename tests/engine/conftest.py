"""Small runs that many tests look at; each is made once."""

import json
import time

import pytest

from lepton_automl.engine import compile, run  # noqa: A004 - the name of what it does
from lepton_automl.limits import Clock
from lepton_automl.recipe import compose

SMALL = ["search=quick", "budget.seconds=null", "budget.trials=2", "evidence.resamples=50", "hardware.threads=1"]
SMALL += ["evidence.explanation=null"]


@pytest.fixture(scope="session")
def run_words():
    """Runs a recipe, whose fits run in this process too unless `in_process=False` asks for workers; gives plan and result."""

    def do(words, out, in_process=True):
        told = {word.partition("=")[0] for word in words}
        plan = compile(compose([*words, *(word for word in SMALL if word.partition("=")[0] not in told)]), out)
        return plan, run(plan, Clock(time.time(), plan.budget), in_process=in_process)

    return do


@pytest.fixture(scope="session")
def credit(tmp_path_factory, run_words):
    """A finished run of the credit recipe, fitted by workers."""
    out = tmp_path_factory.mktemp("runs") / "credit"
    plan, result = run_words(["recipe=credit"], out, in_process=False)
    return plan, result, json.loads((out / "metrics.json").read_text())
