"""`lepton predict`: score a table with a finished run."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from lepton_automl.errors import ArtifactError, CommandError, OutputError, Problem

WRITERS = {".parquet": "to_parquet", ".csv": "to_csv", ".jsonl": "to_json"}


def main(words: Sequence[str]) -> int:
    """Runs the verb."""
    parser = argparse.ArgumentParser(
        "lepton predict", description="Score a table with a finished run: a row out for each row in."
    )
    parser.add_argument("run", type=Path, help="folder of a finished run, or its artifact folder")
    parser.add_argument("table", help="file with the features: CSV, Parquet, JSON lines or Excel")
    parser.add_argument("--out", type=Path, required=True, help="file to write: .parquet, .csv or .jsonl")
    parser.add_argument("--history", help="forecasts: file with past rows, instead of those kept in the artefact")
    parser.add_argument("--threads", type=int, default=1, help="threads to predict with (default 1)")
    options = parser.parse_args(list(words))
    writer = WRITERS.get(options.out.suffix)
    if writer is None:
        raise CommandError(
            Problem("--out", f"{options.out} has an ending that is not known.", f"Use one of {', '.join(WRITERS)}.")
        )
    folder = artifact_folder(options.run)

    from lepton_automl.data.sources.file import FileSource
    from lepton_automl.deliver import Scorer

    scorer = Scorer.load(folder)
    raw = FileSource("TABLE", options.table, duplicate_names="error").read()
    history = None
    if options.history is not None:
        history = scorer.read_history(FileSource("--history", options.history).read().frame, options.history)
    found = scorer.predict(raw.frame, options.table, options.threads, history)
    try:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        arguments = {"orient": "records", "lines": True} if writer == "to_json" else {"index": False}
        getattr(found, writer)(options.out, **arguments)
    except OSError as error:
        raise OutputError(
            Problem("--out", f"{options.out} can not be written: {error.strerror}.", "Give another file.")
        ) from error
    odd = int((found["status"] != "ok").sum())
    outside = int((found["outside"] != "").sum()) if "outside" in found else 0
    print(
        f"{len(found)} rows -> {options.out}"
        + (f"; {odd} rows are not as in training: see their status" if odd else "")
        + (f"; {outside} rows lie outside what the model knows: see the column outside" if outside else "")
    )
    return 0


def artifact_folder(folder: Path) -> Path:
    """Gives the artefact of a finished run, or the folder itself if it is one."""
    if (folder / "manifest.json").is_file():
        return folder
    if not folder.is_dir():
        raise ArtifactError(
            Problem(str(folder), "does not exist.", "Give the folder of a finished run, such as outputs/credit/DATE_TIME.")
        )
    if not (folder / "metrics.json").is_file():
        why = (folder / "failed.txt").read_text().strip() if (folder / "failed.txt").is_file() else "it has no metrics.json"
        raise ArtifactError(Problem(str(folder), f"is not a finished run: {why}.", "Run the recipe again."))
    return folder / "artifact"
