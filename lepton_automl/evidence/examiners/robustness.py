"""Robustness: what becomes of the metric when the rows are not as they were."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Kind, Role
from lepton_automl.evidence.bootstrap import interval_of
from lepton_automl.evidence.chapter import Chapter, Judged
from lepton_automl.evidence.decision import DecisionSettings
from lepton_automl.features import learn_domain
from lepton_automl.tasks import Makes, Metric, Task

UNSEEN = "\x00unseen"
"""A level that no data has."""
BLOCKS = 5
"""Stretches of time that the test rows are cut into."""
DRAWS = 10
"""Times that labels are made wrong by chance; the mean counts."""
LEAST_ROWS = 30
"""Rows that a stretch of time, the far rows and the near ones have at least."""
Change = Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame | None]


@dataclass(frozen=True)
class Stressed:
    """Changes the judged rows in one way at a time, and judges what the artefact says of them then.

    Each way has the metric as it is then and its `drop`: by how much it is worse, in the metric's own units; above 0 is worse.
    Both rest on the same resamples. A strength of 0 leaves a way out.

    Args:
        noise: Normal noise on every number, as a share of its standard deviation among the judged rows.
        missing: Share of the cells that is blanked.
        unseen: Share of the cells of categories that gets a level that no training row had.
        far: Share of the judged rows, those farthest from the training rows, that is judged apart from the others.
        wrong_labels: Share of the truths that is replaced by that of another row of another kind.
        over_time: Whether the judged rows are cut into stretches of time, where there is a time.
        rows: Most rows that are scored again for each way.

    Source: Hendrycks and Dietterich (2019), "Benchmarking neural network robustness to common corruptions and perturbations",
    ICLR, of tables; far rows as in `lepton_automl/features/domain.py`.
    """

    noise: float = 0.1
    missing: float = 0.1
    unseen: float = 0.1
    far: float = 0.2
    wrong_labels: float = 0.05
    over_time: bool = True
    rows: int = 2_000
    name: str = "robustness"

    def figures(self, task: Task, decision: DecisionSettings) -> tuple[str, ...]:
        """Gives the metric and its drop of each way that is on; those to which no column lends itself are not made."""
        strengths = (self.noise, self.missing, self.unseen, self.far, self.wrong_labels)
        names = ("noise", "missing", "unseen", "far_rows", "wrong_labels")
        on = [name for name, strength in zip(names, strengths, strict=True) if strength > 0]
        on += ["late_rows"] if self.over_time else []
        return tuple(figure for name in on for figure in (name, f"{name}_drop"))

    def examine(self, judged: Judged, until: float) -> Chapter:
        """Writes the chapter; ways for which there is no time are left out and told."""
        figures: dict[str, Any] = {}
        shown: list[dict[str, Any]] = []
        notes: list[str] = []
        late: list[str] = []
        started = time.time()
        for name, strength, look in self._ways(time_of(judged) is not None):
            if time.time() >= until:
                late.append(name)
                continue
            found = look(self, judged, strength, min(until, time.time() + max(0.0, until - started) / 4))
            if found is not None:
                figures.update({name: found.after, f"{name}_drop": found.drop})
                shown.append({"name": name, "strength": strength, "n": found.after.n, "before": found.before})
                notes.extend(note for note in found.notes if note not in notes)
        blocks = over_time(judged, until) if self.over_time else []
        if late:
            notes.append(f"no time for {', '.join(late)}")
        content = {"metric": judged.task.metric.name, "ways": shown, "blocks": blocks}
        return Chapter(figures, content if shown or blocks else {}, tuple(notes), not late)

    def _ways(self, has_time: bool) -> Iterator[tuple[str, float, Way]]:
        ways: tuple[tuple[str, float, Way], ...] = (
            ("noise", self.noise, changed(noisy)),
            ("missing", self.missing, changed(blanked)),
            ("unseen", self.unseen, changed(unfamiliar)),
            ("far_rows", self.far, far_rows),
            ("wrong_labels", self.wrong_labels, wrong_labels),
            ("late_rows", 0.5 if self.over_time and has_time else 0.0, late_rows),
        )
        return (way for way in ways if way[1] > 0)


@dataclass(frozen=True)
class Found:
    """What one way came to.

    Args:
        after: The metric on the changed rows, or on those apart.
        drop: By how much it is worse than on the same rows as they were, or on the other rows.
        before: The metric that it is held against.
        notes: What was sampled.
    """

    after: Any
    drop: Any
    before: float
    notes: tuple[str, ...] = ()


Way = Callable[[Stressed, Judged, float, float], Found | None]


def changed(change: Callable[[Judged, pd.DataFrame, float, np.random.Generator], pd.DataFrame | None]) -> Way:
    """Makes a way of a change to the features: the rows are scored again."""

    def look(asked: Stressed, judged: Judged, strength: float, until: float) -> Found | None:
        if judged.score is None:
            return None
        mine, notes = sampled(judged, asked.rows)
        frame = change(mine, mine.rows.frame, strength, np.random.default_rng(judged.seed))
        if frame is None:
            return None
        return paired(mine, [(mine.y, judged.score(frame))], until, notes)

    return look


def sampled(judged: Judged, most: int) -> tuple[Judged, tuple[str, ...]]:
    """Gives at most so many of the rows, by chance, and says so."""
    n = len(judged.y)
    if n <= most or judged.task.history is not None:  # rows of a series are scored together
        return judged, ()
    chosen = np.zeros(n, dtype=bool)
    chosen[np.random.default_rng(judged.seed).permutation(n)[:most]] = True
    return judged.part(chosen), (f"changed rows are a sample of {most:,} of {n:,}",)


def noisy(judged: Judged, frame: pd.DataFrame, strength: float, rng: np.random.Generator) -> pd.DataFrame | None:
    """Adds normal noise to every number; whole numbers stay whole."""
    new = {}
    for column in judged.rows.features:
        if column.kind is not Kind.NUMBER:
            continue
        values = frame[column.name].to_numpy(dtype="float64", na_value=np.nan)
        known = values[np.isfinite(values)]
        if len(known) < 2 or not np.ptp(known):
            continue
        moved = values + rng.normal(0, strength * known.std(), len(values))
        new[column.name] = np.round(moved) if np.array_equal(known, np.round(known)) and np.ptp(known) > 10 else moved
    return frame.assign(**new) if new else None


def blanked(judged: Judged, frame: pd.DataFrame, strength: float, rng: np.random.Generator) -> pd.DataFrame | None:
    """Blanks cells of all features, each by chance alone."""
    new = {}
    for column in judged.rows.features:
        values = frame[column.name]
        hit = rng.random(len(frame)) < strength
        if pd.api.types.is_numeric_dtype(values):
            new[column.name] = pd.Series(np.where(hit, np.nan, values.to_numpy(dtype="float64", na_value=np.nan)))
        else:
            new[column.name] = values.reset_index(drop=True).mask(hit)
    return frame.reset_index(drop=True).assign(**new) if new else None


def unfamiliar(judged: Judged, frame: pd.DataFrame, strength: float, rng: np.random.Generator) -> pd.DataFrame | None:
    """Gives cells of categories a level that was never seen."""
    new = {}
    for column in judged.rows.features:
        values = frame[column.name]
        if isinstance(values.dtype, pd.CategoricalDtype):
            codes, levels = values.cat.codes.to_numpy().copy(), [*map(str, values.cat.categories), UNSEEN]
            codes = np.where(rng.random(len(frame)) < strength, len(levels) - 1, codes)
            new[column.name] = pd.Series(pd.Categorical.from_codes(codes, categories=levels), index=frame.index)
    return frame.assign(**new) if new else None


def wrong_labels(asked: Stressed, judged: Judged, strength: float, until: float) -> Found | None:
    """Replaces truths: labels by another label as often as that occurs, numbers by that of another row."""
    rng, n = np.random.default_rng(judged.seed), len(judged.y)
    others = []
    for _ in range(DRAWS):
        y, drawn = judged.y.copy(), judged.y[rng.permutation(n)]
        hit = rng.random(n) < strength
        if judged.task.goal.makes is Makes.PROBABILITIES:
            k = judged.task.goal.width
            drawn = (judged.y + rng.integers(1, k, n)) % k
        y[hit] = drawn[hit]
        others.append((y, judged.prediction))
    return paired(judged, others, until)


def paired(judged: Judged, others: list[tuple[np.ndarray, np.ndarray]], until: float, notes: tuple[str, ...] = ()) -> Found:
    """Judges the rows as they are and otherwise, on the same resamples; of several other ways the mean counts.

    Args:
        judged: The rows as they are.
        others: Truths and predictions of the same rows otherwise.
        until: Moment from which no further resample is made.
        notes: What was sampled.
    """
    metric = judged.task.metric
    before = metric.of_weights(judged.y, judged.prediction)
    after = [metric.of_weights(y, prediction) for y, prediction in others]
    sign = -1.0 if metric.is_score else 1.0
    weight = np.ones(len(judged.y)) if judged.weight is None else judged.weight

    def parts(times: np.ndarray) -> np.ndarray:
        mine = weight * times
        was, now = before(mine), float(np.mean([one(mine) for one in after]))
        return np.array([now, sign * (now - was)])

    now, drop = interval_of(parts, judged, until)
    return Found(now, drop, float(before(weight)), notes)


def apart(judged: Judged, chosen: np.ndarray, until: float, notes: tuple[str, ...] = ()) -> Found | None:
    """Judges some of the rows against the others; none where either are too few to say anything."""
    if min(chosen.sum(), (~chosen).sum()) < LEAST_ROWS:
        return None
    metric, weight = judged.task.metric, np.ones(len(judged.y)) if judged.weight is None else judged.weight
    here, there = (_of_part(metric, judged, part) for part in (chosen, ~chosen))
    sign = -1.0 if metric.is_score else 1.0

    def parts(times: np.ndarray) -> np.ndarray:
        mine = weight * times
        now, was = here(mine), there(mine)
        return np.array([now, sign * (now - was)])

    now, drop = interval_of(parts, judged, until)
    if not (np.isfinite(now.value) and np.isfinite(drop.value)):
        return None
    return Found(type(now)(now.value, now.low, now.high, int(chosen.sum()), now.unit), drop, float(there(weight)), notes)


def _of_part(metric: Metric, judged: Judged, chosen: np.ndarray) -> Callable[[np.ndarray], float]:
    figure = metric.of_weights(judged.y[chosen], judged.prediction[chosen])

    def of(weight: np.ndarray) -> float:
        mine = weight[chosen]
        return float(figure(mine)) if mine.sum() > 0 else float("nan")

    return of


def far_rows(asked: Stressed, judged: Judged, strength: float, until: float) -> Found | None:
    """Judges the rows that lie farthest from the training rows against the others."""
    if judged.train is None:
        return None
    domain = learn_domain(judged.train, 0.01, judged.seed)
    if domain is None:
        return None
    far = domain.distances(judged.rows.frame)
    return apart(judged, far > np.quantile(far, 1 - strength), until)


def late_rows(asked: Stressed, judged: Judged, strength: float, until: float) -> Found | None:
    """Judges the later half of the rows against the earlier one."""
    moments = time_of(judged)
    if moments is None:
        return None
    return apart(judged, moments > np.quantile(moments, strength, method="lower"), until)


def over_time(judged: Judged, until: float) -> list[dict[str, Any]]:
    """Gives the metric of each stretch of time with equally many moments, with its interval; empty without a time."""
    moments = time_of(judged)
    if moments is None or time.time() >= until:
        return []
    edges = np.unique(np.quantile(moments, np.linspace(0, 1, BLOCKS + 1), method="lower"))
    place = np.clip(np.searchsorted(edges, moments, side="right") - 1, 0, max(0, len(edges) - 2))
    blocks = []
    for number in range(int(place.max()) + 1):
        here = place == number
        if here.sum() < LEAST_ROWS:
            continue
        mine = judged.part(here)
        figure = judged.task.metric.of_weights(mine.y, mine.prediction)
        weight = np.ones(len(mine.y)) if mine.weight is None else mine.weight
        (measure,) = interval_of(lambda t, f=figure, w=weight: np.array([f(w * t)]), mine, until)  # type: ignore[misc]
        if np.isfinite(measure.value):
            blocks.append({"number": number + 1, **measure.to_dict()})
    return blocks if len(blocks) > 1 else []


def time_of(judged: Judged) -> np.ndarray | None:
    """Gives the moment of each row as a number, shape `(n,)`; none without a column of time."""
    name = judged.rows.name_of(Role.TIME)
    if name is None:
        return None
    places, moments = pd.factorize(judged.rows.values(name), sort=True)
    return None if len(moments) < 2 else places.astype("float64")
