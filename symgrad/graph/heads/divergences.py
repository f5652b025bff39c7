"""SymPy heads of what one class adds to the divergence of two distributions, p = exp(u) and q = exp(v); t is v - u with all its digits."""

from __future__ import annotations

import sympy as sp
from mpmath import mp

from symgrad.graph.heads.head import Head


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
