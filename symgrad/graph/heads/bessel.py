"""SymPy heads of modified Bessel functions, which overflow and vanish as exponentials do: without a part of that, and their logarithms."""

from __future__ import annotations

import sympy as sp
from mpmath import mp

from symgrad.graph.heads.head import Head


def _beside(head: type[Head], n: sp.Expr, *args: sp.Expr) -> sp.Expr:
    """The two next to an order, added."""
    return head(n - 1, *args) + head(n + 1, *args)


class BesselIScaled(Head):
    """BesselIScaled(n, x, t) = I_n(x) exp(-t); the slope of I_n is half of I_(n-1) + I_(n+1) (DLMF 10.29.1)."""

    nargs = 3
    exact = staticmethod(lambda n, x, t: mp.besseli(n, x) * mp.exp(-t))

    @classmethod
    def eval(cls, n: sp.Expr, x: sp.Expr, t: sp.Expr) -> sp.Expr | None:
        return cls(-n, x, t) if n.is_integer and n.is_negative else None

    def slope(self, n: sp.Expr, x: sp.Expr, t: sp.Expr) -> tuple[sp.Expr, ...]:
        return sp.nan, _beside(BesselIScaled, n, x, t) / 2, -self


class BesselKScaled(Head):
    """BesselKScaled(n, x, t) = K_n(x) exp(t); the slope of K_n is minus half of K_(n-1) + K_(n+1) (DLMF 10.29.1)."""

    nargs = 3
    everywhere = False
    exact = staticmethod(lambda n, x, t: mp.besselk(n, x) * mp.exp(t))

    @classmethod
    def eval(cls, n: sp.Expr, x: sp.Expr, t: sp.Expr) -> sp.Expr | None:
        return cls(-n, x, t) if n.is_negative else None

    def slope(self, n: sp.Expr, x: sp.Expr, t: sp.Expr) -> tuple[sp.Expr, ...]:
        return sp.nan, -_beside(BesselKScaled, n, x, t) / 2, self


class BesselIShare(Head):
    """BesselIShare(n, x) = I_n(x)/I_0(x)."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda n, x: mp.besseli(n, x) / mp.besseli(0, x))

    @classmethod
    def eval(cls, n: sp.Expr, x: sp.Expr) -> sp.Expr | None:
        return sp.S.One if n == 0 else cls(-n, x) if n.is_integer and n.is_negative else None

    def slope(self, n: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return sp.nan, _beside(BesselIShare, n, x) / 2 - self * BesselIShare(1, x)


class LogBesselI(Head):
    """LogBesselI(n, x, t) = log|I_n(x)| - t."""

    nargs = 3
    exact = staticmethod(lambda n, x, t: mp.log(abs(mp.besseli(n, x))) - t)

    def slope(self, n: sp.Expr, x: sp.Expr, t: sp.Expr) -> tuple[sp.Expr, ...]:
        return sp.nan, _beside(BesselIShare, n, x) / (2 * BesselIShare(n, x)), sp.S.NegativeOne


class BesselKShare(Head):
    """BesselKShare(n, x) = K_n(x)/K_0(x)."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda n, x: mp.besselk(n, x) / mp.besselk(0, x))

    @classmethod
    def eval(cls, n: sp.Expr, x: sp.Expr) -> sp.Expr | None:
        return sp.S.One if n == 0 else cls(-n, x) if n.is_negative else None

    def slope(self, n: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return sp.nan, self * BesselKShare(1, x) - _beside(BesselKShare, n, x) / 2


class LogBesselK(Head):
    """LogBesselK(n, x, t) = log(K_n(x)) + t, x > 0."""

    nargs = 3
    everywhere = False
    exact = staticmethod(lambda n, x, t: mp.log(mp.besselk(n, x)) + t)

    @classmethod
    def eval(cls, n: sp.Expr, x: sp.Expr, t: sp.Expr) -> sp.Expr | None:
        return cls(-n, x, t) if n.is_negative else None

    def slope(self, n: sp.Expr, x: sp.Expr, t: sp.Expr) -> tuple[sp.Expr, ...]:
        return sp.nan, -_beside(BesselKShare, n, x) / (2 * BesselKShare(n, x)), sp.S.One


class CosineLess(Head):
    """CosineLess(w, a, t) = w cos(a) - t, where t is mostly |w|."""

    nargs = 3
    exact = staticmethod(lambda w, a, t: w * mp.cos(a) - t)

    def slope(self, w: sp.Expr, a: sp.Expr, t: sp.Expr) -> tuple[sp.Expr, ...]:
        return sp.cos(a), -w * sp.sin(a), sp.S.NegativeOne
