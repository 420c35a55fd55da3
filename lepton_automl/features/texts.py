"""A text as weighted terms: words, or runs of characters."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import as_texts
from lepton_automl.features.protocol import State


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

        analyze, places = self._reader
        found, ends = array("l"), [0]
        for text in texts:
            found.extend(place for term in analyze(text or "") if (place := places.get(term)) is not None)
            ends.append(len(found))
        shape = (len(ends) - 1, len(self.terms))
        counts = sparse.csr_matrix((np.ones(len(found), "float32"), np.asarray(found, "int32"), ends), shape)
        counts.sum_duplicates()
        weights = (1 + np.log(counts.data)) * self.weights[counts.indices]
        rows = np.repeat(np.arange(shape[0]), np.diff(counts.indptr))
        lengths = np.sqrt(np.bincount(rows, weights * weights, shape[0]))
        return sparse.csr_matrix(((weights / lengths[rows]).astype("float32"), counts.indices, counts.indptr), shape)

    @cached_property
    def _reader(self) -> tuple[Any, dict[str, int]]:
        """What takes a text apart, and the place of each term."""
        analyze = _vectorizer(self.analyzer, self.ngrams).build_analyzer()
        return analyze, {term: place for place, term in enumerate(self.terms)}

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
