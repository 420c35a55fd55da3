"""`lepton run`: one recipe, or with `-m` every combination."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from lepton_automl.cli.words import Words, take_apart
from lepton_automl.errors import LeptonError, RecipeError
from lepton_automl.limits import Clock, process_started
from lepton_automl.recipe import Composed, compose
from lepton_automl.recipe.compose import parse_overrides, prepare_overrides

HELP = """\
usage: lepton [run] [-m] [--config-dir DIR] recipe=NAME [GROUP=PRESET …] [KEY=VALUE …]

  recipe=NAME            {recipes}
{groups}
  KEY=VALUE              any key of docs/recipe.md: budget.seconds=30 split.folds=5 search.models.lightgbm.num_leaves=31
  KEY={{low:4,high:64}}    a range to search; quote it in a shell: 'search.models.lightgbm.num_leaves={{low:4,high:64}}'
  ~KEY                   remove a key: ~governance.rules.missing ~search.models.linear

  -m, --multirun         run every combination of values parted by commas: -m recipe=credit,demand seed=1,2
  --config-dir DIR       a folder of your own: recipes in DIR or DIR/recipes, presets in DIR/search, DIR/hardware, …
  --cfg job              print the composed recipe and end; --info defaults shows where it came from
  -sc install=bash       shell completion: eval "$(lepton -sc install=bash)"; also zsh and fish
"""


def main(words: Sequence[str]) -> int:
    """Runs the verb."""
    parts = take_apart(words)
    if parts.help:
        print(_help(parts))
        return 0
    if parts.hydra:
        return _ask_hydra(parts)
    if parts.multirun:
        return _run_every(parts)
    return run_one(parts.composed(), process_started())


def _help(parts: Words) -> str:
    options = parts.library().options
    groups = "\n".join(f"  {group + '=PRESET':<22} {', '.join(options[group])}" for group in options if group != "recipe")
    return HELP.format(recipes=", ".join(options["recipe"]), groups=groups)


def run_one(composed: Composed, started: float, out: Path | None = None) -> int:
    """Compiles and runs one recipe; gives the exit status."""
    from lepton_automl.cli.progress import make_progress
    from lepton_automl.engine import compile, run, spent_before  # noqa: A004 - the name of what it does

    plan = compile(composed, out)
    clock = Clock(started, plan.budget)
    shown = replace(clock, started=started - spent_before(plan.out))
    with make_progress(plan.recipe["tracking"]["progress"], plan, shown) as progress:
        for notice in plan.notices:
            progress.say(notice)
        result = run(plan, clock, progress)
    progress.finish(result)
    return 1 if any(not verdict.passed for verdict in result.verdicts) else 0


def _ask_hydra(parts: Words) -> int:
    """Answers `--cfg job`; lets Hydra answer its other flags, and completion."""
    if parts.hydra in (("--cfg", "job"), ("-c", "job")):
        composed = parts.composed()
        if composed.problems:
            raise RecipeError(composed.problems, f"recipe {composed.name!r}")
        print(yaml.safe_dump(composed.tree, sort_keys=False, allow_unicode=True), end="")
        return 0
    library = parts.library()
    if "-sc" in parts.hydra:
        _hide_verb_from_completion()
        ready: list[str] = []
    else:
        ready = prepare_overrides(parts.overrides, library)
    library.register()
    return _hydra_main(lambda config: None, [*parts.hydra, *ready])


def _hide_verb_from_completion() -> None:
    """Takes the verb out of the line being completed, as Hydra knows none."""
    line = os.environ.get("COMP_LINE", "")
    words = line.split(" ")
    if len(words) > 1 and words[1] in ("run", "plan", "validate"):
        os.environ["COMP_LINE"] = " ".join([words[0], *words[2:]])
        os.environ["COMP_POINT"] = str(max(0, int(os.environ.get("COMP_POINT", len(line))) - len(words[1]) - 1))


def _hydra_main(task: Any, words: list[str]) -> int:
    """Runs Hydra's own program; gives 2 where it refuses, as it says why itself."""
    import hydra

    kept = sys.argv
    sys.argv = ["lepton", *words]
    try:
        hydra.main(version_base="1.3", config_path=None, config_name="config")(task)()
    except SystemExit as end:
        return 2 if end.code else 0
    finally:
        sys.argv = kept
    return 0


def _run_every(parts: Words) -> int:
    """Runs every combination, one after the other; a job that fails does not stop the others."""
    library = parts.library()
    ready = prepare_overrides(parts.overrides, library)
    library.register()
    parsed = parse_overrides(ready)
    fixed = [override.key_or_group for override in parsed if not override.is_sweep_override()]
    placed = [word for word in ready if word.startswith("run.dir=")]
    ready = [word for word in ready if not word.startswith("run.dir=")]
    if not placed and "resume=true" in (word.lower() for word in ready):
        placed = [f"run.dir={folder}" for folder in _latest_sweep()]
    flags = [f"hydra.sweep.dir={word.partition('=')[2]}" for word in placed]
    exclude = ",".join(f"'{key}'" for key in fixed)
    done: list[tuple[str, int, str]] = []

    def job(config: Any) -> int:
        from hydra.core.hydra_config import HydraConfig

        settings = HydraConfig.get()
        changed = str(settings.job.override_dirname) or "job"
        code = _one_of_many(list(settings.overrides.task), parts, Path(settings.runtime.output_dir), changed)
        done.append((changed, code, str(settings.runtime.output_dir)))
        return code

    refused = _hydra_main(job, ["--multirun", f"hydra.job.config.override_dirname.exclude_keys=[{exclude}]", *flags, *ready])
    print(f"\n{len(done)} runs")
    for changed, code, folder in done:
        print(f"  exit {code}   {changed}   {folder}")
    return max([refused, *(code for _, code, _ in done)])


def _latest_sweep() -> list[Path]:
    """Gives the folder of the latest sweep below `outputs/`, or nothing."""
    return sorted((path for path in Path("outputs/sweeps").glob("*") if path.is_dir()), key=lambda path: path.name)[-1:]


def _one_of_many(words: list[str], parts: Words, out: Path, changed: str) -> int:
    print(f"\n── {changed}", flush=True)
    started = time.time()
    try:
        composed = compose(words, parts.config_dirs)
        if composed.tree.get("resume") is True and (out / "metrics.json").is_file():
            print("finished already", flush=True)
            return 1 if json.loads((out / "metrics.json").read_text(encoding="utf-8"))["gates_failed"] else 0
        return run_one(composed, started, out)
    except LeptonError as error:
        print(error.text(), file=sys.stderr)
        return error.exit_code
