"""Texts, and categories whose levels are phrases, as what a linear model reads of the target in them, out of fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.features.protocol import State
from lepton_automl.features.steps import present_in
from lepton_automl.features.target import Aim
from lepton_automl.features.texts import TextStep, has_blanks, read_all, times

PENALTY = 1.0
"""Of the ridge, on terms of unit length."""
TERMS = 8_000
"""Most terms of each kind of each column."""
SHORT = 60
"""Texts of at most so many characters on average are read as runs of characters besides: titles, names, items."""
SAMPLE = 50_000
"""Most distinct texts that it is learned from."""


@dataclass(frozen=True)
class ReadingStep:
    """All texts of a row as what a ridge on their weighted terms says of the target: one number, or one a class.

    On the training rows themselves it is what a ridge says that learned from the other inner folds, so that no row is
    described by its own target. Rows with the same texts are one row to it, with their weight and mean target.

    Args:
        columns: The columns read.
        texts: Give the weighted terms of them.
        weights: Shape `(terms, outputs)`.
        bias: Shape `(outputs,)`.
        outputs: Classes it speaks of; empty for numbers.

    Source: Hoerl and Kennard (1970), "Ridge regression: biased estimation for nonorthogonal problems", Technometrics 12(1),
    pages 55-67; out of fold as Wolpert (1992), "Stacked generalization", Neural Networks 5(2), pages 241-259.
    """

    columns: tuple[str, ...]
    texts: tuple[TextStep, ...]
    weights: np.ndarray
    bias: np.ndarray
    outputs: tuple[int, ...] = ()

    @classmethod
    def learn(
        cls, frame: pd.DataFrame, columns: Sequence[str], ngrams: int, aim: Aim, seed: int
    ) -> tuple[ReadingStep, np.ndarray] | None:
        """Learns from training rows; gives nothing where they hold no term.

        Args:
            frame: Training rows.
            columns: The columns read.
            ngrams: Longest run of words.
            aim: Their targets.
            seed: Seed of the sample that terms are taken from.

        Returns:
            The step, and the training rows' own block, out of fold, shape `(n, len(names))`.
        """
        codes, found = _distinct(frame, columns)
        distinct = pd.DataFrame(found)
        sample = distinct if len(distinct) <= SAMPLE else distinct.sample(SAMPLE, random_state=seed)
        texts = tuple(text for name in columns for text in _terms(sample, name, ngrams))
        if not texts or len(distinct) < 2:
            return None
        X = read_all(texts, [found[text.column] for text in texts])
        out = np.tile(aim.prior, (len(frame), 1))
        for here in aim.folds():
            weights, bias = _ridge(X, codes[~here], aim.only(~here))
            out[here] = (X @ weights + bias)[codes[here]]
        weights, bias = _ridge(X, codes, aim)
        step = cls(tuple(columns), texts, weights.astype("float32"), bias, aim.outputs)
        return step, out.astype("float32")

    @property
    def names(self) -> tuple[str, ...]:
        """One for numbers or two classes, else one a class."""
        said = ", ".join(self.columns)
        return tuple(f"target of class {code} read in {said}" for code in self.outputs) or (f"target read in {said}",)

    @property
    def sources(self) -> tuple[str, ...]:
        """The first of the columns, for each."""
        return (self.columns[0],) * len(self.names)

    def apply(self, frame: pd.DataFrame, context: pd.DataFrame | None) -> np.ndarray:
        """Reads each distinct text once; a missing one holds no term."""
        codes, found = _distinct(frame, self.columns)
        read = times(self.texts, [found[text.column] for text in self.texts], self.weights)
        return np.asarray(read + self.bias)[codes].astype("float32")

    def state(self) -> State:
        """Gives what was learned."""
        metas, arrays = [], {"coefficients": self.weights, "bias": self.bias}
        for number, text in enumerate(self.texts):
            meta, mine = text.state()
            metas.append(meta)
            arrays[f"weights{number}"] = mine["weights"]
        return {"step": "reading", "columns": list(self.columns), "texts": metas, "outputs": list(self.outputs)}, arrays

    @classmethod
    def load(cls, meta: dict[str, Any], arrays: dict[str, np.ndarray]) -> ReadingStep:
        """Reads what `state` gave."""
        texts = tuple(TextStep.load(one, {"weights": arrays[f"weights{i}"]}) for i, one in enumerate(meta["texts"]))
        return cls(tuple(meta["columns"]), texts, arrays["coefficients"], arrays["bias"], tuple(meta["outputs"]))


def _distinct(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Gives the place of each row's texts among the distinct ones, shape `(n,)`, and those by column."""
    keys, parts = np.zeros(len(frame), dtype="int64"), []
    for name in columns:
        codes, found = present_in(frame, name)
        parts.append((name, codes, np.array([*found, None], dtype=object)))
        keys = np.unique(keys * (len(found) + 1) + codes + 1, return_inverse=True)[1]
    _, first, codes = np.unique(keys, return_index=True, return_inverse=True)
    return codes, {name: texts[of[first]] for name, of, texts in parts}


def _terms(sample: pd.DataFrame, column: str, ngrams: int) -> list[TextStep]:
    texts = sample[column].dropna()
    found = [TextStep.learn(sample, column, TERMS, ngrams)]
    if len(texts) and texts.str.len().mean() <= SHORT and has_blanks(texts):
        found.append(TextStep.learn(sample, column, TERMS, ngrams, "runs"))
    return [text for text in found if text.terms]


def _ridge(X: Any, codes: np.ndarray, aim: Aim) -> tuple[np.ndarray, np.ndarray]:
    """Fits a ridge on distinct texts, each with the weight and mean target of its rows; gives coefficients and bias."""
    from sklearn.linear_model import Ridge

    weight = np.bincount(codes, weights=aim.weight, minlength=X.shape[0])
    here = np.flatnonzero(weight > 0)
    if not len(here):
        return np.zeros((X.shape[1], aim.targets.shape[1])), aim.prior
    columns = [np.bincount(codes, weights=aim.weight * one, minlength=X.shape[0])[here] / weight[here] for one in aim.targets.T]
    means = np.column_stack(columns)
    scale = np.maximum(means.std(axis=0), 1e-12)
    model = Ridge(PENALTY, solver="sparse_cg", tol=1e-3)
    model.fit(X[here], (means - aim.prior) / scale, sample_weight=weight[here])
    weights = np.reshape(model.coef_, (-1, X.shape[1])).T * scale
    return weights, np.atleast_1d(model.intercept_) * scale + aim.prior
