"""Learns how columns become a matrix, on training rows only, and keeps it as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset, Kind, Role
from lepton_automl.features.columns import Columns
from lepton_automl.features.history import HistoryStep
from lepton_automl.features.made import GAIN, GROUPS, SAMPLE, MadeStep, share_told
from lepton_automl.features.protocol import FeatureOptions, Needs, Prepared, State, Step
from lepton_automl.features.steps import CodeStep, DateStep, NumberStep, OneHotStep, TextStep, present_levels
from lepton_automl.features.svd import SvdStep, is_phrase
from lepton_automl.features.target import TargetStep, codes_of
from lepton_automl.tasks import History

STEPS: dict[str, Any] = {
    "number": NumberStep,
    "code": CodeStep,
    "onehot": OneHotStep,
    "date": DateStep,
    "text": TextStep,
    "history": HistoryStep,
    "target": TargetStep,
    "svd": SvdStep,
    "made": MadeStep,
}
LOOSE = (DateStep, HistoryStep, SvdStep, MadeStep)
"""Steps that leave missing values as they are, whatever the model needs."""
PHRASES = 50
"""A category of so many levels, most of them of several words, is read as text as well."""
DENSE_WIDTH = 200
"""A matrix with one-hot columns stays dense up to this width: dense solvers are faster there."""


@dataclass(frozen=True)
class Preparation:
    """A learned way from columns to a matrix.

    Args:
        steps: The pieces, in the order of their columns.
        after: A second number step over what dates, lags, topics and made columns give, where the model needs it filled.
    """

    steps: tuple[Step, ...]
    after: NumberStep | None = None

    def apply(
        self, frame: pd.DataFrame | Columns, context: pd.DataFrame | None = None, own: Mapping[int, np.ndarray] | None = None
    ) -> Prepared:
        """Prepares rows.

        Args:
            frame: The rows, typed as in a `Dataset`.
            context: Rows whose target is known, for steps that look back.
            own: Place of a step to the block it gives, where the rows are those it was learned on.
        """
        from scipy import sparse

        known = own or {}
        blocks: list[Any] = [
            known[place] if place in known else self._block(step, frame, context) for place, step in enumerate(self.steps)
        ]
        names, sources, categorical, levels = self._heads
        is_sparse = any(isinstance(step, OneHotStep) for step in self.steps) or any(sparse.issparse(block) for block in blocks)
        if is_sparse and len(names) > DENSE_WIDTH:
            X = sparse.hstack([sparse.csr_matrix(block) for block in blocks], format="csr", dtype="float32")
        elif blocks:
            X = np.hstack([block.toarray() if sparse.issparse(block) else block for block in blocks]).astype(
                "float32", copy=False
            )
        else:
            X = np.zeros((len(frame), 0), dtype="float32")
        return Prepared(X, names, sources, categorical, levels)

    @cached_property
    def _heads(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[int, ...], tuple[int, ...]]:
        """Names and sources of the columns, positions of level numbers, and how many levels each has."""
        categorical, levels, position = [], [], 0
        for step in self.steps:
            if isinstance(step, CodeStep) and not step.as_number:
                categorical.append(position)
                levels.append(len(step.levels))
            position += len(step.names)
        names = tuple(name for step in self.steps for name in step.names)
        sources = tuple(source for step in self.steps for source in step.sources)
        return names, sources, tuple(categorical), tuple(levels)

    def _block(self, step: Step, frame: pd.DataFrame | Columns, context: pd.DataFrame | None) -> Any:
        block = step.apply(frame, context)
        if self.after is None or not isinstance(step, LOOSE):
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


@dataclass(frozen=True)
class Learning:
    """What a preparation is learned from and for.

    Args:
        train: Training rows.
        y: Their target as numbers, or codes of classes, shape `(n,)`; none where it is not to be looked at.
        width: Number of classes; 1 for numbers.
        needs: What the model needs.
        options: What the recipe says under `features`.
        history: How rows form series, where the task looks back.
        seed: Seed of inner folds and samples.
    """

    train: Dataset
    y: np.ndarray | None
    width: int
    needs: Needs
    options: FeatureOptions
    history: History | None = None
    seed: int = 0


def learn_prepared(learning: Learning) -> tuple[Preparation, Prepared]:
    """Learns a preparation from training rows, and prepares them: what is made of the target out of fold."""
    preparation, own = _learn(learning)
    return preparation, preparation.apply(learning.train.frame, learning.train.frame, own)


def learn_preparation(train: Dataset, needs: Needs, options: FeatureOptions, history: History | None) -> Preparation:
    """Learns a preparation that does not look at the target."""
    return _learn(Learning(train, None, 1, needs, options, history))[0]


def _learn(learning: Learning) -> tuple[Preparation, dict[int, np.ndarray]]:
    """Gives the preparation, and place of a step to the training rows' own block where that is not what it gives new rows."""
    train, needs, options = learning.train, learning.needs, learning.options
    frame, fill = train.frame, needs.missing == "fill"
    by_kind: dict[Kind, list[str]] = {}
    for column in train.features:
        by_kind.setdefault(column.kind, []).append(column.name)
    steps: list[Step] = []
    own: dict[int, np.ndarray] = {}
    numbers = [*by_kind.get(Kind.NUMBER, ()), *by_kind.get(Kind.BOOLEAN, ())]
    categories = by_kind.get(Kind.CATEGORY, [])
    if numbers:
        steps.append(NumberStep.learn(frame, numbers, fill, needs.scale))
    for name in categories:
        if needs.category == "onehot":
            steps.append(OneHotStep.learn(frame, name, options.max_levels))
        else:
            steps.append(CodeStep.learn(frame, name, fill, needs.category != "codes"))
    if options.date_parts:
        dates = (DateStep.learn(frame, name) for name in by_kind.get(Kind.DATETIME, ()))
        steps.extend(date for date in dates if date.parts)
    if learning.history is not None:
        target = train.name_of(Role.TARGET)
        assert target is not None
        steps.append(HistoryStep.learn(frame, target, learning.history))
    texts = [*by_kind.get(Kind.TEXT, ()), *(name for name in categories if is_phrase(frame[name], PHRASES))]
    if needs.text == "tfidf":
        learned = (TextStep.learn(frame, name, options.text_max_features, options.text_ngrams) for name in texts)
        steps.extend(text for text in learned if text.terms)
    if needs.text == "topics" and options.text_topics:
        topics = (SvdStep.learn(frame, name, options.text_topics, options.text_ngrams, learning.seed) for name in texts)
        steps.extend(topic for topic in topics if topic.names)
    if learning.y is not None and needs.category == "target":
        columns = _encoded(learning, categories)
        if columns:
            step, block = TargetStep.learn(frame, columns, learning.y, learning.width, learning.seed)
            own[len(steps)] = block
            steps.append(step)
    if learning.y is not None and needs.made and options.made_columns:
        made = MadeStep.learn(frame, train.features, learning.y, learning.width, options.made_columns, learning.seed)
        if made.pairs:
            steps.append(made)
    preparation = Preparation(tuple(steps))
    return (_filled(preparation, frame, needs) if fill or needs.scale else preparation), own


def _encoded(learning: Learning, categories: list[str]) -> list[tuple[str, ...]]:
    """Gives the categories that are encoded by their target, and the pairs of them that tell more than each does."""
    frame, options = learning.train.frame, learning.options
    assert learning.y is not None
    y, width = learning.y, learning.width
    large = [name for name in categories if len(present_levels(frame[name])[0]) >= options.target_min_levels]
    if not options.crosses or len(categories) < 2:
        return [(name,) for name in large]
    rows = np.arange(len(frame))
    if len(rows) > SAMPLE:
        rows = np.sort(np.random.default_rng(learning.seed).choice(len(rows), SAMPLE, replace=False))
    sample, y = frame.iloc[rows], y[rows]
    told = {name: share_told(*codes_of(sample, (name,)), y, width) for name in categories}
    best = sorted(told, key=lambda name: (-told[name], name))[:GROUPS]
    pairs = [(one, two) for i, one in enumerate(best) for two in best[i + 1 :]]
    gains = {pair: share_told(*codes_of(sample, pair), y, width) - max(told[pair[0]], told[pair[1]]) for pair in pairs}
    kept = sorted((pair for pair in pairs if gains[pair] > GAIN), key=lambda pair: (-gains[pair], pair))[: options.crosses]
    return [*((name,) for name in large), *kept]


def _filled(preparation: Preparation, frame: pd.DataFrame, needs: Needs) -> Preparation:
    """Learns to fill and scale the columns that steps give which do not fill by themselves."""
    loose = [step for step in preparation.steps if isinstance(step, LOOSE)]
    if not loose:
        return preparation
    names = [name for step in loose for name in step.names]
    made = np.hstack([step.apply(frame, frame) for step in loose])
    after = NumberStep.learn(pd.DataFrame(made, columns=names), names, needs.missing == "fill", needs.scale)
    return Preparation(preparation.steps, NumberStep(after.columns, after.fill, after.mean, after.scale))
