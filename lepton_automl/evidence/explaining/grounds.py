"""What explanations rest on: a few governed training rows to compare with, and what may be said of each feature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Column, Dataset, Kind, Role
from lepton_automl.data.personal import find_personal
from lepton_automl.tasks import Makes, Task

NEVER = (Role.PROTECTED, Role.EVALUATION_ONLY, Role.ID, Role.GROUP, Role.WEIGHT)
"""Roles of columns that no reason is ever taken from."""
GRID = 24
"""Values of a number that are tried."""
END = 0.01
"""Share of the training rows that lie beyond each end of the values that are tried of a number; ten rows at least."""
LEVELS = 20
"""Levels of a category that are tried, the most frequent ones."""
MOST_LOOKED_AT = 20_000
"""Training rows among which the background is drawn."""
LEAST_ROWS = 10
"""Training rows that a level must have to be tried or shown, and that lie beyond the ends of a number's values."""
SWEEPS, TRIED_ROWS = 4, 24
"""Times that all background rows are gone through, and rows that are tried in place of each."""
EDGES = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Ranks up to which the share of rows is balanced."""
GOLDEN = (5**0.5 - 1) / 2
FORMAT = 1


@dataclass(frozen=True)
class Phrase:
    """What is said of a feature that is a reason.

    Args:
        up: Where the value is above what is usual, and of categories.
        down: Where it is below.
        missing: Where it is not known.
    """

    up: str
    down: str
    missing: str = ""


@dataclass(frozen=True)
class Explaining:
    """How the recipe wants single predictions explained.

    Args:
        reasons: Reasons that are given at most.
        phrases: Column to what is said of it.
        immutable: Columns that nobody can change.
        changes: Column to the only direction in which it can change: `up` or `down`.
        adverse: The label that a decision acts against, or `high` or `low` for numbers; none: the positive label, or high.
        background: Training rows that the artefact keeps to compare with; 0: it can not explain itself.
        oversight: Who looks at a decision, for letters.
        redress: How a person objects to it.
        title: What the decision is about.
        seed: Seed of the sample.
    """

    reasons: int = 4
    phrases: Mapping[str, Phrase] = field(default_factory=dict)
    immutable: tuple[str, ...] = ()
    changes: Mapping[str, str] = field(default_factory=dict)
    adverse: Any = None
    background: int = 200
    oversight: str = ""
    redress: str = ""
    title: str = ""
    seed: int = 0


@dataclass(frozen=True)
class Outcome:
    """Which number of a prediction is explained, and which way is adverse.

    Args:
        column: Column of the prediction; none: that of the predicted label.
        sense: 1 where higher is adverse, -1 where lower is.
        labels: Labels as text; empty where numbers are predicted.
        adverse: Code of the adverse label; none where numbers are predicted, or no label is.
    """

    column: int | None
    sense: int
    labels: tuple[str, ...] = ()
    adverse: int | None = None

    @classmethod
    def of(cls, task: Task, adverse: Any = None) -> Outcome:
        """Finds it.

        Args:
            task: What is predicted.
            adverse: A label, or `high` or `low`; none for what is usual.
        """
        goal = task.goal
        if goal.makes is Makes.PROBABILITIES and task.labels is not None:
            names = tuple(task.labels.names)
            code = names.index(str(adverse)) if adverse is not None and str(adverse) in names else None
            if goal.width == 2:
                code = 1 if code is None else code
                return cls(1, 1 if code == 1 else -1, names, code)
            return cls(code, 1, names, code)
        middle = goal.levels.index(0.5) if 0.5 in goal.levels else 0
        return cls(middle, -1 if adverse == "low" else 1)

    def columns(self, prediction: np.ndarray) -> np.ndarray:
        """Gives the column that is explained of each row of a prediction of shape `(n, width)`; shape `(n,)`."""
        return prediction.argmax(axis=1) if self.column is None else np.full(len(prediction), self.column)

    def values(self, prediction: np.ndarray) -> np.ndarray:
        """Gives the number that is explained, shape `(n,)`."""
        return np.asarray(prediction[np.arange(len(prediction)), self.columns(prediction)])

    def answers(self, prediction: np.ndarray, threshold: float | np.ndarray | None) -> np.ndarray:
        """Gives the code of the label that is decided, shape `(n,)`; all 0 where numbers are predicted."""
        if not self.labels:
            return np.zeros(len(prediction), dtype="int64")
        if prediction.shape[1] == 2:
            return (prediction[:, 1] >= (0.5 if threshold is None else threshold)).astype("int64")
        return prediction.argmax(axis=1)

    def is_adverse(self, prediction: np.ndarray, threshold: float | np.ndarray | None) -> np.ndarray:
        """Says whether the decision is adverse, shape `(n,)`; always, where no label is the adverse one."""
        if self.adverse is None:
            return np.ones(len(prediction), dtype=bool)
        return self.answers(prediction, threshold) == self.adverse


@dataclass(frozen=True)
class Feature:
    """What may be said of a feature.

    Args:
        name: Its column.
        kind: Its kind.
        grid: Values that may be tried in place of a row's own: numbers in order, or levels, the most frequent first.
        usual: What is usual: the median, or the most frequent level; none where it is not kept.
        is_whole: Whether it holds whole numbers only.
        is_named: Whether a reason may name it: never one that is protected, for evaluation only, or personal.
        is_shown: Whether its values may be shown and kept: not of personal columns, and not of free text.
        is_changeable: Whether it may differ in what would change the answer.
        change: `up` or `down` where it can change in one direction only.
        phrase: What is said of it, or none.
    """

    name: str
    kind: Kind
    grid: tuple[Any, ...] = ()
    usual: Any = None
    is_whole: bool = False
    is_named: bool = True
    is_shown: bool = True
    is_changeable: bool = True
    change: str = ""
    phrase: Phrase | None = None

    @property
    def is_number(self) -> bool:
        """Says whether its values have an order."""
        return self.kind is Kind.NUMBER


@dataclass(frozen=True)
class Grounds:
    """What explanations rest on; it travels in the artefact.

    Args:
        background: Training rows to compare with, in an order of which every beginning is spread over their predictions;
            values that may not be kept are missing.
        features: What may be said of each feature.
        outcome: What is explained.
        explaining: How.
        kept: Columns that a row keeps whatever is compared: series and time of a forecast, an amount that is no feature.
    """

    background: Dataset
    features: tuple[Feature, ...]
    outcome: Outcome
    explaining: Explaining
    kept: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Names of the features."""
        return [feature.name for feature in self.features]

    def to_dict(self) -> dict[str, Any]:
        """Gives all but the rows as plain JSON data."""
        features = [
            {**vars(f), "kind": str(f.kind), "grid": list(f.grid), "phrase": None if f.phrase is None else vars(f.phrase)}
            for f in self.features
        ]
        told = {name: getattr(self.explaining, name) for name in ("reasons", "oversight", "redress", "title", "seed")}
        outcome = {**vars(self.outcome), "labels": list(self.outcome.labels)}
        return {"format": FORMAT, "features": features, "outcome": outcome, "explaining": told, "kept": list(self.kept)}

    @classmethod
    def load(cls, item: Mapping[str, Any], background: Dataset) -> Grounds:
        """Reads what `to_dict` gave."""
        features = tuple(
            Feature(
                **{
                    **f,
                    "kind": Kind(f["kind"]),
                    "grid": tuple(f["grid"]),
                    "phrase": None if f["phrase"] is None else Phrase(**f["phrase"]),
                }
            )
            for f in item["features"]
        )
        outcome = Outcome(**{**item["outcome"], "labels": tuple(item["outcome"]["labels"])})
        explaining = Explaining(background=len(background), **item["explaining"])
        return cls(background, features, outcome, explaining, tuple(item["kept"]))


def learn_grounds(
    train: Dataset, task: Task, explaining: Explaining, positions: np.ndarray, values: np.ndarray, seed: int | None = None
) -> Grounds:
    """Learns them from training rows.

    Args:
        train: The training rows.
        task: What is predicted.
        explaining: How the recipe wants it.
        positions: Positions of training rows that were predicted out of fold, shape `(m,)`.
        values: What was said of them, shape `(m, width)`.
        seed: Seed of the sample, instead of the recipe's.
    """
    amounts = [column.name for column in train.with_role(Role.AMOUNT) if not column.has(Role.FEATURE)]
    past = [] if task.history is None else [*task.history.series, task.history.time]
    kept = tuple(dict.fromkeys([*past, *amounts]))
    columns = [c for c in train.features if c.name not in kept and not c.has(Role.TARGET)]
    features = tuple(_feature(train, column, explaining) for column in columns)
    outcome = Outcome.of(task, explaining.adverse)
    seed = explaining.seed if seed is None else seed
    looked = np.arange(len(positions))
    if len(looked) > MOST_LOOKED_AT:
        looked = np.sort(np.random.default_rng(seed).choice(looked, MOST_LOOKED_AT, replace=False))
    traits = _traits(train.rows(positions[looked]), features)
    of = looked[draw_background(outcome.values(values[looked]), explaining.background, seed, traits)]
    rows = train.rows(positions[of])
    return Grounds(_without_hidden(rows, features, kept), features, outcome, explaining, kept)


def draw_background(values: np.ndarray, count: int, seed: int, traits: np.ndarray | None = None) -> np.ndarray:
    """Draws rows, one of each stretch of equally many rows with like values; gives their positions, shape `(count,)`.

    Among the rows of a stretch it takes those with which the means of all traits are nearest to those of all rows, so that two
    draws tell much the same. Every beginning of them is spread over the values too: the stretches are taken in steps of the
    golden ratio.

    Args:
        values: What was said of the rows, shape `(n,)`.
        count: Rows wanted.
        seed: Seed of the draw.
        traits: What else is to be balanced, shape `(n, q)`; or none.

    Source: Deville and Tillé (2004), "Efficient balanced sampling: the cube method", Biometrika 91(4), pages 893-912; here by
    exchanges inside the stretches.

    >>> np.sort(draw_background(np.arange(8.0), 8, 0)).tolist()
    [0, 1, 2, 3, 4, 5, 6, 7]
    """
    rng, n = np.random.default_rng(seed), len(values)
    order = np.lexsort((rng.random(n), values))
    count = min(count, n)
    edges = np.linspace(0, n, count + 1).astype("int64")
    drawn = edges[:-1] + (rng.random(count) * np.diff(edges)).astype("int64")
    golden = (0.5 + np.arange(count) * GOLDEN) % 1.0
    drawn = order[drawn]
    if traits is not None and traits.shape[1]:
        drawn = _balanced(drawn, order, edges, traits, rng)
    return np.asarray(drawn[golden.argsort().argsort()])


def _balanced(
    drawn: np.ndarray, order: np.ndarray, edges: np.ndarray, traits: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Exchanges drawn rows for others of their stretch while that brings the means of the traits nearer to those of all."""
    drawn, count = drawn.copy(), len(drawn)
    aim = traits[order].mean(axis=0) * count
    off = traits[drawn].sum(axis=0) - aim
    for _ in range(SWEEPS):
        for place in rng.permutation(count):
            room = order[edges[place] : edges[place + 1]]
            others = room if len(room) <= TRIED_ROWS else rng.choice(room, TRIED_ROWS, replace=False)
            without = off - traits[drawn[place]]
            found = without + traits[np.append(others, drawn[place])]
            best = int((found**2).sum(axis=1).argmin())
            if best < len(others):
                drawn[place], off = others[best], found[best]
    return drawn


def _traits(rows: Dataset, features: tuple[Feature, ...]) -> np.ndarray:
    """Gives what is balanced of each feature that may be shown: where its numbers lie, and its levels; shape `(n, q)`."""
    parts = []
    for feature in features:
        values = rows.values(feature.name)
        if not feature.is_shown:
            parts.append(values.isna().to_numpy()[:, None])
        elif feature.kind is Kind.CATEGORY:
            parts.append(
                np.column_stack([(values == level).to_numpy() for level in feature.grid] or [values.isna().to_numpy()])
            )
        else:
            rank = values.rank(pct=True).to_numpy(dtype="float64", na_value=np.nan)
            parts.append(np.column_stack([rank <= edge for edge in EDGES] + [np.nan_to_num(rank, nan=0.5)]))
    found = np.column_stack([part.astype("float32") for part in parts]) if parts else np.zeros((len(rows), 0), dtype="float32")
    return np.asarray(found[:, found.std(axis=0) > 0])


def _without_hidden(rows: Dataset, features: tuple[Feature, ...], kept: tuple[str, ...]) -> Dataset:
    """Leaves the features, and empties those whose values may not be kept."""
    names = {f.name for f in features}
    rows = rows.without([name for name in rows.names if name not in names])
    for feature in features:
        values = rows.values(feature.name)
        if not feature.is_shown:
            rows = rows.with_column(rows.column(feature.name), _missing_like(values))
        elif isinstance(values.dtype, pd.CategoricalDtype):
            rows = rows.with_column(rows.column(feature.name), values.cat.remove_unused_categories())
    return replace(rows, fingerprint="")


def _missing_like(values: pd.Series) -> pd.Series:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return pd.Series(pd.Categorical([None] * len(values), categories=[]), index=values.index)
    if pd.api.types.is_datetime64_any_dtype(values):
        return pd.Series(pd.NaT, index=values.index, dtype=values.dtype)
    if pd.api.types.is_numeric_dtype(values):
        return pd.Series(np.nan, index=values.index, dtype="float64")
    return pd.Series([None] * len(values), index=values.index, dtype=values.dtype)


def _feature(train: Dataset, column: Column, explaining: Explaining) -> Feature:
    name, values = column.name, train.values(column.name)
    is_personal = find_personal(values, name) is not None
    is_shown = not is_personal and column.kind in (Kind.NUMBER, Kind.CATEGORY, Kind.BOOLEAN, Kind.DATETIME)
    grid, usual, is_whole = _grid(values, column.kind) if is_shown else ((), None, False)
    return Feature(
        name,
        column.kind,
        grid,
        usual,
        is_whole,
        is_named=not is_personal and not any(column.has(role) for role in NEVER),
        is_shown=is_shown,
        is_changeable=len(grid) > 1 and name not in explaining.immutable and not any(column.has(role) for role in NEVER),
        change=explaining.changes.get(name, ""),
        phrase=explaining.phrases.get(name),
    )


def _grid(values: pd.Series, kind: Kind) -> tuple[tuple[Any, ...], Any, bool]:
    """Gives the values that may be tried, what is usual, and whether only whole numbers are there."""
    if kind is Kind.CATEGORY:
        counts = values.value_counts()
        levels = [str(level) for level, count in counts.items() if count >= LEAST_ROWS][:LEVELS]
        return tuple(levels), (levels[0] if levels else None), False
    if kind not in (Kind.NUMBER, Kind.BOOLEAN):
        return (), None, False
    known = values.to_numpy(dtype="float64", na_value=np.nan)
    known = known[np.isfinite(known)]
    if not len(known):
        return (), None, False
    is_whole = bool((known == np.round(known)).all())
    if kind is Kind.BOOLEAN:
        return tuple(sorted(set(known.tolist()))), float(np.round(known.mean())), True
    end = min(0.25, max(END, LEAST_ROWS / len(known)))
    found = np.quantile(known, np.linspace(end, 1 - end, GRID))
    usual = float(np.median(known))
    grid = np.unique(np.round(found) if is_whole else found)
    return tuple(grid.tolist()), (float(np.round(usual)) if is_whole else usual), is_whole
