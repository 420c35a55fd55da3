"""The four kinds of value a parameter can take: a float range, an integer range, a choice, or one fixed value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lepton_automl.errors import Problem, RecipeError

RANGE_KEYS = ("low", "high", "log")


@dataclass(frozen=True)
class Float:
    """A real number from `low` to `high`, both included; sampled on a log scale if `log`."""

    low: float
    high: float
    log: bool = False


@dataclass(frozen=True)
class Int:
    """A whole number from `low` to `high`, both included; sampled on a log scale if `log`."""

    low: int
    high: int
    log: bool = False


@dataclass(frozen=True)
class Choice:
    """One of the given values."""

    options: tuple[Any, ...]


@dataclass(frozen=True)
class Fixed:
    """One value, not searched."""

    value: Any


Dimension = Float | Int | Choice | Fixed


def parse_dimension(value: Any, key: str) -> Dimension:
    """Reads a value of the recipe: a range, a list of choices, or a plain value.

    Raises:
        RecipeError: If a range is incomplete, empty or has other keys.

    >>> parse_dimension({"low": 4, "high": 64, "log": True}, "num_leaves")
    Int(low=4, high=64, log=True)
    """
    if isinstance(value, Mapping):
        return _parse_range(value, key)
    if isinstance(value, list | tuple):
        if not value:
            raise RecipeError(Problem(key, "is an empty list of choices.", "Write at least one value."))
        return Choice(tuple(value)) if len(value) > 1 else Fixed(value[0])
    return Fixed(value)


def _parse_range(value: Mapping[str, Any], key: str) -> Dimension:
    unknown = [name for name in value if name not in RANGE_KEYS]
    if unknown or "low" not in value or "high" not in value:
        found = ", ".join(f"{name}: {value[name]}" for name in value)
        raise RecipeError(Problem(key, f"is not a range: {{{found}}}.", "Write {low: …, high: …} and log: true if wanted."))
    low, high, log = value["low"], value["high"], bool(value.get("log", False))
    if not (_is_number(low) and _is_number(high)):
        raise RecipeError(Problem(key, f"has an end that is not a number: {low!r} to {high!r}.", "Write numbers."))
    if not isinstance(value.get("log", False), bool):
        raise RecipeError(Problem(key, f"has log: {value['log']!r}.", "Write log: true or log: false."))
    if low > high:
        raise RecipeError(Problem(key, f"has low {low} above high {high}.", "Exchange them."))
    if log and low <= 0:
        raise RecipeError(Problem(key, f"has log: true and low {low}.", "A log scale starts above 0."))
    if low == high:
        return Fixed(low)
    if isinstance(low, int) and isinstance(high, int):
        return Int(low, high, log)
    return Float(float(low), float(high), log)


def inside(inner: Dimension, outer: Dimension) -> bool:
    """Says whether every value of `inner` is legal where `outer` is the widest legal dimension."""
    if isinstance(inner, Fixed):
        return _holds(outer, inner.value)
    if isinstance(inner, Float) and not isinstance(outer, Float):
        return False
    values = inner.options if isinstance(inner, Choice) else (inner.low, inner.high)
    return all(_holds(outer, value) for value in values)


def typed_as(inner: Dimension, outer: Dimension) -> Dimension:
    """Gives a legal dimension the number type of the widest one, so that `1` for a share is 1.0, not one of something.

    >>> typed_as(Int(0, 1), Float(0.0, 1.0))
    Float(low=0.0, high=1.0, log=False)
    """
    kind: type[float] | type[int] | None = float if isinstance(outer, Float) else int if isinstance(outer, Int) else None
    if kind is None:
        return inner
    if isinstance(inner, Fixed):
        return Fixed(kind(inner.value))
    if isinstance(inner, Choice):
        return Choice(tuple(kind(option) for option in inner.options))
    return Float(float(inner.low), float(inner.high), inner.log) if kind is float else inner


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _holds(outer: Dimension, value: Any) -> bool:
    if isinstance(outer, Fixed):
        return bool(value == outer.value)
    if isinstance(outer, Choice):
        return any(value == option and type(value) is type(option) for option in outer.options)
    if not _is_number(value):
        return False
    if isinstance(outer, Int) and value != int(value):
        return False
    return bool(outer.low <= value <= outer.high)
