"""What a policy pack asks of a recipe: all that is absent, each with its fix, and what a plan says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from lepton_automl.engine.examining import gates_of
from lepton_automl.errors import Problem
from lepton_automl.governance import RULES, Rule
from lepton_automl.ledger import Entry
from lepton_automl.recipe import Recipe, packaged_preset
from lepton_automl.recipe.policy import PolicyGate
from lepton_automl.registry import did_you_mean

ABSENT = object()
MOST_LISTED = 13
"""Figures that a message lists."""
EMPTY: tuple[Any, ...] = (None, "", (), [], {})
RULE_KEYS = "governance.rules."
EXAMPLES: Mapping[str, str] = {
    "data.roles.protected": "data.roles.protected: [sex, age]",
    "governance.rules.contract.columns": "governance.rules.contract.file: contract.yaml, as lepton contract DATA proposes",
    "engagement.constraints": "engagement.constraints: [what must be respected]",
}
"""Key to how it is written, where that is not plain."""


@dataclass(frozen=True)
class Policy:
    """What a policy pack asked for, and what the recipe says to it.

    Args:
        name: Name of the pack; `none` where there is none.
        title: What it is about.
        sources: The texts it goes back to: `text`, `date`, `url`.
        notice: What it is not: legal advice.
        rules: Rules that had to be there: `name`, `why`, and `waived`, who lets it be, or nothing.
        fields: Keys that had to be filled in: `key`, `why`.
        settings: Keys that had to have one of some values: `key`, `asked`, the key with its
            values, `why`.
        gates: Gates that had to be there: `name`, `why`, `figures`, those of them that have a gate; `applies`: whether the
            task has such a figure at all.
        documents: Documents that are written besides those of every run, those of the recipe's own included.
        changed: Keys in which the pack differs from the packaged one of its name.
    """

    name: str
    title: str
    sources: tuple[Mapping[str, str], ...]
    notice: str
    rules: tuple[Mapping[str, str], ...]
    fields: tuple[Mapping[str, str], ...]
    settings: tuple[Mapping[str, Any], ...]
    gates: tuple[Mapping[str, Any], ...]
    documents: tuple[str, ...]
    changed: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Gives it as plain JSON data."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(self).items()}

    def entries(self) -> list[Entry]:
        """Gives what the ledger says of it; nothing where no policy is chosen."""
        if self.name == "none":
            return []
        keys = len(self.fields) + len(self.settings)
        asked = f"{len(self.rules)} rules, {keys} keys, {len(self.gates)} gates, {len(self.documents)} documents"
        changed = f"; it differs from the packaged one in {', '.join(self.changed)}" if self.changed else ""
        count = len(self.rules) + keys
        note = f"asks for {asked}: all are there{changed}"
        return [Entry("policy", "POLICY001", self.name, "passed", count=count, note=note)]


def no_policy() -> Policy:
    """Gives the policy that asks for nothing."""
    return Policy("none", "", (), "", (), (), (), (), (), ())


def read_policy(recipe: Recipe, figures: Sequence[str]) -> Policy:
    """Says what the policy asks for, and what of it the recipe has.

    Args:
        recipe: The recipe.
        figures: Figures of the task's evidence.
    """
    asked, gates = recipe.policy, gates_of(recipe)
    waivers = recipe.governance.waivers
    return Policy(
        asked.name,
        asked.title,
        tuple({"text": source.text, "date": str(source.date), "url": source.url} for source in asked.sources),
        asked.notice,
        tuple({"name": n, "why": why, "waived": waivers[n].by if n in waivers else ""} for n, why in asked.rules.items()),
        tuple({"key": key, "why": why} for key, why in asked.fields.items()),
        tuple(
            {"key": key, "asked": f"{key}: {_options(said.one_of) or 'anything'}", "why": said.why}
            for key, said in asked.settings.items()
        ),
        tuple(
            {
                "name": name,
                "why": gate.why,
                "figures": _fitting(gate, list(gates)),
                "applies": bool(_fitting(gate, figures)),
            }
            for name, gate in asked.gates.items()
        ),
        tuple(dict.fromkeys([*asked.documents, *recipe.report.documents])),
        _changed(asked.model_dump(mode="json")),
    )


def policy_problems(
    recipe: Recipe, figures: Iterable[str] | None, rules: Iterable[tuple[str, Rule]] = (), plugins: Sequence[str] = ()
) -> list[Problem]:
    """Lists all that the policy asks for and the recipe does not have, and what is wrong with the policy itself.

    Args:
        recipe: The recipe.
        figures: Figures of the task's evidence; none if the task is not known.
        rules: Name and rule, with the settings that hold.
        plugins: Packages whose rules the recipe may name.
    """
    return [
        *_rule_problems(recipe, plugins),
        *_field_problems(recipe),
        *_setting_problems(recipe, dict(rules)),
        *(_gate_problems(recipe, list(figures)) if figures is not None else []),
    ]


def _rule_problems(recipe: Recipe, plugins: Sequence[str]) -> list[Problem]:
    problems, known = [], RULES.names(plugins)
    for name, why in recipe.policy.rules.items():
        if name not in known:
            problems.append(Problem(f"policy.rules.{name}", f"{name!r} is not a rule.", did_you_mean(name, known)))
        elif name != "target" and name not in recipe.governance.rules:
            message = f"is required by policy {recipe.policy.name} ({why})."
            fix = f"Write governance=regulated, or governance.rules.{name}={{{_wanted(recipe, name)}}}."
            problems.append(Problem(f"governance.rules.{name}", message, fix))
    return problems


def _field_problems(recipe: Recipe) -> list[Problem]:
    problems, tree = [], recipe.model_dump(mode="json")
    for key, why in recipe.policy.fields.items():
        said = _at(tree, key)
        if said is ABSENT:
            block, _, last = key.rpartition(".")
            siblings = _at(tree, block) if block else tree
            near = did_you_mean(last, siblings) if isinstance(siblings, dict) else "Write the path of a key from the top."
            problems.append(Problem(f"policy.fields.{key}", "is not a key of a recipe.", near))
        elif said is None or said in ("", [], {}) or (isinstance(said, str) and not said.strip()):
            message = f"is empty; policy {recipe.policy.name} asks for it ({why})."
            problems.append(Problem(key, message, f"Write {EXAMPLES.get(key, f'{key}: a sentence')}."))
    return problems


def _setting_problems(recipe: Recipe, rules: Mapping[str, Rule]) -> list[Problem]:
    problems, tree = [], recipe.model_dump(mode="json")
    for key, asked in recipe.policy.settings.items():
        name, setting = _rule_setting(key)
        if name in recipe.policy.rules and name not in recipe.governance.rules:
            continue  # told with the rule that is absent, its fix names this setting
        known = rules.get(name) if setting else None
        if known is not None:
            said = _at(vars(known), setting)
        elif setting and name in RULES.names(recipe.plugins):
            said = None if name in recipe.governance.rules else ""
        else:
            said = _at(tree, key)
        if said is ABSENT:
            near = did_you_mean(setting, vars(known)) if known is not None else "Write the path of a key from the top."
            problems.append(Problem(f"policy.settings.{key}", "is not a key of a recipe.", near))
        elif asked.one_of and said not in asked.one_of:
            is_now = "is not set" if said in EMPTY else f"is {said!r}"
            message = f"{is_now}; policy {recipe.policy.name} asks for {_options(asked.one_of)} ({asked.why})."
            problems.append(Problem(key, message, f"Write {key}={asked.one_of[0]}."))
        elif said in EMPTY:
            message = f"is empty; policy {recipe.policy.name} asks for it ({asked.why})."
            problems.append(Problem(key, message, f"Write {EXAMPLES.get(key, f'{key}: and what holds')}."))
    return problems


def _options(values: Sequence[Any]) -> str:
    return " or ".join(map(str, values))


def _rule_setting(key: str) -> tuple[str, str]:
    """Gives the rule and the setting that a key is about; nothing where it is about something else.

    >>> _rule_setting("governance.rules.leakage.action"), _rule_setting("engagement.owner")
    (('leakage', 'action'), ('', ''))
    """
    name, _, setting = key.removeprefix(RULE_KEYS).partition(".") if key.startswith(RULE_KEYS) else ("", "", "")
    return name, setting


def _wanted(recipe: Recipe, name: str) -> str:
    """Gives the settings that the policy asks of a rule, as they are written."""
    asked = {_rule_setting(key): said.one_of for key, said in recipe.policy.settings.items()}
    return ", ".join(f"{setting}: {values[0]}" for (rule, setting), values in asked.items() if rule == name and values)


def _gate_problems(recipe: Recipe, figures: list[str]) -> list[Problem]:
    problems = []
    for gate in recipe.policy.gates.values():
        fitting = _fitting(gate, figures)
        if fitting and not set(fitting) & set(gates_of(recipe)):
            message = f"has no gate on {_listed(fitting)}; policy {recipe.policy.name} asks for one ({gate.why})."
            group = fitting[0].partition(".")[0] if "." in fitting[0] else "test"
            problems.append(Problem(f"gates.{group}", message, f"Write {_example(gate, fitting)}."))
    return problems


def _fitting(gate: PolicyGate, figures: Sequence[str]) -> list[str]:
    """Gives the figures that a gate may be on, in the order in which the pack names them."""
    return list(dict.fromkeys(figure for asked in gate.one_of for figure in figures if fnmatchcase(figure, asked)))


def _listed(figures: Sequence[str]) -> str:
    if len(figures) == 1:
        return figures[0]
    more = f" and {len(figures) - MOST_LISTED} more" if len(figures) > MOST_LISTED else ""
    return f"any of {', '.join(figures[:MOST_LISTED])}{more}"


def _example(gate: PolicyGate, fitting: Sequence[str]) -> str:
    from lepton_automl.tasks import METRICS

    figure = fitting[0]
    if figure in METRICS:
        limit = "min" if METRICS[figure].is_score else "max"
        return f"gates.test.{figure}.{limit}=LIMIT, with a limit of your own"
    return f"gates.{figure}.{gate.limit or 'max'}=LIMIT, with a limit of your own"


def _at(tree: Any, key: str) -> Any:
    """Gives what stands at a key, `ABSENT` where there is no such key."""
    for part in key.split("."):
        if not isinstance(tree, dict) or part not in tree:
            return ABSENT
        tree = tree[part]
    return tree


def _changed(asked: Mapping[str, Any]) -> tuple[str, ...]:
    """Lists the keys in which a pack differs from the packaged one of its name; nothing where there is none of that name."""
    packaged = packaged_preset("policy", str(asked["name"]))
    if packaged is None:
        return ()
    was, now = _flat(packaged), _flat(asked)
    keys = dict.fromkeys([*was, *(key for key, value in now.items() if value not in ("", None))])
    return tuple(f"policy.{key}" for key in keys if was.get(key) != now.get(key))


def _flat(tree: Any, head: str = "") -> dict[str, Any]:
    if not isinstance(tree, Mapping):
        return {head.removesuffix("."): tree} if tree not in ([], {}) else {}
    found: dict[str, Any] = {}
    for key, value in tree.items():
        found.update(_flat(value, f"{head}{key}."))
    return found


def policy_notices(policy: Policy) -> list[str]:
    """Says what a reader should know of the policy before the run."""
    if policy.name == "none":
        return []
    notices = [f"Policy {policy.name}: {policy.notice}"] if policy.notice else []
    if policy.changed:
        notices.append(f"The policy differs from the packaged {policy.name}: {', '.join(policy.changed)}.")
    notices.extend(
        f"The rule {rule['name']} of policy {policy.name} is waived by {rule['waived']}."
        for rule in policy.rules
        if rule["waived"]
    )
    passed_over = [str(gate["name"]) for gate in policy.gates if not gate["applies"]]
    if passed_over:
        notices.append(f"The task has no figure for the policy's gate on {', '.join(passed_over)}: it is passed over.")
    return notices
