"""`compile(recipe) -> Plan`, `run(plan) -> Result`, and comparing runs."""

from lepton_automl.engine.comparing import Asked, ComparedRun, check_asked, compare_runs, figures_of, read_every_run, read_run
from lepton_automl.engine.compile import compile  # noqa: A004 - the name of what it does
from lepton_automl.engine.plan import Plan
from lepton_automl.engine.replay import Replayed, replay
from lepton_automl.engine.reruns import Rerun, rerun_of
from lepton_automl.engine.resplits import candidate_plan, check_resplits, compare_recipes
from lepton_automl.engine.resume import composed_again, spent_before
from lepton_automl.engine.run import Result, preview, run
from lepton_automl.engine.sweeping import compare_sweep
from lepton_automl.engine.watching import Progress

__all__ = [
    "Asked",
    "ComparedRun",
    "Plan",
    "Progress",
    "Replayed",
    "Rerun",
    "Result",
    "candidate_plan",
    "check_asked",
    "check_resplits",
    "compare_recipes",
    "compare_runs",
    "compare_sweep",
    "compile",
    "composed_again",
    "figures_of",
    "preview",
    "read_every_run",
    "read_run",
    "replay",
    "rerun_of",
    "run",
    "spent_before",
]
