"""The building stones of the schema: a closed, frozen, strict block and a few number types that carry their unit."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class Block(BaseModel):
    """A part of a recipe: closed (an unknown key is an error), strict (text is no number) and frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


Share = Annotated[float, Field(ge=0, le=1, json_schema_extra={"unit": "share"})]
OpenShare = Annotated[float, Field(gt=0, lt=1, json_schema_extra={"unit": "share"})]
Seconds = Annotated[float, Field(gt=0, json_schema_extra={"unit": "seconds"})]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
Name = Annotated[str, Field(min_length=1)]
Parameters = dict[str, Any]
