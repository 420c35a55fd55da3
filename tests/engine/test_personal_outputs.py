"""Values of people are in no byte that a run leaves: every file, every table in it, and what is printed, failures included."""

import base64
import gzip
import html
import importlib.util
import json
import os
import re
import sqlite3
import struct
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyarrow import feather

N = 240
FIRST = ["James", "Mary", "Robert", "Linda", "Michael", "Susan", "David", "Karen", "Daniel", "Nancy", "Paul", "Laura"]
LAST = ["Johnson", "Williams", "Jones", "Davis", "Miller", "Wilson", "Anderson", "Thomas", "Jackson", "Harris"]
SURNAME, GIVEN = "王李张刘陈杨赵黄周吴", "伟芳娜敏静丽强磊军洋"
KEYS = {"LEPTON_PII_KEY": "the key of this test", "LEPTON_ID_KEY": "another key of this test"}

QUOTING = '''
"""A model that tells rows of the table in its errors, those it is given and those it reads by itself."""
import csv, os
from lepton_automl.data import Kind
from lepton_automl.features import Needs
from lepton_automl.models.baseline import Baseline
from lepton_automl.tasks import Makes


class Quotes:
    reads = frozenset({Kind.NUMBER, Kind.CATEGORY, Kind.BOOLEAN, Kind.TEXT})
    makes = frozenset({Makes.PROBABILITIES})
    needs = Needs(category="codes", missing="keep")
    package = None
    devices = frozenset({"cpu"})
    in_rounds = False

    def __getattr__(self, name):
        return getattr(Baseline(), name)

    def legal(self, goal):
        return {}

    def space(self, shape):
        return {}

    def starts(self, shape):
        return [{}]

    def fit(self, train, valid, params, goal, limits, step):
        with open(os.environ["ROWS_OF_A_TEST"], encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        row = rows[len(train.prepared.X) % len(rows)]
        try:
            float(row["a1"])
        except ValueError as error:
            raise RuntimeError(f"can not fit {dict(row)}, {train.prepared.levels}, {train.prepared.X[0]}") from error
'''


def luhn(body):
    total = sum(sum(divmod(int(d) * 2, 10)) if i % 2 == 0 else int(d) for i, d in enumerate(reversed(body)))
    return body + str(-total % 10)


def resident_id(body):
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * weight for d, weight in zip(body, weights, strict=True)) % 11]


def people(i):
    """Gives what is known of a person: e-mail, name, card, SSN, Chinese identity number, telephone, name in Chinese."""
    born = f"{1950 + i % 45}{1 + i % 12:02d}{1 + i % 28:02d}"
    return {
        "email": f"zq{7000 + i}@planted.example",
        "name": f"{FIRST[i % 12]} {LAST[i // 12 % 10]}",
        "card": luhn(f"4539{8100000 + i * 13}{1000 + i}"),
        "ssn": f"{212 + i % 300}-{20 + i % 60}-{1200 + i}",
        "resident": resident_id(f"110101{born}{100 + i}"),
        "phone": f"415-555-{1000 + i}",
        "name_zh": f"{SURNAME[i % 10]}{GIVEN[i // 10 % 10]}{GIVEN[(i // 100 + i + 1) % 10]}",
    }


def words(kind, i):
    """Gives a text that speaks of another person."""
    who = people(i)
    return (
        f"{kind} client {who['name']} asked for a letter to {who['email']}, rang from {who['phone']}, paid by {who['card']}, "
        f"SSN {who['ssn']}，客户姓名：{who['name_zh']}，身份证 {who['resident']}"
    )


@pytest.fixture(scope="module")
def clients(tmp_path_factory):
    """A table with values of people under names that say nothing, and what must not be found of it."""
    rng = np.random.default_rng(4)
    kind = rng.choice(["new", "old", "vip"], N)
    amount = rng.lognormal(5, 1, N).round(2)
    known = [people(i) for i in range(2 * N)]
    frame = pd.DataFrame([known[i] for i in range(N)])
    frame.columns = [f"a{place}" for place in range(1, 8)]
    frame["told"] = [words(kind[i], N + i) for i in range(N)]
    frame["kind"], frame["amount"] = kind, amount
    frame["late"] = np.where((kind == "vip") * 2 + np.log(amount) + rng.normal(0, 0.5, N) > 5.5, "yes", "no")
    path = tmp_path_factory.mktemp("clients") / "clients.csv"
    frame.to_csv(path, index=False)
    return path, {name: sorted({person[name] for person in known}) for name in known[0]}


def spellings(value):
    """Gives the bytes that a value may be written as."""
    texts = {value, value.lower(), value.upper(), value.replace("-", "")}
    found = {text.encode(code) for text in texts for code in ("utf-8", "utf-16-le", "utf-16-be")}
    found |= {json.dumps(text)[1:-1].encode() for text in texts}
    digits = value.replace("-", "")
    if digits.isdecimal():
        found |= {struct.pack(f"{end}{kind}", int(digits)) for end in "<>" for kind in "qd"}
    return found


def unpacked(name, raw):
    """Gives the bytes of a file, and those of what is packed in it."""
    yield raw
    text = raw.decode("latin-1")
    plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), raw.decode("utf-8", "replace"))
    yield html.unescape(plain).encode("utf-8", "replace")
    for packed in re.findall(r"base64,([A-Za-z0-9+/=]{40,})", text):
        yield base64.b64decode(packed)
    if raw[:2] == b"\x1f\x8b":
        yield from unpacked(name, gzip.decompress(raw))


def tables(path):
    """Gives the rows of the tables that a file holds."""
    if path.suffix == ".parquet":
        yield pd.read_parquet(path).to_json(force_ascii=False).encode()
    elif path.suffix in (".arrow", ".feather"):
        yield feather.read_table(path).to_pandas().to_json(force_ascii=False, default_handler=str).encode()
    elif path.suffix in (".npz", ".zip") and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            yield from (packed.read(name) for name in packed.namelist())
    elif path.read_bytes()[:15] == b"SQLite format 3":
        connection = sqlite3.connect(path)
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            yield repr(connection.execute(f'SELECT * FROM "{name}"').fetchall()).encode()
        connection.close()


class Sought:
    """Many byte strings that are sought at once, by their first six bytes."""

    def __init__(self, planted):
        self.forms = {}
        for kind, values in planted.items():
            for form in {form for value in values for form in spellings(value)}:
                self.forms.setdefault(form[:6], []).append((form, kind))
        self.keys = np.unique(windows(b"".join(head + b"\0" * 6 for head in self.forms))[::12])

    def kinds_in(self, part):
        """Gives the kinds of the values that are found."""
        every = windows(part)
        places = np.flatnonzero(np.isin(every, self.keys)) if len(every) else []
        known = ((place, self.forms.get(part[place : place + 6], ())) for place in places)
        return {kind for place, forms in known for form, kind in forms if part.startswith(form, place)}


def windows(part):
    """Gives each six bytes in a row as a number."""
    raw = np.frombuffer(part, dtype="uint8").astype("uint64")
    return sum(raw[place : len(raw) - 5 + place] << np.uint64(8 * place) for place in range(6)) if len(raw) > 5 else raw[:0]


def leaks(folder, planted, *said):
    """Gives file and kind of each value of a person that is found in a folder, or in what was printed."""
    sought = Sought(planted)
    found, files = set(), [path for path in sorted(folder.rglob("*")) if path.is_file()]
    contents = [(str(path.relative_to(folder)), part) for path in files for part in unpacked(path.name, path.read_bytes())]
    contents += [(str(path.relative_to(folder)), text) for path in files for text in tables(path)]
    contents += [("printed", part) for text in said for part in unpacked("", text.encode())]
    for name, part in contents:
        found |= {(name, kind) for kind in sought.kinds_in(part)}
    return sorted(found), [str(path.relative_to(folder)) for path in files]


def lepton(place, path, *more):
    """Runs a recipe in a process of its own, with a model that quotes rows; gives how it ended."""
    packages, info = place / "packages", place / "packages" / "quoting_model-0.1.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (packages / "quoting_model.py").write_text(textwrap.dedent(QUOTING))
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: quoting-model\nVersion: 0.1\n")
    (info / "entry_points.txt").write_text("[lepton_automl.models]\nquotes = quoting_model:Quotes\n")
    (place / "out").mkdir(exist_ok=True)
    known = filter(None, [str(packages), os.environ.get("PYTHONPATH", ""), str(Path.cwd())])
    cache = str(place / "out" / "cache")
    env = {**os.environ, **KEYS, "PYTHONPATH": os.pathsep.join(known), "LEPTON_CACHE": cache, "ROWS_OF_A_TEST": str(path)}
    asked = ["recipe=table", f"data.source.path={path}", "data.roles.id=[a1]", "task.kind=binary", "task.target=late"]
    asked += ["search=quick", "budget.seconds=null", "budget.trials=4", "evidence.resamples=50", "hardware.threads=1"]
    asked += [
        "data.cache=true",
        "split.folds=2",
        "tracking.progress=plain",
        "tracking.csv=true",
        f"run.dir={place / 'out' / 'run'}",
    ]
    command = [sys.executable, "-m", "lepton_automl", *asked, *more]
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False)


@pytest.fixture(scope="module")
def finished(clients, tmp_path_factory):
    """A finished run with all that it can be asked to write, one model of which failed."""
    place = tmp_path_factory.mktemp("outputs")
    more = [
        "plugins=[quoting-model]",
        "search.models.quotes={}",
        "~search.models.linear",
        "governance.rules.pii.actions={a4: hash}",
    ]
    more += ["governance.rules.pii.key.secret=LEPTON_PII_KEY"]
    more += [f"data.save_cleaned.path={place / 'out' / 'cleaned.parquet'}", "report.documents=[technical_documentation]"]
    tools = [("tensorboard=true", "tensorboardX"), ("wandb={}", "wandb"), ("mlflow={}", "mlflow")]
    more += [f"tracking.{word}" for word, module in tools if importlib.util.find_spec(module) is not None]
    return lepton(place, clients[0], *more), place / "out"


def test_a_run_leaves_no_value_of_a_person_in_any_byte(clients, finished):
    done, folder = finished
    assert done.returncode == 0, done.stderr

    found, files = leaks(folder, clients[1], done.stdout, done.stderr)

    assert found == []
    wanted = ["cleaned.parquet", "run/report.html", "run/profile.json", "run/study.journal", "run/run.log", "run/trials.csv"]
    wanted += ["run/people.parquet", "run/data_governance_report.html", "run/datasheet.md", "run/model_card.md"]
    wanted += ["run/technical_documentation.md", "run/leaderboard.json", "run/ledger.jsonl", "run/trials.parquet"]
    assert set(wanted) <= set(files)
    ledger = [json.loads(line) for line in (folder / "run" / "ledger.jsonl").read_text().splitlines()]
    assert [row["note"] for row in ledger if row["code"] == "LOAD032"]  # why the cache holds nothing of it
    for module, head in (("tensorboardX", "run/events/"), ("mlflow", "run/mlflow.db"), ("wandb", "run/wandb/")):
        assert importlib.util.find_spec(module) is None or any(name.startswith(head) for name in files)


def test_what_a_failed_fit_said_is_told_without_the_people_it_quoted(finished):
    _, folder = finished
    rows = {row["model"]: row for row in json.loads((folder / "run" / "leaderboard.json").read_text())}
    said = rows["quotes"]["error"]
    assert rows["quotes"]["state"] == "failed"
    assert said.startswith("failed: RuntimeError: can not fit {'a1': '[email]', 'a2': '[name]', 'a3': '[card]', 'a4': '[ssn]'")
    log = (folder / "run" / "run.log").read_text()
    assert "in fit" in log and "RuntimeError: can not fit" in log


def test_a_run_that_governance_stops_says_why_and_nothing_of_anyone(clients, tmp_path):
    columns = "{a1: {pattern: '[0-9]+'}, a2: {values: [nobody]}, a3: {max: 5}, told: {pattern: short}}"
    rule = f"governance.rules.contract={{columns: {columns}, relations: {{one: 'a4 == a6'}}}}"

    done = lepton(tmp_path, clients[0], rule)

    assert done.returncode == 3
    assert all(f"columns.{name}" in done.stderr for name in ("a1.pattern", "a2.values", "a3.max", "told.pattern"))
    found, files = leaks(tmp_path / "out", clients[1], done.stdout, done.stderr)
    assert found == []
    assert "run/failed.txt" in files


@pytest.mark.parametrize(
    "query", ["SELECT CAST(a1 AS INT) AS a1, late FROM clients", "SELECT CAST(a2 AS DATE) AS a2, late FROM clients"]
)
def test_a_database_that_stumbles_over_a_value_is_not_quoted(clients, tmp_path, query):
    path, planted = clients
    more = ["data.source=null", f"data.sources.clients.path={path}", f"data.query='{query}'"]

    done = lepton(tmp_path, path, *more)

    assert done.returncode == 3
    assert "DuckDB says" in done.stderr
    assert leaks(tmp_path / "out", planted, done.stdout, done.stderr)[0] == []


def test_the_search_finds_each_way_in_which_a_value_can_be_written(clients, tmp_path):
    _, planted = clients
    who = people(7)
    (tmp_path / "log").write_text(f"x {who['email']} y")
    (tmp_path / "wide").write_bytes(who["name"].encode("utf-16"))
    (tmp_path / "json").write_text(json.dumps({"a": who["name_zh"]}))
    (tmp_path / "packed").write_bytes(gzip.compress(who["resident"].encode()))
    (tmp_path / "page").write_text(f"<img src='data:x;base64,{base64.b64encode(b'0' * 30 + who['ssn'].encode()).decode()}'>")
    np.save(tmp_path / "numbers.npy", np.array([1.0, float(who["card"])]))
    np.savez_compressed(tmp_path / "arrays.npz", a=np.array([int(who["card"])]))
    pd.DataFrame({"a": [who["phone"]] * 3}).to_parquet(tmp_path / "t.parquet", compression="gzip")
    feather.write_feather(pd.DataFrame({"a": [who["name"]]}), str(tmp_path / "t.arrow"), compression="zstd")
    connection = sqlite3.connect(tmp_path / "t.db")
    connection.execute("CREATE TABLE t (a TEXT)")
    connection.execute("INSERT INTO t VALUES (?)", [who["email"]])
    connection.commit()
    connection.close()

    found, _ = leaks(tmp_path, planted, f"told {who['ssn']}")

    expected = {"log": "email", "wide": "name", "json": "name_zh", "packed": "resident", "page": "ssn", "numbers.npy": "card"}
    expected |= {"arrays.npz": "card", "t.parquet": "phone", "t.arrow": "name", "t.db": "email", "printed": "ssn"}
    assert set(expected.items()) <= set(found)
