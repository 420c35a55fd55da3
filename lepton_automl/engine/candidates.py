"""From the recipe's models to candidates: parameters checked, spaces filled, and why some are not tried."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lepton_automl.data import Dataset
from lepton_automl.engine.portfolio import MANY_CLASSES, starts_for
from lepton_automl.errors import LeptonError, Problem
from lepton_automl.models import MODELS, REPRESENTATION, Model, Shape
from lepton_automl.registry import did_you_mean
from lepton_automl.search import Candidate
from lepton_automl.space import Choice, Dimension, Fixed, Float, Int, inside, parse_dimension, typed_as
from lepton_automl.tasks import Makes

ORDER = ("lightgbm", "linear", "catboost", "xgboost", "extra_trees", "tabm", "realmlp", "random_forest")
"""The order in which families start: the strongest quick ones first. Others follow in the recipe's order."""
ORDER_MANY = ("lightgbm", "linear", "tabm", "realmlp", "extra_trees", "xgboost", "random_forest", "catboost")
"""The same for many classes: each round of boosting grows a tree a class, a net shares its layers."""
PRELOAD = {"lightgbm": "lightgbm", "xgboost": "xgboost", "catboost": "catboost"}
"""Packages a worker imports before its first fit, as scoring needs them too. PyTorch takes seconds and scoring does without it,
so the first fit of a net imports it."""

MANY_LEVELS = 100
"""From so many levels on, their numbers are first taken for numbers: native sets of levels overfit (`docs/features.md`)."""
SOME_LEVELS = 5
"""From so many levels on, the mean target of each is tried."""
ENOUGH_ROWS = 5_000
"""From so many rows on, columns made of others are tried: below, what they told on 2,000 to 5,000 rows did not last."""


@dataclass(frozen=True)
class Choices:
    """Which models are tried.

    Args:
        candidates: Those tried, in the order in which they start.
        refused: Model to why it is not tried.
        problems: What is wrong with the recipe's models.
    """

    candidates: tuple[Candidate, ...]
    refused: Mapping[str, str]
    problems: tuple[Problem, ...]


def choose_candidates(
    models: Mapping[str, Mapping[str, Any] | None],
    shape: Shape,
    data: Dataset | None,
    device: str,
    plugins: tuple[str, ...],
    threads: int = 1,
) -> Choices:
    """Checks the models of a recipe and makes candidates of them.

    Args:
        models: Model to its parameters, as in the recipe.
        shape: How large the training table is.
        data: The table, or none if it could not be read: then columns are not looked at.
        device: `cpu` or `gpu`.
        plugins: Packages whose models may be named.
        threads: Threads of one fit.
    """
    problems: list[Problem] = []
    candidates: dict[str, Candidate] = {}
    refused: dict[str, str] = {}
    places = MODELS.places(plugins)
    for name, params in models.items():
        key = f"search.models.{name}"
        if name not in places:
            problems.append(Problem(key, "is not a model.", did_you_mean(name, places)))
            continue
        try:
            model: Model = MODELS.find(name, key, plugins)()
        except LeptonError as error:
            problems.extend(error.problems)
            continue
        found, wrong = _dimensions(model, params or {}, shape, key)
        problems.extend(wrong)
        why = _why_not(model, shape, data, device)
        if why:
            refused[name] = why
        elif not wrong:
            candidates[name] = _candidate(name, places[name], model, found, shape, device, threads)
    first = ORDER_MANY if has_many_classes(shape) else ORDER
    order = sorted(candidates, key=lambda name: (first.index(name) if name in first else len(first), list(models).index(name)))
    if not candidates and not problems:
        said = "; ".join(f"{name}: {why}" for name, why in refused.items()) or "the recipe names none"
        problems.append(
            Problem("search.models", f"no model can be tried ({said}).", "Add one, such as search.models.lightgbm={}.")
        )
    return Choices(tuple(candidates[name] for name in order), refused, tuple(problems))


def has_many_classes(shape: Shape) -> bool:
    """Says whether there are so many classes that nets come before more boosting."""
    return shape.goal.makes is Makes.PROBABILITIES and shape.goal.width >= MANY_CLASSES


def with_precision(choices: Choices, precision: str) -> Choices:
    """Gives nets the precision that the recipe declares for the machine, where it names none for the net itself."""
    return replace(choices, candidates=tuple(_with_precision(candidate, precision) for candidate in choices.candidates))


def _with_precision(candidate: Candidate, precision: str) -> Candidate:
    open_space = candidate.space.get("precision") == Fixed("auto")
    space = {**candidate.space, "precision": Fixed(precision)} if open_space else candidate.space
    starts = [{**start, "precision": precision} if start.get("precision") == "auto" else start for start in candidate.starts]
    return replace(candidate, space=space, starts=tuple(starts))


def _why_not(model: Model, shape: Shape, data: Dataset | None, device: str) -> str:
    """Says why a model is not tried; empty if it is."""
    if shape.goal.makes not in model.makes:
        return f"it does not make {shape.goal.makes}"
    if model.package is not None and importlib.util.find_spec(model.package[0]) is None:
        return f"the package {model.package[0]} is not installed: pip install 'lepton-automl[{model.package[1]}]'"
    if device == "gpu" and "gpu" not in model.devices and not model.devices & {"cpu"}:
        return "it does not run on a GPU"
    if data is not None:
        readable = [column for column in data.features if column.kind in model.reads]
        if not readable and shape.columns:
            kinds = ", ".join(sorted({str(column.kind) for column in data.features}))
            return f"it reads none of the columns ({kinds})"
    return ""


def unread_columns(model: Model, data: Dataset) -> list[str]:
    """Gives the features a model can not read."""
    return [column.name for column in data.features if column.kind not in model.reads]


def _dimensions(model: Model, params: Mapping[str, Any], shape: Shape, key: str) -> tuple[dict[str, Dimension], list[Problem]]:
    legal, found, problems = model.legal(shape.goal), {}, []
    for name, value in params.items():
        here = f"{key}.{name}"
        if name not in legal:
            problems.append(Problem(here, f"is not a parameter of {key.rpartition('.')[2]}.", did_you_mean(name, legal)))
            continue
        try:
            dimension = parse_dimension(value, here)
        except LeptonError as error:
            problems.extend(error.problems)
            continue
        if not inside(dimension, legal[name]):
            problems.append(Problem(here, f"must be {_said(legal[name])}, got {value!r}.", ""))
        else:
            found[name] = typed_as(dimension, legal[name])
    return found, problems


def _said(dimension: Dimension) -> str:
    if isinstance(dimension, Choice):
        return "one of: " + ", ".join(map(str, dimension.options))
    assert isinstance(dimension, Int | Float)
    word = "a whole number" if isinstance(dimension, Int) else "a number"
    return f"{word} from {dimension.low:g} to {dimension.high:g}"


def _candidate(
    name: str, place: str, model: Model, given: Mapping[str, Dimension], shape: Shape, device: str, threads: int
) -> Candidate:
    space = {**model.space(shape), **{key: value for key, value in given.items() if key not in REPRESENTATION}}
    views = _views(model, given, shape)
    given = {key: value for key, value in given.items() if key not in REPRESENTATION}
    starts: list[dict[str, Any]] = []
    for start in starts_for(name, model, shape):
        kept = {key: _nearest(given[key], value) if key in given else value for key, value in start.items()}
        kept.update({key: dimension.value for key, dimension in given.items() if isinstance(dimension, Fixed)})
        kept.update({key: _middle(dimension) for key, dimension in given.items() if key not in kept})
        if kept not in starts:
            starts.append(kept)
    return Candidate(
        name,
        place,
        space,
        tuple(starts),
        model.in_rounds,
        PRELOAD.get(name, ""),
        device if device in model.devices else "cpu",
        views,
        model.rate,
        model.span,
        model.least_seconds(shape) / threads,
    )


def _views(model: Model, given: Mapping[str, Dimension], shape: Shape) -> tuple[dict[str, Any], ...]:
    """Gives the representations worth trying on a table of this shape: the usual one, then each with one thing changed.

    What the recipe gives for a parameter of `REPRESENTATION` is all that is tried of it.
    """
    legal = model.legal(shape.goal)
    options: dict[str, list[Any]] = {}
    if "categories" in legal and shape.levels:
        many = shape.levels >= MANY_LEVELS
        options["categories"] = ["ordinal", "native"] if many else ["native", "ordinal"]
        options["categories"] += ["target"] if shape.levels >= SOME_LEVELS else []
    if "texts" in legal and shape.phrases:
        options["texts"] = ["target", "topics"]
    if "made" in legal and shape.numbers >= 2 and shape.rows >= ENOUGH_ROWS:
        options["made"] = [False, True]
    if "target_scale" in legal and shape.is_skewed:
        options["target_scale"] = ["raw", "log"]
    for key, dimension in given.items():
        if key in REPRESENTATION:
            options[key] = [dimension.value] if isinstance(dimension, Fixed) else list(_choices(dimension))
    usual = {key: values[0] for key, values in options.items()}
    return (usual, *({**usual, key: value} for key, values in options.items() for value in values[1:]))


def _choices(dimension: Dimension) -> tuple[Any, ...]:
    assert isinstance(dimension, Choice)
    return dimension.options


def _nearest(dimension: Dimension, value: Any) -> Any:
    """Gives the value of the recipe's dimension nearest to a default."""
    if isinstance(dimension, Fixed):
        return dimension.value
    if isinstance(dimension, Choice):
        return value if value in dimension.options else dimension.options[0]
    return min(max(value, dimension.low), dimension.high)


def _middle(dimension: Dimension) -> Any:
    if isinstance(dimension, Fixed):
        return dimension.value
    if isinstance(dimension, Choice):
        return dimension.options[0]
    middle = (dimension.low * dimension.high) ** 0.5 if dimension.log else (dimension.low + dimension.high) / 2
    return round(middle) if isinstance(dimension, Int) else middle
