"""For the tests of this package and of plug-ins: small tables, and the contract that every model family keeps.

```python
from lepton_automl.testing import check_model
from my_package import MyModel


def test_my_model_keeps_the_contract():
    check_model(MyModel())
```
"""

from __future__ import annotations

import contextlib
import io
import os
import pickletools
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Column, Dataset, Kind, Reading, Role
from lepton_automl.features import FeatureOptions, Learning, Needs, Preparation, Prepared, learn_prepared
from lepton_automl.models import Fitted, Limits, Model, Rows, Shape, no_step
from lepton_automl.space import Choice, Fixed, Float, Int, inside
from lepton_automl.tasks import Goal, Makes

ROWS, VALID = 240, 80
LEVELS = (0.1, 0.5, 0.9)
GOALS = {
    Makes.PROBABILITIES: (Goal(Makes.PROBABILITIES, 2), Goal(Makes.PROBABILITIES, 3)),
    Makes.VALUES: (Goal(Makes.VALUES),),
    Makes.QUANTILES: (Goal(Makes.QUANTILES, len(LEVELS), LEVELS),),
}
FACTS = {
    "category": ("codes", "ordinal", "target", "onehot"),
    "missing": ("keep", "fill"),
    "scale": (True, False),
    "text": ("none", "tfidf", "topics", "target"),
    "made": (True, False),
}
PAST_DEADLINE_ROUNDS = 10


@dataclass(frozen=True)
class Bench:
    """Rows to fit on, made as the engine makes them.

    Args:
        model: The model.
        goal: What is to be made.
        train: Training rows.
        valid: Rows to watch.
        strange: Features of rows with nothing but missing values and unseen levels.
        params: The model's first configuration.
    """

    model: Model
    goal: Goal
    train: Rows
    valid: Rows
    strange: Prepared
    params: Mapping[str, Any]

    def fit(self, train: Rows | None = None, valid: Rows | None = None, rounds: tuple[int, ...] | None = None) -> Fitted:
        """Fits the first configuration."""
        limits = Limits(threads=1, seed=7, patience=20, rounds=rounds)
        return self.model.fit(train or self.train, valid or self.valid, self.params, self.goal, limits, no_step)


def table(
    target: str | None = None, roles: Mapping[str, Role] | None = None, kinds: Mapping[str, Kind] | None = None, **columns: Any
) -> Dataset:
    """Makes a small dataset.

    Args:
        target: Name of the target, which keeps its values as they are.
        roles: Column to a role: with time, series or known future it stays a feature, with any other not.
        kinds: Column to kind, where it is not the one of its type; text is a category.
        columns: Name to values, `n` each.
    """
    made, series = [], {}
    for name, raw in columns.items():
        values = raw if isinstance(raw, pd.Series) else pd.Series(raw)
        kind = (kinds or {}).get(name, _kind_of(values))
        role = Role.TARGET if name == target else (roles or {}).get(name, Role.FEATURE)
        also = {Role.FEATURE} if role in (Role.TIME, Role.SERIES, Role.KNOWN_FUTURE) else set()
        made.append(Column(name, kind, frozenset({role, *also}), Reading(kind)))
        series[name] = values if name == target else _stored(values, kind)
    frame = pd.DataFrame(series)
    return Dataset(frame, tuple(made), np.arange(len(frame), dtype="int64"))


def _kind_of(values: pd.Series) -> Kind:
    if pd.api.types.is_bool_dtype(values):
        return Kind.BOOLEAN
    if pd.api.types.is_numeric_dtype(values):
        return Kind.NUMBER
    return Kind.DATETIME if pd.api.types.is_datetime64_any_dtype(values) else Kind.CATEGORY


def _stored(values: pd.Series, kind: Kind) -> pd.Series:
    """Gives values as a dataset keeps them."""
    if kind is Kind.BOOLEAN:
        return values.astype("float64")
    if kind is Kind.DATETIME:
        return values.astype("datetime64[us]")
    dtype = {Kind.TEXT: "str", Kind.CATEGORY: "category"}.get(kind)
    return values if dtype is None else values.astype(dtype)


def check_model(model: Model, params: Mapping[str, Any] | None = None) -> None:
    """Proves that a model family keeps the contract, on small made tables for each prediction it makes.

    Args:
        model: The family; nothing of it is kept.
        params: Parameters that replace those of the first configuration, to make the check quicker.

    Raises:
        AssertionError: With a sentence that says what the model does wrong.
    """
    _check_facts(model)
    with _watched(type(model).__name__):
        for makes in sorted(model.makes & set(GOALS)):
            for goal in GOALS[makes]:
                _check_parameters(model, goal)
                _check_goal(_bench(model, goal, params or {}))


def _require(is_kept: bool, sentence: str) -> None:
    if not is_kept:
        raise AssertionError(sentence)


def _check_facts(model: Model) -> None:
    for name, kind in (("reads", Kind), ("makes", Makes)):
        values = getattr(model, name)
        is_set = isinstance(values, frozenset) and values and all(isinstance(value, kind) for value in values)
        _require(bool(is_set), f"{name} must be a frozenset of {kind.__name__}, one at least; got {values!r}.")
    _require(isinstance(model.needs, Needs), f"needs must be Needs(…), got {model.needs!r}.")
    for name, options in FACTS.items():
        value = getattr(model.needs, name)
        _require(value in options, f"needs.{name} must be one of {options}, got {value!r}.")
    package = model.package
    is_pair = isinstance(package, tuple) and len(package) == 2 and all(isinstance(part, str) for part in package)
    _require(package is None or is_pair, f"package must be none or (package, extra), got {package!r}.")
    devices = model.devices
    is_known = isinstance(devices, frozenset) and bool(devices) and devices <= {"cpu", "gpu"}
    _require(is_known, f"devices must be a frozenset of cpu and gpu, got {devices!r}.")
    _require(isinstance(model.in_rounds, bool), f"in_rounds must be true or false, got {model.in_rounds!r}.")


def _check_parameters(model: Model, goal: Goal) -> None:
    legal = model.legal(goal)
    for name, dimension in legal.items():
        is_dimension = isinstance(name, str) and isinstance(dimension, Float | Int | Choice | Fixed)
        _require(is_dimension, f"legal must give a dimension for each name, got {name!r}: {dimension!r}.")
    named = {model.rate, model.span} - {""}
    _require(named <= set(legal), f"rate and span must name legal parameters, or be empty; got {sorted(named)}.")
    for rows in (50, 5_000, 1_000_000):
        shape = Shape(rows, 12, goal, 300 if Kind.TEXT in model.reads else 0)
        for name, dimension in model.space(shape).items():
            _require(name in legal, f"space searches {name!r}, which is not legal.")
            _require(inside(dimension, legal[name]), f"space of {name} is {dimension}, outside of the legal {legal[name]}.")
        starts = model.starts(shape)
        _require(bool(starts), "starts must give one configuration at least.")
        for start in starts:
            for name, value in start.items():
                _require(name in legal, f"starts set {name!r}, which is not legal.")
                is_legal = inside(Fixed(value), legal[name])
                _require(is_legal, f"starts set {name} to {value!r}, outside of the legal {legal[name]}.")


def _check_goal(bench: Bench) -> None:
    before = (_content(bench.train), _content(bench.valid))
    fitted = bench.fit()
    unchanged = before == (_content(bench.train), _content(bench.valid))
    _require(unchanged, f"{_named(bench)}: fit changed the rows it was given.")
    prediction = _predicted(bench, fitted, bench.valid.prepared)
    _require(_is_learned(bench, fitted), f"{_named(bench)}: predicts its own training rows worse than a constant does.")
    _predicted(bench, fitted, bench.strange)
    _check_files(bench, fitted, prediction)
    again = _predicted(bench, bench.fit(), bench.valid.prepared)
    _require(np.array_equal(prediction, again), f"{_named(bench)}: two fits with one seed predict differently.")
    _check_weights(bench)
    if bench.model.in_rounds:
        _check_rounds(bench, fitted, prediction)
    else:
        _require(fitted.rounds == (), f"{_named(bench)}: rounds must be empty where a fit has none, got {fitted.rounds}.")
    if bench.goal.makes is Makes.PROBABILITIES:
        _check_absent_classes(bench)


def _predicted(bench: Bench, fitted: Fitted, rows: Prepared) -> np.ndarray:
    """Predicts, and proves the prediction's shape and range."""
    out, name = fitted.predict(rows, 1), _named(bench)
    shape = (len(rows), bench.goal.width)
    _require(
        isinstance(out, np.ndarray) and out.shape == shape, f"{name}: predict must give shape {shape}, got {np.shape(out)}."
    )
    _require(out.dtype == np.float64, f"{name}: predict must give float64, got {out.dtype}.")
    _require(bool(np.isfinite(out).all()), f"{name}: predict gave values that are missing or infinite.")
    if bench.goal.makes is Makes.PROBABILITIES:
        is_share = bool(((out >= 0) & (out <= 1)).all()) and bool(np.allclose(out.sum(axis=1), 1, atol=1e-6))
        _require(is_share, f"{name}: probabilities must lie in 0 to 1 and sum to 1.")
    if bench.goal.makes is Makes.QUANTILES:
        _require(bool((np.diff(out, axis=1) >= 0).all()), f"{name}: quantiles must rise along the columns.")
    return out


def _is_learned(bench: Bench, fitted: Fitted) -> bool:
    y, out = bench.train.y, fitted.predict(bench.train.prepared, 1)
    if bench.goal.makes is Makes.PROBABILITIES:
        shares = np.bincount(y, minlength=bench.goal.width) / len(y)
        return bool(np.mean(np.log(out[np.arange(len(y)), y] + 1e-12)) >= np.mean(np.log(shares[y])) - 0.05)
    middle = out[:, out.shape[1] // 2]
    return bool(np.mean(np.abs(y - middle)) <= 1.05 * np.mean(np.abs(y - y.mean())))


def _check_files(bench: Bench, fitted: Fitted, prediction: np.ndarray) -> None:
    files, name = fitted.save(), _named(bench)
    for file, content in files.items():
        is_plain = isinstance(file, str) and file == Path(file).name and not file.startswith(".")
        _require(is_plain, f"{name}: save names a file {file!r}; a plain name with an ending is needed.")
        _require(isinstance(content, bytes), f"{name}: save must give bytes for {file}, got {type(content).__name__}.")
        _require(not holds_pickle(content), f"{name}: the file {file} holds a pickle, which could run code.")
    loaded = bench.model.load(dict(files))
    same = np.array_equal(prediction, loaded.predict(bench.valid.prepared, 1))
    _require(same, f"{name}: predicts differently once saved and loaded.")
    _require(loaded.rounds == fitted.rounds, f"{name}: has rounds {fitted.rounds}, and {loaded.rounds} once loaded.")


def holds_pickle(content: bytes) -> bool:
    """Says whether a file, or a member of a zip file such as `.npz`, is a pickle or an array of pickled objects."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(holds_pickle(archive.read(member)) for member in archive.namelist())
    if content.startswith(b"\x93NUMPY"):
        return _array_dtype(content).hasobject
    calls = {"GLOBAL", "STACK_GLOBAL", "REDUCE", "BUILD", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX"}
    try:
        found = {opcode.name for opcode, _, _ in pickletools.genops(content)}
    except Exception:  # noqa: BLE001 - whatever it is, it does not read as a pickle
        found = set()
    return "PROTO" in found or bool(found & calls)


def _array_dtype(content: bytes) -> np.dtype:
    """Reads the kind of an `.npy` file's items from its header."""
    file = io.BytesIO(content)
    read = (
        np.lib.format.read_array_header_1_0 if np.lib.format.read_magic(file) == (1, 0) else np.lib.format.read_array_header_2_0
    )
    return read(file)[2]


def _check_weights(bench: Bench) -> None:
    """Proves that of two rows that contradict each other, the prediction follows the heavy one."""
    y, width = bench.train.y, bench.goal.width
    is_label = bench.goal.makes is Makes.PROBABILITIES
    other = (y + 1) % width if is_label else y + 50
    twice = np.tile(np.arange(ROWS), 2)
    is_first = np.arange(2 * ROWS) < ROWS
    pulls = []
    for heavy in (is_first, ~is_first):
        rows = Rows(_picked(bench.train.prepared, twice), np.concatenate([y, other]), np.where(heavy, 3.0, 1 / 3))
        out = bench.fit(rows, valid=rows).predict(bench.train.prepared, 1)
        pulls.append(out[np.arange(ROWS), y].mean() if is_label else -out[:, width // 2].mean())
    _require(pulls[0] > pulls[1], f"{_named(bench)}: the weights of rows do not matter.")


def _check_rounds(bench: Bench, fitted: Fitted, prediction: np.ndarray) -> None:
    name = _named(bench)
    has_rounds = isinstance(fitted.rounds, tuple) and bool(fitted.rounds) and all(r >= 1 for r in fitted.rounds)
    _require(has_rounds, f"{name}: goes in rounds, and must say how many; got {fitted.rounds!r}.")
    refit = bench.fit(rounds=fitted.rounds)
    _require(refit.rounds == fitted.rounds, f"{name}: a refit of {fitted.rounds} rounds made {refit.rounds}.")
    same = np.array_equal(prediction, _predicted(bench, refit, bench.valid.prepared))
    _require(same, f"{name}: a refit with the recorded rounds predicts differently.")
    heard: list[int] = []
    limits = Limits(threads=1, seed=7, deadline=1.0, patience=20)
    late = bench.model.fit(bench.train, bench.valid, bench.params, bench.goal, limits, lambda number, _: heard.append(number))
    _predicted(bench, late, bench.valid.prepared)
    most = len(late.rounds) * PAST_DEADLINE_ROUNDS
    _require(len(heard) <= most, f"{name}: went on for {len(heard)} rounds after its deadline.")
    _require(bool(heard), f"{name}: does not call step(number, value) in each round.")


def _check_absent_classes(bench: Bench) -> None:
    """Proves that a fold without one of the classes, or with one only, is no obstacle."""
    y = bench.train.y
    for keep in (y != 0, y == 0):
        pick = np.flatnonzero(keep)
        rows = Rows(_picked(bench.train.prepared, pick), y[pick])
        out = _predicted(bench, bench.fit(rows), rows.prepared)
        present = np.unique(rows.y)
        share = out[:, present].sum(axis=1).mean()
        told = f"{_named(bench)}: rows of the classes {present.tolist()} only"
        _require(share > 0.9, f"{told} still give the others a share of {1 - share:.2f}.")


def _picked(prepared: Prepared, rows: np.ndarray) -> Prepared:
    return Prepared(prepared.X[rows], prepared.names, prepared.sources, prepared.categorical, prepared.levels)


def _named(bench: Bench) -> str:
    return f"{type(bench.model).__name__} for {bench.goal.makes} of width {bench.goal.width}"


def _content(rows: Rows) -> tuple[bytes, bytes]:
    X = rows.prepared.X
    return (X if isinstance(X, np.ndarray) else X.toarray()).tobytes(), rows.y.tobytes()


def _bench(model: Model, goal: Goal, params: Mapping[str, Any]) -> Bench:
    data, score = _table(model.reads, ROWS + VALID, seed=3)
    _require(bool(data.columns), f"reads no kind of column that a table has: {sorted(model.reads)}.")
    train = data.rows(np.arange(ROWS))
    y = _target(score, goal)
    preparation, prepared = learn_prepared(Learning(train, y[:ROWS], goal.classes, model.needs, FeatureOptions()))
    shape = Shape(ROWS, len(data.columns), goal, 300 if Kind.TEXT in model.reads else 0)
    return Bench(
        model,
        goal,
        Rows(prepared, y[:ROWS]),
        Rows(preparation.apply(data.rows(np.arange(ROWS, ROWS + VALID)).frame), y[ROWS:]),
        _strange(preparation, data.frame),
        {**model.starts(shape)[0], **params},
    )


def _strange(preparation: Preparation, frame: pd.DataFrame) -> Prepared:
    """Prepares a row of missing values, and one of unseen levels and far numbers."""
    rows = {}
    for name, values in frame.items():
        if isinstance(values.dtype, pd.CategoricalDtype):
            rows[name] = pd.Series(pd.Categorical([None, "never seen"]))
        elif pd.api.types.is_datetime64_any_dtype(values):
            rows[name] = pd.Series(pd.to_datetime([None, "2099-12-31"])).astype(values.dtype)
        elif pd.api.types.is_numeric_dtype(values):
            rows[name] = pd.Series([np.nan, 1e9])
        else:
            rows[name] = pd.Series([None, "words never seen"], dtype=values.dtype)
    return preparation.apply(pd.DataFrame(rows))


def _table(reads: frozenset[Kind], n: int, seed: int) -> tuple[Dataset, np.ndarray]:
    """Makes a table of the kinds a model reads, and the score its target follows, shape `(n,)`."""
    rng = np.random.default_rng(seed)
    amount, hidden, level = rng.normal(size=n), rng.normal(size=n), rng.integers(0, 4, n)
    data = table(
        kinds={"note": Kind.TEXT},
        amount=pd.Series(amount).where(rng.random(n) >= 0.1),
        noise=rng.normal(size=n),
        is_member=hidden > 0,
        city=pd.Series(np.array(list("abcd"))[level]).where(rng.random(n) >= 0.05),
        since=pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D"),
        note=[f"{'good' if up else 'poor'} work done in {place}" for up, place in zip(hidden > 0, level, strict=True)],
    )
    score = amount + (hidden > 0) + 0.5 * level + 0.3 * rng.normal(size=n)
    return data.without(column.name for column in data.columns if column.kind not in reads), score


def _target(score: np.ndarray, goal: Goal) -> np.ndarray:
    if goal.makes is Makes.PROBABILITIES:
        edges = np.quantile(score, np.linspace(0, 1, goal.width + 1)[1:-1])
        return np.searchsorted(edges, score).astype("int64")
    return 10 + 5 * score


@contextlib.contextmanager
def _watched(name: str) -> Iterator[None]:
    """Proves that what runs inside prints nothing, from Python or below, and leaves nothing in the working folder."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as below:
        above = io.StringIO()
        sys.stdout.flush()
        kept = os.dup(1)
        os.dup2(below.fileno(), 1)
        try:
            with contextlib.chdir(folder), contextlib.redirect_stdout(above):
                yield
        finally:
            os.dup2(kept, 1)
            os.close(kept)
        below.seek(0)
        said = above.getvalue() + below.read().decode(errors="replace")
        _require(not said, f"{name} prints: {said[:200]!r}.")
        left = sorted(path.name for path in Path(folder).iterdir())
        _require(not left, f"{name} leaves files in the working folder: {', '.join(left)}.")
    _require(time.monotonic() - started < 300, f"{name} takes longer than 5 minutes on {ROWS} rows.")
