"""What a model needs of its columns, and what it gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

State = tuple[dict[str, Any], dict[str, np.ndarray]]


@dataclass(frozen=True)
class Needs:
    """How a model wants its columns; two models with the same needs share one preparation.

    Args:
        category: `codes`: one column of level numbers that is marked as a category; `ordinal`: the same, to be taken for
            numbers; `target`: as `ordinal`, with the mean target of each level besides; `onehot`: one column a level.
        missing: `keep` as NaN, or `fill` with the median.
        scale: Whether numbers are centred and scaled to unit variance.
        text: `none`; `tfidf`: weighted terms in a sparse matrix; `topics`: a few dense directions of them; `target`: those,
            and what a linear model reads of the target in them. All read categories whose levels are phrases as well.
        made: Whether columns made of two others are added.
    """

    category: str = "codes"
    missing: str = "keep"
    scale: bool = False
    text: str = "none"
    made: bool = False

    @property
    def key(self) -> str:
        """Names it, for files."""
        parts = (self.category, self.missing, "scaled" if self.scale else "", self.text if self.text != "none" else "")
        return "_".join(part for part in (*parts, "made" if self.made else "") if part)

    def chosen(self, params: Mapping[str, Any]) -> Needs:
        """Gives the needs under a model's parameters: `categories`, `texts` and `made` stand above what the family needs."""
        category = {"native": "codes"}.get(params.get("categories", ""), params.get("categories", self.category))
        text = {"drop": "none"}.get(params.get("texts", ""), params.get("texts", self.text))
        return replace(self, category=category, text=text, made=bool(params.get("made", self.made)))


@dataclass(frozen=True)
class FeatureOptions:
    """What the recipe says under `features`."""

    date_parts: bool = True
    text_max_features: int = 50_000
    text_ngrams: int = 2
    text_topics: int = 30
    text_target: bool = True
    max_levels: int = 1_000
    target_min_levels: int = 5
    crosses: int = 4
    made_columns: int = 12


@dataclass(frozen=True)
class Prepared:
    """Rows as a model takes them.

    Args:
        X: Shape `(n, p)`, float32; an ndarray, or a CSR matrix where there are terms or many levels.
        names: Names of the `p` columns.
        sources: For each of the `p` columns, the column of the dataset it was made of.
        categorical: Positions of the columns that hold level numbers (0, 1, …; NaN: missing or unseen).
        levels: For each categorical position, how many levels there are.
    """

    X: Any
    names: tuple[str, ...]
    sources: tuple[str, ...]
    categorical: tuple[int, ...] = ()
    levels: tuple[int, ...] = ()

    def __len__(self) -> int:
        return int(self.X.shape[0])


class Step(Protocol):
    """One learned piece of a preparation: some columns in, some columns out."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns it makes."""
        ...

    @property
    def sources(self) -> tuple[str, ...]:
        """For each column it makes, the column it was made of."""
        ...

    def apply(self, frame: pd.DataFrame, context: pd.DataFrame | None) -> Any:
        """Makes the columns, shape `(n, len(names))`, float32 or CSR."""
        ...

    def state(self) -> State:
        """Gives what was learned as JSON data and arrays."""
        ...
