"""A difference with its standard error: interval, p value, power."""

from __future__ import annotations

import math
from dataclasses import dataclass

POWER = 0.8
"""Probability with which the smallest detectable difference is detected."""


@dataclass(frozen=True)
class Difference:
    """An estimated difference, candidate minus baseline.

    Args:
        value: The estimate.
        error: Its standard error; 0 where both always agree.
        freedom: Degrees of freedom of Student's t by which it is judged; infinite for the normal distribution.
        method: How the error was found.
    """

    value: float
    error: float
    freedom: float
    method: str

    def interval(self, confidence: float) -> tuple[float, float]:
        """Gives the ends of the interval."""
        reach = self.error * quantile_of_t(0.5 + confidence / 2, self.freedom)
        return self.value - reach, self.value + reach

    @property
    def p_value(self) -> float:
        """Two-sided probability of a difference at least as large where there is none."""
        if not math.isfinite(self.error):
            return 1.0
        if self.error == 0:
            return 0.0 if self.value != 0 else 1.0
        return 2 * share_of_t(-abs(self.value) / self.error, self.freedom)

    def power(self, true: float, confidence: float) -> float:
        """Gives the probability that a true difference of this size is detected by data like these."""
        if not math.isfinite(self.error):
            return 0.0
        if self.error == 0:
            return 1.0
        line, shift = quantile_of_t(0.5 + confidence / 2, self.freedom), abs(true) / self.error
        return share_of_t(shift - line, self.freedom) + share_of_t(-shift - line, self.freedom)

    def detectable(self, confidence: float, power: float = POWER) -> float:
        """Gives the smallest true difference that data like these detect with the probability `power`.

        Source: Cohen (1988), "Statistical power analysis for the behavioral sciences", chapter 2; the noncentral t is taken
        as t that is shifted, which is near from ten degrees of freedom on, and of two a twentieth too small.
        """
        return self.error * (quantile_of_t(0.5 + confidence / 2, self.freedom) + quantile_of_t(power, self.freedom))


def quantile_of_t(share: float, freedom: float) -> float:
    """Gives the quantile of Student's t.

    >>> round(quantile_of_t(0.975, 10), 3), round(quantile_of_t(0.975, math.inf), 3)
    (2.228, 1.96)
    """
    from scipy.special import ndtri, stdtrit

    return float(ndtri(share) if math.isinf(freedom) else stdtrit(freedom, share))


def share_of_t(value: float, freedom: float) -> float:
    """Gives the probability that Student's t is below a value."""
    from scipy.special import ndtr, stdtr

    return float(ndtr(value) if math.isinf(freedom) else stdtr(freedom, value))
