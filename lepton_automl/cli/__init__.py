"""The command line: one verb a file, one table of verbs."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence

from lepton_automl import __version__
from lepton_automl.errors import CommandError, LeptonError, Problem
from lepton_automl.registry import did_you_mean

VERBS = {
    "run": "run a recipe (the default verb)",
    "validate": "check recipe, data and hardware together, without running",
    "plan": "show what a run would do: data, rules, models, time, memory, cost",
    "predict": "score a table with a finished run",
    "explain": "say why: reasons of a row's answer, and what would change it",
    "compare": "say whether a run or recipe is better than another, or what a sweep found",
    "replay": "fit a finished run again as it was, and compare the predictions",
    "resume": "go on with a run that was killed, where it was",
    "contract": "propose a contract for a table: what its columns, rows and values must be",
    "ledger": "show what was done to the data, or prove that the record is whole",
    "forget": "say which runs used a person's rows, and take them out of contexts and cache",
    "recipes": "list recipes, presets and example data",
    "schema": "print the JSON Schema of a recipe, for editors",
    "doctor": "show versions, threads, memory, GPU and optional parts",
    "cache": "show or clear what runs keep for later",
}
STOPPED = 130
"""Exit code after Ctrl-C without a result, as shells count it: 128 and the number of the signal."""
USAGE = """\
lepton {version}: one YAML recipe in, one governed, tested and servable model out

usage: lepton [VERB] [WORDS]        the same as: python -m lepton_automl [VERB] [WORDS]

  lepton recipe=credit                          run a recipe
  lepton recipe=credit search=quick seed=3      with another preset and another seed
  lepton -m recipe=credit,demand seed=1,2       every combination, one after the other
  lepton plan recipe=credit                     read before anything runs
  lepton predict outputs/credit/DATE_TIME new.csv --out scored.csv

verbs
{verbs}

`lepton VERB --help` says more. Exit codes: 0 done; 1 a gate failed, or a candidate is worse; 2 recipe, command line or
hardware is wrong; 3 data or governance; 4 the run failed; 130 stopped by Ctrl-C without a result. Recipes are read from
./recipes first, then from the package."""


def main(words: Sequence[str] | None = None) -> int:
    """Runs the program; gives its exit status. No error of a user ends in a traceback."""
    words = list(sys.argv[1:] if words is None else words)
    try:
        return _dispatch(words)
    except LeptonError as error:
        print(error.text(), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt as stop:
        print(str(stop) or "Stopped; nothing was finished.", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("LEPTON_TRACEBACK"):
            raise
        from lepton_automl.data.personal import said_safely

        text = (
            f"RunError: {type(error).__name__}: {said_safely(error)}. This is a mistake in Lepton AutoML, not in your recipe."
        )
        print(f"{text}\nSet LEPTON_TRACEBACK=1 and run again to see where it happens.", file=sys.stderr)
        return 4


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help"):
        print(usage())
        return 0 if words else 2
    if words[0] == "--version":
        print(__version__)
        return 0
    first = words[0]
    if first in VERBS:
        return _verb(first)(words[1:])
    if "=" in first or first.startswith(("-", "~", "+")):
        return _verb("run")(words)
    raise CommandError(Problem(first, "is not a verb.", f"{did_you_mean(first, VERBS)} A recipe is named recipe={first}."))


def _verb(name: str) -> Callable[[Sequence[str]], int]:
    main: Callable[[Sequence[str]], int] = importlib.import_module(f"lepton_automl.cli.{name}").main
    return main


def usage() -> str:
    """Gives the text of `lepton --help`."""
    verbs = "\n".join(f"  {name:<10} {text}" for name, text in VERBS.items())
    return USAGE.format(version=__version__, verbs=verbs)
