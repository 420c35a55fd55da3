"""The block that says how a run is watched: on the screen, and in the tools that show how it trains."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from lepton_automl.recipe.fields import Block, Name, Secret
from lepton_automl.recipe.sources import no_password


class WandbBlock(Block):
    """Weights & Biases. The account's key is taken from `WANDB_API_KEY` or `wandb login`, never from the recipe."""

    project: Name = "lepton-automl"
    """Project of the run."""
    entity: Name | None = None
    """Team or user; the account's own if absent."""
    mode: Literal["offline", "online", "disabled"] = "offline"
    """`offline` needs no account and no network; `wandb sync` sends it later. `disabled` writes nothing."""
    tags: list[Name] = Field(default=[])
    """Tags of the run."""


class MlflowBlock(Block):
    """MLflow."""

    uri: Annotated[Name, AfterValidator(no_password)] | Secret | None = None
    """Server or database, or `{secret: ENVIRONMENT_NAME}` if it holds a password; `mlflow.db` in the run's folder if absent."""
    experiment: Name | None = None
    """Experiment of the run; the recipe's name if absent."""


class Tracking(Block):
    """How a run is watched while it trains; nothing here changes a result."""

    progress: Literal["auto", "rich", "plain", "none"] = "auto"
    """A live display, plain lines, or nothing; `auto`: live in a terminal, lines elsewhere."""
    csv: bool = True
    """`trials.csv` and `curves.csv` in the run's folder, a line as each trial ends."""
    tensorboard: bool = False
    """Event files in `events/` of the run's folder."""
    wandb: WandbBlock | None = None
    """A run of Weights & Biases; `wandb: {}` writes it offline into the run's folder."""
    mlflow: MlflowBlock | None = None
    """A run of MLflow with one below it for each trial; `mlflow: {}` writes `mlflow.db` in the run's folder."""
