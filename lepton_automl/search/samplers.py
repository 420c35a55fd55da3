"""The samplers and pruners of Optuna that a recipe may name, their arguments, and what each of them needs."""

from __future__ import annotations

import contextlib
import importlib.util
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from lepton_automl.errors import Problem
from lepton_automl.registry import did_you_mean

Arguments = Mapping[str, Mapping[str, type]]
SAMPLERS: Arguments = {
    "tpe": {"n_startup_trials": int, "n_ei_candidates": int, "multivariate": bool, "group": bool, "constant_liar": bool},
    "random": {},
    "cmaes": {
        "n_startup_trials": int,
        "sigma0": float,
        "popsize": int,
        "with_margin": bool,
        "lr_adapt": bool,
        "use_separable_cma": bool,
    },
    "gp": {"n_startup_trials": int, "deterministic_objective": bool},
    "nsgaii": {"population_size": int, "mutation_prob": float, "crossover_prob": float, "swapping_prob": float},
    "qmc": {"qmc_type": str, "scramble": bool},
}
"""Sampler to its arguments, under Optuna's names."""
_SHARED = {"n_startup_trials": int, "n_warmup_steps": int, "interval_steps": int, "n_min_trials": int}
_RUNGS = {"min_resource": int, "reduction_factor": int, "bootstrap_count": int}
PRUNERS: Arguments = {
    "racing": {},
    "none": {},
    "median": _SHARED,
    "percentile": {"percentile": float, **_SHARED},
    "successive_halving": {**_RUNGS, "min_early_stopping_rate": int},
    "hyperband": {**_RUNGS, "max_resource": int},
    "wilcoxon": {"p_threshold": float, "n_startup_steps": int},
}
"""Pruner to its arguments, under Optuna's names."""
OWN_PRUNERS = ("racing", "none")
"""Those that are not Optuna's: they know several objectives too."""
ONE_OBJECTIVE = ("cmaes",)
"""Samplers that know a single objective."""
NEEDS = {"cmaes": ("cmaes", "cmaes"), "gp": ("torch", "nets")}
"""Sampler to the package it needs, and the extra that brings it."""
POPULATION = 20
"""Population of NSGA-II: Optuna's 50 would be random configurations in most runs, as each family has a study of its own."""
WILCOXON_P = 0.13
"""Optuna's 0.1 can not be reached before the fourth fold: the smallest one-sided p is 1/8 with three."""


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keeps Optuna's remarks about experimental parts and independent sampling back; `docs/search.md` says what they say."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def make_sampler(kind: str, seed: int, study_seed: int, options: Mapping[str, Any]) -> Any:
    """Makes one of Optuna's samplers.

    Args:
        kind: Its name in the recipe.
        seed: Seed of the next configuration.
        study_seed: Seed of all configurations of the study: points of a sequence must belong to the same sequence.
        options: Its arguments.
    """
    from optuna import samplers

    with quiet():
        if kind == "tpe":
            return samplers.TPESampler(seed=seed, **{"n_startup_trials": 5, **options})
        if kind == "nsgaii":
            return samplers.NSGAIISampler(seed=seed, **{"population_size": POPULATION, **options})
        if kind == "random":
            return samplers.RandomSampler(seed=seed)
        others: dict[str, Any] = {"independent_sampler": samplers.RandomSampler(seed=seed), "warn_independent_sampling": False}
        if kind == "cmaes":
            return samplers.CmaEsSampler(seed=seed, **others, **options)
        if kind == "gp":
            return samplers.GPSampler(seed=seed, **others, **{"n_startup_trials": 5, **options})
        apart: dict[str, Any] = {"warn_asynchronous_seeding": False, "scramble": True}
        return samplers.QMCSampler(seed=study_seed, **others, **{**apart, **options})


def make_pruner(kind: str, folds: int, options: Mapping[str, Any]) -> Any:
    """Makes one of Optuna's pruners; a step is a fold.

    Args:
        kind: Its name in the recipe.
        folds: Folds of a complete trial.
        options: Its arguments.
    """
    from optuna import pruners

    with quiet():
        if kind == "median":
            return pruners.MedianPruner(**options)
        if kind == "percentile":
            return pruners.PercentilePruner(**{"percentile": 50.0, **options})
        if kind == "wilcoxon":
            return pruners.WilcoxonPruner(**{"p_threshold": WILCOXON_P, **options})
        rungs = {"min_resource": 1, "reduction_factor": 2, **options}
        if kind == "successive_halving":
            return pruners.SuccessiveHalvingPruner(**rungs)
        return pruners.HyperbandPruner(**{"max_resource": folds, **rungs})


def sampler_problems(kind: str, options: Mapping[str, Any], objectives: int) -> list[Problem]:
    """Says what is wrong with a sampler, its arguments, or with it here."""
    key = "search.sampler"
    package, extra = NEEDS.get(kind, ("", ""))
    if package and importlib.util.find_spec(package) is None:
        fix = f"pip install 'lepton-automl[{extra}]', or write {key}=tpe."
        return [Problem(key, f"{kind} needs the package {package}, which is not installed.", fix)]
    if objectives > 1 and kind in ONE_OBJECTIVE:
        return [Problem(key, f"{kind} knows one objective; search.objectives has {objectives}.", "Write tpe or nsgaii.")]
    problems = _argument_problems("search.sampler_options", kind, SAMPLERS[kind], options)
    if options and not problems:
        problems = _made("search.sampler_options", lambda: make_sampler(kind, 0, 0, options))
    return problems


def pruner_problems(kind: str, options: Mapping[str, Any], folds: int, objectives: int) -> list[Problem]:
    """Says what is wrong with a pruner, its arguments, or with it here."""
    if objectives > 1 and kind not in OWN_PRUNERS:
        message = f"{kind} is Optuna's and knows one objective; search.objectives has {objectives}."
        return [Problem("search.pruner", message, "Write racing or none.")]
    problems = _argument_problems("search.pruner_options", kind, PRUNERS[kind], options)
    if options and not problems:
        problems = _made("search.pruner_options", lambda: make_pruner(kind, folds, options))
    return problems


def _argument_problems(key: str, kind: str, known: Mapping[str, type], options: Mapping[str, Any]) -> list[Problem]:
    problems = []
    for name, value in options.items():
        if name not in known:
            fix = did_you_mean(name, known) if known else f"{kind} takes none: remove it."
            problems.append(Problem(f"{key}.{name}", f"is not an argument of {kind}.", fix))
        elif not _is_a(value, known[name]):
            word = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}[known[name]]
            problems.append(Problem(f"{key}.{name}", f"must be {word}, got {value!r}."))
    return problems


def _is_a(value: Any, kind: type) -> bool:
    if isinstance(value, bool) or kind is bool:
        return isinstance(value, bool) and kind is bool
    return isinstance(value, int | float) if kind is float else isinstance(value, kind)


def _made(key: str, make: Any) -> list[Problem]:
    """Tries the arguments out: Optuna knows their ranges."""
    try:
        make()
    except (ValueError, TypeError) as error:
        return [Problem(key, f"Optuna refuses it: {str(error).strip().rstrip('.')}.")]
    return []
