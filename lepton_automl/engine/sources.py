"""From the recipe's `data` block to a typed table."""

from __future__ import annotations

from typing import Any

from lepton_automl.data import Dataset, Kind, ReadingRules, Role, Source, build_dataset, reread_dataset
from lepton_automl.data.cache import CachedSource
from lepton_automl.data.sources.duckdb import DuckdbSource, JoinedSource
from lepton_automl.data.sources.file import FileSource
from lepton_automl.data.sources.sql import SqlSource
from lepton_automl.engine.plan import Loaded
from lepton_automl.errors import DataError, Problem, RecipeError
from lepton_automl.ledger import Entry
from lepton_automl.recipe import Recipe, find_examples
from lepton_automl.recipe import blocks as block
from lepton_automl.registry import did_you_mean


def build_source(spec: Any, key: str, data: block.Data) -> Source:
    """Makes the source that a block of the recipe describes.

    Raises:
        RecipeError: If an example of that name does not exist.
    """
    if isinstance(spec, block.SqlSource):
        return SqlSource(key, spec.url, spec.query, spec.table, data.duplicate_names)
    if isinstance(spec, block.DuckdbSource):
        return DuckdbSource(key, spec.path, spec.query, spec.table, data.duplicate_names)
    if isinstance(spec, block.ExampleSource):
        examples = find_examples()
        if spec.name not in examples:
            raise RecipeError(Problem(f"{key}.name", f"{spec.name!r} is not an example.", did_you_mean(spec.name, examples)))
        return FileSource(key, str(examples[spec.name]), duplicate_names=data.duplicate_names)
    fields = spec.model_dump()
    source = FileSource(key, **fields, ragged_rows=data.ragged_rows, duplicate_names=data.duplicate_names)
    return CachedSource(source) if data.cache else source


def training_source(data: block.Data) -> Source:
    """Makes the source of the rows to learn from: one table, or several joined by a query.

    Raises:
        RecipeError: If neither or both are given.
    """
    if data.source is not None and data.sources:
        raise RecipeError(Problem("data", "has both source and sources.", "Keep one of them."))
    if data.source is not None:
        return build_source(data.source, "data.source", data)
    if not data.sources:
        raise RecipeError(
            Problem("data.source", "is required and absent.", "Write data.source.path=FILE, or another kind of source.")
        )
    if data.query is None:
        names = ", ".join(data.sources)
        raise RecipeError(Problem("data.query", "is required with data.sources.", f"Write SQL over the names {names}."))
    sources = {name: build_source(spec, f"data.sources.{name}", data) for name, spec in data.sources.items()}
    return JoinedSource("data.query", sources, data.query)


def roles_by_column(recipe: Recipe) -> tuple[dict[str, frozenset[Role]], dict[str, str]]:
    """Gives column to roles, and column to the recipe key that names it."""
    given: dict[str, set[Role]] = {}
    keys: dict[str, str] = {}

    def give(name: str | None, role: Role, key: str) -> None:
        if name is not None:
            given.setdefault(name, set()).add(role)
            keys.setdefault(name, key)

    task, roles = recipe.task, recipe.data.roles
    give(task.target, Role.TARGET, "task.target")
    if isinstance(task, block.ForecastTask):
        give(task.time, Role.TIME, "task.time")
        for name in task.series:
            give(name, Role.SERIES, "task.series")
        for name in task.known_future:
            give(name, Role.KNOWN_FUTURE, "task.known_future")
    give(recipe.split.time, Role.TIME, "split.time")
    give(recipe.split.group, Role.GROUP, "split.group")
    give(roles.weight, Role.WEIGHT, "data.roles.weight")
    give(roles.amount, Role.AMOUNT, "data.roles.amount")
    for role in (Role.ID, Role.PROTECTED, Role.EVALUATION_ONLY):
        for name in getattr(roles, str(role)):
            give(name, role, f"data.roles.{role}")
    return {name: frozenset(found) for name, found in given.items()}, keys


def load_data(recipe: Recipe, has_labels: bool) -> Loaded:
    """Reads all tables of the recipe and types them.

    Raises:
        RecipeError: If the block contradicts itself.
        DataError: If a table can not be read, or a column that the recipe names is not there.
    """
    data = recipe.data
    roles, keys = roles_by_column(recipe)
    rules = ReadingRules(
        kinds={name: Kind(kind) for name, kind in data.kinds.items()},
        roles=roles,
        ignore=frozenset(data.ignore),
        missing_tokens=tuple(data.missing_tokens),
        max_unreadable_share=data.max_unreadable_share,
        date_order=data.date_order,
        label_targets=has_labels,
        keys=keys,
    )
    contradicted = [
        Problem(keys[name], f"{name!r} is also in data.ignore.", "Take it out of one of them.")
        for name in roles
        if name in data.ignore
    ]
    if contradicted:
        raise RecipeError(contradicted)
    raw = training_source(data).read()
    if isinstance(recipe.task, block.ForecastTask):
        rules = _unknown_future(rules, list(raw.frame.columns), recipe.task)
    source, entries = build_dataset(raw, rules)
    test, test_entries = _load_test(recipe, source, has_labels)
    return Loaded(source, test, (*entries, *test_entries), raw.place)


def _unknown_future(rules: ReadingRules, columns: list[str], task: block.ForecastTask) -> ReadingRules:
    """Keeps columns out of a forecast whose future values nobody knows."""
    known = {task.target, task.time, *task.series, *task.known_future, *rules.ignore}
    roles = {
        name: frozenset({Role.PAST_ONLY, Role.EVALUATION_ONLY})
        for name in columns
        if name not in known and name not in rules.roles
    }
    return ReadingRules(**{**vars(rules), "roles": {**rules.roles, **roles}})


def _load_test(recipe: Recipe, source: Dataset, has_labels: bool) -> tuple[Dataset | None, list[Entry]]:
    if recipe.data.test is None:
        return None, []
    raw = build_source(recipe.data.test, "data.test", recipe.data).read()
    optional = frozenset(c.name for c in source.columns if not c.roles & {Role.FEATURE, Role.TARGET, Role.TIME, Role.SERIES})
    if recipe.task.target not in raw.frame.columns:
        message = f"{recipe.task.target!r} is not a column of {raw.place}; test rows need the target."
        raise DataError(Problem("data.test", message, did_you_mean(recipe.task.target, list(raw.frame.columns))))
    test, entries = reread_dataset(raw, source, has_labels, "data.test", optional)
    marked = [Entry(**{**vars(e), "stage": "load test", "rows_before": -1, "rows_after": -1}) for e in entries]
    return test, marked
