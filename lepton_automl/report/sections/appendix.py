"""The appendix: where the time went, on what it ran, and how to run it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from lepton_automl.report.facts import Facts
from lepton_automl.report.language import say
from lepton_automl.report.svg import bar
from lepton_automl.report.wording import RUN_STAGES, duration, interval, listed, masked, megabytes, number, plural


def appendix_section(facts: Facts) -> dict[str, Any]:
    """Gives what the appendix shows."""
    return {
        "stages": _stages(facts),
        "lines": _lines(facts),
        "notices": list(facts.plan.get("notices") or ()),
        "recipe": masked(yaml.safe_dump(dict(facts.recipe), sort_keys=False, allow_unicode=True)),
        "recipe_hash": facts.plan["recipe_hash"],
    }


def _stages(facts: Facts) -> list[dict[str, Any]]:
    """Gives the seconds of each stage; what no stage counted is the start."""
    known = sum(facts.stages.values())
    rest = facts.seconds - known
    stages = {**({"start": rest} if rest > 0 else {}), **facts.stages}
    most = max(stages.values(), default=1.0) or 1.0
    return [
        {
            "name": say(RUN_STAGES[name]) if name in RUN_STAGES else name,
            "seconds": duration(value),
            "bar": bar(0.0, value / most, "model"),
        }
        for name, value in stages.items()
    ]


def _lines(facts: Facts) -> list[tuple[str, str]]:
    plan = facts.plan
    budget, hardware, estimate = plan["budget"], plan["hardware"], plan["estimate"]
    asked = duration(float(budget["seconds"])) if budget.get("seconds") else plural(int(budget.get("trials") or 0), "trial")
    low, high = estimate["seconds"]
    expected = [
        interval(duration(low), duration(high)),
        interval(*(megabytes(end) for end in estimate["memory_mb"])),
    ]
    if estimate.get("cost"):
        expected.append(f"{interval(*(number(end, 2) for end in estimate['cost']))} {estimate['currency']}")
    workers = plural(int(hardware["workers"]), "worker")
    return [
        (say("Budget"), asked),
        (say("Expected before the run"), listed(expected)),
        (say("Taken"), listed([duration(facts.seconds), megabytes(facts.peak_mb)])),
        (say("Threads"), say("{threads}, in {workers}", threads=hardware["threads"], workers=workers)),
        (say("Memory allowed"), megabytes(1024 * float(hardware["memory_gb"]))),
        (say("Device"), _device(hardware)),
        (say("Precision of nets"), str(hardware["precision"])),
        (say("Seed"), str(plan["seed"])),
        (say("Recipe"), str(plan["recipe"])),
        (say("Recipe’s SHA-256"), str(plan["recipe_hash"])),
        (say("Folder"), str(plan["out"])),
    ]


def _device(hardware: Mapping[str, Any]) -> str:
    """Says what is used, and what was asked for where that differs."""
    used, asked = str(hardware["device"]), str(hardware["asked_device"])
    if used != asked:
        return say("{used}; {asked} was asked for, and none was there", used=used, asked=asked)
    return listed([used, *([plural(len(hardware["gpus"]), "GPU")] if hardware["gpus"] else [])])
