"""Jobs in worker processes with hard limits of time and memory."""

from lepton_automl.work.local import LocalExecutor
from lepton_automl.work.memory import total_mb
from lepton_automl.work.protocol import Executor, Job, Outcome, State

__all__ = ["Executor", "Job", "LocalExecutor", "Outcome", "State", "total_mb"]
