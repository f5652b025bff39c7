"""Heads that are names and a value: rewritten rows still read as SymPy."""

from __future__ import annotations

from mpmath import mp

from symgrad.graph.heads.head import Valued


class Logistic(Valued):
    """1/(1 + exp(-x)): a head of the table, so that rewritten rows still read as SymPy."""

    exact = staticmethod(lambda x: 1 / (1 + mp.exp(-x)))


class Softplus(Valued):
    """log(1 + exp(x))."""

    exact = staticmethod(lambda x: mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x)))


class LogCosh(Valued):
    """log(cosh(x))."""

    exact = staticmethod(lambda x: abs(x) + mp.log1p(mp.exp(-2 * abs(x))) - mp.log(2))


class OneMinusSquare(Valued):
    """1 - x**2, as (1 - x)(1 + x)."""

    exact = staticmethod(lambda x: 1 - x**2)


class DifferenceOfSquares(Valued):
    """x**2 - y**2, as (x - y)(x + y)."""

    nargs = 2
    exact = staticmethod(lambda x, y: x**2 - y**2)


class TimesShifted(Valued):
    """x*(x + y)."""

    nargs = 2
    exact = staticmethod(lambda x, y: x * (x + y))


class RootGap(Valued):
    """sqrt(x**2 + c) - x for c > 0."""

    nargs = 2
    exact = staticmethod(lambda x, c: mp.sqrt(x**2 + c) - x)


class RootExcess(Valued):
    """sqrt(x + c**2) - c for c > 0."""

    nargs = 2
    exact = staticmethod(lambda x, c: mp.sqrt(x + c**2) - c)


class RootComplement(Valued):
    """1 - sqrt(1 - x**2)."""

    exact = staticmethod(lambda x: 1 - mp.sqrt(1 - x**2))


class LogShiftedRatio(Valued):
    """log((x + y)/x)."""

    nargs = 2
    exact = staticmethod(lambda x, y: mp.log((x + y) / x))


class XLog1pY(Valued):
    """x*log(1 + y), 0 where x = 0."""

    nargs = 2
    exact = staticmethod(lambda x, y: x * mp.log1p(y) if x else mp.zero)


class LogAddExp(Valued):
    """log(exp(x) + exp(y))."""

    nargs = 2
    exact = staticmethod(lambda x, y: mp.log(mp.exp(x) + mp.exp(y)))


class Exponent(Valued):
    """x, kept where exp(x) is finite."""

    exact = staticmethod(lambda x: x)
