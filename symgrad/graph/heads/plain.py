"""Heads that are names and nothing else: rewritten rows still read as SymPy."""

from __future__ import annotations

import sympy as sp


class Logistic(sp.Function):
    """1/(1 + exp(-x)): a head of the table, so that rewritten rows still read as SymPy."""

    nargs = 1


class Softplus(sp.Function):
    """log(1 + exp(x))."""

    nargs = 1


class LogCosh(sp.Function):
    """log(cosh(x))."""

    nargs = 1


class OneMinusSquare(sp.Function):
    """1 - x**2, as (1 - x)(1 + x)."""

    nargs = 1


class DifferenceOfSquares(sp.Function):
    """x**2 - y**2, as (x - y)(x + y)."""

    nargs = 2


class TimesShifted(sp.Function):
    """x*(x + y)."""

    nargs = 2


class RootGap(sp.Function):
    """sqrt(x**2 + c) - x for c > 0."""

    nargs = 2


class RootExcess(sp.Function):
    """sqrt(x + c**2) - c for c > 0."""

    nargs = 2


class RootComplement(sp.Function):
    """1 - sqrt(1 - x**2)."""

    nargs = 1


class LogShiftedRatio(sp.Function):
    """log((x + y)/x)."""

    nargs = 2


class XLog1pY(sp.Function):
    """x*log(1 + y), 0 where x = 0."""

    nargs = 2


class LogAddExp(sp.Function):
    """log(exp(x) + exp(y))."""

    nargs = 2


class Exponent(sp.Function):
    """x, kept where exp(x) is finite."""

    nargs = 1
