"""SymPy heads of integrals of exponentials without their exponential part, and of Lambert's function of a product with an exponential."""

from __future__ import annotations

import sympy as sp
from mpmath import mp

from symgrad.graph.heads.head import Head


class Dawson(Head):
    """Dawson(x) = exp(-x^2) times the integral of exp(t^2) from 0 to x, sqrt(pi)/2 exp(-x^2) erfi(x) (DLMF 7.2.5)."""

    exact = staticmethod(lambda x: mp.sqrt(mp.pi) / 2 * mp.exp(-x * x) * mp.erfi(x))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return 1 - 2 * x * self


class ScaledEi(Head):
    """ScaledEi(x) = exp(-x) Ei(x)."""

    everywhere = False
    exact = staticmethod(lambda x: mp.exp(-x) * mp.ei(x))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return 1 / x - self


class ScaledExpint(Head):
    """ScaledExpint(n, x) = exp(x) E_n(x), x > 0; its slope f_n - f_(n-1) by n f_(n+1) = 1 - x f_n does not cancel (DLMF 8.19.12, 8.19.13)."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda n, x: mp.exp(x) * mp.expint(n, x))

    def slope(self, n: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return sp.nan, ((n - 1) * self - n * ScaledExpint(n + 1, x)) / x


class LambertExp(Head):
    """LambertExp(w, u) = W(w exp(u)), which is r with r exp(r) = w exp(u)."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda w, u: mp.lambertw(w * mp.exp(u)))

    def slope(self, w: sp.Expr, u: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return 1 / (w + sp.exp(self - u)), self / (1 + self)
