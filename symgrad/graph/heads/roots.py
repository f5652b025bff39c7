"""Heads of quotients a/(a + b), and of hypotenuses in quotients and differences."""

from __future__ import annotations

import sympy as sp
from mpmath import mp
from sympy.codegen.cfunctions import hypot

from symgrad.graph.heads.head import Head


class Share(Head):
    """x/(x + y); its slope y/(x + y)^2 does not cancel."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda x, y: x / (x + y))

    def slope(self, x: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return Share(y, x) / (x + y), -self / (x + y)


class Softsign(Head):
    """x/(y + |x|); its slope y/(y + |x|)^2, also at 0, does not cancel."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda x, y: x / (y + abs(x)))

    def slope(self, x: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return Share(y, sp.Abs(x)) / (y + sp.Abs(x)), -self / (y + sp.Abs(x))


class DirectionCosine(Head):
    """x/sqrt(x^2 + y^2); its slope y^2/r^3 in factors that do not overflow."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda x, y: x / mp.hypot(x, y))

    def slope(self, x: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        other = DirectionCosine(y, x) / hypot(x, y)
        return DirectionCosine(y, x) * other, -self * other


class CosineGap(Head):
    """1 - x/sqrt(x^2 + y^2)."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda x, y: 1 - x / mp.hypot(x, y))

    def slope(self, x: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        first, second = DirectionCosine(x, y).slope(x, y)
        return -first, -second


class RootDifference(Head):
    """sqrt(x^2 + u) - x, by its slopes with that root as sqrt(x^2 + u)."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda x, u: mp.sqrt(x * x + u) - x)

    def slope(self, x: sp.Expr, u: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        root = sp.sqrt(x**2 + u)
        return -self / root, 1 / (2 * root)


class HypotExcess(Head):
    """sqrt(x^2 + c^2) - c for c > 0."""

    nargs = 2
    exact = staticmethod(lambda x, c: mp.hypot(x, c) - c)

    def slope(self, x: sp.Expr, c: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return DirectionCosine(x, c), -self / hypot(x, c)
