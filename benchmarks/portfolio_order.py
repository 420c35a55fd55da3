"""Learns the order of the portfolio by simulation, and what it is worth on sets that it was not learned on."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from portfolio_fits import SAMPLED

from lepton_automl.engine.candidates import ORDER, ORDER_MANY
from lepton_automl.engine.portfolio import ENTRIES, MOST_STARTS, family_of
from lepton_automl.ensemble.greedy import select
from lepton_automl.models.nets.learning import IMPORT_SECONDS
from lepton_automl.tasks.metrics import METRICS, Metric

FOLDS, WORKERS, FIRST_SECOND = 5, 2, 1.0
"""A run fits a configuration on some folds, on two cores; before its first second nothing is there."""
STEPS = 15
MOMENTS = 12
"""Moments, even on a logarithmic axis, at which a run's ensemble is judged."""
LONGEST = 24
"""Entries that are put in order one by one; the rest follow by their own error."""
LEAST_GAIN = 5e-4
LEVELING = 0.05
"""Added to the logarithm of seconds that a gain is divided by, so that what is nearly free is not infinitely good."""
DRAWS = 3
RANDOM_DRAWS = 6
RESAMPLES = 2000
NETS = ("tabm", "realmlp")


@dataclass(frozen=True)
class Run:
    """The order in which a run tries entries.

    Args:
        order: Entries.
        opening: How many of them, from the first, are fitted on one fold before anything gets the others.
    """

    order: list[str]
    opening: int = 0


Sequencer = Callable[["Fitted", int], Run]


@dataclass
class Fitted:
    """What was gathered of one set.

    Args:
        name: Its name.
        kind: `few`, `many` or `numbers`.
        metric: What it is judged by.
        y: Targets that weigh and judge.
        weigh: Entry to its predictions, shape `(n, width)`.
        judge: The same on the rows that judge.
        seconds: Entry to the seconds that a run takes for it.
        alone: Entry to its loss on the rows that weigh.
        constant: Loss of the best constant on the rows that judge.
        best: Lowest loss seen on them.
    """

    name: str
    kind: str
    metric: Metric
    y: tuple[np.ndarray, np.ndarray]
    weigh: dict[str, np.ndarray]
    judge: dict[str, np.ndarray]
    seconds: dict[str, float]
    alone: dict[str, float]
    constant: float = 0.0
    best: float = 0.0
    known: dict[frozenset[str], float] = field(default_factory=dict)

    def loss(self, entries: Sequence[str]) -> float:
        """Gives the loss of a greedy ensemble of entries: weighed on one part, judged on the other."""
        key = frozenset(entries)
        if key not in self.known:
            named = sorted(key)
            weights = select([self.weigh[name] for name in named], self.y[0], None, self.metric, STEPS)
            mixed = sum(weight * self.judge[name] for name, weight in zip(named, weights, strict=True) if weight)
            self.known[key] = self.metric.loss(self.y[1], np.asarray(mixed))
        return self.known[key]

    def error(self, loss: float) -> float:
        """Puts a loss between the best seen, 0, and the constant, 1."""
        return float(np.clip((loss - self.best) / max(self.constant - self.best, 1e-12), 0.0, 1.0))


def read(rows_file: Path, folder: Path) -> list[Fitted]:
    """Reads what `gather` kept; entries that were not yet fitted on all sets of a kind are left out."""
    rows = [json.loads(line) for line in rows_file.read_text().splitlines()]
    sets: dict[str, dict[str, dict]] = {}
    for row in rows:
        if "error" not in row:
            sets.setdefault(row["set"], {})[row["entry"]] = row
    kinds = {name: next(iter(entries.values()))["kind"] for name, entries in sets.items()}
    found = []
    for name, entries in sets.items():
        everywhere = set.intersection(*(set(sets[other]) for other in sets if kinds[other] == kinds[name]))
        found.append(
            _fitted(name, {entry: entries[entry] for entry in (*ENTRIES, *SAMPLED) if entry in everywhere}, folder / name)
        )
    return found


def _fitted(name: str, rows: Mapping[str, dict], folder: Path) -> Fitted:
    truth, first = np.load(folder / "truth.npz"), next(iter(rows.values()))
    kept = {entry: np.load(folder / f"{entry}.npz") for entry in rows}
    fitted = Fitted(
        name,
        first["kind"],
        METRICS[first["metric"]],
        (truth["weigh"], truth["judge"]),
        {entry: part["weigh"].astype("float64") for entry, part in kept.items()},
        {entry: part["judge"].astype("float64") for entry, part in kept.items()},
        {entry: row["fit_seconds"] * FOLDS / WORKERS for entry, row in rows.items()},
        {entry: row["weigh"] for entry, row in rows.items()},
    )
    width = next(iter(fitted.judge.values())).shape[1]
    shares = np.bincount(truth["fit"], minlength=width) / len(truth["fit"]) if fitted.kind != "numbers" else None
    constant = np.array([truth["fit"].mean()]) if shares is None else shares
    fitted.constant = fitted.metric.loss(fitted.y[1], np.tile(constant, (len(fitted.y[1]), 1)))
    alone = [fitted.metric.loss(fitted.y[1], part) for part in fitted.judge.values()]
    fitted.best = min(*alone, fitted.loss(list(fitted.judge)))
    return fitted


# ---- simulation ------------------------------------------------------------------------------------------------------


def area(fitted: Fitted, run: Run, budget: float) -> tuple[float, float]:
    """Gives the mean error over the logarithm of the seconds up to the budget, and the error at its end."""
    order, opening = run.order, run.opening
    seconds = np.array([fitted.seconds[name] for name in order])
    owed = seconds[:opening].sum() * (1 - 1 / FOLDS)
    seconds[:opening] /= FOLDS
    seconds[opening : opening + 1] += owed
    ends = np.cumsum(seconds + _imports(order))
    moments = np.geomspace(FIRST_SECOND, budget, MOMENTS)
    done = np.searchsorted(ends, moments, side="right")
    errors = [fitted.error(fitted.loss(order[:count])) if count else 1.0 for count in done]
    return float(np.mean(errors)), errors[-1]


def _imports(order: Sequence[str]) -> list[float]:
    """Gives the seconds that PyTorch takes to be imported, before the first net."""
    first = next((place for place, name in enumerate(order) if family_of(name) in NETS), -1)
    return [IMPORT_SECONDS if place == first else 0.0 for place in range(len(order))]


def as_run(fitted: Fitted, starts: Mapping[str, Sequence[str]], seed: int) -> Run:
    """Gives the order in which a run would try them: each family's first, then families drawn as the search draws them.

    The first ones are fitted on one fold each, then on the others: for simplicity all of them are.

    Args:
        fitted: The set.
        starts: Family to its entries, families and entries in order.
        seed: Seed of the draws.
    """
    left = {family: [name for name in names if name in fitted.judge] for family, names in starts.items()}
    order = [names.pop(0) for names in left.values() if names]
    rng, opening = np.random.default_rng(seed), len(order)
    while any(left.values()):
        families = [family for family, names in left.items() if names]
        mine = {family: [name for name in order if family_of(name) == family] for family in families}
        best = np.array([min(fitted.alone[name] for name in mine[family]) for family in families])
        scale = max(fitted.constant - min(fitted.alone[name] for name in order), 1e-12)
        merit = np.exp(-(best - best.min()) / (0.05 * scale)) + 0.05
        merit /= np.sqrt([max(0.05, np.mean([fitted.seconds[name] for name in mine[family]])) for family in families])
        order.append(left[families[rng.choice(len(families), p=merit / merit.sum())]].pop(0))
    return Run(order, opening)


def grouped(names: Sequence[str], families: Sequence[str] = ()) -> dict[str, list[str]]:
    """Gives each family's entries in the order of the names; families as given, else as they appear first."""
    found: dict[str, list[str]] = {family: [] for family in families}
    for name in names:
        found.setdefault(family_of(name), []).append(name)
    return {family: part[:MOST_STARTS] for family, part in found.items() if part}


def after_own(order: Sequence[str]) -> list[str]:
    """Gives our own starts as they were put in order by hand, and then the others in order."""
    own = [name for name in ENTRIES if ENTRIES[name].own is not None and name in order]
    return [*own, *_without(order, own)]


def _without(order: Sequence[str], names: Sequence[str]) -> list[str]:
    return [name for name in order if name not in names]


# ---- learning --------------------------------------------------------------------------------------------------------


def learned_order(sets: Sequence[Fitted]) -> list[str]:
    """Puts the entries in order: each time the one that gains most for the logarithm of its seconds, over all sets."""
    rest, order = [name for name in sets[0].judge if name in ENTRIES], []
    spent = [FIRST_SECOND] * len(sets)
    errors = [1.0] * len(sets)
    while rest and len(order) < LONGEST:
        found = []
        for name in rest:
            seconds = [_seconds(one, order, name) for one in sets]
            long = [float(np.log((at + more) / at)) for at, more in zip(spent, seconds, strict=True)]
            gains = [was - _error_with(one, order, name) for one, was in zip(sets, errors, strict=True)]
            found.append((float(np.mean(gains)), float(np.mean(gains) / (np.mean(long) + LEVELING)), name))
        if max(gain for gain, _, _ in found) < LEAST_GAIN:
            break
        chosen = max(found, key=lambda one: one[1])[2]
        errors = [_error_with(one, order, chosen) for one in sets]
        spent = [at + _seconds(one, order, chosen) for at, one in zip(spent, sets, strict=True)]
        order.append(chosen)
        rest.remove(chosen)
    return [*order, *sorted(rest, key=lambda name: float(np.mean([_error_with(one, [], name) for one in sets])))]


def polished(order: Sequence[str], sets: Sequence[Fitted], budget: float) -> list[str]:
    """Exchanges neighbours among the families while that makes the simulated run better; gives the entries by family."""
    starts = grouped(order)
    best = _mean_area(starts, sets, budget)
    is_better = True
    while is_better:
        is_better = False
        for place in range(len(starts) - 1):
            families = list(starts)
            families[place], families[place + 1] = families[place + 1], families[place]
            tried = {family: starts[family] for family in families}
            value = _mean_area(tried, sets, budget)
            if value < best - 1e-9:
                starts, best, is_better = tried, value, True
    return [name for names in starts.values() for name in names]


def _mean_area(starts: Mapping[str, Sequence[str]], sets: Sequence[Fitted], budget: float) -> float:
    return float(np.mean([area(one, as_run(one, starts, seed), budget)[0] for one in sets for seed in range(DRAWS)]))


def _seconds(one: Fitted, order: Sequence[str], name: str) -> float:
    """Gives the seconds of one more entry: one fold of the first of a family, all folds of others."""
    is_first = all(family_of(name) != family_of(other) for other in order)
    return one.seconds[name] / (FOLDS if is_first else 1)


def _error_with(one: Fitted, order: Sequence[str], name: str) -> float:
    return one.error(one.loss([*order, name]))


# ---- judging ---------------------------------------------------------------------------------------------------------


def sequencers(
    names: Sequence[str], one_by_one: Sequence[str], learned: Sequence[str], kind: str
) -> dict[str, list[Sequencer]]:
    """Gives the ways to be compared, each with its draws."""
    hand_families = ORDER_MANY if kind == "many" else ORDER
    own = [name for name in names if name in ENTRIES and ENTRIES[name].own is not None]

    def run(starts: dict[str, list[str]]) -> list[Sequencer]:
        return [lambda fitted, seed, starts=starts: as_run(fitted, starts, seed)] * DRAWS

    rng = np.random.default_rng(0)
    shuffled = [
        [str(name) for name in rng.permutation([name for name in names if name in ENTRIES])] for _ in range(RANDOM_DRAWS)
    ]
    return {
        "hand": run(grouped(own, hand_families)),
        "learned": run(grouped(learned)),
        "learned starts, hand families": run(grouped(learned, hand_families)),
        "hand, then learned rest": run(grouped(after_own(one_by_one), hand_families)),
        "hand, then sampled LightGBM": run(grouped([*own, *(name for name in SAMPLED if name in names)], hand_families)),
        "hand, then random rest": [
            lambda fitted, seed, order=order: as_run(fitted, grouped(after_own(order), hand_families), seed)
            for order in shuffled
        ],
        "random": [lambda fitted, seed, order=order: as_run(fitted, grouped(order), seed) for order in shuffled],
        "learned, one by one": [lambda fitted, seed: Run(list(one_by_one))],
    }


def judged(sets: Sequence[Fitted], budget: float) -> dict[str, dict[str, tuple[float, float]]]:
    """Gives for each set the area and the error at the end of each way, learned on the other sets of its kind."""
    found = {}
    for one in sets:
        others = [other for other in sets if other is not one]
        one_by_one = learned_order(others)
        ways = sequencers(list(one.judge), one_by_one, polished(one_by_one, others, budget), one.kind)
        found[one.name] = {
            way: tuple(np.mean([area(one, make(one, seed), budget) for seed, make in enumerate(draws)], axis=0))
            for way, draws in ways.items()
        }
        print(one.name, {way: [round(float(x), 4) for x in pair] for way, pair in found[one.name].items()}, flush=True)
    return found


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Gives the mean, and its 95 % bootstrap interval over the sets."""
    rng, known = np.random.default_rng(0), np.asarray(values)
    means = known[rng.integers(len(known), size=(RESAMPLES, len(known)))].mean(axis=1)
    return float(known.mean()), *map(float, np.quantile(means, [0.025, 0.975]))


def print_alone(sets: Sequence[Fitted]) -> None:
    """Prints what each entry is worth alone, and published LightGBM configurations beside sampled ones."""
    names = [name for name in sets[0].judge if all(name in one.judge for one in sets)]
    errors = {name: np.array([one.error(one.metric.loss(one.y[1], one.judge[name])) for one in sets]) for name in names}
    print("\n| entry | mean error alone | median | mean seconds in a run |\n| --- | ---: | ---: | ---: |")
    for name in sorted(names, key=lambda name: float(errors[name].mean())):
        seconds = np.mean([one.seconds[name] for one in sets])
        print(f"| `{name}` | {errors[name].mean():.4f} | {np.median(errors[name]):.4f} | {seconds:.2f} |")
    published = [name for name in names if family_of(name) == "lightgbm" and name in ENTRIES and ENTRIES[name].own is None]
    sampled = [name for name in names if name in SAMPLED]
    if published and sampled:
        apart = np.mean([errors[name] for name in published], axis=0) - np.mean([errors[name] for name in sampled], axis=0)
        mean, low, high = interval(apart)
        counts = f"{len(published)} published LightGBM entries minus {len(sampled)} sampled ones, alone"
        print(f"\n{counts}: {mean:+.4f} ({low:+.4f} to {high:+.4f})")


def learn(rows_file: Path, folder: Path, budget: float) -> None:
    """Learns an order for each kind, prints it, and the table of what it is worth on sets left out."""
    sets = read(rows_file, folder)
    kinds = {kind: [one for one in sets if one.kind == kind] for kind in ("few", "many", "numbers")}
    found = {kind: judged(mine, budget) for kind, mine in kinds.items() if len(mine) > 1}
    for kind, mine in kinds.items():
        if mine:
            order = learned_order(mine)
            families = list(grouped(polished(order, mine, budget)))
            print(f"{kind}: learned families {', '.join(families)}\n{kind}: learned entries {', '.join(order)}")
            rest = [name for name in order if ENTRIES[name].own is None]
            print(f'    "{kind}": {json.dumps(rest)},')
    print("\n| kind | sets | order | mean error | at the end | minus hand (95 % interval) | at the end |")
    print("| --- | ---: | --- | ---: | ---: | --- | --- |")
    for kind in [*found, "all"]:
        results = {name: ways for each in ([kind] if kind in found else found) for name, ways in found[each].items()}
        for way in next(iter(results.values())):
            pairs = np.array([ways[way] for ways in results.values()])
            apart = pairs - np.array([ways["hand"] for ways in results.values()])
            words = [f"{mean:+.4f} ({low:+.4f} to {high:+.4f})" for mean, low, high in map(interval, apart.T)]
            figures = " | ".join(f"{mean:.4f}" for mean in pairs.mean(axis=0))
            print(f"| {kind} | {len(results)} | {way} | {figures} | {' | '.join(words)} |")
    print_alone(sets)
