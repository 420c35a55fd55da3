"""`lepton compare`: is the candidate better than the baseline?"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from lepton_automl.cli.words import take_apart
from lepton_automl.errors import CommandError, OutputError, Problem
from lepton_automl.limits import process_started
from lepton_automl.registry import did_you_mean

if TYPE_CHECKING:
    from lepton_automl.engine import Asked, Plan
    from lepton_automl.evidence.comparing import Comparison

HELP = """\
usage: lepton compare BASELINE CANDIDATE [MORE …] [OPTIONS]
       lepton compare --recipe NAME [KEY=VALUE …] --baseline RUN [OPTIONS]
       lepton compare --sweep FOLDER [--out FOLDER] [--format json]

  BASELINE CANDIDATE     folders of finished runs, compared row by row on the test rows that both predicted
  --recipe NAME          run a recipe (or KEY=VALUE words as in `lepton run`) on the baseline's data and split, then compare
  --baseline RUN         the finished run it is compared with
  --resplits N           compare recipes instead of fitted models: run both on N fresh splits, 5 or more, or from N origins in
                         time, 3 or more, where the test rows are the latest; takes up what is there
  --sweep FOLDER         a folder of `lepton -m`: leaderboard, parallel coordinates, what each swept key does

  --metric NAME          the verdict goes by this figure; several parted by commas, or `all`; default: the recipe's metric,
                         and value_per_row where there are payoffs
  --margin METRIC=VALUE  a difference up to VALUE does not matter; default 0.01 of a score, 2 % of a loss or of money
  --confidence SHARE     of intervals and verdicts; default 0.95
  --require WORD         not_worse (default): exit 1 if the candidate is worse; better: exit 1 unless it is better; same: exit 1
                         unless no deciding figure differs by more than its margin
  --out FOLDER           write comparison.html, .md, .json and .xml (JUnit) there
  --format FORMAT        what is printed: text (default), markdown, json, junit
  --language CODE        en or zh, of page and Markdown; default: report.language of the candidate's recipe (of a sweep:
                         the one that all recipes ask for, else en)
  --config-dir DIR       a folder of your own recipes and presets

`lepton compare` says of each figure, each slice and money: better, same, worse or underpowered. docs/compare.md tells how.
Exit codes: 0 done; 1 the candidate is worse, or not better where that is required; 2 the command line or recipe is wrong;
3 a run can not be read, or the runs can not be compared; 4 a run that was started failed."""
FORMATS = ("text", "markdown", "json", "junit")
REQUIRED = ("not_worse", "better", "same")


class Parser(argparse.ArgumentParser):
    """Reads the command line; a mistake is one of our own errors."""

    def error(self, message: str) -> NoReturn:
        """Tells what is wrong with the command line."""
        words = message.partition(": ")[2].split()
        flags = [action.option_strings[-1] for action in self._actions if action.option_strings]
        near = did_you_mean(words[0].partition("=")[0], flags) if message.startswith("unrecognized") and words else ""
        if message.startswith("unrecognized") and words:
            raise CommandError(Problem(words[0], "is not a flag of `lepton compare`.", near))
        raise CommandError(Problem("lepton compare", f"{message}.", "See `lepton compare --help`."))


def main(words: Sequence[str]) -> int:
    """Runs the verb."""
    options = _read(words)
    if options.help:
        print(HELP)
        return 0
    if options.sweep is not None:
        return _compare_sweep(options)
    comparisons = _by_recipe(options) if options.recipe is not None else _by_runs(options)
    return _finish(comparisons, options)


def _read(words: Sequence[str]) -> argparse.Namespace:
    parser = Parser("lepton compare", add_help=False, allow_abbrev=False)
    parser.add_argument("runs", nargs="*")
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("--recipe")
    parser.add_argument("--baseline", type=Path)
    parser.add_argument("--resplits")
    parser.add_argument("--sweep", type=Path)
    parser.add_argument("--metric", action="append", default=[])
    parser.add_argument("--margin", action="append", default=[])
    parser.add_argument("--confidence", default="0.95")
    parser.add_argument("--require", default="not_worse")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--format", default="text")
    parser.add_argument("--language")
    parser.add_argument("--config-dir", action="append", default=[])
    options = parser.parse_intermixed_args(list(words))
    options.words = [word for word in options.runs if _is_override(word)]
    options.runs = [word for word in options.runs if not _is_override(word)]
    if not options.help:
        problems = list(_problems(options))
        if problems:
            raise CommandError(problems, "lepton compare")
    return options


def _is_override(word: str) -> bool:
    """Says whether a word is `key=value` and no folder of that name."""
    return word.startswith(("~", "+")) or ("=" in word and not Path(word).exists())


def _problems(options: argparse.Namespace) -> Iterator[Problem]:
    """Says what is wrong with the command line before any file is read."""
    yield from _wrong_combination(options)
    yield from _wrong_values(options)


def _wrong_combination(options: argparse.Namespace) -> Iterator[Problem]:
    runs, is_sweep, is_recipe = options.runs, options.sweep is not None, options.recipe is not None
    if is_sweep:
        extra = [*runs, *options.words, *(["--recipe"] if is_recipe else []), *(["--baseline"] if options.baseline else [])]
        extra += ["--resplits"] if options.resplits is not None else []
        if options.format not in ("text", "json") and options.format in FORMATS:
            yield Problem(
                f"--format {options.format}", "is not made of a sweep.", "Write text or json, or --out FOLDER for a page."
            )
        if extra:
            yield Problem("--sweep", f"stands alone; there is also {', '.join(map(str, extra))}.", "Leave that out.")
        return
    if is_recipe:
        if options.baseline is None:
            yield Problem("--baseline", "is required with --recipe.", "Name the finished run to compare with.")
        if runs:
            fix = "Name runs, or a recipe and --baseline."
            yield Problem(", ".join(runs), "can not be given with --recipe.", fix)
        return
    if options.words:
        yield Problem(
            options.words[0], "sets a key of a recipe, and no --recipe is given.", "Write --recipe NAME --baseline RUN."
        )
    if options.baseline is not None:
        yield Problem("--baseline", "is only for --recipe.", "Name the baseline as the first run.")
    elif len(runs) < 2:
        told = "no run is given" if not runs else f"only {runs[0]} is given"
        yield Problem(
            "lepton compare", f"needs a baseline and a candidate; {told}.", "Write lepton compare BASELINE CANDIDATE."
        )
    twice = sorted({run for run in runs if [Path(r).resolve() for r in runs].count(Path(run).resolve()) > 1})
    if twice and options.baseline is None:
        yield Problem(twice[0], "is given twice: a run is always the same as itself.", "Name another run.")


def _wrong_values(options: argparse.Namespace) -> Iterator[Problem]:
    for flag, value, choices in (("--format", options.format, FORMATS), ("--require", options.require, REQUIRED)):
        if value not in choices:
            yield Problem(f"{flag} {value}", f"is not one of {', '.join(choices)}.", did_you_mean(value, choices))
    if options.language is not None:
        from lepton_automl.report.language import LANGUAGES

        if options.language not in LANGUAGES:
            message = "is not a language of the pages."
            yield Problem(f"--language {options.language}", message, did_you_mean(options.language, LANGUAGES))
    confidence = _number(options.confidence)
    if confidence is None or not 0.5 <= confidence < 1:
        fix = "Write --confidence 0.95 for 95 %."
        yield Problem(f"--confidence {options.confidence}", "must be a share from 0.5 to below 1.", fix)
    for text in options.margin:
        name, equals, value = text.partition("=")
        number = _number(value)
        if not equals or not name or number is None or number < 0:
            yield Problem(
                f"--margin {text}", "must be METRIC=VALUE with a number of 0 or more.", "Write --margin roc_auc=0.01."
            )
    if options.resplits is not None and not options.resplits.isdecimal():
        yield Problem(f"--resplits {options.resplits}", "must be a whole number.", "Write --resplits 5 or more.")
    if options.out is not None and options.out.exists() and not options.out.is_dir():
        yield Problem(f"--out {options.out}", "is a file.", "Give a folder.")


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value == value and abs(value) != float("inf") else None


def _asked(options: argparse.Namespace) -> Asked:
    from lepton_automl.engine import Asked

    names = tuple(name.strip() for text in options.metric for name in text.split(",") if name.strip())
    margins = {name: float(value) for name, _, value in (text.partition("=") for text in options.margin)}
    return Asked(names, margins, float(options.confidence))


def _by_runs(options: argparse.Namespace) -> list[Comparison]:
    from lepton_automl import engine

    asked = _asked(options)
    if options.resplits is not None:
        engine.check_resplits(int(options.resplits))
    runs = engine.read_every_run([Path(name) for name in options.runs])
    engine.check_asked(asked, engine.figures_of(runs[0]))
    if options.resplits is None:
        return engine.compare_runs(runs[0], runs[1:], asked)
    reruns = [engine.rerun_of(run) for run in runs]
    return engine.compare_recipes(reruns[0], reruns[1:], int(options.resplits), asked, say=_say)


def _by_recipe(options: argparse.Namespace) -> list[Comparison]:
    from lepton_automl import engine

    asked = _asked(options)
    if options.resplits is not None:
        engine.check_resplits(int(options.resplits))
    dirs = [word for folder in options.config_dir for word in ("--config-dir", folder)]
    composed = take_apart([f"recipe={options.recipe}", *options.words, *dirs], "compare").composed()
    baseline = engine.read_run(options.baseline)
    engine.check_asked(asked, engine.figures_of(baseline))
    if options.resplits is not None:
        candidate = engine.Rerun(f"recipe {composed.name}", engine.compile(composed).recipe)
        return engine.compare_recipes(engine.rerun_of(baseline), [candidate], int(options.resplits), asked, say=_say)
    plan = engine.candidate_plan(composed, baseline)
    with contextlib.redirect_stdout(sys.stderr):
        _run(plan)
    return engine.compare_runs(baseline, [engine.read_run(plan.out)], asked)


def _run(plan: Plan) -> None:
    from lepton_automl.cli.progress import make_progress
    from lepton_automl.engine import run
    from lepton_automl.limits import Clock

    clock = Clock(process_started(), plan.budget)
    with make_progress(plan.recipe["tracking"]["progress"], plan, clock) as progress:
        for notice in plan.notices:
            progress.say(notice)
        result = run(plan, clock, progress)
    progress.finish(result)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _finish(comparisons: list[Comparison], options: argparse.Namespace) -> int:
    from lepton_automl.evidence.comparing import Word
    from lepton_automl.report.comparing import render_json, render_junit, render_markdown, render_text, write_comparison

    renderers = {
        "text": render_text,
        "markdown": lambda found: render_markdown(found, options.language),
        "json": render_json,
        "junit": render_junit,
    }
    if options.out is not None:
        with _writable(options.out):
            paths = write_comparison(comparisons, options.out, options.language)
        _say("\n".join(f"written   {path}" for path in paths))
    print(renderers[options.format](comparisons).rstrip("\n"))
    words = {comparison.word for comparison in comparisons}
    required = {"better": Word.BETTER, "same": Word.SAME}.get(options.require)
    is_wanting = Word.WORSE in words or (required is not None and words != {required})
    return 1 if is_wanting else 0


@contextlib.contextmanager
def _writable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            Problem("--out", f"{folder} can not be written: {error.strerror}.", "Give another folder.")
        ) from error


def _compare_sweep(options: argparse.Namespace) -> int:
    from lepton_automl.engine import compare_sweep
    from lepton_automl.report.comparing import render_sweep_json, render_sweep_text, write_sweep

    sweep = compare_sweep(options.sweep, _asked(options))
    if options.out is not None:
        with _writable(options.out):
            paths = write_sweep(sweep, options.out, options.language)
        _say("\n".join(f"written   {path}" for path in paths))
    print((render_sweep_json if options.format == "json" else render_sweep_text)(sweep).rstrip("\n"))
    return 0
