"""One analytic derivative beside one slope: the verdict, and how far the two may lie apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from symgrad.check.report import Row, gravest
from symgrad.check.slopes import Slope

TRUST = 8.0
"""Differences are believed to this many times their own error estimate."""
RTOL, ATOL = 1e-6, 0.0


class Tolerance(NamedTuple):
    """What two right numbers may differ by, beside what the slope itself is unsure of."""

    relative: float = RTOL
    absolute: float = ATOL

    def allows(self, analytic: float, found: Slope) -> float:
        return self.absolute + self.relative * max(abs(analytic), abs(float(found.value))) + TRUST * float(found.error)

    def excess(self, analytic: float, found: Slope) -> float:
        """The difference in units of what is allowed; infinite where either number is not finite."""
        difference = abs(analytic - float(found.value))
        return difference / (self.allows(analytic, found) + 1e-300) if np.isfinite(difference) else np.inf


def verdict(analytic: float, found: Slope, tolerance: Tolerance) -> str:
    """ok, kink (two slopes, the analytic one among or between them), wrong, or not finite."""
    if not np.isfinite(analytic):
        return "not finite"
    if _is_kink(found):
        low, high = sorted((float(found.left), float(found.right)))
        room = tolerance.absolute + tolerance.relative * abs(analytic) + TRUST * _unsure(found)
        return "kink" if np.isinf(low) or np.isinf(high) or low - room <= analytic <= high + room else "wrong"
    if not np.isfinite(found.value):
        return "not finite"
    return "ok" if abs(analytic - float(found.value)) <= tolerance.allows(analytic, found) else "wrong"


def _unsure(found: Slope) -> float:
    return float(found.left_error + found.right_error)


def _is_kink(found: Slope) -> bool:
    left, right = float(found.left), float(found.right)
    if np.isnan(left) or np.isnan(right):
        return False
    if np.isinf(left) or np.isinf(right):
        return True
    return abs(right - left) > TRUST * _unsure(found) + 1e-5 * max(abs(left), abs(right))


def judged(name: str, analytic: np.ndarray, places: Sequence[tuple[int, ...]], slopes: Sequence[Slope], tolerance: Tolerance, method: str,
           order: int = 1) -> Row:
    """The row of one parameter from the slopes at some of its places; it shows the worst of them."""
    numeric = np.full(analytic.shape, np.nan)
    if not places:
        return Row(name, analytic, numeric, 0.0, 0.0, "ok", method="nothing to try", order=order, tried=0)
    for place, found in zip(places, slopes, strict=True):
        numeric[place] = found.value
    verdicts = [verdict(float(analytic[place]), found, tolerance) for place, found in zip(places, slopes, strict=True)]
    excess = [tolerance.excess(float(analytic[place]), found) for place, found in zip(places, slopes, strict=True)]
    worst = gravest(verdicts)
    k = max((k for k, one in enumerate(verdicts) if one == worst), key=lambda k: excess[k])
    place, found, value = places[k], slopes[k], float(analytic[places[k]])
    return Row(name, analytic[()], numeric[()], abs(value - float(found.value)), tolerance.allows(value, found), worst, place,
               float(found.left), float(found.right), method, order, len(places))
