"""Heads of quotients of x and a hyperbolic function; with L(x) = coth(x) - 1/x none of their slopes cancels."""

from __future__ import annotations

import sympy as sp
from mpmath import mp

from symgrad.graph.heads.head import NEAR, Head, filled
from symgrad.graph.heads.removable import Langevin, LangevinCurve, LangevinSlope


class SinhRatio(Head):
    """sinh(x)/x."""

    exact = filled(lambda x: mp.sinh(x) / x, lambda: mp.one)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return self * Langevin(x)


class XOverSinh(Head):
    """x/sinh(x)."""

    exact = filled(lambda x: x / mp.sinh(x), lambda: mp.one)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return -self * Langevin(x)


class XOverTanh(Head):
    """x/tanh(x)."""

    exact = filled(lambda x: x / mp.tanh(x), lambda: mp.one)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return XOverTanhSlope(x)


class XTimesLangevin(Head):
    """x/tanh(x) - 1."""

    exact = filled(lambda x: x * mp.coth(x) - 1, lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return XOverTanhSlope(x)


class XOverTanhSlope(Head):
    """The derivative of x/tanh(x), L(x) + x L'(x)."""

    exact = filled(lambda x: mp.coth(x) - x * mp.csch(x) ** 2, lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        far = 2 * XOverSinh(x) * sp.csch(x) * Langevin(x)
        return sp.Piecewise((far, sp.Abs(x) > NEAR), (2 * LangevinSlope(x) + x * LangevinCurve(x), True))


class TanhRatio(Head):
    """tanh(x)/x."""

    exact = filled(lambda x: mp.tanh(x) / x, lambda: mp.one)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return -(self**2) * XOverTanhSlope(x)


class TiltedMean(Head):
    """1/(1 - exp(-x)) - 1/x, the mean of the density on 0 to 1 that is proportional to exp(x t)."""

    exact = filled(lambda x: -1 / mp.expm1(-x) - 1 / x, lambda: mp.one / 2)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return LangevinSlope(x / 2) / 4


# ---------------------------------------------------------------------- k coth(k x) - coth(x) for a number k > 1

class CothGap(Head):
    """CothGap(k, x) = k coth(k x) - coth(x), of which the Brillouin function of magnetism is a multiple."""

    nargs = 2
    exact = staticmethod(lambda k, x: k * mp.coth(k * x) - mp.coth(x) if x else mp.zero)

    def slope(self, k: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return sp.coth(k * x) - k * x * sp.csch(k * x) ** 2, CothGapSlope(k, x)


class CothGapSlope(Head):
    """The derivative of k coth(k x) - coth(x) in x."""

    nargs = 2
    exact = staticmethod(lambda k, x: mp.csch(x) ** 2 - (k * mp.csch(k * x)) ** 2 if x else mp.mpf(k**2 - 1) / 3)

    def slope(self, k: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return 2 * k * sp.csch(k * x) ** 2 * (k * x * sp.coth(k * x) - 1), CothGapCurve(k, x)


class CothGapCurve(Head):
    """The second derivative of k coth(k x) - coth(x) in x."""

    nargs = 2
    exact = staticmethod(lambda k, x: 2 * k**3 * mp.coth(k * x) * mp.csch(k * x) ** 2 - 2 * mp.coth(x) * mp.csch(x) ** 2 if x else mp.zero)

    def slope(self, k: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return sp.S.Zero, k**4 * LangevinCurve(k * x).slope(k * x) - LangevinCurve(x).slope(x)
