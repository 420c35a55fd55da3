"""The blocks of a recipe. One option is declared here once: its type, range, default, unit and help."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from lepton_automl.recipe.deciding import Decision, Gate, Gates
from lepton_automl.recipe.delivery import Delivery, Ensemble
from lepton_automl.recipe.evidence import EvidenceBlock
from lepton_automl.recipe.explanation import Explanation
from lepton_automl.recipe.fairness import Fairness
from lepton_automl.recipe.features import Features
from lepton_automl.recipe.fields import Block, Day, Name, OpenShare, Parameters, Positive, Seconds, Share, misfit
from lepton_automl.recipe.hardware import HardwareBlock
from lepton_automl.recipe.policy import Document, Policy
from lepton_automl.recipe.saving import Saved, SaveDuckdb, SaveParquet, SaveSql
from lepton_automl.recipe.searching import Search
from lepton_automl.recipe.sources import DuckdbSource, ExampleSource, FileSource, Source, SqlSource
from lepton_automl.recipe.tracking import MlflowBlock, Tracking, WandbBlock

__all__ = [
    "Decision",
    "Delivery",
    "DuckdbSource",
    "Ensemble",
    "EvidenceBlock",
    "ExampleSource",
    "Explanation",
    "Fairness",
    "Features",
    "FileSource",
    "Gate",
    "Gates",
    "HardwareBlock",
    "MlflowBlock",
    "Policy",
    "SaveDuckdb",
    "SaveParquet",
    "SaveSql",
    "Saved",
    "Search",
    "Source",
    "SqlSource",
    "Tracking",
    "WandbBlock",
]

Kind = Literal["number", "category", "text", "datetime", "boolean"]


class BusinessMeasure(Block):
    """The figure the business watches."""

    name: Name
    """What it is: `loss per 1,000 applicants`."""
    unit: str = ""
    """Its unit: `EUR`, `days`, `%`."""
    today: float | None = None
    """Its value today, without this model."""
    goal: float | None = None
    """The value that would make the engagement a success."""


class Engagement(Block):
    """What the business wants. Shown in the plan and at the head of the report."""

    title: str = ""
    """Name of the engagement; the recipe's file name if empty."""
    goal: str = ""
    """What is to be decided with the predictions, in a sentence."""
    owner: str = ""
    """Person or team that answers for it."""
    business_measure: BusinessMeasure | None = None
    """The figure the business watches, and its value today."""
    constraints: list[str] = Field(default=[])
    """What a solution must respect, a sentence each."""
    intended_use: str = ""
    """What the model may be used for."""
    limits: str = ""
    """What it must not be used for."""
    affected_people: str = ""
    """Whom the decisions are about, and what they mean for them."""
    human_oversight: str = ""
    """Who looks at the predictions, and can overrule or stop them."""
    redress: str = ""
    """How a person learns the reasons of a decision, and objects to it."""
    risks: str = ""
    """What can go wrong for people or the business, and what is done about it."""
    retention: str = ""
    """How long data, records and predictions are kept, and why."""
    monitoring: str = ""
    """Who watches the model in use, how often, and when it is taken out of use."""
    commercial: bool = True
    """Whether the result is used commercially."""


class Roles(Block):
    """What a column is for, where it is not simply a feature."""

    id: list[str] = Field(default=[])
    """Identifies a row; never enters a model."""
    weight: str | None = None
    """Weight of a row in training and evidence, 0 or more."""
    amount: str | None = None
    """Amount of money of a row, on which `decision.payoff` may depend; it can be a feature too."""
    protected: list[str] = Field(default=[])
    """Sex, age, origin and the like: kept for evidence, never enters a model."""
    evaluation_only: list[str] = Field(default=[])
    """Kept for evidence, never enters a model."""


class Data(Block):
    """Where the rows are and how their columns are to be read."""

    source: Source | None = None
    """The table to learn from; or several, under `sources`."""
    sources: dict[str, Source] = Field(default={})
    """Several named tables, joined by `query`."""
    query: str | None = None
    """DuckDB SQL over the names in `sources` that gives the table to learn from."""
    test: Source | None = None
    """A table of its own for the evidence; then all rows of the source are for training."""
    ignore: list[str] = Field(default=[])
    """Columns to leave out."""
    kinds: dict[str, Kind] = Field(default={})
    """Column to kind, where the one found by looking is wrong."""
    roles: Roles = Field(default_factory=Roles)
    """What columns are for, where they are not features."""
    missing_tokens: list[str] = Field(default=["", "?", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "null", "<NA>"])
    """Texts that stand for a missing value."""
    max_unreadable_share: Share = 0.05
    """A text column is read as numbers or dates if at most this share of its values can not be; those become missing."""
    date_order: Literal["auto", "day_first", "month_first"] = "auto"
    """How `03/04/2025` is read; `auto` looks for a value that settles it."""
    duplicate_names: Literal["error", "rename"] = "error"
    """Two columns of one name: refuse, or rename the later ones `name.2`, `name.3`."""
    cache: bool = False
    """Keep the table of a local file for the next plan or run: a raw copy that only its owner can read; `lepton cache`. A table
    in which personal data is found is not kept."""
    ragged_rows: Literal["drop", "error"] = "drop"
    """CSV rows with too many or too few cells: drop and count them, or refuse the file."""
    save_cleaned: Saved | None = None
    """Where the table that the rules left is written, training and test rows; nowhere if absent."""

    @model_validator(mode="after")
    def _names_one_table(self) -> Self:
        if self.source is not None and self.sources:
            raise misfit("has both source and sources.", "Keep one of them.")
        if self.query is not None and not self.sources:
            raise misfit("has a query, but no sources that it could join.", "Name the tables under data.sources.")
        return self


class Split(Block):
    """How rows are set aside: the test rows, and the folds among the training rows. One splitter for both."""

    kind: Literal["auto", "random", "stratified", "group", "time", "rolling"] = "auto"
    """`auto`: group or time when their column is given, else what the task asks for."""
    test_share: Annotated[float, Field(ge=0, le=0.9, json_schema_extra={"unit": "share"})] = 0.2
    """Share of rows kept untouched for the evidence; 0: the evidence is out-of-fold and marked so."""
    folds: Annotated[int, Field(ge=2, le=20)] | Literal["auto"] = "auto"
    """Folds among the training rows; `auto` follows the number of rows."""
    time: str | None = None
    """Column of the time order: the test rows are the latest, folds are forward-chained."""
    group: str | None = None
    """Column of the entity: all its rows are on the same side."""
    origin: Annotated[int, Field(ge=0, le=100)] = 0
    """Test windows by which the present is moved back, where rows go by time: what lies after the window is left out. `lepton
    compare --resplits` sets it."""


class WaiverBlock(Block):
    """Somebody answers for it that a rule is not obeyed, for a while."""

    by: Name
    """Who answers for it."""
    why: Name
    """The reason, in a sentence."""
    until: Day
    """The last day it holds, as 2026-12-31; afterwards the recipe is refused."""
    columns: list[str] = Field(default=[])
    """Columns it is about; empty: all that the rule finds."""


class Governance(Block):
    """The rules the data must obey."""

    rules: dict[str, Parameters | None] = Field(default={})
    """Rule to its settings; `docs/rules.md` lists them. `~governance.rules.missing` removes one."""
    waivers: dict[str, WaiverBlock] = Field(default={})
    """Rule to who lets it be, why and until when: it neither acts nor stops, and the ledger says `waived`."""


class _Task(Block):
    target: Name
    """Column to predict."""
    metric: str | None = None
    """What the search optimises; the task's own choice if absent."""
    missing_target: Literal["error", "drop"] = "error"
    """Rows whose target is missing or infinite: refuse, or drop and count them."""


class BinaryTask(_Task):
    """One of two labels."""

    kind: Literal["binary"]
    """Always `binary`."""
    positive: str | int | float | bool | None = None
    """The label the probabilities are about; the last of the sorted labels if absent."""


class MulticlassTask(_Task):
    """One of several labels."""

    kind: Literal["multiclass"]
    """Always `multiclass`."""


class RegressionTask(_Task):
    """A number."""

    kind: Literal["regression"]
    """Always `regression`."""


class ForecastTask(_Task):
    """The next values of one or many series, from a long table with one row per series and time."""

    kind: Literal["forecast"]
    """Always `forecast`."""
    time: Name
    """Column of the time."""
    series: list[str] = Field(default=[])
    """Columns that name a series; empty for a single one."""
    horizon: Positive
    """Steps to forecast."""
    season: Positive = 1
    """Steps in a season: 7 for days with a weekly pattern; the baseline repeats the last one."""
    quantiles: list[OpenShare] = Field(default=[0.1, 0.5, 0.9])
    """Levels to forecast; 0.5 is the point forecast and must be among them."""
    known_future: list[str] = Field(default=[])
    """Columns whose future values are known when forecasting: price, holiday."""

    @field_validator("quantiles")
    @classmethod
    def _hold_the_median(cls, levels: list[float]) -> list[float]:
        if 0.5 not in levels or len(set(levels)) < len(levels):
            raise misfit(f"is {levels}: it needs 0.5, the point forecast, and no level twice.", "Write [0.1, 0.5, 0.9].")
        return levels


Task = Annotated[BinaryTask | MulticlassTask | RegressionTask | ForecastTask, Field(discriminator="kind")]


class BudgetBlock(Block):
    """What the whole run may spend: seconds or trials."""

    seconds: Seconds | None = None
    """Wall clock of the whole run, from the start of the process to the report on disk. 60 if neither is given."""
    trials: Positive | None = None
    """Configurations tried; reproducible, as no clock takes part in a decision."""


class Report(Block):
    """The report."""

    title: str = ""
    """Its title; the engagement's if empty."""
    language: Literal["en", "zh"] = "en"
    """Language of the pages (report, data governance, comparison): English or Chinese. Texts of data and recipe stay."""
    documents: list[Document] = Field(default=[])
    """Documents to write besides model card, datasheet and data governance report; a policy adds those it asks for."""


class RunBlock(Block):
    """Where the run's folder is."""

    dir: str | None = None
    """Folder of the run; must be new or empty. `outputs/<recipe>/<date>_<time>` if absent."""
