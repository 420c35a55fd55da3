"""The appendix: where the time went, on what it ran, and how to run it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from lepton_automl import __version__
from lepton_automl.report.facts import Facts
from lepton_automl.report.svg import bar
from lepton_automl.report.wording import RUN_STAGES, duration, masked, megabytes, number, plural


def appendix_section(facts: Facts) -> dict[str, Any]:
    """Gives what the appendix shows."""
    return {
        "stages": _stages(facts),
        "lines": _lines(facts),
        "notices": list(facts.plan.get("notices") or ()),
        "recipe": masked(yaml.safe_dump(dict(facts.recipe), sort_keys=False, allow_unicode=True)),
        "recipe_hash": facts.plan["recipe_hash"],
        "version": __version__,
    }


def _stages(facts: Facts) -> list[dict[str, Any]]:
    """Gives the seconds of each stage; what no stage counted is the start."""
    known = sum(facts.stages.values())
    rest = facts.seconds - known
    stages = {**({"start": rest} if rest > 0 else {}), **facts.stages}
    most = max(stages.values(), default=1.0) or 1.0
    return [
        {"name": RUN_STAGES.get(name, name), "seconds": duration(value), "bar": bar(0.0, value / most, "model")}
        for name, value in stages.items()
    ]


def _lines(facts: Facts) -> list[tuple[str, str]]:
    plan = facts.plan
    budget, hardware, estimate = plan["budget"], plan["hardware"], plan["estimate"]
    asked = duration(float(budget["seconds"])) if budget.get("seconds") else plural(int(budget.get("trials") or 0), "trial")
    low, high = estimate["seconds"]
    expected = (
        f"{duration(low)} to {duration(high)}, {megabytes(estimate['memory_mb'][0])} to {megabytes(estimate['memory_mb'][1])}"
    )
    if estimate.get("cost"):
        expected += f", {number(estimate['cost'][0], 2)} to {number(estimate['cost'][1], 2)} {estimate['currency']}"
    return [
        ("Budget", asked),
        ("Expected before the run", expected),
        ("Taken", f"{duration(facts.seconds)}, {megabytes(facts.peak_mb)}"),
        ("Threads", f"{hardware['threads']}, in {plural(int(hardware['workers']), 'worker')}"),
        ("Memory allowed", megabytes(1024 * float(hardware["memory_gb"]))),
        ("Device", _device(hardware)),
        ("Precision of nets", str(hardware["precision"])),
        ("Seed", str(plan["seed"])),
        ("Recipe", str(plan["recipe"])),
        ("Recipe’s SHA-256", str(plan["recipe_hash"])),
        ("Folder", str(plan["out"])),
    ]


def _device(hardware: Mapping[str, Any]) -> str:
    """Says what is used, and what was asked for where that differs."""
    used, asked = str(hardware["device"]), str(hardware["asked_device"])
    count = f", {plural(len(hardware['gpus']), 'GPU')}" if hardware["gpus"] else ""
    return f"{used}{count}" if used == asked else f"{used}; {asked} was asked for, and none was there"
