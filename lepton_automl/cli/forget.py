"""`lepton forget`: which runs used a person's rows, and what they keep of them taken away."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lepton_automl.errors import CommandError, Problem

if TYPE_CHECKING:
    from lepton_automl.engine.people import Used


def main(words: Sequence[str]) -> int:
    """Runs the verb."""
    parser = argparse.ArgumentParser(
        "lepton forget",
        description="Say which runs under a folder used rows of people; take those rows out of their artefacts' contexts, "
        "clear the cache, and put the people on a list, so that later runs leave their rows out (rule forgotten). "
        "LEPTON_ID_KEY: the key that the runs were made with.",
    )
    parser.add_argument("folder", type=Path, help="folder of runs, such as outputs, or of one run")
    parser.add_argument("--ids", type=Path, required=True, help="text file with one identifier a line, as in the id column")
    parser.add_argument("--list", type=Path, help="list of people to be forgotten; FOLDER/forgotten.json if absent")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")
    options = parser.parse_args(list(words))

    from lepton_automl.data.cache import cached_files, clear_cache
    from lepton_automl.data.people import FORGOTTEN, KEY_VARIABLE, read_forgotten, read_key
    from lepton_automl.engine.people import forget

    key = read_key()
    problems = []
    if not options.folder.is_dir():
        problems.append(Problem(str(options.folder), "is not a folder.", "Give the folder of runs, such as outputs."))
    if not options.ids.is_file():
        problems.append(Problem("--ids", f"{options.ids} is not a file.", "Give a text file with one identifier a line."))
    if options.list is not None and not options.list.absolute().parent.is_dir():
        problems.append(Problem("--list", f"{options.list.parent} is not a folder.", "Make it, or give another place."))
    if key is None:
        problems.append(Problem(KEY_VARIABLE, "is not set.", "Set it to the key that the runs were made with."))
    if problems or key is None:
        raise CommandError(problems)
    ids = options.ids.read_text(encoding="utf-8-sig").splitlines()
    place = options.list or options.folder / FORGOTTEN
    found = forget(options.folder, ids, key, place, options.dry_run)
    for used in found:
        print(f"{used.folder}: {_words(used, options.dry_run)}")
    tables = len(cached_files()) if options.dry_run else clear_cache()
    print(f"cache: {tables} tables {'would be ' if options.dry_run else ''}deleted")
    if not options.dry_run:
        print(f"{place}: {len(read_forgotten(place).hashes)} hashes; the rule forgotten leaves their rows out of later runs")
    print(f"{sum(used.train + used.test > 0 for used in found)} of {len(found)} runs used their rows.")
    return 0


def _words(used: Used, is_dry: bool) -> str:
    said = []
    if not used.is_known:
        said.append("keeps no hashes of identifiers: nobody can say whether it used their rows")
    elif not used.train + used.test:
        said.append("none of their rows")
    else:
        done = "would leave" if is_dry else "left"
        said.append(f"{used.train} training rows and {used.test} test rows; {used.removed} {done} the artefact's context")
    if used.train:
        said.append("its models learned from them: run the recipe again without them")
    if used.is_open:
        said.append("did not finish, and its working folder may hold rows: delete it, and run the recipe anew")
    return "; ".join(said)
