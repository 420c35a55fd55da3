"""All recipes and presets that can be chosen, each read once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lepton_automl.errors import Problem, RecipeError
from lepton_automl.recipe.find import CONF, GLOBAL_GROUPS, Option, find_options
from lepton_automl.recipe.origin import Origins
from lepton_automl.recipe.reading import read_recipe_file, read_recipe_text
from lepton_automl.recipe.schema import default_tree

DEFAULT_PRESETS = {
    "governance": "standard",
    "policy": "none",
    "search": "balanced",
    "hardware": "auto",
    "evidence": "standard",
}
DEFAULTS: tuple[Any, ...] = (
    "_self_",
    *({group: name} for group, name in DEFAULT_PRESETS.items()),
    {"recipe": None},
    {"profile": None},
)
"""What every recipe starts from: the defaults of the schema, a preset of each group, the recipe, a profile over all."""


def packaged_preset(group: str, name: str) -> dict[str, Any] | None:
    """Gives what the packaged preset of that name says; none if there is no such preset."""
    path = CONF / group / f"{name}.yaml"
    return read_recipe_file(path, path.name)[0] if path.is_file() else None


@dataclass(frozen=True)
class Library:
    """All recipes and presets that can be chosen.

    Args:
        options: Group to name to file.
        trees: What each file says, `(group, name)` to tree and origins, both as the file's own root sees them.
        faults: What is wrong with those that can not be read; told only when one of them is chosen.
    """

    options: dict[str, dict[str, Option]]
    trees: dict[tuple[str, str], tuple[dict[str, Any], Origins]]
    faults: dict[tuple[str, str], RecipeError]

    @classmethod
    def open(cls, config_dirs: Iterable[Path] = ()) -> Library:
        """Finds and reads the files."""
        library = cls(find_options(config_dirs), {}, {})
        for group, options in library.options.items():
            for name, option in options.items():
                try:
                    tree, origins = read_recipe_file(option.path, option.shown_as)
                    _check_defaults(tree.get("defaults", []), origins)
                    library.trees[group, name] = tree, origins
                except RecipeError as error:
                    library.faults[group, name] = error
        return library

    def with_recipe(self, name: str, content: bytes, shown_as: str, has_lines: bool) -> Library:
        """Gives the library with one more recipe, from wherever it comes.

        Args:
            name: Name under which it is chosen; it stands in front of a file of that name.
            content: It, as YAML.
            shown_as: What messages call it.
            has_lines: Whether messages name the line of a key, as the user wrote the lines.

        Raises:
            RecipeError: If it is no mapping, or tries to run code.
        """
        tree, found = read_recipe_text(content, shown_as)
        origins = found if has_lines else Origins()
        _check_defaults(tree.get("defaults", []), origins)
        recipes = {**self.options["recipe"], name: Option("recipe", name, Path(shown_as))}
        faults = {key: fault for key, fault in self.faults.items() if key != ("recipe", name)}
        return Library({**self.options, "recipe": recipes}, {**self.trees, ("recipe", name): (tree, origins)}, faults)

    def defaults_lists(self) -> dict[tuple[str, str], tuple[Any, str]]:
        """Gives the defaults list of every file, none where it has none, and where it stands."""
        lists: dict[tuple[str, str], tuple[Any, str]] = dict.fromkeys(self.faults, (None, ""))
        for name, (tree, origins) in self.trees.items():
            lists[name] = tree.get("defaults"), origins.of(("defaults",))
        return lists

    def refuse_faulty(self, chosen: Iterable[tuple[str, str]]) -> None:
        """Refuses files that can not be read.

        Raises:
            RecipeError: If one of the chosen files is such a one.
        """
        problems = [problem for name in chosen if name in self.faults for problem in self.faults[name].problems]
        if problems:
            raise RecipeError(problems)

    def notices(self, choices: Mapping[str, str]) -> tuple[str, ...]:
        """Says which of the chosen files hides another."""
        said = []
        for group, name in choices.items():
            option = self.options.get(group, {}).get(name)
            if option is not None and option.hides is not None:
                said.append(f"{option.shown_as} is used; it hides the {option.hides.kind} {group} {name!r}.")
        return tuple(said)

    def register(self) -> None:
        """Hands everything to Hydra itself: for `-m`, `--cfg`, `--info` and completion."""
        from hydra.core.config_store import ConfigStore

        store = ConfigStore.instance()
        for group in (*self.options, "config.yaml"):
            store.repo.pop(group, None)
        for (group, name), (tree, _) in self.trees.items():
            node = {"name": name, **tree} if group == "recipe" else tree
            store.store(group=group, name=name, node=node, package="_global_" if group in GLOBAL_GROUPS else group)
        for group, name in self.faults:
            store.store(group=group, name=name, node={})
        store.store(name="config", node=_base_node())


def _check_defaults(entries: object, origins: Origins) -> None:
    """Refuses a defaults list that is none, or reaches for Hydra's own settings."""
    where = origins.of(("defaults",))
    if not isinstance(entries, list):
        fix = "Write `defaults: [{override /search: quick}]`."
        raise RecipeError(Problem("defaults", f"must be a list, got {entries!r}.", fix, where), where)
    names = [str(name) for entry in entries for name in (entry if isinstance(entry, dict) else [entry])]
    reaching = [name for name in names if "hydra" in name.removeprefix("override ").lstrip("/").split("/")[0].split("@")[0]]
    if reaching:
        fix = "Give Hydra's own settings on the command line."
        raise RecipeError(
            [Problem("defaults", f"{name!r} is not allowed in a recipe.", fix, where) for name in reaching], where
        )


def _base_node() -> dict[str, Any]:
    quiet: Sequence[Any] = [{"override hydra/job_logging": "disabled"}, {"override hydra/hydra_logging": "disabled"}]
    return {
        "defaults": [*DEFAULTS, *quiet],
        **default_tree(),
        "hydra": {
            "run": {"dir": "."},
            "output_subdir": None,
            "job": {"name": "lepton"},
            "sweep": {"dir": "outputs/sweeps/${now:%Y-%m-%d}_${now:%H-%M-%S}", "subdir": "${hydra:job.override_dirname}"},
        },
    }
