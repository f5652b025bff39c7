"""SymPy heads of divergences: what one class adds to that of two distributions, p = exp(u) and q = exp(v), where t is v - u with all its digits;
and those of two positive numbers, with the digits of their difference beside them."""

from __future__ import annotations

import sympy as sp
from mpmath import mp

from symgrad.graph.heads.head import Head
from symgrad.graph.heads.logarithms import LogRatio


class DivergenceTerm(Head):
    """DivergenceTerm(u, v, t) = p log(p/q) - p + q."""

    nargs = 3
    exact = staticmethod(lambda u, v, t: mp.exp(u) * (mp.expm1(t) - t))

    def slope(self, u: sp.Expr, v: sp.Expr, t: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
        return WeightedLogRatio(u, v, t), DivergenceSlope(u, v, t), sp.S.Zero


class WeightedLogRatio(Head):
    """WeightedLogRatio(u, v, t) = p log(p/q), 0 where p is 0."""

    nargs = 3
    exact = staticmethod(lambda u, v, t: -mp.exp(u) * t)

    def slope(self, u: sp.Expr, v: sp.Expr, t: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
        return self + sp.exp(u), -sp.exp(u), sp.S.Zero


class DivergenceSlope(Head):
    """DivergenceSlope(u, v, t) = q - p."""

    nargs = 3
    exact = staticmethod(lambda u, v, t: mp.exp(u) * mp.expm1(t))

    def slope(self, u: sp.Expr, v: sp.Expr, t: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
        return -sp.exp(u), sp.exp(v), sp.S.Zero


class RelativeEntropy(Head):
    """RelativeEntropy(x, y, d) = x log(x/y) - x + y, the unit deviance of counts but for a factor of 2 (kl_div of SciPy); d = x - y."""

    nargs = 3
    everywhere = False
    exact = staticmethod(lambda x, y, d: ((y + d) * mp.log((y + d) / y) if y + d else mp.zero) - d)

    def slope(self, x: sp.Expr, y: sp.Expr, d: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
        return LogRatio(x, y, d), RatioGap(x, y, -d), sp.S.Zero


class ItakuraSaito(Head):
    """ItakuraSaito(x, y, d) = x/y - log(x/y) - 1, the unit deviance of a gamma distribution but for a factor of 2; d = x - y."""

    nargs = 3
    everywhere = False
    exact = staticmethod(lambda x, y, d: d / y - mp.log((y + d) / y))

    def slope(self, x: sp.Expr, y: sp.Expr, d: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
        return ReciprocalGap(y, x, d), RatioGap(x, y, -d) / y, sp.S.Zero


class RatioGap(Head):
    """RatioGap(x, y, d) = 1 - x/y with d = y - x."""

    nargs = 3
    exact = staticmethod(lambda x, y, d: 1 - x / y)

    def slope(self, x: sp.Expr, y: sp.Expr, d: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
        return -1 / y, x / y**2, sp.S.Zero


class ReciprocalGap(Head):
    """ReciprocalGap(x, y, d) = 1/x - 1/y with d = y - x."""

    nargs = 3
    exact = staticmethod(lambda x, y, d: 1 / x - 1 / y)

    def slope(self, x: sp.Expr, y: sp.Expr, d: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
        return -1 / x**2, 1 / y**2, sp.S.Zero
