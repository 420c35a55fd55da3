"""`lepton replay`: fit a finished run again as it was, and compare the predictions."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from lepton_automl.limits import process_started

TOLERANCE = 1e-6


def main(words: Sequence[str]) -> int:
    """Runs the verb."""
    text = "Fit a finished run again: the same trials, rounds, folds and weights. Exit code 1 if the predictions differ."
    parser = argparse.ArgumentParser("lepton replay", description=text)
    parser.add_argument("run", type=Path, help="folder of a finished run")
    parser.add_argument("--out", type=Path, help="folder of the new run (default: the run's name with _replay behind it)")
    options = parser.parse_args(list(words))

    from lepton_automl.engine import replay

    out = options.out or options.run.resolve().with_name(f"{options.run.resolve().name}_replay")
    found = replay(options.run, out, process_started())
    said = "identical to the last bit" if found.is_identical else f"largest difference {found.difference:.3g}"
    print(f"{found.rows} rows predicted by both: {said}")
    print(f"replay    {found.result.folder}")
    return 0 if found.difference <= TOLERANCE else 1
