"""The block that says which models are tried, and how: models, sampler, pruner, studies."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from lepton_automl.recipe.fields import Block, Parameters, Secret, Share, misfit
from lepton_automl.recipe.sources import no_password

Objective = Literal["metric", "predict_seconds", "model_mb"]


class Search(Block):
    """Which models are tried, and how; `docs/search.md`."""

    models: dict[str, Parameters | None] = Field(default={})
    """Model to its parameters: a value, a list of choices or a range `{low: …, high: …, log: …}`; `docs/models.md`."""
    sampler: Literal["tpe", "random", "cmaes", "gp", "nsgaii", "qmc"] = "tpe"
    """How the next configuration is chosen once the defaults have been tried: one of Optuna's samplers."""
    sampler_options: Parameters = Field(default={})
    """Arguments of the sampler, under Optuna's names: `{n_startup_trials: 10}`."""
    pruner: Literal["racing", "none", "median", "percentile", "successive_halving", "hyperband", "wilcoxon"] = "racing"
    """When a configuration is given up before all its folds are fitted: our racing, or one of Optuna's pruners. Nothing is
    given up where the budget counts trials."""
    pruner_options: Parameters = Field(default={})
    """Arguments of one of Optuna's pruners, under its names: `{p_threshold: 0.2}`."""
    racing_margin: Share = 0.1
    """Racing: how far behind after the first fold, as a share of the distance from baseline to best."""
    objectives: list[Objective] = Field(default=["metric"])
    """What is sought: the metric, and with it the seconds to predict or the size of a fold's model; marks a Pareto front."""
    storage: Annotated[str, Field(min_length=1), AfterValidator(no_password)] | Secret | None = None
    """Where the studies are recorded: an SQLAlchemy URL without a password, or `{secret: ENVIRONMENT_NAME}`; the file
    `study.journal` in the run's folder if absent."""
    study_name: Annotated[str, Field(min_length=1)] | None = None
    """The studies are named `<study_name>/<model>`; if absent `<recipe>/<run's folder>/<model>` in a database, and
    `<model>` in a file."""
    warm_start: Annotated[str, Field(min_length=1)] | None = None
    """Folder of a finished run of the same task: its best configurations start, its trials are told to the sampler."""
    patience_rounds: Annotated[int, Field(ge=1)] | Literal["auto"] = "auto"
    """Boosting rounds without gain before a fit stops; `auto` follows the number of rows."""

    @field_validator("objectives")
    @classmethod
    def _begin_with_the_metric(cls, names: list[str]) -> list[str]:
        if names[:1] != ["metric"] or len(set(names)) < len(names):
            message = f"is [{', '.join(names)}]: the metric comes first, and none stands there twice."
            raise misfit(message, "Write [metric, predict_seconds].")
        return names
