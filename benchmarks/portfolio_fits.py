"""Fits the entries of the portfolio on public sets and keeps their predictions."""

import importlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product, zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from sets import open_set
from suite import Run, lepton_words

from lepton_automl.data import Dataset, Kind
from lepton_automl.engine.compile import compile as compile_plan
from lepton_automl.engine.plan import Plan
from lepton_automl.engine.portfolio import ENTRIES, family_of, kind_of, start_of
from lepton_automl.engine.run import prepare_rows
from lepton_automl.errors import LeptonError
from lepton_automl.features import Learning, Needs, learn_prepared
from lepton_automl.ledger import Ledger
from lepton_automl.models import MODELS, Limits, Rows, Shape, fit_with_target, no_step
from lepton_automl.recipe import compose
from lepton_automl.space import Choice, Dimension, Fixed, Int

SETS = (
    "telco_churn",
    "california_housing",
    "letter_recognition",
    "adult_income",
    "ames_housing",
    "wine_quality",
    "credit_catalonia",
    "employee_salaries",
    "leaf_shapes",
    "bank_marketing",
    "diamonds",
    "fetal_health_ctg",
    "steel_plate_faults",
    "bikeshare_hourly",
    "home_equity_hmeq",
    "insurance_charges",
    "german_credit",
    "mammography_rare",
    "hr_attrition",
    "stroke",
)
"""Sets in the order in which they are fitted: kinds in turn, so that stopping early leaves some of each."""
SEED = 7
SAMPLED = tuple(f"lightgbm.sampled_{number}" for number in range(4))
"""Configurations drawn from the space that a run searches: what a published one must beat to be tried before them."""
JUDGE, WEIGH = 0.2, 0.2
"""Share of the training rows that judge; of the rest, share of those that stop early and weigh."""
PATIENCE = 50
NETS = "lepton_automl.models.nets"
IMPORTED = ("lightgbm", "xgboost", "catboost", "sklearn.linear_model", "sklearn.ensemble", f"{NETS}.lightning")
"""Imported before the first fit, so that no fit's seconds hold them."""


@dataclass
class Cut:
    """A set cut into three.

    Args:
        name: Its name.
        plan: How the engine reads it.
        fit: Rows fitted on.
        weigh: Rows that stop early and weigh.
        judge: Rows that judge.
        y: Targets of the three.
        known: Preparations made so far: by what is needed, prepared rows of the three and their CPU seconds.
    """

    name: str
    plan: Plan
    fit: Dataset
    weigh: Dataset
    judge: Dataset
    y: tuple[np.ndarray, np.ndarray, np.ndarray]
    known: dict[str, tuple[list[Rows], float]] = field(default_factory=dict)

    @property
    def shape(self) -> Shape:
        """How large the rows fitted on are."""
        terms = 1 if any(column.kind is Kind.TEXT for column in self.fit.features) else 0
        return Shape(len(self.fit), len(self.fit.features), self.plan.task.goal, terms)

    def prepared(self, needs: Needs) -> tuple[list[Rows], float]:
        """Gives the three parts as a model needs them, and the CPU seconds that took."""
        if needs.key not in self.known:
            began = time.process_time()
            search, goal = self.plan.search, self.plan.task.goal
            learning = Learning(self.fit, self.y[0], goal.width, needs, search.features, search.history, SEED)
            preparation, first = learn_prepared(learning)
            others = [preparation.apply(part.frame, self.fit.frame) for part in (self.weigh, self.judge)]
            parts = [Rows(prepared, y) for prepared, y in zip([first, *others], self.y, strict=True)]
            self.known[needs.key] = parts, time.process_time() - began
        return self.known[needs.key]


def cut_set(name: str, data: Path, rows: int) -> Cut:
    """Reads a set's training rows as the engine does, draws some of many, and cuts them."""
    words = [word for word in lepton_words(Run("lepton", "", open_set(data, name), 60, 1)) if not word.startswith("data.test")]
    words += [f"split.test_share={JUDGE}", "search=thorough"]
    plan = compile_plan(compose(words), Path("outputs/none"))
    source = plan.data.source
    if len(source) > rows:
        pick = np.sort(np.random.default_rng(SEED).permutation(len(source))[:rows])
        plan = replace(plan, data=replace(plan.data, source=source.rows(pick)))
    ready = prepare_rows(plan, Ledger())
    inner = plan.splitter.holdout(ready.train, WEIGH, SEED)
    assert ready.test is not None
    y_judge = plan.task.encode(ready.test.values(plan.task.target))
    parts = (ready.train.rows(inner.train), ready.train.rows(inner.test), ready.test)
    return Cut(name, plan, *parts, (ready.y[inner.train], ready.y[inner.test], y_judge))


def in_turn(only: Sequence[str]) -> Iterator[str]:
    """Gives the entries in the order in which they are fitted: as named, else each family's first, then each one's second, ….

    Args:
        only: Entries or families; all if empty.
    """
    if only:
        known = (*ENTRIES, *SAMPLED)
        yield from dict.fromkeys(name for wish in only for name in known if wish in (name, family_of(name)))
        return
    by_family: dict[str, list[str]] = {}
    for name in ENTRIES:
        by_family.setdefault(family_of(name), []).append(name)
    for row in zip_longest(*by_family.values()):
        yield from (name for name in row if name is not None)
    yield from SAMPLED


def drawn(space: Mapping[str, Dimension], seed: int) -> dict[str, Any]:
    """Gives a configuration drawn from a space, evenly; on a logarithmic scale where the space says so."""
    rng, found = np.random.default_rng(seed), {}
    for name, dimension in space.items():
        if isinstance(dimension, Fixed):
            found[name] = dimension.value
        elif isinstance(dimension, Choice):
            found[name] = dimension.options[int(rng.integers(len(dimension.options)))]
        else:
            low, high = (np.log([dimension.low, dimension.high])) if dimension.log else (dimension.low, dimension.high)
            value = rng.uniform(low, high)
            value = float(np.exp(value)) if dimension.log else float(value)
            found[name] = round(value) if isinstance(dimension, Int) else value
    return found


def gather(names: Sequence[str], only: Sequence[str], data: Path, rows: int, cap: float, out: Path, folder: Path) -> None:
    """Fits what was not fitted yet; a line of JSON and a file of predictions each.

    Args:
        names: Sets.
        only: Entries or families; all if empty.
        data: Folder of the sets.
        rows: Most rows of a set.
        cap: Seconds of a fit; where the machine is shared, as many more as the fits before had to wait.
        out: JSON lines to append to.
        folder: Where predictions are kept.
    """
    seen = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    done = {(row["set"], row["entry"]) for row in seen}
    cuts: dict[str, Cut] = {}
    slow = 1.0
    for module in IMPORTED:
        importlib.import_module(module)
    for entry, name in product(in_turn(only), names):
        if (name, entry) in done:
            continue
        if name not in cuts:
            cuts[name] = cut_set(name, data, rows)
        row = fit_entry(cuts[name], entry, cap * slow, folder / name)
        if row is None:
            continue
        wall = row.pop("wall")
        if row.get("fit_seconds", 0) > 0.5:
            slow = max(1.0, wall / row["fit_seconds"])
        print(json.dumps(row), f"{wall:.1f} s", flush=True)
        with out.open("a") as file:
            file.write(json.dumps(row) + "\n")


def fit_entry(cut: Cut, entry: str, seconds: float, folder: Path) -> dict[str, Any] | None:
    """Fits an entry on a set; gives what is kept of it, or none where it does not suit.

    Returns:
        Losses on the rows that weigh and judge, rounds, CPU seconds of the fit with its predictions and of the preparation
        (of all three parts; shared by entries that need the same), and `wall` seconds.
    """
    family, goal, shape = family_of(entry), cut.plan.task.goal, cut.shape
    model = MODELS.find(family, "model")()
    is_drawn = entry in SAMPLED
    params = drawn(model.space(shape), SAMPLED.index(entry)) if is_drawn else start_of(entry, model, shape)
    candidate = next((one for one in cut.plan.search.candidates if one.name == family), None)
    if params is None or candidate is None:
        return None
    legal = model.legal(goal)
    wished = {} if is_drawn else ENTRIES[entry].view
    view = {**candidate.views[0], **{key: value for key, value in wished.items() if key in legal}}
    row: dict[str, Any] = {"set": cut.name, "kind": kind_of(goal), "entry": entry, "view": view, "params": params}
    row.update(rows=[len(part) for part in (cut.fit, cut.weigh, cut.judge)], columns=shape.columns)
    began, wall = time.process_time(), time.time()
    try:
        (train, weigh, judge), prepare_seconds = cut.prepared(model.needs.chosen(view))
        began, wall = time.process_time(), time.time()
        limits = Limits(1, SEED, wall + seconds, PATIENCE)
        fitted = fit_with_target(model, train, weigh, {**params, **view}, goal, limits, no_step)
        outputs = [fitted.predict(part.prepared, 1).astype("float32") for part in (weigh, judge)]
    except LeptonError as error:
        return {**row, "error": str(error), "wall": time.time() - wall}
    took = {"fit_seconds": round(time.process_time() - began, 3), "prepare_seconds": round(prepare_seconds, 3)}
    metric = cut.plan.task.metric
    losses = [metric.loss(y, out.astype("float64")) for y, out in zip(cut.y[1:], outputs, strict=True)]
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / f"{entry}.npz", weigh=outputs[0], judge=outputs[1])
    if not (folder / "truth.npz").exists():
        np.savez_compressed(folder / "truth.npz", fit=cut.y[0], weigh=cut.y[1], judge=cut.y[2])
    rounded = {key: round(float(loss), 6) for key, loss in zip(("weigh", "judge"), losses, strict=True)}
    return {**row, "metric": metric.name, **rounded, "rounds": list(fitted.rounds), **took, "wall": time.time() - wall}
