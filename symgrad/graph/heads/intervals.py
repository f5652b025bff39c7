"""Heads of the probability of an interval under the normal distribution, its logarithm, and the density at an end over it.

Values and slopes of the first two keep their digits for any interval; second derivatives of the logarithm lose some where the interval is
much shorter than 1 or begins far out.
"""

from __future__ import annotations

import sympy as sp
from mpmath import mp

from symgrad.graph.heads.head import Head
from symgrad.graph.heads.tails import HalfGauss


def _probability(a, b):
    """Phi(b) - Phi(a) by the tails of the side where the interval lies."""
    return (mp.erfc(a / mp.sqrt(2)) - mp.erfc(b / mp.sqrt(2))) / 2 if a + b > 0 else (mp.erfc(-b / mp.sqrt(2)) - mp.erfc(-a / mp.sqrt(2))) / 2


def _density(x: sp.Expr) -> sp.Expr:
    return HalfGauss(x) / sp.sqrt(2 * sp.pi)


class NormalInterval(Head):
    """Phi(a + d) - Phi(a)."""

    nargs = 2
    exact = staticmethod(lambda a, d: _probability(a, a + d))

    def slope(self, a: sp.Expr, d: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return _density(a + d) - _density(a), _density(a + d)


class LogNormalInterval(Head):
    """log(Phi(a + d) - Phi(a)) for d > 0."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda a, d: mp.log(_probability(a, a + d)))

    def slope(self, a: sp.Expr, d: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return IntervalSlope(a, d), IntervalDensity(-a - d, d)


class IntervalDensity(Head):
    """phi(a)/(Phi(a + d) - Phi(a)) for d > 0; at the upper end it is that of the mirrored interval."""

    nargs = 2
    exact = staticmethod(lambda a, d: mp.npdf(a) / _probability(a, a + d))

    def slope(self, a: sp.Expr, d: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return -self * (a + IntervalSlope(a, d)), -self * IntervalDensity(-a - d, d)


class IntervalSlope(Head):
    """(phi(a + d) - phi(a))/(Phi(a + d) - Phi(a)) for d > 0, minus the mean between a and a + d."""

    nargs = 2
    exact = staticmethod(lambda a, d: (mp.npdf(a + d) - mp.npdf(a)) / _probability(a, a + d))

    def slope(self, a: sp.Expr, d: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        upper = IntervalDensity(-a - d, d)
        return a * IntervalDensity(a, d) - (a + d) * upper - self**2, -upper * (a + d + self)
