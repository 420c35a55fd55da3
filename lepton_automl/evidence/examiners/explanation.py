"""Explanation: what moves the predictions of the delivered ensemble, how, and whether the reasons of single rows hold."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Kind
from lepton_automl.evidence.bootstrap import draw_times
from lepton_automl.evidence.chapter import Chapter, Judged
from lepton_automl.evidence.decision import DecisionSettings
from lepton_automl.evidence.explaining.changes import find_options
from lepton_automl.evidence.explaining.curves import Curve, curve_of, direction_of, interactions
from lepton_automl.evidence.explaining.grounds import Explaining, Grounds, learn_grounds
from lepton_automl.evidence.explaining.reasons import chosen, reasons_of, shown_value, toward_adverse
from lepton_automl.evidence.explaining.shapley import Mixed, Shapley, shapley
from lepton_automl.evidence.explaining.trust import agreement, best_relief, relief
from lepton_automl.evidence.explaining.words import moving_words
from lepton_automl.measure import Measure
from lepton_automl.tasks import Task

EFFECTS_SHARE = 0.25
"""Of its seconds, what the effects of the features may take."""
PARTS_SHARE = 0.3
"""Of the seconds that are left then, what curves, pairs and examples may take; the rest is for the check of the reasons."""
LEAST_ROWS = 20
"""Rows that are explained however short the time is."""
LEAST_CHECKED = 5
"""Adverse rows of which at least a figure is made; of fewer it would say nothing."""
LEAST_ROUNDS = 8
"""Background rows that each is compared with, where there is time for it with the fewest rows."""
RELIEF_ROUNDS = 25
CHECK_ROWS = 100
"""Background rows that reasons are checked with, where the artefact keeps none."""
OTHER_SEED = 7_919
"""Added to the seed for the other background rows."""
SHOWN = 30
"""Features of which figures are kept."""


@dataclass(frozen=True)
class Explained:
    """Shapley values of the artefact for a sample of test rows; curves, interactions; stability and fidelity of reasons.

    Args:
        rows: Test rows that are explained.
        rounds: Background rows that each is compared with.
        curves: Features that get a curve, the most important ones.
        pairs: Features whose pairs are looked at, the most important ones.
        checked: Adverse rows whose reasons are checked.
        max_scored: Rows that are scored for it at most, about, where no clock ends it.
        explaining: How the recipe wants single predictions explained.
        share: Share of the run's seconds that is set aside for it.

    Source: Lundberg and Lee (2017), "A unified approach to interpreting model predictions", NeurIPS 30.
    """

    rows: int = 60
    rounds: int = 24
    curves: int = 6
    pairs: int = 5
    checked: int = 10
    max_scored: int = 300_000
    explaining: Explaining = field(default_factory=Explaining)
    name: str = "explanation"
    share: float = 0.045

    def figures(self, task: Task, decision: DecisionSettings) -> tuple[str, ...]:
        """Gives the figures of every task."""
        return ("additivity", "reason_stability", "reason_fidelity")

    def examine(self, judged: Judged, until: float) -> Chapter:
        """Writes the chapter."""
        if judged.score is None or judged.train is None or judged.held_out is None:
            return Chapter(notes=("left out: it needs test rows and the artefact",), is_whole=False)
        return _Chapter(self, judged, until).write()


class _Chapter:
    """One chapter in the making."""

    def __init__(self, asked: Explained, judged: Judged, until: float) -> None:
        assert judged.score is not None and judged.train is not None and judged.held_out is not None
        self.asked, self.judged, self.until, self.score = asked, judged, until, judged.score
        self.notes: list[str] = []
        self.seconds_each = 0.0
        self.parts_end = until
        explaining = asked.explaining
        checking = replace(explaining, background=explaining.background or CHECK_ROWS)
        self.grounds = _grounds(judged, replace(explaining, background=asked.rounds), explaining.seed)
        self.kept = _grounds(judged, checking, explaining.seed)
        self.checking = checking
        self.lines = _lines(judged)

    def write(self) -> Chapter:
        grounds, outcome = self.grounds, self.grounds.outcome
        if not grounds.names or not len(grounds.background):
            return Chapter(notes=("left out: there is no feature to explain",), is_whole=False)
        pick = self._sample()
        rows = _rows_of(self.judged, grounds, pick)
        mixed = self._mixed(rows, grounds)
        found = shapley(mixed, self.asked.rounds, self.judged.seed, self._moment(EFFECTS_SHARE))
        self.seconds_each = mixed.seconds_each
        if found.rounds < min(self.asked.rounds, len(grounds.background)):
            self.notes.append(
                f"each row was compared with {found.rounds} of {self.asked.rounds} background rows: no time for more"
            )
        columns = outcome.columns(found.prediction)
        mine = found.values[np.arange(len(columns)), :, columns]
        size = np.abs(found.values).mean(axis=2) if outcome.column is None else np.abs(mine)
        order = np.argsort(-size.mean(axis=0), kind="stable")
        self.parts_end = self._moment(PARTS_SHARE)
        content = {
            "rows": len(rows),
            "rounds": found.rounds,
            "background": len(grounds.background),
            "explained": self._explained(),
            "is_share": bool(outcome.labels),
            "sense": outcome.sense,
            "has_adverse": outcome.adverse is not None,
            "held": list(grounds.kept),
            "features": self._features(rows, mine, size, order, pick),
            "curves": [curve.to_dict() for curve in self._curves(rows, order, found)],
            "interactions": self._interactions(rows, order, columns),
            "examples": self._examples(rows, found, _of(self.lines, pick)),
            "words": self._words(rows, columns),
        }
        stability, fidelity, checks = self._reasons()
        figures = {"additivity": _additivity(found), **stability, **fidelity}
        return Chapter(figures, {**content, "checks": checks}, tuple(self.notes), is_whole=not self.notes)

    def _moment(self, share: float) -> float:
        """Gives the moment at which a share of the seconds left is over."""
        now = time.time()
        return self.until if self.until == float("inf") else now + max(0.0, self.until - now) * share

    def _mixed(self, rows: pd.DataFrame, grounds: Grounds) -> Mixed:
        return Mixed(self.score, rows, grounds.background.frame, grounds.names, grounds.kept)

    def _sample(self) -> np.ndarray:
        """Gives positions of the test rows to be explained; fewer where scoring them would take too long."""
        n, wanted = len(self.judged.y), min(self.asked.rows, len(self.judged.y))
        order = np.random.default_rng(self.judged.seed).permutation(n)
        if self.until == float("inf"):
            most = int(EFFECTS_SHARE * self.asked.max_scored / (2 * self.asked.rounds * max(1, len(self.grounds.names))))
            return np.sort(order[: self._fewer(wanted, max(LEAST_ROWS, most), "{} of {} rows were explained: max_scored")])
        few = _rows_of(self.judged, self.grounds, np.sort(order[: min(wanted, 4 * LEAST_ROWS)]))
        self.score(few)
        started = time.time()
        self.score(few)
        each = (time.time() - started) / len(few)
        allowed = (self.until - time.time()) * EFFECTS_SHARE / max(each, 1e-9)
        rows = int(allowed / (LEAST_ROUNDS * 1.4 * max(1, len(self.grounds.names))))
        return np.sort(order[: self._fewer(wanted, max(LEAST_ROWS, rows), "{} of {} rows were explained: no time for more")])

    def _fewer(self, wanted: int, most: int, note: str) -> int:
        """Gives how many of what is wanted are done, and notes it where that is not all."""
        if most < wanted:
            self.notes.append(note.format(most, wanted))
        return min(wanted, most)

    def _explained(self) -> str:
        outcome = self.grounds.outcome
        if not outcome.labels:
            return self.judged.task.target
        return "the predicted label" if outcome.column is None else outcome.labels[outcome.column]

    def _features(
        self, rows: pd.DataFrame, mine: np.ndarray, size: np.ndarray, order: np.ndarray, pick: np.ndarray
    ) -> list[dict[str, Any]]:
        """Gives each feature's mean absolute effect with its interval, and its direction."""
        low, high = _interval(size, self.judged, pick)
        mean = size.mean(axis=0)
        found = []
        for place in order[:SHOWN]:
            measure = Measure(float(mean[place]), float(low[place]), float(high[place]), len(size))
            found.append(
                {
                    "column": self.grounds.names[place],
                    **measure.to_dict(),
                    **direction_of(rows[self.grounds.names[place]], mine[:, place], self.grounds, int(place)),
                }
            )
        return found

    def _curves(self, rows: pd.DataFrame, order: np.ndarray, found: Shapley) -> list[Curve]:
        """Draws curves of the most important features; of several labels, of the one that the feature moves most."""
        outcome, curves = self.grounds.outcome, list[Curve]()
        wanted = [int(place) for place in order if self.grounds.features[place].is_shown][: self.asked.curves]
        for place in wanted:
            if time.time() > self.parts_end:
                self.notes.append(f"{len(wanted) - len(curves)} curves were left out: no time")
                break
            column = outcome.column
            if column is None:
                column = int(np.abs(found.values[:, place]).mean(axis=0).argmax())
            curve = curve_of(self.score, rows, self.grounds, place, column)
            if curve is not None:
                label = outcome.labels[column] if outcome.labels else ""
                curves.append(replace(curve, column=curve.column, kind=curve.kind + (f" of {label}" if label else "")))
        return curves

    def _interactions(self, rows: pd.DataFrame, order: np.ndarray, columns: np.ndarray) -> list[dict[str, Any]]:
        places = [int(place) for place in order[: self.asked.pairs]]
        found = interactions(self._mixed(rows, self.grounds), places, columns, 100, self.judged.seed, self.parts_end)
        wanted = len(places) * (len(places) - 1) // 2
        if len(found) < wanted and time.time() > self.parts_end:
            self.notes.append("some pairs of features were left out: no time")
        return found

    def _words(self, rows: pd.DataFrame, columns: np.ndarray) -> list[dict[str, Any]]:
        assert self.judged.train is not None
        found, looked = moving_words(
            self.score, rows, self.grounds, columns, self.judged.train, self.judged.seed, self.parts_end
        )
        if looked < len(rows):
            self.notes.append(f"words of {looked} of {len(rows)} rows were looked at: no time for more")
        return found

    def _reasons(self) -> tuple[dict[str, Measure], dict[str, Measure], dict[str, Any]]:
        """Checks the reasons of adverse rows: are they the same with other background rows, and do they move the prediction?"""
        outcome = self.grounds.outcome
        adverse = np.flatnonzero(outcome.is_adverse(self.judged.prediction, self.lines))
        order = np.random.default_rng(self.judged.seed + 1).permutation(adverse)
        wanted = order[: self._checkable(min(self.asked.checked, len(adverse)))]
        if len(adverse) and not len(wanted):
            return {}, {}, {}
        if not len(wanted):
            self.notes.append("no row has the adverse outcome: reasons were not checked")
            return {}, {}, {}
        rows = _rows_of(self.judged, self.grounds, np.sort(wanted))
        other = _grounds(self.judged, self.checking, self.checking.seed + OTHER_SEED)
        first, second = self._compared(rows, self.kept), self._compared(rows, other)
        return self._checked(rows, first, second, _of(self.lines, np.sort(wanted)))

    def _checkable(self, wanted: int) -> int:
        """Gives how many rows can be compared with all background rows twice, in time or within what may be scored."""
        rows = 4 * len(self.kept.background) * max(1, len(self.kept.names))
        note = "reasons of {} of {} adverse rows were checked: "
        if self.until == float("inf"):
            return self._fewer(
                wanted, max(LEAST_CHECKED, int(EFFECTS_SHARE * self.asked.max_scored / rows)), note + "max_scored"
            )
        most = int(max(0.0, self.until - time.time()) / max(0.7 * rows * self.seconds_each, 1e-9))
        return self._fewer(wanted, most if most >= LEAST_CHECKED else 0, note + "no time for more")

    def _compared(self, rows: pd.DataFrame, grounds: Grounds) -> Shapley:
        return shapley(self._mixed(rows, grounds), len(grounds.background), grounds.explaining.seed)

    def _checked(
        self, rows: pd.DataFrame, first: Shapley, second: Shapley, lines: np.ndarray | None
    ) -> tuple[dict[str, Measure], dict[str, Measure], dict[str, Any]]:
        outcome, features = self.grounds.outcome, self.grounds.features
        one, two = (chosen(toward_adverse(f, outcome), features, self.asked.explaining.reasons) for f in (first, second))
        same = agreement(one, two)
        told = [bool(places) for places in one]
        mixed = self._mixed(rows, self.kept)
        columns, at = outcome.columns(first.prediction), np.arange(len(rows))
        before = first.prediction[at, columns]
        typical = relief(mixed, one, outcome, RELIEF_ROUNDS)
        eased = best_relief(self.score, rows, self.grounds, one)
        moved = outcome.sense * (before - typical) > 0
        flipped = outcome.answers(eased, lines) != outcome.answers(first.prediction, lines)
        held = (moved | flipped)[told]
        checks = {
            "rows": len(rows),
            "rounds": [first.rounds, second.rounds],
            "without_reason": int(len(told) - sum(told)),
            "flipped": float(flipped[told].mean()) if any(told) and outcome.labels else None,
        }
        return {"reason_stability": _share(same)}, ({"reason_fidelity": _share(held)} if len(held) else {}), checks

    def _examples(self, rows: pd.DataFrame, found: Shapley, lines: np.ndarray | None) -> list[dict[str, Any]]:
        """Gives three rows without identity: a typical adverse one, one at the line, a typical other one."""
        outcome, held = self.grounds.outcome, self.judged.decision.rule.amount
        value = outcome.values(found.prediction)
        adverse = outcome.is_adverse(found.prediction, lines)
        line = lines if lines is not None and outcome.labels else float(np.median(value))
        picks: list[tuple[str, int]] = []
        for name, group in (
            (("adverse", adverse), ("other", ~adverse)) if outcome.adverse is not None else (("typical", adverse),)
        ):
            here = np.flatnonzero(group)
            if len(here):
                picks.append((name, int(here[np.argsort(np.abs(value[here] - np.median(value[here])))[0]])))
        nearest = int(np.argmin(np.abs(value - line)))
        if nearest not in [place for _, place in picks]:
            picks.insert(1, ("near the line" if outcome.labels else "middle", nearest))
        effects = toward_adverse(found, outcome)
        reasons = reasons_of(self.grounds, rows, effects)
        answers, columns = outcome.answers(found.prediction, lines), outcome.columns(found.prediction)
        examples = []
        for name, place in picks:
            threshold = None if lines is None else float(lines[place])
            asked = (self.score, rows, place, self.grounds, threshold)
            options = find_options(*asked, held=held) if time.time() < self.parts_end else []
            strongest = np.argsort(-np.abs(effects[place]), kind="stable")[:8]
            examples.append(
                {
                    "name": name,
                    "answer": outcome.labels[answers[place]] if outcome.labels else "",
                    "label": outcome.labels[columns[place]] if outcome.labels else "",
                    "value": float(value[place]),
                    "usual": float(found.base[place, columns[place]]),
                    "threshold": threshold,
                    "effects": [
                        {
                            "column": self.grounds.names[p],
                            "value": _shown(self.grounds, rows, place, int(p)),
                            "effect": float(outcome.sense * effects[place, p]),
                        }
                        for p in strongest
                    ],
                    "reasons": [reason.to_dict() for reason in reasons[place]],
                    "options": [option.to_dict() for option in options],
                }
            )
        return examples


def _lines(judged: Judged) -> np.ndarray | None:
    """Gives the line of each judged row on its probability, shape `(n,)`; none where the task has no line."""
    rule = judged.decision.rule
    line = rule.line(rule.known(judged.rows.frame))
    return None if line is None else np.broadcast_to(line, (len(judged.y),))


def _of(lines: np.ndarray | None, pick: np.ndarray) -> np.ndarray | None:
    return None if lines is None else lines[pick]


def _grounds(judged: Judged, explaining: Explaining, seed: int) -> Grounds:
    assert judged.train is not None and judged.held_out is not None
    held = judged.held_out
    return learn_grounds(held.rows, judged.task, explaining, np.arange(len(held.rows)), held.values, seed)


def _rows_of(judged: Judged, grounds: Grounds, pick: np.ndarray) -> pd.DataFrame:
    return judged.rows.frame[[*grounds.names, *grounds.kept]].iloc[pick].reset_index(drop=True)


def _shown(grounds: Grounds, rows: pd.DataFrame, number: int, place: int) -> Any:
    feature = grounds.features[place]
    value = shown_value(rows[feature.name].iloc[number], feature) if feature.is_shown else None
    return value if feature.kind is not Kind.CATEGORY or value in feature.grid else None


def _additivity(found: Shapley) -> Measure:
    """Gives the largest distance between a prediction and what its parts add up to."""
    gap = float(np.abs(found.prediction - found.base - found.values.sum(axis=1)).max())
    return Measure(gap, gap, gap, len(found.prediction))


def _share(holds: np.ndarray) -> Measure:
    """Gives a share of rows with Wilson's interval of 95 %.

    Source: Wilson (1927), "Probable inference, the law of succession, and statistical inference", Journal of the American
    Statistical Association 22, pages 209-212.
    """
    n, share, z = len(holds), float(holds.mean()), 1.959964
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * float(np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))) / (1 + z**2 / n)
    return Measure(share, max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share)), n, "share")


def _interval(size: np.ndarray, judged: Judged, pick: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gives the percentile interval of each feature's mean absolute effect, from resamples of the explained rows."""
    block = None if judged.block is None else np.unique(judged.block[pick], return_inverse=True)[1]
    rng = np.random.default_rng(judged.seed)
    times = np.stack([draw_times(rng, len(size), block) for _ in range(min(judged.resamples, 500))]).astype("float64")
    means = times @ size / np.maximum(times.sum(axis=1, keepdims=True), 1)
    tail = (1 - judged.confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail], axis=0)
    mean = size.mean(axis=0)
    return np.minimum(low, mean), np.maximum(high, mean)
