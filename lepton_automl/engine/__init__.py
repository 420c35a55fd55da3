"""`compile(recipe) -> Plan` and `run(plan) -> Result`."""

from lepton_automl.engine.compile import compile  # noqa: A004 - the name of what it does
from lepton_automl.engine.plan import Plan
from lepton_automl.engine.replay import Replayed, replay
from lepton_automl.engine.resume import composed_again, spent_before
from lepton_automl.engine.run import Result, preview, run
from lepton_automl.engine.watching import Progress

__all__ = ["Plan", "Progress", "Replayed", "Result", "compile", "composed_again", "preview", "replay", "run", "spent_before"]
