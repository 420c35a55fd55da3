"""What a question to each of Optuna's samplers costs, in LightGBM's space of 12 parameters, and what recording a trial does.

    python benchmarks/asking.py tpe random cmaes nsgaii qmc gp --trials 100
    python benchmarks/asking.py random --trials 60 --storage sqlite

CPU milliseconds of this thread, medians; the wall clock of the last ten questions beside them.
"""

import argparse
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np

from lepton_automl.models import MODELS, Shape
from lepton_automl.search import Candidate, Fit, Studies, Trial, TrialState
from lepton_automl.search.sampling import Sampler
from lepton_automl.tasks import Goal, Makes

GOAL = Goal(Makes.PROBABILITIES, 2)
SPACE = MODELS.find("lightgbm")().space(Shape(1000, 20, GOAL))
CANDIDATE = Candidate("lightgbm", "lepton_automl.models.lightgbm:LightGBM", SPACE, (), True)


def measured(work):
    """Does the work; gives what it gives, its CPU and its wall clock in milliseconds."""
    cpu, wall = time.thread_time(), time.perf_counter()
    found = work()
    return found, 1e3 * (time.thread_time() - cpu), 1e3 * (time.perf_counter() - wall)


def ended(number, params, handle):
    """Gives a trial of five folds with a made loss."""
    loss = float(np.log(params["learning_rate"] / 0.05) ** 2 + (params["feature_fraction"] - 0.7) ** 2)
    fits = {fold: Fit(fold, loss, (1,), 1.0, params["num_leaves"] / 100, 0.1, "", "") for fold in range(5)}
    return Trial(number, "lightgbm", params, "sampled", TrialState.DONE, fits, "", handle)


def report(kind, trials, storage, objectives):
    """Asks and tells so many trials; gives a line of what they cost."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/study.db" if storage == "sqlite" else None
        studies = Studies(objectives=tuple(objectives), storage=url, name="asking" if url else "")
        sampler = Sampler((CANDIDATE,), kind, 0, Path(folder) / "study.journal", studies)
        asks, tells = [], []
        for number in range(trials):
            (params, handle), *spent = measured(partial(sampler.ask, "lightgbm", number))
            asks.append(spent)
            tells.append(measured(partial(sampler.tell, ended(number, params, handle)))[1:])
        sampler.record.close()
    early, late, told = np.median(asks[10:20], 0), np.median(asks[-10:], 0), np.median(tells, 0)
    ask = f"ask {early[0]:.1f} ms at 10 to 20 trials, {late[0]:.1f} at the end ({late[1]:.1f} wall)"
    return f"{kind}, {trials} trials, {storage}: {ask}; tell {told[0]:.1f} ({told[1]:.1f} wall)"


def main():
    """Measures each sampler that is named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("samplers", nargs="+")
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--storage", choices=["journal", "sqlite"], default="journal")
    parser.add_argument("--objectives", nargs="+", default=["metric"])
    words = parser.parse_args()
    for kind in words.samplers:
        print(report(kind, words.trials, words.storage, words.objectives), flush=True)


if __name__ == "__main__":
    main()
