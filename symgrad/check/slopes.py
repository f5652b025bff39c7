"""The slope of a function of one number by differences, with an error bar and both one-sided slopes.

Difference quotients at steps h, h/4, h/16, … are extrapolated to h = 0 (Richardson 1911; the choice of the entry with the
smallest estimated error is Ridders', Adv. Eng. Software 4, 1982).  The ladder starts coarse, where rounding is
harmless, and goes on only while the answer is not yet good, so a smooth function costs about ten evaluations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

EPS = float(np.finfo(float).eps)
RATIO = 4.0
FIRST = 0.0618
"""The first step in units of max(1, |x|); not a power of two, so that no period of a test function divides every step."""
LEVELS = 13
GOOD = 1e-10
COLUMNS = 6

Curve = Callable[[float], np.ndarray]


class Slope(NamedTuple):
    """Slopes at a point, elementwise where the function is an array: central, from the left, from the right.

    A one-sided slope is infinite at a jump and nan where the function has no value on that side.
    """

    value: np.ndarray
    error: np.ndarray
    left: np.ndarray
    left_error: np.ndarray
    right: np.ndarray
    right_error: np.ndarray


class _Extrapolation:
    """Quotients of growing fineness; remembers for each element the entry with the smallest estimated error."""

    def __init__(self, order: int, shape: tuple[int, ...]):
        self.order = order
        self.last: list[np.ndarray] = []
        self.best = np.full(shape, np.nan)
        self.error = np.full(shape, np.inf)
        self.rises: list[np.ndarray] = []
        self.noise = np.zeros(shape)

    def add(self, rise: np.ndarray, run: float, noise: np.ndarray) -> None:
        row, factor = [rise / run], 1.0
        self.rises.append(np.abs(rise))
        self.noise = noise
        for older in self.last[:COLUMNS]:
            factor *= RATIO**self.order
            row.append(row[-1] + (row[-1] - older) / (factor - 1))
        for j in range(1, len(row)):
            error = np.maximum(np.abs(row[j] - row[j - 1]), np.abs(row[j] - self.last[j - 1])) + noise / run
            better = error < self.error
            self.best, self.error = np.where(better, row[j], self.best), np.where(better, error, self.error)
        self.last = row

    def is_good(self) -> bool:
        return bool(np.all(self.error <= GOOD * np.abs(self.best)) or np.all(self.error == 0))

    def is_hopeless_or_fair(self) -> bool:
        fair = self.error <= 1e-6 * np.abs(self.best) + 1e-9
        return bool(np.all(fair | ~np.isfinite(self.best)))

    def jumps(self) -> np.ndarray:
        """Whether the function rises by as much at the finest step as at one sixteen times as coarse: slopes grow without bound."""
        if len(self.rises) < LEVELS:
            return np.zeros(self.best.shape, bool)
        return (self.rises[-1] > 0.9 * self.rises[-3]) & (self.rises[-1] > 1e4 * self.noise)


def slope(curve: Curve, at: float = 0.0) -> Slope:
    """The derivative of `curve` at a point.  Where no step of the usual size stays in the domain, steps shrink to |at|."""
    with np.errstate(all="ignore"):
        centre = np.asarray(curve(at), float)
        found = _climb(curve, centre, at, max(1.0, abs(at)))
        if _lacks_a_side(found) and 0 < abs(at) < 1:
            nearer = _climb(curve, centre, at, abs(at))
            found = found if _lacks_a_side(nearer) else nearer
    return found


def _lacks_a_side(found: Slope) -> bool:
    return bool(np.any(np.isnan(found.left) | np.isnan(found.right)))


def _climb(curve: Curve, centre: np.ndarray, at: float, scale: float) -> Slope:
    middle, right, left = (_Extrapolation(order, centre.shape) for order in (2, 1, 1))
    for level in range(LEVELS):
        step = FIRST * scale / RATIO**level
        up, down = at + step, at - step
        above, below = np.asarray(curve(up), float), np.asarray(curve(down), float)
        # the steps that were really taken are up - at and at - down: both exact in floating point
        noise = EPS * np.fmax(np.fmax(np.abs(above), np.abs(below)), np.abs(centre))
        middle.add(above - below, up - down, noise)
        right.add(above - centre, up - at, noise)
        left.add(centre - below, at - down, noise)
        if level > 2 and middle.is_good() and right.is_hopeless_or_fair() and left.is_hopeless_or_fair():
            break
    return _combined(middle, left, right)


def _combined(middle: _Extrapolation, left: _Extrapolation, right: _Extrapolation) -> Slope:
    for side in (left, right):
        jump = side.jumps()
        side.best = np.where(jump, np.copysign(np.inf, side.last[0]), side.best)
        side.error = np.where(jump, 0.0, side.error)
    value, error = middle.best, middle.error
    for side in (right, left):
        lone = ~np.isfinite(value) & np.isfinite(side.best)
        value, error = np.where(lone, side.best, value), np.where(lone, side.error, error)
    return Slope(value, error, left.best, left.error, right.best, right.error)
