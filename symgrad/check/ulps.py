"""Errors in units in the last place of a double."""

from __future__ import annotations

import math

import mpmath
import numpy as np

SMALLEST = 5e-324
LARGEST = float(np.finfo(float).max)


def representable(truth: mpmath.mpf) -> bool:
    """The number rounds to a finite double."""
    return abs(truth) <= LARGEST


def ulps(got: float, truth: mpmath.mpf, scale: float = 0.0) -> float:
    """|got - truth| in ulp of the truth, or of `scale` where that is larger; inf where got is not finite.

    A result that is subnormal is measured in the smallest subnormal.
    """
    if not math.isfinite(got):
        return math.inf
    size = max(abs(float(truth)), abs(scale) if math.isfinite(scale) else 0.0)
    with mpmath.workdps(60):
        return float(abs(mpmath.mpf(got) - truth) / mpmath.mpf(float(np.spacing(min(size, LARGEST)))))


def relative(got: float, truth: mpmath.mpf, scale: float = 0.0) -> float:
    """|got - truth| relative to the truth, or to `scale` where that is larger; to the smallest normal number where both are below."""
    if not math.isfinite(got):
        return math.inf
    with mpmath.workdps(60):
        return float(abs(mpmath.mpf(got) - truth) / max(abs(truth), mpmath.mpf(scale), mpmath.mpf(2) ** -1022))
