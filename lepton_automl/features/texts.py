"""A text as weighted terms: words, or runs of characters."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import as_texts
from lepton_automl.features.protocol import State

FEW_TEXTS = 16
"""Texts up to which they are read one by one: sparse matrices take longer to make than to use."""
MOST_TEXTS = 4_096
"""Texts whose terms are remembered (about 12 MB of short ones)."""


@dataclass(frozen=True)
class TextStep:
    """A text as weighted terms (TF-IDF, sublinear, unit length); runs of characters where the script has no blanks.

    Args:
        column: The column.
        terms: The terms, in the order of their columns.
        weights: Inverse document frequency of each term, shape `(p,)`.
        ngrams: Longest run of words or characters.
        analyzer: `word`, `char`, or `runs` of characters within words.

    Source: Salton and Buckley (1988), "Term-weighting approaches in automatic text retrieval", IPM 24(5), pages 513-523.
    """

    column: str
    terms: tuple[str, ...]
    weights: np.ndarray
    ngrams: int
    analyzer: str

    @classmethod
    def learn(cls, frame: pd.DataFrame, column: str, max_features: int, ngrams: int, analyzer: str = "") -> TextStep:
        """Learns the terms and their weights from training rows; words or characters as the script asks, if not told."""
        texts = as_texts(frame[column]).fillna("")
        analyzer = analyzer or ("word" if has_blanks(texts) else "char")
        vectorizer = _vectorizer(analyzer, ngrams, max_features=max_features, min_df=2 if len(texts) >= 1000 else 1)
        try:
            vectorizer.fit(texts)
        except ValueError:  # no term is left: the column holds nothing to learn from
            return cls(column, (), np.zeros(0), ngrams, analyzer)
        return cls(column, tuple(vectorizer.get_feature_names_out()), vectorizer.idf_, ngrams, analyzer)

    @property
    def names(self) -> tuple[str, ...]:
        """One for each term."""
        return tuple(f"{self.column}: {term}" for term in self.terms)

    @property
    def sources(self) -> tuple[str, ...]:
        """The column, for each."""
        return (self.column,) * len(self.terms)

    def apply(self, frame: pd.DataFrame, context: pd.DataFrame | None) -> Any:
        """Gives a CSR matrix of weights."""
        return self.read(as_texts(frame[self.column]))

    def read(self, texts: Iterable[str | None]) -> Any:
        """Gives a CSR matrix of weights, shape `(n, p)`, of texts without blanks around them; a missing one holds no term.

        It is what scikit-learn's `TfidfVectorizer` gives, without its checks: they take longer than reading one row.
        """
        from scipy import sparse

        found, ends = array("l"), [0]
        for text in texts:
            found.extend(self._places(text))
            ends.append(len(found))
        shape = (len(ends) - 1, len(self.terms))
        counts = sparse.csr_matrix((np.ones(len(found), "float32"), np.asarray(found, "int32"), ends), shape)
        counts.sum_duplicates()
        weights = (1 + np.log(counts.data)) * self.weights[counts.indices]
        rows = np.repeat(np.arange(shape[0]), np.diff(counts.indptr))
        lengths = np.sqrt(np.bincount(rows, weights * weights, shape[0]))
        return sparse.csr_matrix(((weights / lengths[rows]).astype("float32"), counts.indices, counts.indptr), shape)

    def read_one(self, text: str | None) -> tuple[np.ndarray, np.ndarray]:
        """Gives the places of a text's terms and their weights, as `read` does: both of shape `(terms in it,)`."""
        places, counts = np.unique(np.array(self._places(text), dtype="int64"), return_counts=True)
        weights = (1 + np.log(counts)) * self.weights[places]
        return places, weights / np.sqrt(weights @ weights) if len(places) else weights

    def _places(self, text: str | None) -> list[int]:
        known = self._known
        terms = terms_of(text or "", self.analyzer, self.ngrams)
        return [place for term in terms if (place := known.get(term)) is not None]

    @cached_property
    def _known(self) -> dict[str, int]:
        """The place of each term."""
        return {term: place for place, term in enumerate(self.terms)}

    def state(self) -> State:
        """Gives what was learned."""
        meta = {
            "step": "text",
            "column": self.column,
            "terms": list(self.terms),
            "ngrams": self.ngrams,
            "analyzer": self.analyzer,
        }
        return meta, {"weights": self.weights}

    @classmethod
    def load(cls, meta: dict[str, Any], arrays: dict[str, np.ndarray]) -> TextStep:
        """Reads what `state` gave."""
        return cls(meta["column"], tuple(meta["terms"]), arrays["weights"], meta["ngrams"], meta["analyzer"])


def read_all(texts: Sequence[TextStep], found: Sequence[Iterable[str | None]]) -> Any:
    """Gives the weighted terms of several texts a row, side by side, as a CSR matrix of shape `(n, terms of all)`."""
    from scipy import sparse

    blocks = [text.read(mine) for text, mine in zip(texts, found, strict=True)]
    return blocks[0] if len(blocks) == 1 else sparse.hstack(blocks, format="csr", dtype="float32")


def times(texts: Sequence[TextStep], found: Sequence[Sequence[str | None] | np.ndarray], matrix: np.ndarray) -> np.ndarray:
    """Gives the weighted terms of several texts a row times a matrix, shape `(n, k)`.

    Args:
        texts: How they are read.
        found: For each of them its text in every row.
        matrix: Shape `(terms of all, k)`.
    """
    n = len(found[0])
    if n > FEW_TEXTS:
        return np.asarray(read_all(texts, found) @ matrix)
    out, since = np.zeros((n, matrix.shape[1])), 0
    for text, mine in zip(texts, found, strict=True):
        for row, one in enumerate(mine):
            places, weights = text.read_one(one)
            out[row] += weights @ matrix[since + places]
        since += len(text.terms)
    return out


@lru_cache(maxsize=MOST_TEXTS)
def terms_of(text: str, analyzer: str, ngrams: int) -> tuple[str, ...]:
    """Takes a text apart; what was taken apart lately is remembered: the steps of all folds ask for the same texts."""
    return tuple(_analyzer(analyzer, ngrams)(text))


@cache
def _analyzer(analyzer: str, ngrams: int) -> Callable[[str], list[str]]:
    found: Callable[[str], list[str]] = _vectorizer(analyzer, ngrams).build_analyzer()
    return found


def has_blanks(texts: pd.Series) -> bool:
    """Says whether words are parted by blanks, as far as the first 500 texts tell."""
    sample = "".join(texts.iloc[:500])
    return sum(char in " \t\n" for char in sample) / max(1, len(sample)) > 0.05


def _vectorizer(analyzer: str, ngrams: int, **options: Any) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    lengths = {"word": (1, ngrams), "char": (1, ngrams + 1), "runs": (2, ngrams + 3)}[analyzer]
    pattern = {"token_pattern": r"(?u)\b\w+\b"} if analyzer == "word" else {}
    kind = {"runs": "char_wb"}.get(analyzer, analyzer)
    return TfidfVectorizer(
        analyzer=kind, ngram_range=lengths, sublinear_tf=True, lowercase=True, dtype=np.float32, **pattern, **options
    )
