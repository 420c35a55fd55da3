"""The words of a contract: what is promised of a column, of a relation between columns, and of how new a table is."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from lepton_automl.errors import RecipeError
from lepton_automl.governance.contract.expression import read_expression

Action = Literal["stop", "note", "missing", "drop"]
"""What is done about a violation: stop the run, tell it, make the bad values missing, or drop the rows."""
Check = Literal[
    "required", "kind", "min", "max", "whole", "values", "pattern", "references", "unique", "max_missing_share", "relation"
]
MAKES_MISSING = frozenset({"min", "max", "whole", "values", "pattern"})
"""Checks whose bad values can be made missing: each says of a value alone whether it is good, on later rows as well."""
DROPS_ROWS = MAKES_MISSING | {"references", "unique", "max_missing_share", "relation"}


def misfit(message: str, fix: str) -> PydanticCustomError:
    """Makes the error of a check that knows what is wrong and what to do; its context holds both."""
    return PydanticCustomError("misfit", "{said}", {"said": message, "fix": fix})


def allows(check: str, action: str) -> bool:
    """Says whether an action can be taken on what a check finds."""
    return action in ("stop", "note") or check in (MAKES_MISSING if action == "missing" else DROPS_ROWS)


def _bound(value: float | str) -> float | str:
    if isinstance(value, str):
        _day(value)
    return value


def _day(value: str) -> str:
    try:
        datetime.fromisoformat(value)
    except ValueError as error:
        raise misfit(f"is {value!r}, which is no date.", "Write 2026-01-31, or a number without quotes.") from error
    return value


def _today_or_day(value: str) -> str:
    return value if value == "today" else _day(value)


def _pattern(value: str) -> str:
    """Tries a pattern out, in RE2: no pattern takes longer than the text is long."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        for pattern in (value, rf"\A(?:{value})\z"):
            pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as error:
        reason = str(error).removeprefix("Invalid regular expression: ")
        raise misfit(f"is no pattern: {reason}.", "Write a regular expression of RE2, in single quotes.") from error
    return value


def _relation(text: str) -> str:
    try:
        read_expression(text)
    except RecipeError as error:
        raise misfit(error.problems[0].message, error.problems[0].fix) from error
    return text


Bound = Annotated[float | str, AfterValidator(_bound)]
Value = bool | int | float | str
Share = Annotated[float, Field(ge=0, le=1, json_schema_extra={"unit": "share"})]
RelationText = Annotated[str, AfterValidator(_relation)]


class Terms(BaseModel):
    """A part of a contract: closed (an unknown key is an error), strict (text is no number) and frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, use_attribute_docstrings=True)


class References(Terms):
    """Where the values of a column must be found."""

    values: list[Value] | None = None
    """The values themselves."""
    file: str | None = None
    """A file that holds them in one of its columns. Relative to the working folder."""
    column: str | None = None
    """The column of that file; the column's own name if absent."""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.values is None) == (self.file is None):
            raise misfit("needs either values or file.", "Write references: {file: cities.csv, column: name}.")
        return self


class ColumnTerms(Terms):
    """What is promised of a column. A missing value breaks `max_missing_share` only."""

    required: bool = True
    """Whether the column must be there."""
    kind: Literal["number", "category", "text", "datetime", "boolean"] | None = None
    """What its values are read as."""
    min: Bound | None = None
    """Smallest value: a number, or a date such as 2026-01-31."""
    max: Bound | None = None
    """Largest value; a date stands for its first moment."""
    whole: bool = False
    """Whether its numbers have no decimals."""
    values: Annotated[list[Value], Field(min_length=1)] | None = None
    """All values that are allowed."""
    pattern: Annotated[str, AfterValidator(_pattern)] | None = None
    """Regular expression (RE2) that each whole value fits."""
    references: References | None = None
    """Where each value must be found."""
    unique: bool = False
    """Whether no value occurs twice."""
    max_missing_share: Share | None = None
    """Largest share of missing values."""
    action: Action | dict[Check, Action] | None = None
    """What is done about violations: one action for all checks that allow it, or an action for each check."""

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if type(self.min) is not type(self.max) and None not in (self.min, self.max):
            raise misfit("has a min and a max of which one is a date.", "Write two numbers or two dates.")
        if self.min is not None and self.max is not None and is_above(self.min, self.max):
            raise misfit(f"has a min of {self.min} above its max of {self.max}.", "Exchange them.")
        for check, action in self.action.items() if isinstance(self.action, dict) else ():
            if not allows(check, action):
                raise misfit(f"can not answer {check} by {action!r}.", actions_for(check))
        return self

    def action_of(self, check: str, default: str) -> str:
        """Gives what is done about a violation of a check: the column's word where the check allows it, else the default."""
        said = self.action.get(check) if isinstance(self.action, dict) else self.action  # type: ignore[call-overload]
        return said if said is not None and allows(check, said) else default


class RelationTerms(Terms):
    """A relation between columns, and what is done where it does not hold."""

    expression: RelationText
    """The relation, such as `start <= end`."""
    action: Literal["stop", "note", "drop"] | None = None
    """What is done about rows where it is false; the contract's own action if absent."""


class FreshnessTerms(Terms):
    """How old the newest row may be."""

    column: str
    """A column of dates."""
    max_age_days: Annotated[float, Field(ge=0, json_schema_extra={"unit": "days"})]
    """Largest age of the newest date, in days."""
    at: Annotated[str, AfterValidator(_today_or_day)] = "today"
    """The day from which the age counts: `today`, the day of the run, or a date, so that another run says the same later."""

    def day(self, today: date) -> date:
        """Gives the day from which the age counts."""
        return today if self.at == "today" else datetime.fromisoformat(self.at).date()


def is_above(low: float | str, high: float | str) -> bool:
    """Says whether one bound is above the other, of its own kind."""
    if isinstance(low, str) and isinstance(high, str):
        return datetime.fromisoformat(low) > datetime.fromisoformat(high)
    return not isinstance(low, str) and not isinstance(high, str) and math.isfinite(low) and low > high


def actions_for(check: str) -> str:
    """Gives the sentence that says what can be done about a check."""
    words = [action for action in ("stop", "note", "missing", "drop") if allows(check, action)]
    return f"Write one of {', '.join(words)}."
