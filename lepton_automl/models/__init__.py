"""One protocol, one file per model family."""

from lepton_automl.models.protocol import (
    REPRESENTATION,
    Cuttable,
    Fitted,
    Limits,
    Model,
    Rows,
    Shape,
    no_step,
    pack_arrays,
    unpack_arrays,
)
from lepton_automl.models.target import fit_with_target, load_fitted
from lepton_automl.models.trees import TreeBased, Trees, Walk
from lepton_automl.models.xgboost_trees import to_booster
from lepton_automl.registry import Registry

MODELS = Registry(
    "model",
    "lepton_automl.models",
    {
        "baseline": "lepton_automl.models.baseline:Baseline",
        "linear": "lepton_automl.models.linear:Linear",
        "extra_trees": "lepton_automl.models.forest:extra_trees",
        "random_forest": "lepton_automl.models.forest:random_forest",
        "lightgbm": "lepton_automl.models.lightgbm:LightGBM",
        "xgboost": "lepton_automl.models.xgboost:XGBoost",
        "catboost": "lepton_automl.models.catboost:CatBoost",
        "tabm": "lepton_automl.models.nets.tabm:TabM",
        "realmlp": "lepton_automl.models.nets.realmlp:RealMLP",
    },
)

__all__ = [
    "MODELS",
    "REPRESENTATION",
    "Cuttable",
    "Fitted",
    "Limits",
    "Model",
    "Rows",
    "Shape",
    "TreeBased",
    "Trees",
    "Walk",
    "fit_with_target",
    "load_fitted",
    "no_step",
    "pack_arrays",
    "to_booster",
    "unpack_arrays",
]
