"""What no rule does to test rows, with every rule on: none drops or changes one, and test labels say nothing to anybody.

Values that a rule changes on training rows are changed on test rows in the same way; rows that rules drop before a split were
never test rows.
"""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import treat
from lepton_automl.deliver import Scorer
from lepton_automl.engine.compile import compile as compile_recipe
from lepton_automl.engine.run import prepare_rows
from lepton_automl.governance import RULES, Stage, govern
from lepton_automl.ledger import Ledger, read_ledger
from lepton_automl.recipe import compose

TRAIN, TEST = 700, 300
PROFILES = ("standard", "regulated")
SIDES = ("a table of its own", "a split")
CREDIT = Path("recipes/data/german_credit.csv")
AFTER = ("gate", "test")
"""Stages of the ledger in which test labels are read."""
RULE_WORDS = [
    "contract={columns: {dose: {min: 0, action: {min: missing}}, visits: {max: 50, action: {max: drop}}}}",
    "retention={column: seen, since: 2020-01-01}",
    "consent={column: consent, values: [granted]}",
    "licence={licence: CC-BY-4.0}",
    "purpose={}",
    "duplicates={action: drop}",
    "identifiers={min_unique_share: 0.9}",
    "disguised_missing={values: {age: [-999]}, action: missing}",
    "near_constants={max_share: 0.98, action: drop}",
    "missing={max_share: 0.8}",
    "outliers={action: clip}",
    "representativeness={action: note, population: {sex: {f: 0.5, m: 0.5}}}",
    "leakage={action: drop}",
    "target_copies={action: drop}",
    "missingness={action: drop}",
    "row_order={action: drop}",
    "lookups={action: drop}",
    "post_outcome={action: drop, future_rows: note, columns: [closed]}",
    "perfect_score={action: note}",
    "label_noise={}",
    "shift={}",
    "proxies={}",
    "overlap={columns: [customer]}",
]
"""Every rule that can act, acts; none stops."""
ACTED = {
    ("GOV001", "rows dropped"),
    ("GOV003", "column dropped"),
    ("GOV004", "column dropped"),
    ("GOV005", "column dropped"),
    ("GOV006", "column dropped"),
    ("GOV007", "column dropped"),
    ("GOV008", "rows dropped"),
    ("GOV009", "rows dropped"),
    ("GOV009", "values set missing"),
    ("GOV010", "column dropped"),
    ("GOV010", "values changed"),
    ("GOV012", "column dropped"),
    ("GOV013", "column dropped"),
    ("GOV015", "column dropped"),
    ("GOV018", "values set missing"),
    ("GOV019", "rows dropped"),
    ("GOV020", "rows dropped"),
    ("GOV023", "values changed"),
    ("GOV027", "column dropped"),
}
"""What the rules do to the table of `patients` at least."""


def patients(seed=0, n=TRAIN + TEST):
    """A table in which every rule that acts has something to act on, in the later rows as in the first."""
    rng = np.random.default_rng(seed)
    sex, age = rng.choice(["f", "m"], n), rng.integers(20, 90, n).astype("float64")
    is_ill = age + 8 * (sex == "m") + rng.normal(0, 12, n) > 58
    frame = pd.DataFrame(
        {
            "customer": [f"C{number:05d}" for number in rng.permutation(n)],
            "sex": sex,
            "kin": np.where((sex == "m") ^ (rng.random(n) < 0.1), "husband", "wife"),
            "age": age,
            "dose": rng.normal(50, 10, n).round(2),
            "visits": rng.poisson(3, n),
            "consent": rng.choice(["granted", "withdrawn"], n, p=[0.9, 0.1]),
            "seen": pd.Timestamp("2019-06-01") + pd.to_timedelta(rng.integers(0, 1500, n), unit="D"),
            "born": pd.Timestamp("1940-01-01") + pd.to_timedelta(rng.integers(0, 22_000, n), unit="D"),
            "mail": [f"ana.keller{number}@example.org" for number in rng.integers(0, 10**6, n)],
            "one": "same",
            "rare": np.where(rng.random(n) < 0.01, "rare", "usual"),
            "empty": np.where(rng.random(n) < 0.05, 1.0, np.nan),
            "called": pd.Series(rng.normal(size=n)).mask(rng.random(n) < np.where(is_ill, 0.97, 0.02)),
            "score": is_ill * 5 + rng.random(n),
            "case_number": (np.argsort(np.argsort(is_ill + 0.3 * rng.normal(size=n))) + 7) * 11,
        }
    )
    frame["again"] = frame["kin"]
    frame["closed"] = frame["seen"] + pd.to_timedelta(rng.integers(1, 40, n), unit="D")
    for rows in (slice(0, TRAIN), slice(TRAIN, n)):
        places = rng.permutation(np.arange(n)[rows])
        frame.loc[places[:15], "age"] = -999
        frame.loc[places[15:25], "dose"] = -7
        frame.loc[places[25:30], "dose"] = 1e6
        frame.loc[places[30:36], "visits"] = 60
        frame.loc[places[36:50]] = frame.loc[places[50:64]].to_numpy()
    frame["ill"] = np.where(is_ill, "yes", "no")
    return frame


def recipe(folder, profile, side):
    """Writes the table; gives the words of a recipe that has every rule, on test rows of one side or the other."""
    frame = patients()
    frame.loc[[2, 8], "ill"] = None
    words = ["recipe=table", f"data.source.path={folder / 'train.csv'}", "task.kind=binary", "task.target=ill"]
    words += ["task.positive=yes", "task.missing_target=drop", "data.roles.protected=[sex]", "seed=3"]
    words += ["engagement.owner=Ward 3", "engagement.intended_use=Order of visits", f"governance={profile}"]
    words += [f"governance.rules.{word}" for word in RULE_WORDS]
    if side == SIDES[0]:
        frame[:TRAIN].to_csv(folder / "train.csv", index=False)
        frame[TRAIN:].to_csv(folder / "test.csv", index=False)
        return [*words, f"data.test.path={folder / 'test.csv'}"]
    frame.to_csv(folder / "train.csv", index=False)
    return [*words, "split.test_share=0.3"]


def same(left, right):
    """Says whether two columns hold the same values, missing ones too."""
    return left.reset_index(drop=True).equals(right.reset_index(drop=True))


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("profile", PROFILES)
def test_no_rule_drops_a_test_row_or_changes_it_but_as_training_rows_are(profile, side, tmp_path):
    plan = compile_recipe(compose(recipe(tmp_path, profile, side)), tmp_path / "run")
    read = plan.data.source if plan.data.test is None else plan.data.test
    before = read.frame.copy(deep=True)
    ledger = Ledger()

    table = prepare_rows(plan, ledger)

    entries = [entry for entry in ledger.entries if entry.stage in tuple(Stage)]
    assert {entry.rule for entry in entries} == set(RULES.names())
    assert {(entry.code, entry.effect) for entry in entries} >= ACTED
    dropped = sum(entry.count for entry in entries if entry.effect == "rows dropped")
    assert not [entry for entry in entries if entry.effect == "rows dropped" and entry.stage == Stage.TRAIN]
    assert table.test is not None
    if side == SIDES[0]:
        assert table.test.row_ids.tolist() == read.row_ids.tolist() and len(table.test) == TEST
        assert len(table.train) == TRAIN - dropped
    else:
        left = govern(plan.data.source, plan.rules, Stage.DATA, Ledger(), plan.subject)
        split = plan.splitter.holdout(left, plan.test_share, plan.seed)
        assert table.test.row_ids.tolist() == left.row_ids[split.test].tolist()
        assert table.train.row_ids.tolist() == left.row_ids[split.train].tolist()
        assert len(table.train) + len(table.test) == len(plan.data.source) - dropped
    assert read.frame.equals(before)
    changed = []
    for name in table.train.names:
        treatments = table.train.column(name).reading.treatments
        was = before[name].iloc[np.searchsorted(read.row_ids, table.test.row_ids)].reset_index(drop=True)
        assert same(table.test.values(name), treat(was, treatments, name)), name
        assert table.test.column(name).reading.treatments == treatments
        changed += [name] if not same(table.test.values(name), was) else []
    assert {"age", "dose", "born"} <= set(changed) <= {e.column for e in entries if e.effect.startswith("values ")}


def permuted(path, rows, target, seed=0):
    """Writes the file again with the labels of the rows among them in another order; all else is the same."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    places = np.arange(len(frame))[rows]
    frame.loc[places, target] = np.random.default_rng(seed).permutation(frame.loc[places, target].to_numpy())
    frame.to_csv(path, index=False)


def credit(folder, split):
    """The credit recipe on files: its last applicants as a table of test rows, or a split that reads no label."""
    frame = pd.read_csv(CREDIT, dtype=str, keep_default_na=False)
    words = ["recipe=credit", "data.source.kind=auto", f"data.source.path={folder / 'train.csv'}"]
    if split:
        frame.to_csv(folder / "train.csv", index=False)
        return [*words, "split.kind=random"]
    frame[:800].to_csv(folder / "train.csv", index=False)
    frame[800:].to_csv(folder / "test.csv", index=False)
    return [*words, f"data.test.path={folder / 'test.csv'}"]


def told(run, hashes):
    """Gives what the ledger says before labels of test rows are read, but for clock and chain; hashes of tables on demand."""
    out = ["at", "seconds", "hash", "previous", *([] if hashes else ["hash_before", "hash_after"])]
    lines = [{k: v for k, v in line.items() if k not in out} for line in read_ledger(run / "ledger.jsonl")]
    cut = [line["code"] for line in lines].index("SPLIT001")
    ends = [number for number, line in enumerate(lines) if number > cut and line["stage"] in AFTER]
    lines = lines[: min(ends, default=len(lines))]
    assert len(lines) > cut + 1
    return [line for line in lines if hashes or line["code"] != "LOAD000"]


def contents(folder):
    """Gives the bytes of every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


CASES = {
    **{f"every rule, {profile}": partial(recipe, profile=profile, side=SIDES[0]) for profile in PROFILES},
    "credit, a table of test rows": partial(credit, split=False),
    "credit, a split": partial(credit, split=True),
}


@pytest.mark.parametrize("write", CASES.values(), ids=CASES)
def test_permuted_test_labels_change_no_byte_of_predictions_artefact_and_ledger(write, run_words, tmp_path):
    words = write(tmp_path)
    plan, first = run_words(words, tmp_path / "first")
    is_split = plan.data.test is None
    path = tmp_path / ("train.csv" if is_split else "test.csv")
    rows = plan.splitter.holdout(plan.data.source, plan.test_share, plan.seed).test if is_split else slice(None)
    features = pd.read_csv(path).iloc[rows].drop(columns=plan.task.target)

    permuted(path, rows, plan.task.target)
    _, again = run_words(words, tmp_path / "again")

    figures = [json.loads((run.folder / "metrics.json").read_text())["test"]["roc_auc"]["value"] for run in (first, again)]
    assert abs(figures[0] - figures[1]) > 0.05  # the labels were other ones, and the evidence saw them
    scored = [Scorer.load(run.folder / "artifact").score(features).values for run in (first, again)]
    assert scored[0].tobytes() == scored[1].tobytes() and len(scored[0]) == len(features)
    before, after = contents(first.folder / "artifact"), contents(again.folder / "artifact")
    assert len(before) > 5 and before == after
    assert told(first.folder, not is_split) == told(again.folder, not is_split)
