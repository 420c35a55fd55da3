"""Files with the dirt that published ones have: each dirt is found and counted, and no other cell is touched."""

import numpy as np
import pandas as pd
import pytest
import yaml

from lepton_automl.engine.compile import compile as compile_recipe
from lepton_automl.engine.run import prepare_rows
from lepton_automl.ledger import Ledger
from lepton_automl.recipe import compose

N = 120
RNG = np.random.default_rng(5)
LABELS = ["yes" if n % 3 == 0 else "no" for n in range(N)]
AMOUNTS = [f"{value:.2f}" for value in RNG.lognormal(3, 0.5, N)]
CITIES = RNG.choice(["Bern", "Rome", "Oslo"], N).tolist()


def text_of(separator=",", **columns):
    rows = ["\t".join(columns) if separator == "\t" else ",".join(columns)]
    rows += [separator.join(cells) for cells in zip(*columns.values(), strict=True)]
    return "\n".join(rows) + "\n"


def governed(folder, content, recipe, name="table.csv"):
    """Governs a file by a recipe; gives its rows in their order, and what the ledger says of it but looking and passing."""
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "recipes").mkdir()
    sources = recipe.get("data", {}).get("query")
    source = {"sources": {"lines": {"path": str(folder / name)}}} if sources else {"source": {"path": str(folder / name)}}
    whole = {
        **recipe,
        "data": {**recipe.get("data", {}), **source},
        "budget": {"trials": 1},
        "run": {"dir": str(folder / "run")},
    }
    whole["defaults"] = [{"override /search": "quick"}]
    (folder / "recipes" / "dirty.yaml").write_text(yaml.safe_dump(whole, allow_unicode=True))
    ledger = Ledger()
    table = prepare_rows(compile_recipe(compose(["recipe=dirty"], [folder])), ledger)
    frames = [part.frame.set_axis(part.row_ids)[table.train.names] for part in (table.train, table.test)]
    told = {(e.code, e.column, e.effect): e.count for e in ledger.entries if e.effect not in ("passed", "not applicable")}
    return pd.concat([frame.astype(object) for frame in frames]).sort_index(), told


TASK = {"task": {"kind": "binary", "target": "left"}}


def test_blanks_for_numbers_and_identifiers(tmp_path):
    totals = [" " if n in (3, 50, 77) else AMOUNTS[n] for n in range(N)]
    keys = [f"{n * 37 % 997:04d}-X" for n in range(N)]

    rows, told = governed(tmp_path, text_of(customer=keys, total=totals, city=CITIES, left=LABELS), TASK)

    assert told["LOAD021", "total", "values set missing"] == 3
    assert told["GOV006", "customer", "column dropped"] == N
    assert rows["total"].isna().sum() == 3 and rows["city"].tolist() == CITIES and rows["left"].tolist() == LABELS
    assert [v for n, v in enumerate(rows["total"]) if n not in (3, 50, 77)] == [
        float(v) for n, v in enumerate(AMOUNTS) if n not in (3, 50, 77)
    ]


def test_not_available_in_words_an_empty_last_column_and_a_sparse_id(tmp_path):
    keys = [str(int(key)) for key in RNG.permutation(70_000)[:N] + 10]
    bmi = ["N/A" if n % 10 == 0 else AMOUNTS[n] for n in range(N)]
    content = text_of(id=keys, bmi=bmi, left=LABELS).replace("\n", ",\n")

    rows, told = governed(tmp_path, content, TASK)

    assert told["LOAD021", "bmi", "values set missing"] == 12
    assert told["LOAD008", "column_4", "column named"] == 1 and told["GOV003", "column_4", "column dropped"] == N
    assert told["GOV006", "id", "column dropped"] == N
    assert rows.columns.tolist() == ["bmi", "left"] and rows["bmi"].isna().sum() == 12


def test_a_byte_order_mark_names_with_blanks_behind_and_codes_that_are_categories(tmp_path):
    pain = [str(n % 4 + 1) for n in range(N)]
    content = b"\xef\xbb\xbf" + text_of(**{"age ": AMOUNTS, "chest pain": pain, "left  ": LABELS}).encode()

    rows, told = governed(tmp_path, content, {**TASK, "data": {"kinds": {"chest pain": "category"}}})

    assert ("LOAD001", "", "noted") in told and told["LOAD005", "", "names stripped"] == 2
    assert told["LOAD029", "chest pain", "noted"] == N
    assert rows["chest pain"].tolist() == pain and rows["age"].tolist() == [float(v) for v in AMOUNTS]


def test_latin_1_text_with_commas_and_repeated_rows(tmp_path):
    texts = [f'"Café {n}, naïve, São Paulo and all that is there besides"' for n in range(N)]
    texts[7], texts[9] = texts[8], texts[8]

    rows, told = governed(tmp_path, text_of(left=LABELS, words=texts).encode("latin-1"), TASK)

    assert ("LOAD001", "", "noted") in told and told["GOV008", "", "noted"] == 2
    assert rows["words"].tolist() == [text.strip('"') for text in texts]


def test_days_before_months_are_not_misread_though_most_would_read_both_ways(tmp_path):
    days = pd.date_range("2023-01-01", periods=N // 2)
    dates = [day.strftime("%d-%m-%Y") for day in days for _ in range(2)]
    recipe = {"task": {"kind": "forecast", "target": "sales", "time": "date", "series": ["store"], "horizon": 5}}

    rows, told = governed(tmp_path, text_of(store=["1", "2"] * (N // 2), date=dates, sales=AMOUNTS), recipe)

    assert told["LOAD025", "date", "values rewritten"] == N
    assert pd.to_datetime(rows["date"]).tolist() == [day for day in days for _ in range(2)]


def test_flags_of_the_outcome_are_told_and_dropped_where_they_are_declared(tmp_path):
    n = 2000
    failed = RNG.random(n) < 0.1
    kinds = RNG.integers(0, 2, n)
    columns = {f"flag{k}": (failed & (kinds == k)).astype(int).astype(str).tolist() for k in (0, 1)}
    load = RNG.normal(size=n).round(3).astype(str).tolist()
    content = text_of(**{"load [Nm]": load}, **columns, failed=failed.astype(int).astype(str).tolist())
    task = {"task": {"kind": "binary", "target": "failed"}}

    rows, told = governed(tmp_path, content, task)
    assert {("GOV012", "flag0", "noted"), ("GOV012", "flag1", "noted")} <= set(told)
    assert rows.columns.tolist() == ["load [Nm]", "flag0", "flag1", "failed"]

    (tmp_path / "declared").mkdir()
    rules = {"post_outcome": {"columns": ["flag0", "flag1"]}}
    rows, told = governed(tmp_path / "declared", content, {**task, "governance": {"rules": rules}})
    assert (told["GOV013", "flag0", "column dropped"], told["GOV013", "flag1", "column dropped"]) == (n, n)
    assert rows.columns.tolist() == ["load [Nm]", "failed"]


def test_names_are_dropped_and_what_is_declared_personal_is_masked(tmp_path):
    given, surnames = ["Mary", "James", "Linda", "Robert", "Susan"], ["Smith", "Jones", "Miller", "Davis"]
    names = [f'"{surnames[n % 4]}, {"Mr" if n % 2 else "Mrs"}. {given[n % 5]} {chr(65 + n % 26)}."' for n in range(N)]
    cabins = [f"C{n}" if n % 4 == 0 else "" for n in range(N)]
    rules = {"pii": {"actions": {"cabin": "mask"}}}

    rows, told = governed(
        tmp_path, text_of(name=names, cabin=cabins, fare=AMOUNTS, left=LABELS), {**TASK, "governance": {"rules": rules}}
    )

    assert told["GOV010", "name", "column dropped"] == N and told["GOV010", "cabin", "values changed"] == N // 4
    assert rows.columns.tolist() == ["cabin", "fare", "left"]
    assert set(rows["cabin"].dropna()) == {"***"} and rows["cabin"].notna().sum() == N // 4


@pytest.mark.parametrize("is_declared", [True, False])
def test_cancelled_orders_are_dropped_where_a_contract_says_so_and_told_where_none_does(tmp_path, is_declared):
    n = 1000
    pieces = [str(-(k % 7) - 1 if k % 50 == 0 else k % 30 + 1) for k in range(n)]
    dates = [f"12/{k % 28 + 1}/2010 8:{k % 60:02d}" for k in range(n)]
    price = [f"{value:.2f}" for value in RNG.lognormal(1, 0.4, n)]
    contract = {"columns": {"pieces": {"min": 1, "action": "drop"}}}
    recipe = {"task": {"kind": "regression", "target": "price"}, "governance": {"rules": {"contract": contract}}}

    rows, told = governed(
        tmp_path, text_of(pieces=pieces, ordered=dates, price=price), recipe if is_declared else {"task": recipe["task"]}
    )

    assert told["LOAD025", "ordered", "values rewritten"] == n
    if is_declared:
        assert told["GOV009", "pieces", "rows dropped"] == 20 and len(rows) == 980
        assert ("GOV034", "pieces", "noted") not in told
    else:
        kept = [int(piece) for piece in pieces]
        assert rows["pieces"].tolist() == kept and 5 <= told["GOV034", "pieces", "noted"] <= 20


def test_types_in_the_header_and_unix_times(tmp_path):
    users, stamps = [str(n % 30) for n in range(N)], [str(881_250_949 + 86_400 * n) for n in range(N)]
    ratings = [str(n % 5 + 1) for n in range(N)]
    kinds = {"user:token": "category", "when:float": "datetime"}
    recipe = {"data": {"kinds": kinds}, "task": {"kind": "regression", "target": "rating:float"}}
    content = text_of("\t", **{"user:token": users, "rating:float": ratings, "when:float": stamps})

    rows, told = governed(tmp_path, content, recipe, "ratings.tsv")

    assert told["LOAD014", "", "noted"] == 3
    assert told["LOAD029", "user:token", "noted"] == told["LOAD029", "when:float", "noted"] == N
    assert told["LOAD025", "when:float", "values rewritten"] == N
    assert rows["user:token"].tolist() == users
    assert pd.to_datetime(rows["when:float"]).tolist() == pd.to_datetime([int(s) for s in stamps], unit="s").tolist()


def test_order_lines_are_added_up_to_daily_demand_with_days_without_a_sale(tmp_path):
    pytest.importorskip("duckdb")
    days = pd.date_range("2024-01-01", periods=40)
    lines = [(name, day) for k, day in enumerate(days) for name in ("ham", "olive") for _ in range((k + len(name)) % 4)]
    query = """
    SELECT n.name, d.day, count(l.name) AS sold FROM (SELECT DISTINCT name FROM lines) n
    CROSS JOIN (SELECT unnest(generate_series(min(day), max(day), INTERVAL 1 DAY)) AS day FROM lines) d
    LEFT JOIN lines l ON l.name = n.name AND l.day = d.day GROUP BY n.name, d.day ORDER BY n.name, d.day
    """
    task = {"kind": "forecast", "target": "sold", "time": "day", "series": ["name"], "horizon": 5}
    content = text_of(name=[name for name, _ in lines], day=[day.strftime("%Y-%m-%d") for _, day in lines])

    rows, told = governed(tmp_path, content, {"data": {"query": query}, "task": task})

    sold = pd.Series(lines).value_counts()
    wanted = [int(sold.get((name, day), 0)) for name in ("ham", "olive") for day in days]
    assert rows["sold"].tolist() == wanted and sum(wanted) == len(lines) and 0 in wanted
    assert told["LOAD012", "lines", "rows read"] == len(lines) and told["LOAD013", "", "rows read"] == 80


def test_a_target_that_was_cut_is_told(tmp_path):
    values = np.minimum(RNG.lognormal(12, 0.6, 1500).round(), 400_001)
    content = text_of(rooms=[str(n % 9) for n in range(1500)], price=values.astype(int).astype(str).tolist())

    rows, told = governed(tmp_path, content, {"task": {"kind": "regression", "target": "price"}})

    assert rows["price"].tolist() == values.tolist()
    assert 0.7 * (values == 400_001).sum() < told["GOV033", "", "noted"] <= (values == 400_001).sum()
