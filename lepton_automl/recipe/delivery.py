"""The blocks that say how trials are joined, and what the artefact promises."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lepton_automl.recipe.fields import Block, OpenShare, Share


class Ensemble(Block):
    """How finished trials are joined."""

    steps: Annotated[int, Field(ge=1, le=1000)] = 25
    """Steps of the greedy selection; 1 keeps the best trial alone."""
    max_members: Annotated[int, Field(ge=1, le=200)] | Literal["auto"] = "auto"
    """Most trials that are joined; `auto`: four with up to 1,000 out-of-fold rows, six up to 5,000, eight above."""
    max_fits: Annotated[int, Field(ge=1, le=1000)] = 16
    """Most fitted models that are delivered: of the heaviest members those of the most folds, of each at least one."""
    prune_trees: Share = 0.0
    """What a booster may lose out of fold for fewer trees, as a share of what boosting gained: 0.01 is a start; 0 keeps all."""
    calibration: Literal["auto", "none", "temperature", "isotonic"] = "auto"
    """Makes probabilities mean what they say; kept where it gains out of fold. `auto`: a temperature where the metric
    judges probabilities (log_loss, brier_score) and there are 3,000 out-of-fold rows (500 of more than two labels)."""
    final: Literal["auto", "folds", "refit"] = "auto"
    """What is delivered: the models of the folds, or one model fitted on all training rows; `auto`: as the task asks."""


class Delivery(Block):
    """What the artefact promises."""

    unseen_level: Literal["missing", "error"] = "missing"
    """A category level not seen in training, when predicting: treat as missing and say so in `status`, or refuse."""
    unreadable_value: Literal["missing", "error"] = "missing"
    """A value that can not be read as its column's kind, when predicting: the same choice."""
    max_size_mb: Annotated[float, Field(gt=0, json_schema_extra={"unit": "MB"})] | None = None
    """Largest artefact; the ensemble is chosen to fit."""
    max_latency_ms: Annotated[float, Field(gt=0, json_schema_extra={"unit": "ms"})] | None = None
    """Longest median wall clock of scoring one row from Python, on this machine; the ensemble is chosen to fit."""
    flag_outside: OpenShare | None = 0.01
    """Share of rows like the training rows that may be flagged, in the column `outside`, as lying outside what the model knows;
    rows that are unlike them are flagged far more often. `null`: none is flagged."""
