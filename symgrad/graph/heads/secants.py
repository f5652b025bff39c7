"""Heads of differences of roots over their argument, and of a/(c + a^2): forms in which neither they nor their slopes cancel.

(sqrt(c^2 + x) - c)/x is 1/(c + sqrt(c^2 + x)), the slope of a secant of the root; likewise for the roots of c^2 + x^2 and 1 - x^2.
"""

from __future__ import annotations

import sympy as sp
from mpmath import mp
from sympy.codegen.cfunctions import hypot

from symgrad.graph.heads.head import Head
from symgrad.graph.heads.plain import OneMinusSquare
from symgrad.graph.heads.roots import DirectionCosine


def _side(x: sp.Expr) -> sp.Expr:
    """sqrt(1 - x^2)."""
    return sp.sqrt(OneMinusSquare(x))


class RootSecant(Head):
    """(sqrt(x + c^2) - c)/x for c > 0."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda x, c: 1 / (c + mp.sqrt(x + c * c)))

    def slope(self, x: sp.Expr, c: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        root = sp.sqrt(x + c**2)
        return -(self**2) / (2 * root), -self / root


class HypotSecant(Head):
    """(sqrt(x^2 + c^2) - c)/x^2 for c > 0."""

    nargs = 2
    exact = staticmethod(lambda x, c: 1 / (c + mp.hypot(x, c)))

    def slope(self, x: sp.Expr, c: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return -(self**2) * DirectionCosine(x, c), -self / hypot(x, c)


class HalfTangent(Head):
    """(sqrt(x^2 + c^2) - c)/x for c > 0: the tangent of half the angle whose tangent is x/c."""

    nargs = 2
    exact = staticmethod(lambda x, c: x / (c + mp.hypot(x, c)))

    def slope(self, x: sp.Expr, c: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return DirectionCosine(c, x) * HypotSecant(x, c), -self / hypot(x, c)


class CircleSecant(Head):
    """(1 - sqrt(1 - x^2))/x^2."""

    everywhere = False
    exact = staticmethod(lambda x: 1 / (1 + mp.sqrt(1 - x * x)))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return self**2 * x / _side(x)


class HalfSine(Head):
    """(1 - sqrt(1 - x^2))/x: the tangent of half the angle whose sine is x."""

    everywhere = False
    exact = staticmethod(lambda x: x / (1 + mp.sqrt(1 - x * x)))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return CircleSecant(x) / _side(x)


class RootSpread(Head):
    """sqrt(1 + x) - sqrt(1 - x)."""

    everywhere = False
    exact = staticmethod(lambda x: mp.sqrt(1 + x) - mp.sqrt(1 - x))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return 1 / (2 * sp.sqrt(1 + x)) + 1 / (2 * sp.sqrt(1 - x))


class RootSpreadRatio(Head):
    """(sqrt(1 + x) - sqrt(1 - x))/x, which is sqrt(2/(1 + sqrt(1 - x^2)))."""

    everywhere = False
    exact = staticmethod(lambda x: 2 / (mp.sqrt(1 + x) + mp.sqrt(1 - x)))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return self**3 * x / (4 * _side(x))


class LorentzExcess(Head):
    """1/sqrt(1 - x^2) - 1, the kinetic energy of a unit mass at the speed x of light."""

    everywhere = False
    exact = staticmethod(lambda x: 1 / mp.sqrt(1 - x * x) - 1)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return x * OneMinusSquare(x) ** sp.Rational(-3, 2)


class Dispersion(Head):
    """x/(c + x^2) for c > 0, the dispersive part of a Lorentzian line."""

    nargs = 2
    exact = staticmethod(lambda x, c: x / (c + x * x))

    def slope(self, x: sp.Expr, c: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return DispersionSlope(x, c), -self / (c + x**2)


class DispersionSlope(Head):
    """The derivative of x/(c + x^2) in x: (c - x^2)/(c + x^2)^2."""

    nargs = 2
    exact = staticmethod(lambda x, c: (c - x * x) / (c + x * x) ** 2)

    def slope(self, x: sp.Expr, c: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        line, whole = Dispersion(x, c), 1 / (c + x**2)
        return 2 * line * (line**2 - 3 * c * whole**2), whole**2 * (3 * x * line - c * whole)
