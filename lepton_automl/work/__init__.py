"""Jobs with hard limits of time and memory in worker processes, or without limits in this one."""

from lepton_automl.work.inline import InlineExecutor
from lepton_automl.work.local import LocalExecutor
from lepton_automl.work.memory import total_mb
from lepton_automl.work.protocol import Executor, Job, Outcome, State

__all__ = ["Executor", "InlineExecutor", "Job", "LocalExecutor", "Outcome", "State", "total_mb"]
