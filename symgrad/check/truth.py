"""What a formula is at an exact double: value and derivatives by mpmath, at two precisions that agree."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property

import mpmath
import sympy as sp

AGREEMENT = mpmath.mpf(10) ** -25
"""The largest relative difference between two precisions that agree."""
INVISIBLE = mpmath.mpf(10) ** -400
"""Both precisions below this: the double is 0, whatever the digits are."""
MOST_DIGITS = 9000
ENOUGH_FOR_ZERO = 800
"""Digits at which a double that is not 0 cannot be lost beside a summand of its inverse's size."""
MOST_EXPONENT = mpmath.mpf(10) ** 330
HUGE = mpmath.mpf(10) ** 400


class Truth:
    """A formula of one variable and its first derivatives, evaluated as exactly as a double can show.

    Where the formula is 0/0, or has a pole in its spelling only, the value is its limit where both sides have the same one.
    """

    def __init__(self, formula: sp.Expr, variable: sp.Symbol, order: int = 2):
        self.formula, self.variable, self.order = formula, variable, order

    @cached_property
    def _functions(self) -> list[Callable]:
        formulas = [self.formula]
        for _ in range(self.order):
            formulas.append(sp.diff(formulas[-1], self.variable))
        return [sp.lambdify(self.variable, one, [{"exp": _exp}, "mpmath"], cse=True) for one in formulas]

    def at(self, point: float, order: int) -> mpmath.mpf | None:
        """The derivative of this order at a point; None where it is not real, not finite, or not found."""
        found = self._settled(order, mpmath.mpf(point), _digits(point))
        return found if found is not None else self._limit(order, point)

    def _settled(self, order: int, point: mpmath.mpf, digits: int) -> mpmath.mpf | None:
        before = self._once(order, point, digits)
        while before is not None and digits < MOST_DIGITS:
            digits = _more(digits if before != 0 else ENOUGH_FOR_ZERO, point)
            now = self._once(order, point, digits)
            if now is None or (_agree(before, now) and (now != 0 or digits >= ENOUGH_FOR_ZERO)):
                return now
            before = now
        return None

    def _once(self, order: int, point: mpmath.mpf, digits: int) -> mpmath.mpf | None:
        with mpmath.workdps(digits):
            try:
                found = mpmath.mpmathify(self._functions[order](point))
            except (ZeroDivisionError, ValueError, OverflowError, TypeError, mpmath.libmp.NoConvergence):
                return None
        return found if isinstance(found, mpmath.mpf) and mpmath.isfinite(found) else None

    def _limit(self, order: int, point: float) -> mpmath.mpf | None:
        """The limit from both sides where the formula itself has no number; from one side at the end of its domain."""
        step = mpmath.mpf(2) ** -200
        with mpmath.workdps(1000):
            near = [self._settled(order, mpmath.mpf(point) + side * step, 700) for side in (-1, 1)]
        found = [one for one in near if one is not None and abs(one) < mpmath.mpf(2) ** 90]
        if len(found) < 2 or abs(found[0] - found[1]) > mpmath.mpf(2) ** -90 * (1 + abs(found[0])):
            return None
        return mpmath.mpf(0) if abs(found[0]) < mpmath.mpf(2) ** -150 else found[0]


def _exp(a: mpmath.mpf) -> mpmath.mpf:
    """exp, but no thousands of digits of exp(exp(10000)), which nothing that rounds to a double can show."""
    if abs(a) <= MOST_EXPONENT:
        return mpmath.exp(a)
    return mpmath.inf if a > 0 else mpmath.mpf(0)


def _digits(point: float) -> int:
    """Enough for 1 + exp(-2 |x|) to keep both summands, up to where exponentials leave the range of doubles, and for 1 + x^3."""
    small = max(0.0, -math.log10(abs(point))) if point else 0.0
    return 60 + int(max(min(abs(point), 800.0) * 0.9, 3 * small))


def _more(digits: int, point: mpmath.mpf) -> int:
    """The next precision: beyond 800 one that keeps both summands of 1 + exp(-x) still."""
    return max(digits + 40 if digits < 200 else int(digits * 1.6), min(int(abs(point) * 0.44) + 60, 4600) if abs(point) > 800 else 0)


def _agree(one: mpmath.mpf, other: mpmath.mpf) -> bool:
    if one == other or (abs(one) < INVISIBLE and abs(other) < INVISIBLE) or (abs(one) > HUGE and abs(other) > HUGE):
        return True
    with mpmath.workdps(40):
        return abs(one - other) <= AGREEMENT * abs(other)
