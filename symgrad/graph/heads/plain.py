"""Heads that are names and a value: rewritten rows still read as SymPy."""

from __future__ import annotations

import sympy as sp
from mpmath import mp


class Logistic(sp.Function):
    """1/(1 + exp(-x)): a head of the table, so that rewritten rows still read as SymPy."""

    nargs = 1
    exact = staticmethod(lambda x: 1 / (1 + mp.exp(-x)))


class Softplus(sp.Function):
    """log(1 + exp(x))."""

    nargs = 1
    exact = staticmethod(lambda x: mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x)))


class LogCosh(sp.Function):
    """log(cosh(x))."""

    nargs = 1
    exact = staticmethod(lambda x: abs(x) + mp.log1p(mp.exp(-2 * abs(x))) - mp.log(2))


class OneMinusSquare(sp.Function):
    """1 - x**2, as (1 - x)(1 + x)."""

    nargs = 1
    exact = staticmethod(lambda x: 1 - x**2)


class DifferenceOfSquares(sp.Function):
    """x**2 - y**2, as (x - y)(x + y)."""

    nargs = 2
    exact = staticmethod(lambda x, y: x**2 - y**2)


class TimesShifted(sp.Function):
    """x*(x + y)."""

    nargs = 2
    exact = staticmethod(lambda x, y: x * (x + y))


class RootGap(sp.Function):
    """sqrt(x**2 + c) - x for c > 0."""

    nargs = 2
    exact = staticmethod(lambda x, c: mp.sqrt(x**2 + c) - x)


class RootExcess(sp.Function):
    """sqrt(x + c**2) - c for c > 0."""

    nargs = 2
    exact = staticmethod(lambda x, c: mp.sqrt(x + c**2) - c)


class RootComplement(sp.Function):
    """1 - sqrt(1 - x**2)."""

    nargs = 1
    exact = staticmethod(lambda x: 1 - mp.sqrt(1 - x**2))


class LogShiftedRatio(sp.Function):
    """log((x + y)/x)."""

    nargs = 2
    exact = staticmethod(lambda x, y: mp.log((x + y) / x))


class XLog1pY(sp.Function):
    """x*log(1 + y), 0 where x = 0."""

    nargs = 2
    exact = staticmethod(lambda x, y: x * mp.log1p(y) if x else mp.zero)


class LogAddExp(sp.Function):
    """log(exp(x) + exp(y))."""

    nargs = 2
    exact = staticmethod(lambda x, y: mp.log(mp.exp(x) + mp.exp(y)))


class Exponent(sp.Function):
    """x, kept where exp(x) is finite."""

    nargs = 1
    exact = staticmethod(lambda x: x)
