"""What is said of each group, as rates: how often a label is said, found and wrong, and how far what is said is off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lepton_automl.tasks import NOTHING, DecisionRule, Known, Makes, Task

MOST_LABELS = 20
"""Of several labels, the most frequent ones that are looked at."""
LABEL_RATES = ("selection", "true_positive", "false_positive", "precision", "said_less_observed")
NUMBER_RATES = ("said", "error", "absolute_error")
RATES: Mapping[str, tuple[str, ...]] = {"labels": LABEL_RATES, "numbers": NUMBER_RATES}
"""What groups are compared by, where labels or where numbers are predicted."""


@dataclass(frozen=True)
class Said:
    """What is said of rows, ready to be counted by groups.

    Args:
        kind: `labels` or `numbers`.
        labels: Names of the labels that are looked at: the favourable one of two; of several, the most frequent.
        truth: Place of each row's true label among them, -1 for any other; or numbers; shape `(n,)`.
        said: The same of what was decided, shape `(n,)`.
        probability: What was said of the favourable label, or of the most probable one; shape `(n,)`; empty for numbers.
        happened: Whether that came true, shape `(n,)`; empty for numbers.
    """

    kind: str
    labels: tuple[str, ...]
    truth: np.ndarray
    said: np.ndarray
    probability: np.ndarray
    happened: np.ndarray


def what_is_said(
    task: Task,
    y: np.ndarray,
    values: np.ndarray,
    rule: DecisionRule,
    favourable: str,
    known: Known = NOTHING,
) -> Said | None:
    """Gives what a prediction says, as it is decided; none where the task is of another kind.

    Args:
        task: What is predicted.
        y: Class codes or numbers, shape `(n,)`.
        values: The prediction, shape `(n, width)`.
        rule: What is done with it; of two labels without a line the more probable one is said, and a row for a human is not
            given the positive one.
        favourable: Of two labels, which one is the favourable outcome: `positive` or `negative`.
        known: What is known of the rows besides, where the rule needs it.
    """
    none = np.zeros(0)
    if task.goal.makes is Makes.VALUES:
        return Said("numbers", (), y, values[:, 0], none, none)
    if task.goal.makes is not Makes.PROBABILITIES or task.labels is None:
        return None
    if task.goal.width == 2:
        mine = int(favourable == "positive")
        is_positive = values[:, 1] >= 0.5 if rule.threshold is None else rule.said(values, known)[0]
        decided = is_positive.astype("int64")
        truth, said = (np.where(codes == mine, 0, -1) for codes in (y, decided))
        return Said("labels", (task.labels.names[mine],), truth, said, values[:, mine], y == mine)
    decided, counts = values.argmax(axis=1), np.bincount(y, minlength=task.goal.width)
    shown = np.sort(np.argsort(-counts, kind="stable")[:MOST_LABELS])
    place = np.full(task.goal.width, -1)
    place[shown] = np.arange(len(shown))
    names = tuple(task.labels.names[k] for k in shown)
    return Said("labels", names, place[y], place[decided], values.max(axis=1), decided == y)


@dataclass(frozen=True)
class Tally:
    """Rows that are alike in all that is counted, as one: so that thousands of resamples are counted quickly.

    Args:
        said: What is said, one row a cell.
        codes: Group of each cell, by grouping, shape `(groupings, cells)`.
        sizes: Number of groups of each grouping.
        cell: Cell of each row, shape `(n,)`.
        amounts: What is added up besides the rows: how far the probability is off; or the number that is said, its error and
            the error without sign; shape `(amounts, n)`.
    """

    said: Said
    codes: np.ndarray
    sizes: tuple[int, ...]
    cell: np.ndarray
    amounts: np.ndarray

    @classmethod
    def of(cls, said: Said, codes: Sequence[np.ndarray], sizes: Sequence[int]) -> Tally:
        """Joins rows of the same groups and, of labels, the same truth and decision.

        Args:
            said: What is said of the rows.
            codes: Group of each row by each grouping, -1 for none, shape `(n,)` each.
            sizes: Number of groups of each grouping.
        """
        is_label = said.kind == "labels"
        keys = [*codes, said.truth, said.said] if is_label else list(codes)
        joint = np.zeros(len(said.truth), dtype="int64")
        for key in keys:
            _, joint = np.unique(joint * (int(key.max()) + 2) + key.astype("int64") + 1, return_inverse=True)
        _, first = np.unique(joint, return_index=True)
        error = said.said - said.truth
        amounts = np.stack([said.probability - said.happened] if is_label else [said.said, error, np.abs(error)])
        mine = Said(said.kind, said.labels, said.truth[first], said.said[first], *(np.zeros(0),) * 2)
        return cls(mine, np.stack([key[first] for key in codes]), tuple(sizes), joint, amounts)

    def rates(self, weight: np.ndarray) -> list[np.ndarray]:
        """Gives the rates of the groups of each grouping, as `rates_of_groups` does.

        Args:
            weight: How much each row counts, shape `(n,)`.
        """
        cells = self.codes.shape[1]
        rows = np.bincount(self.cell, weight, cells)
        sums = [np.bincount(self.cell, weight * amount, cells) for amount in self.amounts]
        return [rates_of_groups(self.said, codes, size, rows, sums) for codes, size in zip(self.codes, self.sizes, strict=True)]

    def bases(self, weight: np.ndarray) -> list[np.ndarray]:
        """Gives the rows that each rate rests on, for labels, in the shape of the rates.

        Args:
            weight: How much each row counts, shape `(n,)`.
        """
        rows, found = np.bincount(self.cell, weight, self.codes.shape[1]), []
        for codes, size in zip(self.codes, self.sizes, strict=True):
            n = np.bincount(codes + 1, rows, size + 1)[1:, None]
            truths, saids, _ = _counted(self.said, codes + 1, size, rows)
            whole = np.broadcast_to(n, truths.shape)
            found.append(np.stack([whole, truths, n - truths, saids, whole]))
        return found


def rates_of_groups(said: Said, codes: np.ndarray, groups: int, weight: np.ndarray, sums: Sequence[np.ndarray]) -> np.ndarray:
    """Gives the rates of groups, shape `(rates, groups, labels)`, NaN where a group has no such row.

    The rates are those of `RATES[said.kind]`; numbers have one label.

    Args:
        said: What is said of the rows.
        codes: Group of each row, -1 for none, shape `(n,)`.
        groups: Number of groups.
        weight: How much each row counts, shape `(n,)`.
        sums: Each amount times that, shape `(n,)` each.
    """
    row = codes + 1
    n = np.bincount(row, weight, groups + 1)[1:]
    amounts = [_share(np.bincount(row, amount, groups + 1)[1:], n)[:, None] for amount in sums]
    if said.kind == "numbers":
        return np.stack(amounts)
    truths, saids, both = _counted(said, row, groups, weight)
    others, gap = n[:, None] - truths, np.broadcast_to(amounts[0], truths.shape)
    found = (_share(saids, n[:, None]), _share(both, truths), _share(saids - both, others), _share(both, saids), gap)
    return np.stack(found)


def _counted(said: Said, row: np.ndarray, groups: int, weight: np.ndarray) -> list[np.ndarray]:
    """Gives how often each label is true, said, and both, in each group, shape `(groups, labels)` each."""
    k = len(said.labels)
    true, hit = said.truth >= 0, (said.truth >= 0) & (said.truth == said.said)
    at_truth, at_said = row * k + np.maximum(said.truth, 0), row * k + np.maximum(said.said, 0)
    pairs = ((at_truth, true), (at_said, said.said >= 0), (at_truth, hit))
    return [np.bincount(at, weight * which, (groups + 1) * k).reshape(groups + 1, k)[1:] for at, which in pairs]


def with_doubt(rates: np.ndarray, bases: np.ndarray, draws: np.ndarray, seed: int) -> np.ndarray:
    """Gives resamples in which a rate of 0 or 1 is not taken for certain.

    Where all rows of a group are alike, so are those of every resample, however few they are. Their rates are drawn instead
    from what the rows leave open.

    Args:
        rates: Shape `(rates, groups, labels)`.
        bases: Rows that each rests on, of the same shape.
        draws: Rates of the resamples, shape `(b, rates, groups, labels)`.
        seed: Seed of the draws.

    Source: Brown, Cai and DasGupta (2001), "Interval estimation for a binomial proportion", Statistical Science 16(2), 101-133:
    the interval of Jeffreys.
    """
    rng, made = np.random.default_rng(seed), draws.copy()
    is_sure = ((rates == 0) | (rates == 1)) & (bases > 0)
    is_sure[LABEL_RATES.index("said_less_observed")] = False
    for at in zip(*np.nonzero(is_sure), strict=True):
        hits = rates[at] * bases[at]
        made[(slice(None), *at)] = rng.beta(hits + 0.5, bases[at] - hits + 0.5, len(draws))
    return made


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=np.broadcast_to(whole > 1e-9, part.shape))


def expected_error(said: Said, rows: np.ndarray, weight: np.ndarray, bins: int) -> float:
    """Gives the expected calibration error of some rows: mean distance of what was said and how often it came true.

    Args:
        said: What is said, of labels.
        rows: Which rows, boolean, shape `(n,)`.
        weight: Row weights, shape `(n,)`.
        bins: Bins of equally many rows.
    """
    from lepton_automl.evidence.examiners.calibration import bins_of, brier_parts

    probability = said.probability[rows]
    return brier_parts(probability, said.happened[rows], bins_of(probability, bins), weight[rows])[0]
