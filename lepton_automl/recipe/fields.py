"""The building stones of the schema: a closed, frozen, strict block and a few types that carry their range and unit."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, with_config
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

MISFIT = "misfit"
"""Kind of the errors that a block's own checks raise; their context holds the fix."""


class Block(BaseModel):
    """A part of a recipe: closed (an unknown key is an error), strict (text is no number) and frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True, allow_inf_nan=False)


def misfit(message: str, fix: str) -> PydanticCustomError:
    """Makes the error of a check that looks at more than one value; it names what is wrong, and what to do."""
    return PydanticCustomError(MISFIT, "{said}", {"said": message, "fix": fix})


def _day(value: Any) -> Any:
    """Reads a day as YAML and JSON give it: as text."""
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise misfit(f"is {value!r}, which is no day of the calendar.", "Write it as 2026-12-31.") from None


def _file_name(name: str) -> str:
    if not name or name.startswith(".") or any(mark in name for mark in '/\\:*?"<>|\0\n'):
        raise misfit(f"is {name!r}, which can not name a folder.", "Use letters, digits, blanks, - and _.")
    return name


@with_config(ConfigDict(extra="forbid", strict=True))
class Secret(TypedDict):
    """A value that is read from the environment when it is needed, and written nowhere."""

    secret: Annotated[str, Field(min_length=1, description="Name of the environment variable.")]


Share = Annotated[float, Field(ge=0, le=1, json_schema_extra={"unit": "share"})]
OpenShare = Annotated[float, Field(gt=0, lt=1, json_schema_extra={"unit": "share"})]
Seconds = Annotated[float, Field(gt=0, json_schema_extra={"unit": "seconds"})]
Positive = Annotated[int, Field(ge=1)]
Name = Annotated[str, Field(min_length=1)]
FileName = Annotated[str, Field(min_length=1), AfterValidator(_file_name)]
Day = Annotated[date, BeforeValidator(_day)]
Parameters = dict[str, Any]
