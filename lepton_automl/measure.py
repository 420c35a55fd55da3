"""A figure that says how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Measure:
    """A value with its interval.

    Args:
        value: The estimate.
        low: Lower end of the interval, in the units of `value`; equal to `value` where none was made.
        high: Upper end of the interval.
        n: Number of rows it rests on.
        unit: `""` for a plain number, else `seconds`, `MB`, `EUR`, …
    """

    value: float
    low: float
    high: float
    n: int
    unit: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Gives the measure as plain JSON data."""
        return {"value": self.value, "low": self.low, "high": self.high, "n": self.n, "unit": self.unit}
