"""The block that says what is made of columns."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lepton_automl.recipe.fields import Block, Positive


class Features(Block):
    """What is made of columns before a model sees them; learned on training rows only."""

    date_parts: bool = True
    """Dates into year, month, day, weekday, hour and age in days."""
    text_max_features: Positive = 50_000
    """Terms kept of each text column."""
    text_ngrams: Annotated[int, Field(ge=1, le=3)] = 2
    """Longest run of words that is a term."""
    max_levels: Annotated[int, Field(ge=2, le=100_000)] = 1_000
    """Levels of a category that linear models see one by one; the rest share one."""
    text_topics: Annotated[int, Field(ge=0, le=500)] = 30
    """Topics that trees and nets read of each text column, and of categories whose levels are phrases; 0: none."""
    text_target: bool = True
    """Where `texts: target` is tried: what a linear model reads of the target in all texts, out of fold, is a column too."""
    target_min_levels: Annotated[int, Field(ge=2)] = 5
    """Levels from which on a category is encoded by its mean target, out of fold, where `categories: target` is tried."""
    crosses: Annotated[int, Field(ge=0, le=50)] = 4
    """Most pairs of categories that are encoded by their mean target besides; 0: none."""
    made_columns: Annotated[int, Field(ge=0, le=500)] = 12
    """Most columns made of two others (sums, ratios, place within a group) where `made` is tried; 0: none."""
