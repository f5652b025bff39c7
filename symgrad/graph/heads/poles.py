"""Heads of what 1/tan and 1/sin leave beside their pole 1/x at 0, with their derivatives.

1/x - cot(x) is the sum of 2^(2k) |B_2k|/(2k)! x^(2k - 1), 1/sin(x) - 1/x that of (2^(2k) - 2) |B_2k|/(2k)! x^(2k - 1)
(Abramowitz and Stegun, 4.3.70 and 4.3.68).
"""

from __future__ import annotations

import sympy as sp
from mpmath import mp

from symgrad.graph.heads.head import Head, filled, third


def _odd(n: int, less: int) -> sp.Expr:
    """The coefficient of x^n in the series, 2^(n + 1) - less being the factor of the Bernoulli number."""
    return (2 ** (n + 1) - less) * sp.Abs(sp.bernoulli(n + 1)) / sp.factorial(n + 1) if n % 2 else sp.S.Zero


class CotGap(Head):
    """1/x - cot(x)."""

    exact = filled(lambda x: 1 / x - mp.cot(x), lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return CotGapSlope(x)


class CotGapSlope(Head):
    """The derivative of 1/x - cot(x)."""

    exact = filled(lambda x: mp.csc(x) ** 2 - 1 / x**2, lambda: mp.one / 3)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return CotGapCurve(x)


class CotGapCurve(Head):
    """The second derivative of 1/x - cot(x)."""

    exact = filled(lambda x: 2 / x**3 - 2 * mp.cot(x) * mp.csc(x) ** 2, lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        far = 2 * sp.csc(x) ** 2 * (sp.csc(x) ** 2 + 2 * sp.cot(x) ** 2) - 6 / x**4
        return third(x, far, lambda n: _odd(n, 0))


class CscGap(Head):
    """1/sin(x) - 1/x."""

    exact = filled(lambda x: mp.csc(x) - 1 / x, lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return CscGapSlope(x)


class CscGapSlope(Head):
    """The derivative of 1/sin(x) - 1/x."""

    exact = filled(lambda x: 1 / x**2 - mp.cot(x) * mp.csc(x), lambda: mp.one / 6)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return CscGapCurve(x)


class CscGapCurve(Head):
    """The second derivative of 1/sin(x) - 1/x."""

    exact = filled(lambda x: mp.csc(x) * (mp.csc(x) ** 2 + mp.cot(x) ** 2) - 2 / x**3, lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        far = 6 / x**4 - sp.csc(x) * sp.cot(x) * (sp.cot(x) ** 2 + 5 * sp.csc(x) ** 2)
        return third(x, far, lambda n: _odd(n, 2))
