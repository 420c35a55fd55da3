"""The model card: what a person has to know before the model is used, as Markdown.

Source: Mitchell et al. (2019), "Model cards for model reporting", FAT* '19, pages 220-229, for the order of its parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lepton_automl import __version__
from lepton_automl.report.facts import Facts
from lepton_automl.report.sections import answer_section
from lepton_automl.report.sections.chapters.fairness import group_figures
from lepton_automl.report.wording import masked, megabytes, metric_words, plural, rounded, share

PEOPLE = {
    "affected_people": "People it is about",
    "human_oversight": "Human oversight",
    "redress": "Reasons and objection",
    "risks": "Risks",
    "retention": "Retention",
    "monitoring": "Watching in use",
}
"""Key of the engagement that is about people to its name for a reader."""
NO_GROUPS = "there are no figures by group of people: no column is protected, or its groups are too small"
OPEN = "[to be filled by the owner: engagement.{key}]"


def plain(text: object) -> str:
    r"""Writes text of data or recipe so that Markdown shows it as it is, on one line.

    >>> plain("a|b\n<b>_c_")
    'a\\|b &lt;b&gt;\\_c\\_'
    """
    line = " ".join(str(text).split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]()#+!|~])", r"\\\1", line)


def render_card(facts: Facts) -> str:
    """Gives the model card as Markdown."""
    answer = answer_section(facts)
    parts = [
        f"# {plain(facts.title)}",
        _verdict(answer["verdict"], facts),
        "## Model\n\n" + _bullets(_model(facts)),
        "## Intended use\n\n" + _bullets(_use(answer)),
        "## Evidence\n\n" + _evidence(facts, answer["gates"]),
        "## Data\n\n" + _bullets(_data(facts)),
        "## Columns kept out of the model\n\n" + _kept_out(facts),
        "## Ethical considerations\n\n" + _bullets(_ethics(facts)),
        "## Limits of this evidence\n\n" + _bullets(_caveats(facts)),
        "The whole record is in `report.html`, `data_governance_report.md`, `ledger.jsonl` and `recipe.yaml` of this folder.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _bullets(lines: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"- **{name}**: {text}" for name, text in lines if text) or "Nothing is said."


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows))


def _verdict(verdict: Mapping[str, str], facts: Facts) -> str:
    mark = "\n\n**Out-of-fold evidence**: no test rows were set aside." if facts.is_out_of_fold else ""
    return f"**{verdict['word']}.** {verdict['text']}{mark}"


def _model(facts: Facts) -> list[tuple[str, str]]:
    members = ", ".join(
        f"{plain(m.trial.candidate)} {share(m.weight)} (trial {m.trial.number})" for m in facts.ensemble.members
    )
    return [
        ("Predicts", f"{plain(facts.target)}" + (f" ({', '.join(map(plain, facts.labels))})" if facts.labels else "")),
        ("Members", f"{members}. {facts.delivered}"),
        ("Decision", _line(facts)),
        ("Size", megabytes(facts.artifact_mb)),
        ("Made by", f"Lepton AutoML {__version__}, recipe {plain(facts.plan['recipe'])}, seed {facts.plan['seed']}"),
        ("Recipe's SHA-256", f"`{facts.plan['recipe_hash']}`"),
    ]


def _line(facts: Facts) -> str:
    return f"{plain(facts.decided)} ({plain(facts.decision.reason)})" if facts.decided else ""


def _use(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    asked = [(name, plain(text)) for name, text in answer["asked"] if name not in PEOPLE.values()]
    return [*asked, *(("Constraint", plain(text)) for text in answer["constraints"])]


def _evidence(facts: Facts, gates: Sequence[Mapping[str, Any]]) -> str:
    evidence = facts.evidence
    rows = []
    for name, measure in evidence.scores.items():
        words, below = metric_words(name), evidence.baseline.get(name)
        bold = "**" if name == evidence.metric else ""
        interval = f"{rounded(measure.low, measure)} to {rounded(measure.high, measure)}"
        value = f"{bold}{rounded(measure.value, measure)}{bold}"
        rows.append(
            [plain(words.title), value, interval, rounded(None if below is None else below.value, measure), words.better]
        )
    basis = "out-of-fold rows of the training table" if facts.is_out_of_fold else "test rows that took no part in any choice"
    head = f"{plural(evidence.n, 'row')}: {basis}. Intervals hold {share(evidence.confidence)}, by bootstrap."
    table = _table(["Metric", "Value", "Interval", "Baseline", "Direction"], rows)
    return "\n\n".join(part for part in (head, table, _gates(gates), _worth(facts)) if part)


def _gates(gates: Sequence[Mapping[str, Any]]) -> str:
    rows = [[plain(g["title"]), g["limit"], g["judged"], "passed" if g["passed"] else "**failed**"] for g in gates]
    return _table(["Gate", "Limit", "Judged", "Verdict"], rows) if rows else ""


def _worth(facts: Facts) -> str:
    value = facts.evidence.value
    if value is None:
        return ""
    unit = plain(facts.decision.currency)
    interval = f"{rounded(value.low, value)} to {rounded(value.high, value)}"
    return f"Worth of a row by the decision: {rounded(value.value, value)} {unit} ({interval})."


def _data(facts: Facts) -> list[tuple[str, str]]:
    data, split = facts.plan["data"], facts.plan["split"]
    return [
        ("Source", plain(masked(str(data["place"])))),
        ("Rows", f"{data['rows']:,}"),
        ("Columns", str(len(data["columns"]))),
        ("Split", f"{split['kind']}, {plural(int(split['folds']), 'fold')}"),
        ("SHA-256", f"`{data['fingerprint']}`"),
    ]


def _kept_out(facts: Facts) -> str:
    rows = [
        [plain(column["name"]), plain(", ".join(column["roles"]))]
        for column in facts.plan["data"]["columns"]
        if "feature" not in column["roles"] and "target" not in column["roles"]
    ]
    return _table(["Column", "Role"], rows) if rows else "None."


def _ethics(facts: Facts) -> list[tuple[str, str]]:
    """Gives what the recipe says of the people it is about; what nobody said is marked for the owner."""
    lines = [
        ("Policy", _policy(facts)),
        *((name, plain(facts.engagement.get(key) or "") or OPEN.format(key=key)) for key, name in PEOPLE.items()),
        *((f"Waived rule {plain(name)}", _waiver(waiver)) for name, waiver in (facts.plan.get("waivers") or {}).items()),
    ]
    return [*lines, ("Groups", plain(group_figures(facts)) or NO_GROUPS)]


def _policy(facts: Facts) -> str:
    policy = facts.plan.get("policy") or {}
    if policy.get("name", "none") == "none":
        return ""
    return f"{plain(policy['title'] or policy['name'])}. {plain(policy['notice'])}"


def _waiver(waiver: Mapping[str, Any]) -> str:
    return f"by {plain(waiver['by'])} until {plain(waiver['until'])}: {plain(waiver['why'])}"


def _caveats(facts: Facts) -> list[tuple[str, str]]:
    lines = []
    if facts.is_out_of_fold:
        lines.append(("Out of fold", "the rows took part in choosing the models, so the figures are likely too good."))
    if facts.time_warning:
        lines.append(("Order of time", plain(facts.time_warning)))
    done, of = facts.evidence.importance_of
    if done < of:
        lines.append(("Importance", f"{of - done} of {plural(of, 'feature')} were not shuffled: no time was left."))
    lines.append(
        ("Reach", "the figures hold for rows that come from where these came from; they say nothing of other places or times.")
    )
    return lines
