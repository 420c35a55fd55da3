"""Personal values are in no file of a run: a small real engagement, and a search of every byte it leaves."""

import gzip
import json
import time

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data.sources.file import FileSource
from lepton_automl.deliver import Scorer
from lepton_automl.engine import compile, run  # noqa: A004 - the name of what it does
from lepton_automl.errors import GovernanceStop, RecipeError
from lepton_automl.limits import Clock
from lepton_automl.recipe import compose

N = 320
PII = "governance.rules.pii"
FIRST = ["James", "Mary", "Robert", "Linda", "Michael", "Susan", "David", "Karen", "Daniel", "Nancy"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SURNAME, GIVEN = "王李张刘陈杨赵黄周吴", "伟芳娜敏静丽强磊军洋"


def luhn(body):
    total = sum(sum(divmod(int(d) * 2, 10)) if i % 2 == 0 else int(d) for i, d in enumerate(reversed(body)))
    return body + str(-total % 10)


@pytest.fixture(scope="module")
def clients(tmp_path_factory):
    """A table with unique personal values in several columns, and the file it is in."""
    rng = np.random.default_rng(4)
    kind = rng.choice(["new", "old", "vip"], N)
    amount = rng.lognormal(5, 1, N).round(2)
    ids = rng.permutation(N)
    mark = [f"{700 + i}{9000 - i}" for i in range(N)]
    frame = pd.DataFrame(
        {
            "f1": [f"zq{m}@planted.example" for m in mark],
            "f2": [f"{FIRST[i % 10]} Zx{LETTERS[i % 26]}{LETTERS[i // 26]}vq" for i in range(N)],
            "f3": [f"+44 20 79{m}" for m in mark],
            "f4": [luhn(f"4539{8100000 + i * 13}{1000 + i}") for i in ids],
            "f5": rng.permutation(np.arange(N) * 21_000_017 + 13_100_000_019),
            "f6": [f"{SURNAME[i % 10]}{GIVEN[i // 10 % 10]}{GIVEN[i // 100]}" for i in range(N)],
            "f7": [f"{20_000 + 7 * i} Planted Oak Street" for i in range(N)],
            "hashed": [f"hq{m}@planted.example" for m in mark],
            "household": [f"gq{m // 2}@planted.example" for m in range(N)],
            "born": pd.date_range("1941-03-05", periods=N, freq="57D").strftime("%Y-%m-%d"),
            "words": [
                f"{kind[i]} client asked us to write to tq{mark[i]}@planted.example or ring 415-555-{1000 + i}"
                for i in range(N)
            ],
            "kind": kind,
            "amount": amount,
            "late": np.where((kind == "vip") * 2 + np.log(amount) + rng.normal(0, 0.5, N) > 5.5, "yes", "no"),
        }
    )
    path = tmp_path_factory.mktemp("clients") / "clients.csv"
    frame.to_csv(path, index=False)
    return path, frame


def planted(frame):
    """Gives what must not be found, of each column a list."""
    found = {name: frame[name].astype(str).tolist() for name in ("f1", "f3", "f4", "f5", "f7", "hashed", "household", "born")}
    found["f2"] = [text.split()[1] for text in frame["f2"]]
    found["f6"] = [text for text in frame["f6"] if len(set(text)) == 3]
    found["words"] = [text.partition("write to ")[2].partition(" or")[0] for text in frame["words"]]
    found["words, phone"] = [text.partition("ring ")[2] for text in frame["words"]]
    return found


def contents(folder):
    """Gives each file's bytes, and what is packed inside them."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            raw = path.read_bytes()
            yield path.relative_to(folder), raw
            if raw[:2] == b"\x1f\x8b":
                yield path.relative_to(folder), gzip.decompress(raw)
            if path.suffix == ".parquet":
                yield path.relative_to(folder), pd.read_parquet(path).to_json(force_ascii=False).encode()


def leaks(folder, frame):
    """Gives file and column of each personal value found."""
    spelled = {
        name: [form for value in values for form in (value.encode(), json.dumps(value)[1:-1].encode(), value.lower().encode())]
        for name, values in planted(frame).items()
    }
    found = set()
    for path, raw in contents(folder):
        found |= {(str(path), name) for name, values in spelled.items() if any(value in raw for value in values)}
    return sorted(found)


def words(path, *more):
    return [
        "recipe=table",
        f"data.source.path={path}",
        "task.kind=binary",
        "task.target=late",
        "split.group=household",
        "search=quick",
        "budget.seconds=null",
        "budget.trials=4",
        "evidence.resamples=50",
        "hardware.threads=1",
        f"{PII}.actions.hashed=hash",
        f"{PII}.key.secret=LEPTON_PII_KEY",
        "~governance.rules.identifiers",
        "~governance.rules.duplicate_columns",
        *more,
    ]


@pytest.fixture(scope="module")
def finished(clients, tmp_path_factory):
    """A finished run, with a cache that is asked for."""
    path, _ = clients
    place = tmp_path_factory.mktemp("pii")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEPTON_PII_KEY", "the key of this test")
        patch.setenv("LEPTON_CACHE", str(place / "run" / "cache"))
        plan = compile(compose(words(path, "data.cache=true")), place / "run")
        result = run(plan, Clock(time.time(), plan.budget))
    return plan, result, place / "run"


def test_no_personal_value_is_in_any_file_of_a_run(clients, finished):
    _, _, folder = finished
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 20
    assert leaks(folder, clients[1]) == []


def test_the_search_finds_a_value_that_is_there(clients, tmp_path):
    _, frame = clients
    (tmp_path / "log").write_text(f"x {frame['f1'][3]} y")
    (tmp_path / "packed").write_bytes(gzip.compress(frame["f6"][12].encode()))
    (tmp_path / "json").write_text(json.dumps({"a": frame["f6"][12]}))
    assert leaks(tmp_path, frame) == [("json", "f6"), ("log", "f1"), ("packed", "f6")]


def test_the_ledger_says_what_was_done_with_each_column(finished):
    _, _, folder = finished
    lines = [json.loads(line) for line in (folder / "ledger.jsonl").read_text().splitlines()]
    told = {line["column"]: line["effect"] for line in lines if line["code"] == "GOV010"}
    changed = dict.fromkeys(("hashed", "born", "words"), "values changed")
    assert told == {**dict.fromkeys(("f1", "f2", "f3", "f4", "f5", "f6", "f7", "household"), "column dropped"), **changed}
    assert [line["note"] for line in lines if line["code"] == "LOAD032"]


def test_later_rows_are_treated_as_training_rows_were_whatever_their_number(clients, finished, monkeypatch):
    path, _ = clients
    _, _, folder = finished
    monkeypatch.setenv("LEPTON_PII_KEY", "the key of this test")
    raw = FileSource("data.source", str(path)).read().frame
    scorer = Scorer.load(folder / "artifact")
    many = scorer.predict(raw)
    few = pd.concat([scorer.predict(raw.iloc[i : i + 4].reset_index(drop=True)) for i in range(0, 40, 4)], ignore_index=True)
    pd.testing.assert_frame_equal(many.iloc[:40], few)
    expected = {e.column.name: e for e in scorer.contract.columns}
    assert set(expected) <= {"hashed", "born", "words", "kind", "amount"}
    assert all(level.startswith("h_") for level in expected["hashed"].levels)
    typed, _ = scorer.contract.read(raw.iloc[:3].reset_index(drop=True), "three rows")
    assert typed.numbers("born").tolist() == [1941.0, 1941.0, 1941.0]


def test_a_key_that_is_not_there_is_told_before_anything_runs(clients, monkeypatch, tmp_path):
    monkeypatch.delenv("LEPTON_PII_KEY", raising=False)
    with pytest.raises(RecipeError, match=r"governance\.rules\.pii\.key.*the environment has no LEPTON_PII_KEY"):
        compile(compose(words(clients[0])), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_run_that_stops_or_fails_leaves_no_personal_value(clients, monkeypatch, tmp_path):
    path, frame = clients
    monkeypatch.setenv("LEPTON_PII_KEY", "k")
    plan = compile(compose(words(path, f"{PII}.actions.nobody=drop")), tmp_path / "run")
    with pytest.raises(GovernanceStop, match="nobody"):
        run(plan, Clock(time.time(), plan.budget), in_process=True)
    assert (tmp_path / "run" / "failed.txt").is_file()
    assert leaks(tmp_path / "run", frame) == []


def test_a_message_about_the_data_shows_no_personal_value(clients, monkeypatch, tmp_path):
    path, frame = clients
    monkeypatch.setenv("LEPTON_PII_KEY", "k")
    for asked in (["task.target=f1"], ["data.kinds.f1=number"], ["task.target=f6", "task.kind=multiclass"]):
        with pytest.raises(Exception, match="problem") as caught:
            compile(compose([*words(path), *asked]), tmp_path / "run")
        said = str(caught.value)
        assert not any(value in said for values in planted(frame).values() for value in values), said
