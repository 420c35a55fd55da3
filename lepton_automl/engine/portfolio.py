"""Configurations tried first: published ones and our own, each with where it comes from.

Which are tried, and in what order, was learned on public tables (`docs/decisions/0008-portfolio.md`). Published numbers are
rounded to three or four digits. A family without an entry here is started as its model says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from lepton_automl.models import Model, Shape
from lepton_automl.space import Fixed, inside
from lepton_automl.tasks import Goal, Makes

MANY_CLASSES = 5
"""From so many classes on labels count as many: each round of boosting grows a tree a class, a net shares its layers."""
MOST_STARTS = 8
"""Starts of a family at most: what is sampled after them learns from them."""
LARGE = 50_000
"""From so many rows on the model's own starts stand alone: the others were fitted on far fewer."""


@dataclass(frozen=True)
class Entry:
    """A configuration of a family.

    Args:
        source: Where it comes from.
        params: Parameters by the names of the family's library; those left out are the model's by the shape of the table.
        own: Place among the model's own starts, which are taken as they are; none for a configuration from elsewhere.
        view: Representation that the source fits it on; the search finds its own, so only the benchmark reads this.
    """

    source: str
    params: Mapping[str, Any] = field(default_factory=dict)
    own: int | None = None
    view: Mapping[str, Any] = field(default_factory=dict)


OWN = "models/{}.py"
CPU_2025 = "AutoGluon 1.6.3, zeroshot_portfolio_cpu_2025_12_18, {}"
TABREPO = "AutoGluon 1.6.3, zeroshot_portfolio_2023, {}"
ARENA = "AutoGluon 1.6.3, zeroshot_portfolio_2025 (TabArena), {}"
COMMERCIAL = "AutoGluon 1.6.3, zeroshot_portfolio_commercial_2026_08_05, {}"
RATE = "{}; rate raised from {}"
ONE_SHARE = "one share of columns in place of one a level and one a node"
MADE = MappingProxyType({"made": True})
ENCODED = MappingProxyType({"categories": "target"})
BOTH = MappingProxyType({"made": True, "categories": "target"})


def _own(family: str, count: int, names: str) -> dict[str, Entry]:
    return {f"{family}.{name}": Entry(OWN.format(family), own=i) for i, name in zip(range(count), names.split(), strict=True)}


def _trees(source: str, values: tuple[Any, ...], view: Mapping[str, Any] | None = None) -> Entry:
    return Entry(source, dict(zip(LIGHTGBM, values, strict=True)), view=view or {})


LIGHTGBM = (
    "learning_rate",
    "num_leaves",
    "min_data_in_leaf",
    "feature_fraction",
    "bagging_fraction",
    "extra_trees",
    "lambda_l1",
    "lambda_l2",
    "cat_l2",
    "cat_smooth",
    "max_cat_to_onehot",
    "min_data_per_group",
)
"""Columns of the table of LightGBM's entries."""
CATBOOST = ("learning_rate", "depth", "grow_policy", "l2_leaf_reg", "subsample", "max_ctr_complexity", "one_hot_max_size")
XGBOOST = ("learning_rate", "max_depth", "min_child_weight", "subsample", "colsample_bytree", "reg_alpha", "reg_lambda")
LEAFWISE = MappingProxyType({"grow_policy": "lossguide"})

ENTRIES: dict[str, Entry] = {
    **_own("lightgbm", 4, "fast tuned small loose"),
    "lightgbm.r13": _trees(
        RATE.format(CPU_2025.format("GBM_PREP_r13"), 0.0193),
        (0.03, 64, 28, 0.553, 0.992, True, 0.914, 1.904, 0.0143, 1.866, 18, 54),
        BOTH,
    ),
    "lightgbm.r41": _trees(
        RATE.format(CPU_2025.format("GBM_PREP_r41"), 0.0074),
        (0.05, 8, 15, 0.425, 0.722, True, 0.113, 0.262, 1.887, 0.0278, 9, 10),
        BOTH,
    ),
    "lightgbm.r31": _trees(
        CPU_2025.format("GBM_PREP_r31"),
        (0.0398, 16, 1, 0.579, 0.959, False, 0.938, 0.990, 1.896, 0.0215, 27, 39),
        BOTH,
    ),
    "lightgbm.r47": _trees(
        CPU_2025.format("GBM_PREP_r47"),
        (0.0537, 32, 1, 0.497, 0.992, True, 0.797, 1.218, 0.984, 0.00497, 13, 4),
        MADE,
    ),
    "lightgbm.r14": _trees(
        CPU_2025.format("GBM_PREP_r14"),
        (0.072, 32, 26, 0.465, 0.932, True, 0.659, 1.780, 0.0655, 0.0696, 72, 32),
        ENCODED,
    ),
    "lightgbm.r163": _trees(
        RATE.format(CPU_2025.format("GBM_r163"), 0.0114),
        (0.03, 84, 3, 0.528, 0.978, False, 0.0269, 0.838, 0.155, 0.00931, 42, 75),
    ),
    "lightgbm.r72": _trees(
        RATE.format(CPU_2025.format("GBM_r72"), 0.018),
        (0.03, 180, 12, 0.404, 0.950, True, 0.766, 1.604, 0.216, 0.0638, 11, 3),
    ),
    "lightgbm.r120": _trees(
        RATE.format(CPU_2025.format("GBM_r120"), 0.0127),
        (0.06, 5, 12, 0.733, 0.854, True, 0.241, 0.298, 0.0110, 5.091, 67, 93),
    ),
    "lightgbm.r63": _trees(
        CPU_2025.format("GBM_r63"),
        (0.0309, 24, 1, 0.490, 0.780, False, 0.642, 0.581, 0.00714, 0.134, 38, 83),
    ),
    "lightgbm.r39": _trees(
        CPU_2025.format("GBM_r39"),
        (0.0947, 23, 13, 0.782, 0.704, True, 0.370, 0.0341, 0.0135, 56.49, 13, 4),
    ),
    "lightgbm.r50": _trees(
        CPU_2025.format("GBM_r50"),
        (0.0508, 106, 4, 0.929, 0.967, True, 0.0448, 1.732, 1.766, 0.00977, 11, 2),
    ),
    "lightgbm.large": Entry(
        TABREPO.format("GBM Large"),
        {"learning_rate": 0.03, "num_leaves": 128, "min_data_in_leaf": 3, "feature_fraction": 0.9},
    ),
    **_own("catboost", 4, "quick tuned library deep"),
    "catboost.r91": Entry(
        ARENA.format("CatBoost r91; max_ctr_complexity lowered from 5"),
        {
            **dict(zip(CATBOOST, (0.0475, 4, "SymmetricTree", 0.0027, 0.799, 2, 11), strict=True)),
            "leaf_estimation_iterations": 12,
            "model_size_reg": 0.163,
            "border_count": 254,
        },
    ),
    "catboost.r177": Entry(
        TABREPO.format("CAT_r177; max_ctr_complexity lowered from 4, subsample ours"),
        dict(zip(CATBOOST, (0.0686, 6, "SymmetricTree", 2.154, 0.8, 2, 10), strict=True)),
    ),
    "catboost.r50": Entry(
        TABREPO.format("CAT_r50; subsample ours"), dict(zip(CATBOOST, (0.0709, 4, "Depthwise", 2.702, 0.8, 1, 2), strict=True))
    ),
    **_own("xgboost", 1, "tuned"),
    "xgboost.r171": Entry(
        RATE.format(ARENA.format(f"XGBoost r171; {ONE_SHARE}"), 0.0068),
        {**dict(zip(XGBOOST, (0.04, 6, 0.0507, 0.966, 0.92, 4.245, 1.480), strict=True)), **LEAFWISE, "max_leaves": 10},
    ),
    "xgboost.r40": Entry(
        RATE.format(ARENA.format(f"XGBoost r40; {ONE_SHARE}"), 0.0112),
        {**dict(zip(XGBOOST, (0.04, 10, 0.140, 0.695, 0.8, 3.496, 1.306), strict=True)), **LEAFWISE, "max_leaves": 35},
    ),
    "xgboost.r89": Entry(TABREPO.format("XGB_r89"), dict(zip(XGBOOST, (0.0878, 5, 0.629, 1.0, 0.663, 0.0, 1.0), strict=True))),
    "xgboost.r33": Entry(
        RATE.format(TABREPO.format("XGB_r33"), 0.0181),
        dict(zip(XGBOOST, (0.04, 10, 0.603, 1.0, 0.692, 0.0, 1.0), strict=True)),
    ),
    **_own("linear", 2, "medium other"),
    "linear.strong_labels": Entry("a stronger penalty", {"C": 0.01}),
    "linear.strong_numbers": Entry("a stronger penalty", {"alpha": 100.0, "l1_ratio": 0.0}),
    **_own("extra_trees", 2, "usual half"),
    "extra_trees.r172": Entry(TABREPO.format("XT_r172"), {"max_features": 1.0, "min_samples_leaf": 4}),
    **_own("random_forest", 2, "usual half"),
    **_own("tabm", 3, "small wide dropout"),
    "tabm.plain": Entry(
        ARENA.format("TabM r184; narrower, at a higher rate"), {"learning_rate": 0.004, "dropout": 0.0, "blocks": 3, "bins": 3}
    ),
    **_own("realmlp", 3, "tuned dropout waves"),
    "realmlp.r9": Entry(
        COMMERCIAL.format("RealMLP r9; what our net has of it"),
        {"learning_rate": 0.0283, "weight_decay": 0.0413, "dropout": 0.465, "layers": 4, "sigma": 0.108, "activation": "mish"},
    ),
}
"""Name to entry; the part before the point is the family. At most 60."""
KEPT: dict[str, tuple[str, ...]] = {
    "lightgbm": ("num_iterations", "bagging_freq"),
    "catboost": ("iterations", "bootstrap_type"),
    "xgboost": ("num_boost_round",),
    "linear": (),
    "extra_trees": ("n_estimators", "max_leaf_nodes"),
    "random_forest": ("n_estimators", "max_leaf_nodes"),
}
"""What an entry takes of the model's first start: sizes that follow the shape of the table. Of the others, nets, all of it."""

ORDERS: dict[str, tuple[str, ...]] = {
    "few": (
        "linear.strong_labels",
        "lightgbm.r47",
        "lightgbm.large",
        "lightgbm.r31",
        "lightgbm.r63",
        "lightgbm.r41",
        "lightgbm.r13",
        "xgboost.r171",
        "xgboost.r40",
        "lightgbm.r72",
        "lightgbm.r14",
        "lightgbm.r120",
        "catboost.r91",
        "lightgbm.r163",
        "catboost.r50",
        "catboost.r177",
        "lightgbm.r39",
        "xgboost.r33",
        "lightgbm.r50",
        "xgboost.r89",
        "extra_trees.r172",
    ),
    "many": (
        "catboost.r91",
        "xgboost.r33",
        "lightgbm.r163",
        "lightgbm.r50",
        "catboost.r177",
        "extra_trees.r172",
        "xgboost.r89",
        "lightgbm.r63",
        "lightgbm.r41",
        "lightgbm.r47",
        "lightgbm.r31",
        "catboost.r50",
        "lightgbm.r13",
        "lightgbm.r39",
        "lightgbm.r120",
        "xgboost.r40",
        "lightgbm.r14",
        "lightgbm.r72",
        "lightgbm.large",
        "xgboost.r171",
        "linear.strong_labels",
    ),
    "numbers": (
        "xgboost.r89",
        "lightgbm.r31",
        "lightgbm.r47",
        "lightgbm.r13",
        "catboost.r91",
        "catboost.r177",
        "catboost.r50",
        "xgboost.r171",
        "lightgbm.r41",
        "xgboost.r40",
        "lightgbm.r63",
        "lightgbm.r14",
        "lightgbm.r120",
        "lightgbm.r39",
        "lightgbm.r163",
        "lightgbm.r50",
        "lightgbm.r72",
        "xgboost.r33",
        "lightgbm.large",
        "extra_trees.r172",
        "linear.strong_numbers",
    ),
}
"""Kind of goal to the entries that follow the models' own starts, in the order that was learned."""


def starts_for(family: str, model: Model, shape: Shape) -> list[dict[str, Any]]:
    """Gives the configurations of a family that are tried first: those of the model, and then others as learned.

    The model's own starts lead. They stand alone for quantiles, with text, and from `LARGE` rows on: nothing was learned there.

    Args:
        family: Name of the family.
        model: It.
        shape: How large the training table is.
    """
    own = model.starts(shape)
    if shape.goal.makes is Makes.QUANTILES or shape.terms or shape.rows >= LARGE:
        return own
    names = [name for name in ORDERS[kind_of(shape.goal)] if family_of(name) == family]
    more = [start for name in names if (start := start_of(name, model, shape)) is not None and start not in own]
    return [*own, *more[: max(0, MOST_STARTS - len(own))]]


def start_of(name: str, model: Model, shape: Shape) -> dict[str, Any] | None:
    """Gives the configuration of an entry for a table of a shape, or none where it is not legal for what is made.

    Args:
        name: Name of the entry.
        model: Its family.
        shape: How large the training table is.
    """
    entry, own = ENTRIES[name], model.starts(shape)
    if entry.own is not None:
        return own[entry.own] if entry.own < len(own) else None
    legal = model.legal(shape.goal)
    if not all(key in legal and inside(Fixed(value), legal[key]) for key, value in entry.params.items()):
        return None
    kept = KEPT.get(family_of(name), tuple(own[0]))
    return {**{key: own[0][key] for key in kept if key in own[0]}, **entry.params}


def family_of(name: str) -> str:
    """Gives the family of an entry: the part of its name before the point."""
    return name.partition(".")[0]


def kind_of(goal: Goal) -> str:
    """Gives the kind of goal that an order was learned for: `few` classes, `many`, or `numbers`."""
    if goal.makes is not Makes.PROBABILITIES:
        return "numbers"
    return "many" if goal.width >= MANY_CLASSES else "few"
