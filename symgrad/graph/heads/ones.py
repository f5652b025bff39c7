"""Heads of what vanishes at 1, or has a removable singularity there: log(x)/(x - 1), x^p - 1, x^p - 1 - p log(x) and x log(x) - x + 1."""

from __future__ import annotations

import sympy as sp
from mpmath import mp

from symgrad.graph.heads.head import Head, third
from symgrad.graph.heads.plain import DifferenceOfSquares, OneMinusSquare


class LogSecant(Head):
    """log(x)/(x - 1), the reciprocal of the logarithmic mean of x and 1."""

    everywhere = False
    exact = staticmethod(lambda x: mp.log(x) / (x - 1) if x != 1 else mp.one)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return LogSecantSlope(x)


class LogSecantSlope(Head):
    """The derivative of log(x)/(x - 1)."""

    everywhere = False
    exact = staticmethod(lambda x: (1 / x - mp.log(x) / (x - 1)) / (x - 1) if x != 1 else -mp.one / 2)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return LogSecantCurve(x)


class LogSecantCurve(Head):
    """The second derivative of log(x)/(x - 1)."""

    everywhere = False
    exact = staticmethod(lambda x: (-1 / x**2 - 2 * (1 / x - mp.log(x) / (x - 1)) / (x - 1)) / (x - 1) if x != 1 else mp.mpf(2) / 3)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return third(x - 1, (2 / x**3 - 3 * self) / (x - 1), lambda n: sp.Rational((-1) ** n, n + 1))


class LogMean(Head):
    """(x - 1)/log(x), the logarithmic mean of x and 1."""

    everywhere = False
    exact = staticmethod(lambda x: (x - 1) / mp.log(x) if x != 1 else mp.one)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return LogMeanSlope(x)


class LogMeanSlope(Head):
    """The derivative of M = (x - 1)/log(x): (1 - M/x)/log(x)."""

    everywhere = False
    exact = staticmethod(lambda x: (1 - (x - 1) / (x * mp.log(x))) / mp.log(x) if x != 1 else mp.one / 2)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return LogMeanCurve(x)


class LogMeanCurve(Head):
    """The second derivative of M = (x - 1)/log(x): (M/x - 2 M')/(x log(x))."""

    everywhere = False
    exact = staticmethod(lambda x: ((x - 1) / (x * mp.log(x)) - 2 * LogMeanSlope.exact(x)) / (x * mp.log(x)) if x != 1 else -mp.one / 6)

    def slope(self, x: sp.Expr) -> sp.Expr:
        mean, log = LogMean(x), sp.log(x)
        far = (-3 * self + 3 * LogMeanSlope(x) / x - 2 * mean / x**2) / (x * log)
        return third(x - 1, far, gregory)


def gregory(n: int) -> sp.Expr:
    """The n-th coefficient of u/log(1 + u)."""
    found = [sp.S.One]
    for m in range(1, n + 1):
        found.append(-sp.Add(*(found[k] * sp.Rational((-1) ** (m - k), m - k + 1) for k in range(m))))
    return found[n]


class PowerLessOne(Head):
    """PowerLessOne(p, x) = x^p - 1 for a number p."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda p, x: x**p - 1)

    def slope(self, p: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return sp.S.Zero, p * x ** (p - 1)


class PowerGap(Head):
    """PowerGap(p, x) = x^p - 1 - p log(x) for a number p: how far the tangent in log(x) lies below the power."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda p, x: x**p - 1 - p * mp.log(x))

    def slope(self, p: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        less = {1: x - 1, 2: -OneMinusSquare(x)}.get(p, PowerLessOne(p, x))
        return sp.S.Zero, p * less / x


class Biweight(Head):
    """Biweight(p, x) = 1 - (1 - x^2)^p for a number p; Tukey's loss is that with p = 3."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda p, x: 1 - (1 - x * x) ** p)

    def slope(self, p: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return sp.S.Zero, 2 * p * x * OneMinusSquare(x) ** (p - 1)


class SquaresGap(Head):
    """SquaresGap(p, b, x) = ((b^2 - x^2)/b^2)^p - 1 for numbers p and b."""

    nargs = 3
    everywhere = False
    exact = staticmethod(lambda p, b, x: (1 - x * x / (b * b)) ** p - 1)

    def slope(self, p: sp.Expr, b: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
        return sp.S.Zero, sp.S.Zero, -2 * p * x / b**2 * (DifferenceOfSquares(b, x) / b**2) ** (p - 1)


class RatioDivergence(Head):
    """x log(x) - x + 1, the term of a Kullback-Leibler divergence for a ratio x; SymPy prints a divergence of its own by the shorter name."""

    everywhere = False
    exact = staticmethod(lambda x: x * mp.log(x) - x + 1 if x else mp.one)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return sp.log(x)
