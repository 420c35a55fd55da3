"""`lepton explain`: why a row gets its answer, and what would change it; from the artefact alone."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lepton_automl.cli.predict import artifact_folder
from lepton_automl.errors import CommandError, OutputError, Problem
from lepton_automl.registry import did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from lepton_automl.deliver import Scorer
    from lepton_automl.evidence.explaining import Grounds, Told

FORMATS = {"text": ".txt", "json": ".json", "markdown": ".md", "html": ".html"}
"""Format to the ending of its files."""
MOST_ROWS = 50
"""Rows that are explained at once: a letter each is for people to read."""


def main(words: Sequence[str]) -> int:
    """Runs the verb."""
    options = _parser().parse_args(list(words))
    form = _format(options.format, options.out)
    folder = artifact_folder(options.run)

    from lepton_automl.data.sources.file import FileSource
    from lepton_automl.deliver import Scorer, load_grounds
    from lepton_automl.evidence.explaining import Grounds
    from lepton_automl.report.letter import write_letters

    scorer = Scorer.load(folder)
    background, item = load_grounds(folder)
    grounds = Grounds.load(item, background)
    raw = FileSource("TABLE", options.table, duplicate_names="error").read().frame
    picked = _picked(options.row, len(raw), options.table)
    history = None
    if options.history is not None:
        history = scorer.read_history(FileSource("--history", options.history).read().frame, options.history)
    told = explained(scorer, grounds, raw, picked, options.table, options.threads, history)
    _write(write_letters(told, grounds, form), options.out, len(told))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "lepton explain",
        description="Say why rows get their answers: the reasons, and the smallest changes that would lead to another answer. "
        "It needs the run's folder or its artifact folder, and no training data.",
    )
    parser.add_argument("run", type=Path, help="folder of a finished run, or its artifact folder")
    parser.add_argument("table", help="file with one row or a few: JSON, CSV, Parquet or Excel")
    parser.add_argument("--row", type=int, help="the row to explain, 1 for the first (all rows if absent)")
    parser.add_argument("--format", help="text (default), json, markdown (a letter) or html (the same as a page)")
    parser.add_argument("--out", type=Path, help="file to write; its ending says the format: .txt, .json, .md or .html")
    parser.add_argument("--history", help="forecasts: file with past rows, instead of those kept in the artefact")
    parser.add_argument("--threads", type=int, default=1, help="threads to predict with (default 1)")
    return parser


def _format(asked: str | None, out: Path | None) -> str:
    """Gives the format: the one that is asked for, or that of the file's ending."""
    if asked is not None and asked not in FORMATS:
        raise CommandError(Problem("--format", f"can not be {asked!r}.", did_you_mean(asked, FORMATS)))
    if out is None:
        return asked or "text"
    found = next((form for form, ending in FORMATS.items() if ending == out.suffix), None)
    if found is None and asked is None:
        message = f"{out} has an ending that is not known."
        raise CommandError(Problem("--out", message, f"Use one of {', '.join(FORMATS.values())}, or give --format."))
    return asked or str(found)


def _picked(row: int | None, count: int, place: str) -> list[int]:
    """Gives positions of the rows to explain."""
    if row is not None and not 1 <= row <= count:
        raise CommandError(Problem("--row", f"is {row}; {place} has the rows 1 to {count}.", "Give one of them."))
    if row is None and count > MOST_ROWS:
        message = f"{place} has {count:,} rows; at most {MOST_ROWS} are explained at once."
        raise CommandError(Problem("TABLE", message, "Choose one by --row N, or give a smaller file."))
    return list(range(count)) if row is None else [row - 1]


def explained(
    scorer: Scorer,
    grounds: Grounds,
    raw: pd.DataFrame,
    picked: Sequence[int],
    place: str,
    threads: int = 1,
    history: pd.DataFrame | None = None,
) -> list[Told]:
    """Explains rows of a raw table.

    Args:
        scorer: The artefact.
        grounds: What it explains itself with.
        raw: The table.
        picked: Positions of the rows.
        place: Its name in messages.
        threads: Threads to predict with.
        history: Past rows of series, instead of the artefact's own.
    """
    import pandas as pd

    from lepton_automl.evidence.explaining import explain_rows

    columns, status = scorer.contract.read(raw.iloc[list(picked)].reset_index(drop=True), place)
    wanted = dict.fromkeys([*grounds.names, *grounds.kept, *scorer.rule.needs])
    rows = pd.DataFrame({name: columns[name] for name in wanted})
    numbers = [position + 1 for position in picked]
    return explain_rows(lambda frame: scorer.score_typed(frame, threads, history), rows, grounds, scorer.rule, numbers, status)


def _write(text: str, out: Path | None, count: int) -> None:
    if out is None:
        print(text)
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(Problem("--out", f"{out} can not be written: {error.strerror}.", "Give another file.")) from error
    print(f"{count} {'row' if count == 1 else 'rows'} explained -> {out}")
