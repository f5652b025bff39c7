"""What a formula is at an exact double: value and derivatives by mpmath, at two precisions that agree."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property

import mpmath
import sympy as sp
from sympy.functions.elementary.hyperbolic import HyperbolicFunction
from sympy.functions.elementary.trigonometric import InverseTrigonometricFunction, TrigonometricFunction

AGREEMENT = mpmath.mpf(10) ** -25
"""The largest relative difference between two precisions that agree."""
INVISIBLE = mpmath.mpf(10) ** -400
"""Both precisions below this: the double is 0, whatever the digits are."""
MOST_DIGITS = 9000
ENOUGH_FOR_ZERO = 800
"""Digits at which a double that is not 0 cannot be lost beside a summand of its inverse's size."""
VISIBLE = 800
"""Beyond this exp(-x) times any double is 0."""
MOST_EXPONENT = mpmath.mpf(10) ** 330
HUGE = mpmath.mpf(10) ** 400
_POWERS = {1: (sp.exp, HyperbolicFunction), 2: (sp.erf, sp.erfc)}
"""Functions next to numbers by exponentials of such powers of their arguments."""


class Truth:
    """A formula and its first derivatives towards one variable, evaluated as exactly as a double can show.

    Where the formula is 0/0, or has a pole in its spelling only, the value is its limit where both sides have the same one.
    others: the formula's other variables, whose values stand after the point.
    """

    def __init__(self, formula: sp.Expr, variable: sp.Symbol, order: int = 2, others: Sequence[sp.Symbol] = ()):
        self.formula, self.variable, self.order, self.others = formula, variable, order, tuple(others)

    @cached_property
    def _functions(self) -> list[Callable]:
        formulas = [self.formula]
        for _ in range(self.order):
            formulas.append(sp.diff(formulas[-1], self.variable))
        return [sp.lambdify((self.variable, *self.others), one, [_OWN, "mpmath"], cse=True) for one in formulas]

    @cached_property
    def _exponents(self) -> Callable:
        """Arguments of exponentials and of error functions, with their power: 1 + exp(-a) has as many digits to lose as exp(-a) has zeros, and
        so has 2 - erfc(a), which SymPy writes for erfc(-a)."""
        sizes = {sp.Abs(one.args[0]) ** power for power, heads in _POWERS.items() for one in self.formula.atoms(*heads)}
        return sp.lambdify((self.variable, *self.others), sorted(sizes, key=sp.default_sort_key), [_OWN, "mpmath"])

    @cached_property
    def _has_exponentials(self) -> bool:
        """Whether what is added to a number may be as small as exp(-|x|); digits of gamma functions by the thousand take minutes."""
        moving = {self.variable, *self.others}
        powers = any(moving & power.exp.free_symbols for power in self.formula.atoms(sp.Pow, sp.exp))
        return powers or any(not isinstance(one, _SLOWLY) for one in self.formula.atoms(sp.Function) - self.formula.atoms(sp.exp))

    def _digits_of_exponents(self, at: Sequence[mpmath.mpf]) -> int:
        try:
            sizes = self._exponents(*at)
        except (ArithmeticError, ValueError, TypeError):
            return 0
        return int(0.5 * max((min(size, VISIBLE) for size in sizes if mpmath.isfinite(size)), default=0))

    def at(self, point: float, order: int, *others: float) -> mpmath.mpf | None:
        """The derivative of this order at a point; None where it is not real, not finite, or not found."""
        at = [mpmath.mpf(one) for one in (point, *others)]
        found = self._settled(order, at, max(_digits(one, self._has_exponentials) for one in (point, *others)) + self._digits_of_exponents(at))
        return found if found is not None else self._limit(order, point, others)

    def _settled(self, order: int, at: list[mpmath.mpf], digits: int) -> mpmath.mpf | None:
        size = max(abs(one) for one in at) if self._has_exponentials else 0
        before = self._once(order, at, digits)
        if before is None and VISIBLE < size < mpmath.inf:  # a denominator may be what is left of 1 + exp(-x)
            digits = _more(digits, size)
            before = self._once(order, at, digits)
        while before is not None and digits < MOST_DIGITS:
            digits = _more(digits if before != 0 else ENOUGH_FOR_ZERO, size)
            now = self._once(order, at, digits)
            if now is None or (_agree(before, now) and (now != 0 or digits >= ENOUGH_FOR_ZERO)):
                return now
            before = now
        return None

    def _once(self, order: int, at: list[mpmath.mpf], digits: int) -> mpmath.mpf | None:
        with mpmath.workdps(digits):
            try:
                found = mpmath.mpmathify(self._functions[order](*at))
            except (ZeroDivisionError, ValueError, OverflowError, TypeError, mpmath.libmp.NoConvergence):
                return None
        return found if isinstance(found, mpmath.mpf) and mpmath.isfinite(found) else None

    def _limit(self, order: int, point: float, others: Sequence[float]) -> mpmath.mpf | None:
        """The limit where the formula itself has no number: from both sides, or from the one where it is real."""
        sides = [self._one_sided(order, point, others, side) for side in (-1, 1)]
        found = [limit for real, limit in sides if real]
        if not found or None in found or (len(found) == 2 and not _close(*found)):
            return None
        return found[0]

    def _one_sided(self, order: int, point: float, others: Sequence[float], side: int) -> tuple[bool, mpmath.mpf | None]:
        """Whether the formula is real beside the point, and its limit there if it has one."""
        with mpmath.workdps(1000):
            steps = [[mpmath.mpf(point) + side * mpmath.mpf(2) ** -power, *(mpmath.mpf(one) for one in others)] for power in (200, 240)]
        near = [found for step in steps if (found := self._settled(order, step, 700)) is not None]
        if len(near) < len(steps):
            return False, None
        return True, (mpmath.mpf(0) if abs(near[1]) < mpmath.mpf(2) ** -150 else near[1]) if _close(*near) else None


def _close(one: mpmath.mpf, other: mpmath.mpf) -> bool:
    with mpmath.workdps(60):
        return abs(one - other) <= mpmath.mpf(2) ** -90 * (1 + abs(other))


def _exp(a: mpmath.mpf) -> mpmath.mpf:
    """exp, but no thousands of digits of exp(exp(10000)), which nothing that rounds to a double can show."""
    if abs(a) <= MOST_EXPONENT:
        return mpmath.exp(a)
    return mpmath.inf if a > 0 else mpmath.mpf(0)


def _step(a: mpmath.mpf, at_zero: object = None) -> mpmath.mpf:
    """Heaviside, the slope of a maximum, which has none where it jumps."""
    if a == 0:
        raise ValueError("a jump")
    return mpmath.mpf(a > 0)


def _peak(a: mpmath.mpf, order: int = 0) -> mpmath.mpf:
    """DiracDelta, the slope of a step."""
    if a == 0:
        raise ValueError("a peak")
    return mpmath.mpf(0)


_OWN = {"exp": _exp, "Heaviside": _step, "DiracDelta": _peak}
"""Functions in formulas and their derivatives that mpmath lacks, or has with too many digits."""


_SLOWLY = (sp.log, sp.loggamma, sp.gamma, sp.polygamma, sp.Abs, sp.Max, sp.Min, TrigonometricFunction, InverseTrigonometricFunction)
"""Functions that tend to nothing like powers."""


def _digits(point: float, has_exponentials: bool) -> int:
    """Enough for 1 + exp(-2 |x|) to keep both summands, up to where exponentials leave the range of doubles, and for 1 + x^3."""
    small = max(0.0, -math.log10(abs(point))) if point else 0.0
    return 60 + int(max(min(abs(point), VISIBLE) * 0.9 if has_exponentials else 0.0, 3 * small))


def _more(digits: int, size: mpmath.mpf | int) -> int:
    """The next precision: beyond VISIBLE one that keeps both summands of 1 + exp(-x) still."""
    return max(digits + 40 if digits < 200 else int(digits * 1.6), min(int(size * 0.44) + 60, 4600) if size > VISIBLE else 0)


def _agree(one: mpmath.mpf, other: mpmath.mpf) -> bool:
    if one == other or (abs(one) < INVISIBLE and abs(other) < INVISIBLE) or (abs(one) > HUGE and abs(other) > HUGE):
        return True
    with mpmath.workdps(40):
        return abs(one - other) <= AGREEMENT * abs(other)
