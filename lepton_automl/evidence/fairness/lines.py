"""A line for each group of people, so that groups are alike in how often they get a label: the worth is highest under that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lepton_automl.data import Dataset
from lepton_automl.evidence.groups import JOINT, group_by_columns
from lepton_automl.evidence.lines import Cuts, Worths
from lepton_automl.tasks import GroupColumn, GroupLine, GroupLines

PARITY = "demographic_parity"
OPPORTUNITY = "equal_opportunity"
STEPS = 1_000
"""Steps in which the shares of the groups are tried."""


@dataclass(frozen=True)
class AlikeSettings:
    """How lines of groups are drawn.

    Args:
        columns: Columns whose groups, taken together, have lines of their own.
        alike: What is to be alike: `demographic_parity`, the share of rows that get the label; `equal_opportunity`, that share
            among the rows whose true label is the favourable one.
        within: How far the shares of two groups may lie apart, out of fold.
        basis: Why it is lawful to decide by these columns.
        favourable: Which of the two labels is the favourable one: `positive` or `negative`.
        min_group: Rows below which a group has no line of its own.
        cuts: Column to where its numbers are cut.
    """

    columns: tuple[str, ...]
    alike: str
    within: float
    basis: str
    favourable: str = "positive"
    min_group: int = 30
    cuts: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Members:
    """Rows in the groups that have lines of their own.

    Args:
        settings: How the lines are drawn.
        columns: How values make groups.
        keys: Group of each row in each column, -1 for none, shape `(n, columns)`.
        names: What the groups of each column are called.
        left_out: Columns that give no groups, each with why.
    """

    settings: AlikeSettings
    columns: tuple[GroupColumn, ...]
    keys: np.ndarray
    names: tuple[tuple[str, ...], ...]
    left_out: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, settings: AlikeSettings, train: Dataset) -> Members:
        """Groups training rows as the fairness chapter does."""
        found, left_out = group_by_columns(settings.columns, train, None, settings.cuts, 1)
        columns = tuple(GroupColumn.of(train.values(g.name), g.codes, g.edges) for g in found)
        keys = np.stack([g.codes for g in found], axis=1) if found else np.zeros((len(train), 0), dtype="int64")
        return cls(settings, columns, keys, tuple(g.names for g in found), tuple(left_out))

    def rows(self, pick: np.ndarray) -> Members:
        """Gives those of some rows."""
        return Members(self.settings, self.columns, self.keys[pick], self.names, self.left_out)


def draw_group_lines(
    score: np.ndarray,
    y: np.ndarray,
    worths: Worths,
    weight: np.ndarray,
    members: Members,
    line: float,
    capacity: float = 1.0,
) -> GroupLines | None:
    """Draws the lines at which the worth is highest among those that make the groups alike; none without two groups.

    For every share that all groups could have, each group takes the line that is worth most among those that give it that
    share, or up to `within` more. Rows of smaller groups, and rows without a group, keep the line of all.

    Args:
        score: What is held against the lines, shape `(n,)`.
        y: Class codes, 1 for the positive label, shape `(n,)`.
        worths: What each row is worth by what is done with it.
        weight: Row weights, shape `(n,)`.
        members: The groups of the rows.
        line: The line of all rows.
        capacity: Largest share of the weight that can get the positive label.

    Source: Hardt, Price and Srebro (2016), "Equality of opportunity in supervised learning", NeurIPS, section 4; without random
    decisions.
    """
    settings = members.settings
    if not members.columns:
        return None
    favoured = y == int(settings.favourable == "positive")
    counted = weight * (favoured if settings.alike == OPPORTUNITY else 1.0)
    keys, place = np.unique(members.keys, axis=0, return_inverse=True)
    groups = [np.flatnonzero(place.ravel() == k) for k, key in enumerate(keys) if (key >= 0).all()]
    groups = [rows for rows in groups if len(rows) >= settings.min_group and counted[rows].sum() > 0]
    if len(groups) < 2:
        return None
    options = [_Options.of(score[rows], worths.rows(rows), weight[rows], counted[rows]) for rows in groups]
    others = np.setdiff1d(np.arange(len(y)), np.concatenate(groups))
    room = capacity * float(weight.sum()) - float(weight[others][score[others] >= line].sum())
    picks = _picks(options, settings.within, room)
    lines = []
    for rows, option, pick in zip(groups, options, picks, strict=True):
        key = tuple(int(code) for code in members.keys[rows[0]])
        name = JOINT.join(names[code] for names, code in zip(members.names, key, strict=True))
        own = option.cuts.line(pick)
        shares = (float(np.average(score[rows] >= at, weights=weight[rows])) for at in (own, line))
        lines.append(GroupLine(key, name, own, len(rows), *shares))
    return GroupLines(members.columns, tuple(lines), settings.alike, settings.basis)


@dataclass(frozen=True)
class _Options:
    """What a group's line could be: for each cut the share that gets the label, its worth and the weight above it."""

    cuts: Cuts
    share: np.ndarray
    worth: np.ndarray

    @classmethod
    def of(cls, score: np.ndarray, worths: Worths, weight: np.ndarray, counted: np.ndarray) -> _Options:
        cuts = Cuts.of(score, weight)
        share = cuts.sums(np.ones(len(score)), counted) / counted.sum()
        return cls(cuts, share, cuts.sums(worths.positive - worths.other, weight))

    def between(self, low: float, high: float) -> int:
        """Gives the cut that is worth most among those of a share between two; else the cut whose share is nearest."""
        first, last = np.searchsorted(self.share, [low - 1e-12, high + 1e-12])
        if first < last:
            return int(first) + int(self.worth[first:last].argmax())
        return int(np.abs(self.share - low).argmin())


def _picks(options: Sequence[_Options], within: float, room: float) -> list[int]:
    """Gives the cut of each group at which the worths add up to most, with no more weight above than there is room for."""
    best: tuple[float, list[int]] = (-np.inf, [0] * len(options))
    for share in np.linspace(0, 1, STEPS + 1):
        picks = [option.between(share, share + within) for option in options]
        mass = sum(float(option.cuts.mass[pick]) for option, pick in zip(options, picks, strict=True))
        worth = sum(float(option.worth[pick]) for option, pick in zip(options, picks, strict=True))
        if worth > best[0] and mass <= room * (1 + 1e-12):
            best = (worth, picks)
    return best[1]
