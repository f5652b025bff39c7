"""SymPy heads of what the logarithm of a density is made of: logarithms of sizes, and the signs that they leave."""

from __future__ import annotations

import sympy as sp
from mpmath import mp

from symgrad.graph.heads.head import Head


class GammaSign(Head):
    """The sign of Gamma(x)."""

    everywhere = False
    exact = staticmethod(lambda x: mp.mpf(1) if x >= 0 else mp.nan if mp.isint(x) else mp.mpf(1 - 2 * (int(mp.floor(x)) % 2)))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return sp.S.Zero


class LogGamma(Head):
    """log(Gamma(x)), no number where Gamma(x) < 0."""

    everywhere = False
    exact = staticmethod(lambda x: mp.re(mp.loggamma(x)) if GammaSign.exact(x) > 0 else mp.nan)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return sp.digamma(x)


class LogRising(Head):
    """LogRising(a, d) = log|Gamma(a + d)/Gamma(a)|."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda a, d: mp.re(mp.loggamma(a + d) - mp.loggamma(a)))

    def slope(self, a: sp.Expr, d: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return DigammaGap(a, d), sp.digamma(a + d)


class DigammaGap(Head):
    """psi(a + d) - psi(a)."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda a, d: mp.digamma(a + d) - mp.digamma(a))

    def slope(self, a: sp.Expr, d: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return TrigammaGap(a, d), sp.polygamma(1, a + d)


class TrigammaGap(Head):
    """psi'(a + d) - psi'(a)."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda a, d: mp.polygamma(1, a + d) - mp.polygamma(1, a))

    def slope(self, a: sp.Expr, d: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return sp.polygamma(2, a + d) - sp.polygamma(2, a), sp.polygamma(2, a + d)


class PowerSign(Head):
    """PowerSign(u, p) = sign(u)^p, the sign of u^p."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda u, p: mp.mpf(1) if u > 0 else mp.power(mp.sign(u), p))

    def slope(self, u: sp.Expr, p: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return sp.S.Zero, sp.S.Zero
