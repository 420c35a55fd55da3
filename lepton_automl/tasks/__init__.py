"""What is predicted: target, prediction shape, metrics, baseline; splitters."""

from lepton_automl.registry import Registry
from lepton_automl.tasks.deciding import NOTHING, OUTCOMES, REFER, DecisionRule, Known, Payoff
from lepton_automl.tasks.group_lines import GroupColumn, GroupLine, GroupLines
from lepton_automl.tasks.metrics import METRICS, VALUE, Metric, binary_auc
from lepton_automl.tasks.prediction import Goal, Labels, Makes, Part
from lepton_automl.tasks.protocol import History, Task
from lepton_automl.tasks.resampling import OfWeights
from lepton_automl.tasks.split import Fold, GroupSplitter, RandomSplitter, RollingSplitter, Split, Splitter, TimeSplitter

TASKS = Registry(
    "task",
    "lepton_automl.tasks",
    {
        "binary": "lepton_automl.tasks.classification:Binary",
        "multiclass": "lepton_automl.tasks.classification:Multiclass",
        "regression": "lepton_automl.tasks.regression:Regression",
        "forecast": "lepton_automl.tasks.forecast:Forecast",
    },
)

__all__ = [
    "METRICS",
    "NOTHING",
    "OUTCOMES",
    "REFER",
    "TASKS",
    "VALUE",
    "DecisionRule",
    "Fold",
    "Goal",
    "GroupColumn",
    "GroupLine",
    "GroupLines",
    "GroupSplitter",
    "History",
    "Known",
    "Labels",
    "Makes",
    "Metric",
    "OfWeights",
    "Part",
    "Payoff",
    "RandomSplitter",
    "RollingSplitter",
    "Split",
    "Splitter",
    "Task",
    "TimeSplitter",
    "binary_auc",
]
