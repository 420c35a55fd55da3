"""`compile(recipe) -> Plan` and `run(plan) -> Result`."""

from lepton_automl.engine.compile import compile  # noqa: A004 - the name of what it does
from lepton_automl.engine.plan import Plan
from lepton_automl.engine.replay import Replayed, replay
from lepton_automl.engine.resume import composed_again
from lepton_automl.engine.run import Progress, Result, preview, run

__all__ = ["Plan", "Progress", "Replayed", "Result", "compile", "composed_again", "preview", "replay", "run"]
