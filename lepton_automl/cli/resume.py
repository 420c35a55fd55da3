"""`lepton resume`: go on with a run that was killed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lepton_automl.cli.run import run_one
from lepton_automl.limits import process_started


def main(words: Sequence[str]) -> int:
    """Runs the verb."""
    text = "Go on with a run that was killed: no finished fit is lost or repeated, and the seconds it had spent count."
    parser = argparse.ArgumentParser("lepton resume", description=text)
    parser.add_argument("run", type=Path, help="folder of a run that was stopped midway")
    options = parser.parse_args(list(words))

    from lepton_automl.engine import composed_again

    composed = composed_again(options.run)
    return run_one(replace(composed, tree={**composed.tree, "resume": True}), process_started(), options.run)
