"""Texts, and categories whose levels are phrases, as a few dense numbers: what models of dense tables read of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset, Kind
from lepton_automl.features.protocol import State
from lepton_automl.features.steps import present_codes, present_in
from lepton_automl.features.texts import TextStep, times

TERMS = 8_000
"""Most terms that take part."""
PHRASES = 50
"""A category of so many levels, most of them of several words, is read as text as well."""
SAMPLE = 50_000
"""Most distinct texts that it is learned from."""


@dataclass(frozen=True)
class SvdStep:
    """A text column as the leading directions of its weighted terms (latent semantic analysis).

    Args:
        text: Gives the weighted terms.
        components: Shape `(terms, k)`.

    Source: Deerwester et al. (1990), "Indexing by latent semantic analysis", JASIS 41(6), pages 391-407.
    """

    text: TextStep
    components: np.ndarray

    @classmethod
    def learn(cls, frame: pd.DataFrame, column: str, k: int, ngrams: int, seed: int) -> SvdStep:
        """Learns terms and directions from the distinct texts of training rows."""
        from sklearn.decomposition import TruncatedSVD

        distinct = pd.Series(np.asarray(present_codes(frame[column])[1], dtype=object))
        if len(distinct) > SAMPLE:
            distinct = distinct.sample(SAMPLE, random_state=seed)
        table = pd.DataFrame({column: distinct.to_numpy(dtype=object)})
        text = TextStep.learn(table, column, TERMS, ngrams)
        width = min(k, len(text.terms) - 1, len(table) - 1)
        if width < 1:
            return cls(text, np.zeros((len(text.terms), 0), dtype="float32"))
        svd = TruncatedSVD(width, n_iter=3, random_state=seed).fit(text.apply(table, None))
        return cls(text, np.ascontiguousarray(svd.components_.T, dtype="float32"))

    @property
    def names(self) -> tuple[str, ...]:
        """One for each direction."""
        return tuple(f"{self.text.column} topic {i + 1}" for i in range(self.components.shape[1]))

    @property
    def sources(self) -> tuple[str, ...]:
        """The column, for each."""
        return (self.text.column,) * self.components.shape[1]

    def apply(self, frame: pd.DataFrame, context: pd.DataFrame | None) -> np.ndarray:
        """Gives the directions of each row's text, each distinct text read once; NaN where it is missing."""
        codes, found = present_in(frame, self.text.column)
        values = times((self.text,), [found], self.components).astype("float32")
        return np.vstack([values, np.full((1, values.shape[1]), np.nan, dtype="float32")])[codes]

    def state(self) -> State:
        """Gives what was learned."""
        meta, arrays = self.text.state()
        return {**meta, "step": "svd"}, {**arrays, "components": self.components}

    @classmethod
    def load(cls, meta: dict[str, Any], arrays: dict[str, np.ndarray]) -> SvdStep:
        """Reads what `state` gave."""
        return cls(TextStep.load(meta, arrays), arrays["components"])


def is_phrase(levels: pd.Series) -> bool:
    """Says whether the levels of a category are phrases: many of them, and most of more than one word."""
    distinct = present_codes(levels)[1]
    return len(distinct) >= PHRASES and sum(len(text.split()) > 1 for text in distinct) > 0.5 * len(distinct)


def count_phrases(data: Dataset) -> int:
    """Gives how many features are texts, or categories whose levels are phrases."""
    texts = sum(column.kind is Kind.TEXT for column in data.features)
    return texts + sum(column.kind is Kind.CATEGORY and is_phrase(data.values(column.name)) for column in data.features)
