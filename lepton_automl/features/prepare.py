"""Learns how columns become a matrix, on training rows only, and keeps it as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset, Kind, Role
from lepton_automl.features.history import HistoryStep
from lepton_automl.features.protocol import FeatureOptions, Needs, Prepared, State, Step
from lepton_automl.features.steps import CodeStep, DateStep, NumberStep, OneHotStep, TextStep
from lepton_automl.tasks import History

STEPS: dict[str, Any] = {
    "number": NumberStep,
    "code": CodeStep,
    "onehot": OneHotStep,
    "date": DateStep,
    "text": TextStep,
    "history": HistoryStep,
}
DENSE_WIDTH = 200
"""A matrix with one-hot columns stays dense up to this width: dense solvers are faster there."""


@dataclass(frozen=True)
class Preparation:
    """A learned way from columns to a matrix.

    Args:
        steps: The pieces, in the order of their columns.
        after: A second number step over the whole dense matrix of dates and lags, where the model needs it filled.
    """

    steps: tuple[Step, ...]
    after: NumberStep | None = None

    def apply(self, frame: pd.DataFrame, context: pd.DataFrame | None = None) -> Prepared:
        """Prepares rows.

        Args:
            frame: The rows, typed as in a `Dataset`.
            context: Rows whose target is known, for steps that look back.
        """
        from scipy import sparse

        blocks = [self._block(step, frame, context) for step in self.steps]
        names = tuple(name for step in self.steps for name in step.names)
        sources = tuple(source for step in self.steps for source in step.sources)
        is_sparse = any(sparse.issparse(block) for block in blocks)
        if is_sparse and len(names) > DENSE_WIDTH:
            X = sparse.hstack([sparse.csr_matrix(block) for block in blocks], format="csr", dtype="float32")
        elif blocks:
            X = np.hstack([block.toarray() if sparse.issparse(block) else block for block in blocks]).astype(
                "float32", copy=False
            )
        else:
            X = np.zeros((len(frame), 0), dtype="float32")
        categorical, levels, position = [], [], 0
        for step in self.steps:
            if isinstance(step, CodeStep):
                categorical.append(position)
                levels.append(len(step.levels))
            position += len(step.names)
        return Prepared(X, names, sources, tuple(categorical), tuple(levels))

    def _block(self, step: Step, frame: pd.DataFrame, context: pd.DataFrame | None) -> Any:
        block = step.apply(frame, context)
        if self.after is None or not isinstance(step, DateStep | HistoryStep):
            return block
        mine = [self.after.columns.index(name) for name in step.names]
        part = NumberStep(step.names, self.after.fill[mine], self.after.mean[mine], self.after.scale[mine])
        return part.apply(pd.DataFrame(block, columns=list(step.names)), None)

    @property
    def reach(self) -> int:
        """Steps of the past that a row looks back to; 0 where rows stand alone."""
        return max((step.reach for step in self.steps if isinstance(step, HistoryStep)), default=0)

    def state(self) -> State:
        """Gives everything learned as JSON data and arrays."""
        metas, arrays = [], {}
        for number, step in enumerate((*self.steps, *((self.after,) if self.after else ()))):
            meta, mine = step.state()
            metas.append(meta)
            arrays.update({f"{number}.{name}": array for name, array in mine.items()})
        return {"steps": metas, "has_after": self.after is not None}, arrays

    @classmethod
    def load(cls, meta: dict[str, Any], arrays: dict[str, np.ndarray]) -> Preparation:
        """Reads what `state` gave."""
        steps = []
        for number, item in enumerate(meta["steps"]):
            mine = {key.partition(".")[2]: array for key, array in arrays.items() if key.startswith(f"{number}.")}
            steps.append(STEPS[item["step"]].load(item, mine))
        return cls(tuple(steps[:-1]), steps[-1]) if meta["has_after"] else cls(tuple(steps))


def learn_preparation(train: Dataset, needs: Needs, options: FeatureOptions, history: History | None) -> Preparation:
    """Learns a preparation from training rows.

    Args:
        train: Training rows.
        needs: What the model needs.
        options: What the recipe says under `features`.
        history: How rows form series, where the task looks back.
    """
    frame, fill = train.frame, needs.missing == "fill"
    by_kind: dict[Kind, list[str]] = {}
    for column in train.features:
        by_kind.setdefault(column.kind, []).append(column.name)
    steps: list[Step] = []
    numbers = [*by_kind.get(Kind.NUMBER, ()), *by_kind.get(Kind.BOOLEAN, ())]
    if numbers:
        steps.append(NumberStep.learn(frame, numbers, fill, needs.scale))
    for name in by_kind.get(Kind.CATEGORY, ()):
        if needs.category == "onehot":
            steps.append(OneHotStep.learn(frame, name, options.max_levels))
        else:
            steps.append(CodeStep.learn(frame, name, fill))
    if options.date_parts:
        dates = (DateStep.learn(frame, name) for name in by_kind.get(Kind.DATETIME, ()))
        steps.extend(date for date in dates if date.parts)
    if history is not None:
        target = train.name_of(Role.TARGET)
        assert target is not None
        steps.append(HistoryStep.learn(frame, target, history))
    if needs.text == "tfidf":
        texts = (
            TextStep.learn(frame, name, options.text_max_features, options.text_ngrams) for name in by_kind.get(Kind.TEXT, ())
        )
        steps.extend(text for text in texts if text.terms)
    preparation = Preparation(tuple(steps))
    return _filled(preparation, frame, needs) if fill or needs.scale else preparation


def _filled(preparation: Preparation, frame: pd.DataFrame, needs: Needs) -> Preparation:
    """Learns to fill and scale the columns that dates and lags give."""
    loose = [step for step in preparation.steps if isinstance(step, DateStep | HistoryStep)]
    if not loose:
        return preparation
    names = [name for step in loose for name in step.names]
    made = np.hstack([step.apply(frame, frame) for step in loose])
    after = NumberStep.learn(pd.DataFrame(made, columns=names), names, needs.missing == "fill", needs.scale)
    return Preparation(preparation.steps, NumberStep(after.columns, after.fill, after.mean, after.scale))
