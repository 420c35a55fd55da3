"""How well the rule pii knows personal columns: made people among business columns, and public sets.

    python benchmarks/pii.py --rows 5000 [--sets FOLDER] [--out benchmarks/results/pii.jsonl]

Needs faker. Recall is counted by column: personal columns that are called personal, of the right kind. Precision is counted by
column over the public sets, and over the business columns beside the people.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset, ReadingRules, build_dataset
from lepton_automl.data.personal import count_mentions, find_personal
from lepton_automl.data.sources.protocol import RawTable

PERSONAL = {
    "email": "email",
    "phone_number": "phone",
    "name": "name",
    "first_name": "name",
    "last_name": "name",
    "address": "address",
    "street_address": "address",
    "credit_card_number": "card",
    "iban": "iban",
    "ipv4": "ip",
    "ipv6": "ip",
    "mac_address": "mac",
}
BUSINESS = (
    "company",
    "job",
    "city",
    "country",
    "color_name",
    "bs",
    "catch_phrase",
    "word",
    "file_name",
    "license_plate",
    "ean13",
)
TRUE = {("titanic", "Name"): "name"}
"""Columns of the public sets that do hold personal data, by their description."""


def made_people(rows: int, seed: int) -> tuple[dict[str, pd.Series], dict[str, str]]:
    """Gives columns under innocent names, and the kind of those that are personal (`mention` for texts that name people)."""
    from faker import Faker

    rng = np.random.default_rng(seed)
    columns: dict[str, pd.Series] = {}
    truth: dict[str, str] = {}

    def put(values: pd.Series, kind: str, what: str) -> None:
        name = f"x{len(columns):02d}"
        columns[name] = values
        truth[name] = f"{kind}|{what}"

    made: dict[tuple[str, str], list[str]] = {}
    for locale in ("en_US", "zh_CN"):
        fake = Faker(locale)
        fake.seed_instance(seed)
        for what in (*PERSONAL, "ssn", *BUSINESS):
            made[locale, what] = [str(getattr(fake, what)()) for _ in range(rows)]
    half = rng.random(rows) < 0.5
    for what, kind in PERSONAL.items():
        english, chinese = (pd.Series(made[locale, what]) for locale in ("en_US", "zh_CN"))
        put(english, kind, f"{what} en")
        put(chinese, kind, f"{what} zh")
        put(english.where(half, chinese), kind, f"{what} en and zh")
        put(english.mask(rng.random(rows) < 0.4), kind, f"{what} en, 40 % missing")
    put(pd.Series(made["en_US", "ssn"]), "ssn", "ssn")
    put(pd.Series(made["zh_CN", "ssn"]), "resident_id", "resident id")
    for locale, what, kind in (
        ("en_US", "phone_number", "phone"),
        ("zh_CN", "phone_number", "phone"),
        ("en_US", "credit_card_number", "card"),
        ("en_US", "ssn", "ssn"),
    ):
        bare = [int(re.sub(r"\D", "", text.partition("x")[0])) for text in made[locale, what]]
        put(pd.Series(bare), kind, f"{what} {locale} as a number")
    births = pd.Timestamp("1940-01-01") + pd.to_timedelta(rng.integers(0, 24_000, rows), "D")
    columns["birth_day"], truth["birth_day"] = pd.Series(births.astype(str)), "birth_date|date of birth"
    for what in ("email", "phone_number", "name"):
        texts = [f"order {i} is late, please tell {value} at once" for i, value in enumerate(made["en_US", what])]
        put(pd.Series(texts), "mention", f"{what} in English text")
        cue = {"email": "请回复", "phone_number": "请致电", "name": "联系人："}[what]
        texts = [f"订单{i}还没有收到，{cue}{value}，谢谢" for i, value in enumerate(made["zh_CN", what])]
        put(pd.Series(texts), "mention", f"{what} in Chinese text")
    for locale in ("en_US", "zh_CN"):
        for what in BUSINESS:
            put(pd.Series(made[locale, what]), "", f"{what} {locale}")
    for digits in (8, 9, 10, 11, 12, 16):
        put(pd.Series(rng.integers(10 ** (digits - 1), min(10**digits, 9 * 10**15), rows)), "", f"numbers of {digits} digits")
    put(pd.Series(rng.lognormal(8, 1, rows).round(2)), "", "amounts")
    put(pd.Series([f"PO-{x}" for x in rng.integers(10**5, 10**6, rows)]), "", "order codes")
    put(pd.Series(1_700_000_000 + rng.integers(0, 10**8, rows)), "", "seconds since 1970")
    return columns, truth


def judge(data: Dataset) -> Iterator[tuple[str, str, float]]:
    """Gives each column, what it is called (empty: nothing personal), and the seconds it took."""
    for column in data.columns:
        watch = time.perf_counter()
        values = data.values(column.name)
        found = find_personal(values, column.name)
        kind = found.kind if found is not None else ""
        if not kind and str(column.kind) == "text" and count_mentions(values)[0]:
            kind = "mention"
        yield column.name, kind, time.perf_counter() - watch


def people(rows: int, seed: int) -> list[dict[str, object]]:
    """Judges the made columns, read as they would be from a CSV file."""
    columns, truth = made_people(rows, seed)
    frame = pd.DataFrame({name: values.astype("str") for name, values in columns.items()})
    data, _ = build_dataset(RawTable(frame, (), "people", False), ReadingRules())
    lines = []
    for name, kind, seconds in judge(data):
        wanted, _, what = truth[name].partition("|")
        lines.append({"part": "people", "column": what, "wanted": wanted, "found": kind, "seconds": round(seconds, 4)})
    return lines


def public(folder: Path) -> list[dict[str, object]]:
    """Judges each feature of the public sets."""
    lines = []
    for path in sorted(folder.glob("*/train.parquet")):
        meta = json.loads((path.parent / "meta.json").read_text())
        frame = pd.read_parquet(path)
        kept = [name for name in frame.columns if not isinstance(frame[name].dropna().iloc[:1].squeeze(), bytes | bytearray)]
        data, _ = build_dataset(RawTable(frame[kept], (), path.parent.name, True), ReadingRules())
        for name, kind, seconds in judge(data):
            if name == meta.get("target"):
                continue
            wanted = TRUE.get((path.parent.name, name), "")
            line = {"part": "public", "set": path.parent.name, "column": name, "wanted": wanted, "found": kind}
            lines.append({**line, "seconds": round(seconds, 4)})
    return lines


def tell(lines: list[dict[str, object]]) -> None:
    """Prints recall and precision, and what went wrong. A mention leads to no column being called personal."""
    for part in ("people", "public"):
        mine = [line for line in lines if line["part"] == part]
        if not mine:
            continue
        personal = [line for line in mine if line["wanted"]]
        called = [line for line in mine if line["found"] and (line["found"] != "mention" or line["wanted"] == "mention")]
        right = [line for line in called if line["found"] == line["wanted"]]
        harmless = [line for line in mine if not line["wanted"]]
        silent = [line for line in harmless if not line["found"] or line["found"] == "mention"]
        print(f"{part}: {len(mine)} columns, {sum(float(str(line['seconds'])) for line in mine):.1f} s")
        print(f"  recall    {len(right)}/{len(personal)} = {len(right) / max(1, len(personal)):.3f}")
        print(f"  precision {len(right)}/{len(called)} = {len(right) / max(1, len(called)):.3f}")
        print(f"  harmless columns left alone {len(silent)}/{len(harmless)}")
        for line in mine:
            if line["found"] != line["wanted"]:
                words = f"wanted {line['wanted'] or 'nothing'}, found {line['found'] or 'nothing'}"
                print(f"  {line.get('set', '')} {line['column']}: {words}")


def main() -> None:
    """Runs both parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--sets", type=Path)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    lines = people(asked.rows, asked.seed) + (public(asked.sets) if asked.sets else [])
    tell(lines)
    if asked.out:
        asked.out.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
