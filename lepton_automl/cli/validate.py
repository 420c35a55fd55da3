"""`lepton validate`: recipe, data and hardware together, without running."""

from __future__ import annotations

from collections.abc import Sequence

from lepton_automl.cli.words import take_apart

HELP = """\
usage: lepton validate recipe=NAME [GROUP=PRESET …] [KEY=VALUE …]

Composes the recipe, reads the data, looks at the hardware, and says everything that is wrong at once.
Nothing is written. Exit code 0: it can run; 2: recipe, command line or hardware is wrong; 3: the data is."""


def main(words: Sequence[str]) -> int:
    """Runs the verb."""
    parts = take_apart(words, "validate")
    if parts.help:
        print(HELP)
        return 0
    composed = parts.composed()

    from lepton_automl.engine import compile, preview  # noqa: A004 - the name of what it does

    plan = compile(composed)
    preview(plan)
    data = plan.data.source
    print(
        f"recipe {plan.name!r} can run: {len(data)} rows, {len(data.features)} features, task {plan.recipe['task']['kind']}, "
    )
    print(f"metric {plan.task.metric.name}, models {', '.join(c.name for c in plan.search.candidates)}.")
    for notice in plan.notices:
        print(f"note: {notice}")
    return 0
