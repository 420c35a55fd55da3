"""Learns how columns become a matrix, on training rows only, and keeps it as data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset, Kind, Role
from lepton_automl.features.columns import Columns
from lepton_automl.features.history import HistoryStep
from lepton_automl.features.judge import left_over, share_told, tamed, worth
from lepton_automl.features.made import GROUPS, MadeStep, sample_of
from lepton_automl.features.protocol import FeatureOptions, Needs, Prepared, State, Step
from lepton_automl.features.reading import ReadingStep
from lepton_automl.features.steps import CodeStep, DateStep, NumberStep, OneHotStep, present_codes
from lepton_automl.features.svd import SvdStep, is_phrase
from lepton_automl.features.target import Aim, TargetStep, crossed, inner_folds, targets_of
from lepton_automl.features.texts import TextStep
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
    "reading": ReadingStep,
    "made": MadeStep,
}
LOOSE = (DateStep, HistoryStep, SvdStep, ReadingStep, TargetStep, MadeStep)
"""Steps that neither fill nor scale, whatever the model needs."""
SAMPLE = 10_000
"""Rows that pairs of categories are judged on."""
MOST_CELLS = 50_000_000
"""Values that each kind of made column may have in all (200 MB): larger tables get fewer of them."""
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
            own: Place of a step to what it gives these rows, where they are those it was learned on.
        """
        from scipy import sparse

        known = own or {}
        blocks: list[Any] = []
        for place, step in enumerate(self.steps):
            block = known[place] if place in known else _applied(step, frame, context)
            blocks.append(self._finished(step, block))
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

    def _finished(self, step: Step, block: Any) -> Any:
        """Fills and scales what a step gives, if it does not by itself and the model needs it."""
        if self.after is None or not isinstance(step, LOOSE):
            return block
        since = self.after.columns.index(step.names[0])
        mine = slice(since, since + len(step.names))
        filled = np.where(np.isnan(block) & ~np.isnan(self.after.fill[mine]), self.after.fill[mine], block)
        return ((filled - self.after.mean[mine]) / self.after.scale[mine]).astype("float32")

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


def _applied(step: Step, frame: pd.DataFrame | Columns, context: pd.DataFrame | None) -> Any:
    """Gives what a step makes of rows; of the same `Columns` once for all preparations that share the step."""
    if not isinstance(frame, Columns):
        return step.apply(frame, context)
    return frame.once((id(step), id(context)), lambda: step.apply(frame, context))


def shared(preparations: Mapping[str, Preparation]) -> dict[str, Preparation]:
    """Gives the same preparations; steps that learned the same are one, so that `Columns` are put through it once."""
    known: dict[bytes, Step] = {}
    return {
        name: replace(preparation, steps=tuple(known.setdefault(_digest(step), step) for step in preparation.steps))
        for name, preparation in preparations.items()
    }


def _digest(step: Step) -> bytes:
    meta, arrays = step.state()
    found = hashlib.blake2b(json.dumps(meta, sort_keys=True).encode())
    for name, array in sorted(arrays.items()):
        found.update(f"{name} {array.dtype} {array.shape}".encode())
        found.update(np.ascontiguousarray(array).data)
    return found.digest()


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
        weight: Weights of the rows, shape `(n,)`, or none.
    """

    train: Dataset
    y: np.ndarray | None
    width: int
    needs: Needs
    options: FeatureOptions
    history: History | None = None
    seed: int = 0
    weight: np.ndarray | None = None

    def columns(self, *kinds: Kind) -> list[str]:
        """Gives the features of some kinds, one kind after the other."""
        return [column.name for kind in kinds for column in self.train.features if column.kind is kind]

    def most(self, asked: int) -> int:
        """Gives how many columns may be made of those asked for: on large tables fewer."""
        return min(asked, MOST_CELLS // max(1, len(self.train)))


@dataclass(frozen=True)
class Learned:
    """Steps as they are learned, and what they give the training rows, where that is known from learning them.

    Args:
        steps: The steps.
        own: Place of a step to its block on the training rows.
    """

    steps: list[Step]
    own: dict[int, np.ndarray]

    def add(self, step: Step | None, block: np.ndarray | None = None) -> None:
        """Takes a step that makes a column; one that makes none is left out."""
        if step is None or not step.names:
            return
        if block is not None:
            self.own[len(self.steps)] = block
        self.steps.append(step)


def learn_prepared(learning: Learning) -> tuple[Preparation, Prepared]:
    """Learns a preparation from training rows, and prepares them: what is made of the target out of fold."""
    preparation, own = _learn(learning)
    return preparation, preparation.apply(learning.train.frame, learning.train.frame, own)


def learn_preparation(train: Dataset, needs: Needs, options: FeatureOptions, history: History | None) -> Preparation:
    """Learns a preparation that does not look at the target."""
    return _learn(Learning(train, None, 1, needs, options, history))[0]


def _learn(learning: Learning) -> tuple[Preparation, dict[int, np.ndarray]]:
    """Gives the preparation, and place of a step to the training rows' own block where that is known."""
    learned, needs = Learned([], {}), learning.needs
    _add_plain(learned, learning)
    _add_texts(learned, learning)
    if learning.y is not None:
        _add_of_target(learned, learning)
    preparation = Preparation(tuple(learned.steps))
    if needs.missing == "fill" or needs.scale:
        preparation = _filled(preparation, learned.own, learning.train.frame, needs)
    return preparation, learned.own


def _add_plain(learned: Learned, learning: Learning) -> None:
    """Learns numbers, categories, dates and the past of series."""
    train, needs, options = learning.train, learning.needs, learning.options
    frame, fill = train.frame, needs.missing == "fill"
    numbers = learning.columns(Kind.NUMBER, Kind.BOOLEAN)
    if numbers:
        learned.add(NumberStep.learn(frame, numbers, fill, needs.scale))
    for name in learning.columns(Kind.CATEGORY):
        if needs.category == "onehot":
            learned.add(OneHotStep.learn(frame, name, options.max_levels))
        else:
            learned.add(CodeStep.learn(frame, name, fill, needs.category != "codes"))
    for name in learning.columns(Kind.DATETIME) if options.date_parts else ():
        learned.add(DateStep.learn(frame, name, needs.scale))
    if learning.history is not None:
        target = train.name_of(Role.TARGET)
        assert target is not None
        learned.add(HistoryStep.learn(frame, target, learning.history))


def _texts(learning: Learning) -> list[str]:
    """Gives the columns that are read as text: texts, and categories whose levels are phrases."""
    frame = learning.train.frame
    phrases = (name for name in learning.columns(Kind.CATEGORY) if is_phrase(frame[name]))
    return [*learning.columns(Kind.TEXT), *phrases]


def _add_texts(learned: Learned, learning: Learning) -> None:
    """Learns the terms or topics of texts, and what a linear model reads of the target in them."""
    options, frame, how = learning.options, learning.train.frame, learning.needs.text
    texts = _texts(learning) if how != "none" else []
    topics = learning.most(options.text_topics * len(texts)) // max(1, len(texts))
    for name in texts:
        if how == "tfidf":
            learned.add(TextStep.learn(frame, name, options.text_max_features, options.text_ngrams))
        elif topics:
            learned.add(SvdStep.learn(frame, name, topics, options.text_ngrams, learning.seed))
    if texts and how == "target" and options.text_target and learning.y is not None:
        found = ReadingStep.learn(frame, texts, options.text_ngrams, _aim(learning), learning.seed)
        learned.add(*found or (None,))


def _add_of_target(learned: Learned, learning: Learning) -> None:
    """Learns what is made of, or chosen by, the target: encoded categories and columns made of others."""
    train, options, y = learning.train, learning.options, learning.y
    assert y is not None
    if learning.needs.category == "target":
        columns = _encoded(learning, learning.columns(Kind.CATEGORY))
        if columns:
            learned.add(*TargetStep.learn(train.frame, columns, _aim(learning)))
    most = learning.most(options.made_columns)
    if learning.needs.made and most:
        learned.add(MadeStep.learn(train.frame, train.features, y, learning.width, most, learning.seed))


def _aim(learning: Learning) -> Aim:
    assert learning.y is not None
    return Aim.of(learning.y, learning.width, learning.weight, inner_folds(learning.train, learning.seed))


def _encoded(learning: Learning, categories: list[str]) -> list[tuple[str, ...]]:
    """Gives the categories that are encoded by their target, and the pairs that tell what their two do not one by one."""
    options = learning.options
    assert learning.y is not None
    rows = sample_of(len(learning.train), SAMPLE, learning.seed)
    sample, targets = learning.train.frame.iloc[rows], tamed(targets_of(learning.y[rows], learning.width)[0])
    known = {name: present_codes(sample[name]) for name in categories}
    large: list[tuple[str, ...]] = [(name,) for name in categories if len(known[name][1]) >= options.target_min_levels]
    most = learning.most(options.crosses)
    if not most or len(categories) < 2:
        return large
    told = {name: share_told(codes, len(texts), targets) for name, (codes, texts) in known.items()}
    best = sorted(told, key=lambda name: (-told[name], name))[:GROUPS]
    rest = left_over(targets, [known[name][0] + 1 for name in best])
    gains: dict[tuple[str, ...], float] = {}
    for one, two in ((one, two) for i, one in enumerate(best) for two in best[i + 1 :]):
        codes, keys = crossed(known[one], known[two])
        gains[one, two] = worth(codes, len(keys), rest)
    kept = sorted((pair for pair in gains if gains[pair] > 0), key=lambda pair: (-gains[pair], pair))[:most]
    return [*large, *kept]


def _filled(preparation: Preparation, own: dict[int, np.ndarray], frame: pd.DataFrame, needs: Needs) -> Preparation:
    """Learns to fill and scale the columns that steps give which do not fill by themselves.

    It learns from what the training rows themselves are given; a block that has to be made for it is kept in `own`.
    """
    loose = [place for place, step in enumerate(preparation.steps) if isinstance(step, LOOSE)]
    if not loose:
        return preparation
    for place in loose:
        if place not in own:
            own[place] = preparation.steps[place].apply(frame, frame)
    names = [name for place in loose for name in preparation.steps[place].names]
    made = pd.DataFrame(np.hstack([own[place] for place in loose]), columns=names)
    after = NumberStep.learn(made, names, needs.missing == "fill", needs.scale)
    return Preparation(preparation.steps, NumberStep(after.columns, after.fill, after.mean, after.scale))
