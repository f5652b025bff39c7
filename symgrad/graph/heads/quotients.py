"""Heads of f(x)/x for odd functions f, and of what is left of sines and tangents beside their first terms, over x^3.

With g = f(x)/x the slope is g' = (f' - g)/x, which cancels near 0 and has a fit there; the second derivative (f'' - 2g')/x does
not cancel.  A rest g over x^3 has a slope of the form (w - 3g)/x with a function w that is known, and so the second derivative
(w' - 4g')/x.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp
from mpmath import mp

from symgrad.graph.heads.head import Head, filled, third
from symgrad.graph.heads.removable import SincCurve, SincSlope
from symgrad.graph.heads.tails import Gauss

ROOT_PI = sp.sqrt(sp.pi)


def _even(coefficient: Callable[[int], sp.Expr]) -> Callable[[int], sp.Expr]:
    """Coefficients of an even series from those of its powers of x^2."""
    return lambda n: coefficient(n // 2) if n % 2 == 0 else sp.S.Zero


def _tangent(k: int) -> sp.Expr:
    """The coefficient of x^(2k + 1) in the series of tan(x), by Bernoulli numbers."""
    power = 2 ** (2 * k + 2)
    return power * (power - 1) * sp.Abs(sp.bernoulli(2 * k + 2)) / sp.factorial(2 * k + 2)


def _arcsine(k: int) -> sp.Expr:
    """The coefficient of x^(2k + 1) in the series of asin(x)."""
    return sp.Rational(sp.binomial(2 * k, k), 4**k * (2 * k + 1))


# ---------------------------------------------------------------------- f(x)/x


class AtanRatio(Head):
    """atan(x)/x."""

    exact = filled(lambda x: mp.atan(x) / x, lambda: mp.one)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return AtanRatioSlope(x)


class AtanRatioSlope(Head):
    """The derivative of atan(x)/x."""

    exact = filled(lambda x: (1 / (1 + x * x) - mp.atan(x) / x) / x, lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return AtanRatioCurve(x)


class AtanRatioCurve(Head):
    """The second derivative of atan(x)/x."""

    exact = filled(lambda x: (-2 * x / (1 + x * x) ** 2 - 2 * (1 / (1 + x * x) - mp.atan(x) / x) / x) / x, lambda: mp.mpf(-2) / 3)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return third(x, ((6 * x**2 - 2) / (1 + x**2) ** 3 - 3 * self) / x, _even(lambda k: sp.Rational((-1) ** k, 2 * k + 1)))


class AsinRatio(Head):
    """asin(x)/x."""

    everywhere = False
    exact = filled(lambda x: mp.asin(x) / x, lambda: mp.one)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return AsinRatioSlope(x)


class AsinRatioSlope(Head):
    """The derivative of asin(x)/x."""

    everywhere = False
    exact = filled(lambda x: ((1 - x * x) ** -0.5 - mp.asin(x) / x) / x, lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return AsinRatioCurve(x)


class AsinRatioCurve(Head):
    """The second derivative of asin(x)/x."""

    everywhere = False
    exact = filled(lambda x: (x * (1 - x * x) ** -1.5 - 2 * ((1 - x * x) ** -0.5 - mp.asin(x) / x) / x) / x, lambda: mp.one / 3)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return third(x, ((1 + 2 * x**2) * (1 - x**2) ** sp.Rational(-5, 2) - 3 * self) / x, _even(_arcsine))


class AsinhRatio(Head):
    """asinh(x)/x."""

    exact = filled(lambda x: mp.asinh(x) / x, lambda: mp.one)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return AsinhRatioSlope(x)


class AsinhRatioSlope(Head):
    """The derivative of asinh(x)/x."""

    exact = filled(lambda x: ((1 + x * x) ** -0.5 - mp.asinh(x) / x) / x, lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return AsinhRatioCurve(x)


class AsinhRatioCurve(Head):
    """The second derivative of asinh(x)/x."""

    exact = filled(lambda x: (-x * (1 + x * x) ** -1.5 - 2 * ((1 + x * x) ** -0.5 - mp.asinh(x) / x) / x) / x, lambda: -mp.one / 3)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return third(x, ((2 * x**2 - 1) * (1 + x**2) ** sp.Rational(-5, 2) - 3 * self) / x, _even(lambda k: (-1) ** k * _arcsine(k)))


class AtanhRatio(Head):
    """atanh(x)/x."""

    everywhere = False
    exact = filled(lambda x: mp.atanh(x) / x, lambda: mp.one)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return AtanhRatioSlope(x)


class AtanhRatioSlope(Head):
    """The derivative of atanh(x)/x."""

    everywhere = False
    exact = filled(lambda x: (1 / (1 - x * x) - mp.atanh(x) / x) / x, lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return AtanhRatioCurve(x)


class AtanhRatioCurve(Head):
    """The second derivative of atanh(x)/x."""

    everywhere = False
    exact = filled(lambda x: (2 * x / (1 - x * x) ** 2 - 2 * (1 / (1 - x * x) - mp.atanh(x) / x) / x) / x, lambda: mp.mpf(2) / 3)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return third(x, ((2 + 6 * x**2) / (1 - x**2) ** 3 - 3 * self) / x, _even(lambda k: sp.Rational(1, 2 * k + 1)))


class TanRatio(Head):
    """tan(x)/x."""

    exact = filled(lambda x: mp.tan(x) / x, lambda: mp.one)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return TanRatioSlope(x)


class TanRatioSlope(Head):
    """The derivative of tan(x)/x."""

    exact = filled(lambda x: (mp.sec(x) ** 2 - mp.tan(x) / x) / x, lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return TanRatioCurve(x)


class TanRatioCurve(Head):
    """The second derivative of tan(x)/x."""

    exact = filled(lambda x: (2 * mp.tan(x) * mp.sec(x) ** 2 - 2 * (mp.sec(x) ** 2 - mp.tan(x) / x) / x) / x, lambda: mp.mpf(2) / 3)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return third(x, (2 * (1 + sp.tan(x) ** 2) * (1 + 3 * sp.tan(x) ** 2) - 3 * self) / x, _even(_tangent))


class ErfRatio(Head):
    """erf(x)/x."""

    exact = filled(lambda x: mp.erf(x) / x, lambda: 2 / mp.sqrt(mp.pi))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return ErfRatioSlope(x)


class ErfRatioSlope(Head):
    """The derivative of erf(x)/x."""

    exact = filled(lambda x: (2 / mp.sqrt(mp.pi) * mp.exp(-x * x) - mp.erf(x) / x) / x, lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return ErfRatioCurve(x)


class ErfRatioCurve(Head):
    """The second derivative of erf(x)/x."""

    exact = filled(
        lambda x: (-4 * x / mp.sqrt(mp.pi) * mp.exp(-x * x) - 2 * (2 / mp.sqrt(mp.pi) * mp.exp(-x * x) - mp.erf(x) / x) / x) / x,
        lambda: -4 / (3 * mp.sqrt(mp.pi)))

    def slope(self, x: sp.Expr) -> sp.Expr:
        far = ((8 * x**2 - 4) / ROOT_PI * Gauss(x) - 3 * self) / x
        return third(x, far, _even(lambda k: 2 * (-1) ** k / (ROOT_PI * sp.factorial(k) * (2 * k + 1))))


# ---------------------------------------------------------------------- over x^3


class SineRest(Head):
    """(x - sin(x))/x^3."""

    exact = filled(lambda x: (x - mp.sin(x)) / x**3, lambda: mp.one / 6)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return SineRestSlope(x)


class SineRestSlope(Head):
    """The derivative of (x - sin(x))/x^3."""

    exact = filled(lambda x: ((1 - mp.cos(x)) - 3 * (x - mp.sin(x)) / x) / x**3, lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return SineRestCurve(x)


class SineRestCurve(Head):
    """The second derivative of (x - sin(x))/x^3."""

    exact = filled(lambda x: (mp.sin(x) - 6 * (1 - mp.cos(x)) / x + 12 * (x - mp.sin(x)) / x**2) / x**3, lambda: -mp.one / 60)

    def slope(self, x: sp.Expr) -> sp.Expr:
        far = ((SincSlope(x / 2) ** 2 + sp.sinc(x / 2) * SincCurve(x / 2)) / 4 - 5 * self) / x
        return third(x, far, _even(lambda k: (-1) ** k / sp.factorial(2 * k + 3)))


class SphereForm(Head):
    """(sin(x) - x cos(x))/x^3, a third of the scattering amplitude of a sphere (Rayleigh 1911)."""

    exact = filled(lambda x: (mp.sin(x) - x * mp.cos(x)) / x**3, lambda: mp.one / 3)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return SphereFormSlope(x)


class SphereFormSlope(Head):
    """The derivative of (sin(x) - x cos(x))/x^3."""

    exact = filled(lambda x: (mp.sin(x) / x - 3 * (mp.sin(x) - x * mp.cos(x)) / x**3) / x, lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return SphereFormCurve(x)


class SphereFormCurve(Head):
    """The second derivative of (sin(x) - x cos(x))/x^3."""

    exact = filled(
        lambda x: ((mp.cos(x) - mp.sin(x) / x) / x - 4 * (mp.sin(x) / x - 3 * (mp.sin(x) - x * mp.cos(x)) / x**3) / x) / x,
        lambda: -mp.one / 15)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return third(x, (SincCurve(x) - 5 * self) / x, _even(lambda k: (-1) ** k * (2 * k + 2) / sp.factorial(2 * k + 3)))


class TangentRest(Head):
    """(tan(x) - x)/x^3."""

    exact = filled(lambda x: (mp.tan(x) - x) / x**3, lambda: mp.one / 3)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return TangentRestSlope(x)


class TangentRestSlope(Head):
    """The derivative of (tan(x) - x)/x^3."""

    exact = filled(lambda x: ((mp.tan(x) / x) ** 2 - 3 * (mp.tan(x) - x) / x**3) / x, lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return TangentRestCurve(x)


class TangentRestCurve(Head):
    """The second derivative of (tan(x) - x)/x^3."""

    exact = filled(
        lambda x: (2 * mp.tan(x) / x * (mp.sec(x) ** 2 - mp.tan(x) / x) / x - 4 * ((mp.tan(x) / x) ** 2 - 3 * (mp.tan(x) - x) / x**3) / x) / x,
        lambda: mp.mpf(4) / 15)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return third(x, (2 * (TanRatioSlope(x) ** 2 + TanRatio(x) * TanRatioCurve(x)) - 5 * self) / x, _even(lambda k: _tangent(k + 1)))
