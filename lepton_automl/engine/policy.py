"""What a policy pack asks of a recipe: all that is absent, each with its fix, and what a plan says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lepton_automl.engine.examining import gates_of
from lepton_automl.errors import Problem
from lepton_automl.governance import RULES
from lepton_automl.ledger import Entry
from lepton_automl.recipe import Recipe, packaged_preset
from lepton_automl.recipe.policy import PolicyGate
from lepton_automl.registry import did_you_mean

ABSENT = object()
EXAMPLES: Mapping[str, str] = {
    "data.roles.protected": "data.roles.protected: [sex, age]",
    "engagement.constraints": "engagement.constraints: [what must be respected]",
}
"""Key to how it is written; any other key is a text."""


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
        asked = f"{len(self.rules)} rules, {len(self.fields)} keys, {len(self.gates)} gates, {len(self.documents)} documents"
        changed = f"; it differs from the packaged one in {', '.join(self.changed)}" if self.changed else ""
        note = f"asks for {asked}: all are there{changed}"
        return [Entry("policy", "POLICY001", self.name, "passed", count=len(self.rules) + len(self.fields), note=note)]


def no_policy() -> Policy:
    """Gives the policy that asks for nothing."""
    return Policy("none", "", (), "", (), (), (), (), ())


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
            {
                "name": name,
                "why": gate.why,
                "figures": [figure for figure in gate.one_of if figure in gates],
                "applies": bool(set(gate.one_of) & set(figures)),
            }
            for name, gate in asked.gates.items()
        ),
        tuple(dict.fromkeys([*asked.documents, *recipe.report.documents])),
        _changed(asked.model_dump(mode="json")),
    )


def policy_problems(recipe: Recipe, figures: Iterable[str] | None, plugins: Sequence[str] = ()) -> list[Problem]:
    """Lists all that the policy asks for and the recipe does not have, and what is wrong with the policy itself.

    Args:
        recipe: The recipe.
        figures: Figures of the task's evidence; none if the task is not known.
        plugins: Packages whose rules the recipe may name.
    """
    return [
        *_rule_problems(recipe, plugins),
        *_field_problems(recipe),
        *(_gate_problems(recipe, list(figures)) if figures is not None else []),
    ]


def _rule_problems(recipe: Recipe, plugins: Sequence[str]) -> list[Problem]:
    problems, known = [], RULES.names(plugins)
    for name, why in recipe.policy.rules.items():
        if name not in known:
            problems.append(Problem(f"policy.rules.{name}", f"{name!r} is not a rule.", did_you_mean(name, known)))
        elif name != "target" and name not in recipe.governance.rules:
            message = f"is required by policy {recipe.policy.name} ({why})."
            fix = f"Write governance=regulated, or governance.rules.{name}={{}}."
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


def _gate_problems(recipe: Recipe, figures: list[str]) -> list[Problem]:
    problems = []
    for gate in recipe.policy.gates.values():
        fitting = [figure for figure in gate.one_of if figure in figures]
        if fitting and not set(fitting) & set(gates_of(recipe)):
            message = f"has no gate on {_listed(fitting)}; policy {recipe.policy.name} asks for one ({gate.why})."
            problems.append(Problem("gates.test", message, f"Write {_example(gate, fitting)}."))
    return problems


def _listed(figures: Sequence[str]) -> str:
    return figures[0] if len(figures) == 1 else f"any of {', '.join(figures)}"


def _example(gate: PolicyGate, fitting: Sequence[str]) -> str:
    from lepton_automl.tasks import METRICS

    figure = fitting[0]
    limit = "min" if figure in METRICS and METRICS[figure].is_score else "max"
    return f"gates.test.{figure}.{limit}=LIMIT, with a limit of your own"


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
