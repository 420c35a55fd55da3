"""`lepton contract`: propose a contract for a table, to be read, tightened and put into a recipe."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lepton_automl.cli.words import take_apart
from lepton_automl.errors import CommandError, OutputError, Problem
from lepton_automl.registry import did_you_mean

if TYPE_CHECKING:
    from lepton_automl.data import Dataset

DEFAULT_NAME = "contract.yaml"
ABOUT = """\
Propose a contract for a table: kinds, ranges with a little room, levels, unique columns, shares of missing values, rows. It is
YAML with comments, printed or written to --out, and used by governance.rules.contract.file in a recipe. The table it was
proposed from keeps it."""


def main(words: Sequence[str]) -> int:
    """Runs the verb."""
    parser = argparse.ArgumentParser("lepton contract", description=ABOUT)
    parser.add_argument("data", nargs="+", help="file: CSV, Parquet, JSON lines or Excel; or recipe=NAME: its data, so read")
    parser.add_argument("--target", help="column to predict; it is left out, as no rule sees it")
    parser.add_argument("--out", type=Path, help="file to write")
    options = parser.parse_args(list(words))
    data, place = _of_recipe(options.data) if "=" in options.data[0] else _of_file(options.data, options.target)

    from lepton_automl.governance.contract import propose, written

    text = written(propose(data), data, place, str(options.out or DEFAULT_NAME))
    if options.out is None:
        print(text, end="")
        return 0
    if options.out.exists():
        raise OutputError(Problem("--out", f"{options.out} is there already.", "Give another file, or remove it."))
    try:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(
            Problem("--out", f"{options.out} can not be written: {error.strerror}.", "Give another file.")
        ) from error
    print(f"written   {options.out}")
    print(f"Read it, then: lepton validate recipe=NAME governance.rules.contract.file={options.out}")
    return 0


def _of_file(words: Sequence[str], target: str | None) -> tuple[Dataset, str]:
    """Reads a file as a recipe would that says nothing else."""
    from lepton_automl.data import ReadingRules, Role, build_dataset
    from lepton_automl.data.sources.file import FileSource
    from lepton_automl.recipe.blocks import Data

    if len(words) > 1:
        raise CommandError(Problem(words[1], "is one word too many.", "Give one file; several are joined in a recipe."))
    said = Data()
    raw = FileSource("DATA", words[0], ragged_rows=said.ragged_rows, duplicate_names=said.duplicate_names).read()
    names = [str(name) for name in raw.frame.columns]
    if target is not None and target not in names:
        raise CommandError(Problem("--target", f"{target!r} is not a column of {raw.place}.", did_you_mean(target, names)))
    roles = {} if target is None else {target: frozenset({Role.TARGET})}
    tokens = tuple(said.missing_tokens)
    rules = ReadingRules(
        roles=roles,
        missing_tokens=tokens,
        max_unreadable_share=said.max_unreadable_share,
        date_order=said.date_order,
        label_targets=True,
    )
    return build_dataset(raw, rules)[0], raw.place


def _of_recipe(words: Sequence[str]) -> tuple[Dataset, str]:
    """Reads the data of a recipe as its run would."""
    composed = take_apart(words, "contract").composed()

    from lepton_automl.engine.sources import load_data
    from lepton_automl.recipe import check
    from lepton_automl.tasks import TASKS

    recipe = check(composed)
    maker = TASKS.find(recipe.task.kind, "task.kind", tuple(recipe.plugins))
    found = load_data(recipe, maker.has_labels)
    return found.source, found.place
