"""Heads of quotients whose numerator and denominator vanish together, with their derivatives."""

from __future__ import annotations

import sympy as sp
from mpmath import mp

from symgrad.graph.heads.head import Head, filled, third

# ---------------------------------------------------------------------- sin(x)/x

class SincSlope(Head):
    """The derivative of sin(x)/x."""

    exact = filled(lambda x: (mp.cos(x) - mp.sin(x) / x) / x, lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return SincCurve(x)


class SincCurve(Head):
    """The second derivative of sin(x)/x."""

    exact = filled(lambda x: -mp.sin(x) / x - 2 * (mp.cos(x) - mp.sin(x) / x) / x**2, lambda: -mp.one / 3)

    def slope(self, x: sp.Expr) -> sp.Expr:
        far = -(sp.cos(x) + 3 * self) / x
        return third(x, far, lambda n: (-1) ** (n // 2) / sp.factorial(n + 1) if n % 2 == 0 else sp.S.Zero)


class SincPi(Head):
    """sin(pi x)/(pi x)."""

    exact = filled(lambda x: mp.sinpi(x) / (mp.pi * x), lambda: mp.one)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return SincPiSlope(x)


class SincPiSlope(Head):
    """The derivative of sin(pi x)/(pi x)."""

    exact = filled(lambda x: (mp.cospi(x) - mp.sinpi(x) / (mp.pi * x)) / x, lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return SincPiCurve(x)


class SincPiCurve(Head):
    """The second derivative of sin(pi x)/(pi x)."""

    exact = filled(lambda x: -mp.pi * mp.sinpi(x) / x - 2 * (mp.cospi(x) - mp.sinpi(x) / (mp.pi * x)) / x**2, lambda: -mp.pi**2 / 3)

    def slope(self, x: sp.Expr) -> sp.Expr:
        far = -(sp.pi**2 * sp.cos(sp.pi * x) + 3 * self) / x
        return third(x, far, lambda n: (-1) ** (n // 2) * sp.pi**n / sp.factorial(n + 1) if n % 2 == 0 else sp.S.Zero)


class Cosc(Head):
    """(1 - cos(x))/x^2, which is sinc(x/2)^2/2."""

    exact = filled(lambda x: (1 - mp.cos(x)) / x**2, lambda: mp.one / 2)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return sp.sinc(x / 2) * SincSlope(x / 2) / 2


# ---------------------------------------------------------------------- (exp(x) - 1)/x

class ExpRel(Head):
    """(exp(x) - 1)/x, the integral of exp(x t) over t from 0 to 1; its derivatives I_n have t^n inside: x I_n = exp(x) - n I_(n-1)."""

    exact = filled(lambda x: mp.expm1(x) / x, lambda: mp.one)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return ExpRelSlope(x)


class ExpRelSlope(Head):
    """The derivative of (exp(x) - 1)/x."""

    exact = filled(lambda x: ((x - 1) * mp.exp(x) + 1) / x**2, lambda: mp.one / 2)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return ExpRelCurve(x)


class ExpRelCurve(Head):
    """The second derivative of (exp(x) - 1)/x."""

    exact = filled(lambda x: ((x * x - 2 * x + 2) * mp.exp(x) - 2) / x**3, lambda: mp.one / 3)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return third(x, (sp.exp(x) - 3 * self) / x, lambda n: 1 / sp.factorial(n + 1))


class ExpRel2(Head):
    """(exp(x) - 1 - x)/x^2."""

    exact = filled(lambda x: (mp.expm1(x) - x) / x**2, lambda: mp.one / 2)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return ExpRel2Slope(x)


class ExpRel2Slope(Head):
    """The derivative of (exp(x) - 1 - x)/x^2."""

    exact = filled(lambda x: ((x - 2) * mp.exp(x) + x + 2) / x**3, lambda: mp.one / 6)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return ExpRel2Curve(x)


class ExpRel2Curve(Head):
    """The second derivative of (exp(x) - 1 - x)/x^2."""

    exact = filled(lambda x: ((x * x - 4 * x + 6) * mp.exp(x) - 2 * x - 6) / x**4, lambda: mp.one / 12)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return third(x, (ExpRelCurve(x) - 4 * self) / x, lambda n: 1 / sp.factorial(n + 2))


# ---------------------------------------------------------------------- x/(exp(x) - 1)

class BernoulliRatio(Head):
    """x/(exp(x) - 1), whose Taylor coefficients are Bernoulli numbers over factorials."""

    exact = filled(lambda x: x / mp.expm1(x), lambda: mp.one)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return BernoulliSlope(x)


class BernoulliSlope(Head):
    """The derivative of x/(exp(x) - 1)."""

    exact = filled(lambda x: (mp.expm1(x) - x * mp.exp(x)) / mp.expm1(x) ** 2, lambda: -mp.one / 2)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return BernoulliCurve(x)


class BernoulliCurve(Head):
    """The second derivative of x/(exp(x) - 1)."""

    exact = filled(lambda x: (x * mp.coth(x / 2) - 2) / (2 * mp.sinh(x / 2)) ** 2, lambda: mp.one / 6)

    def slope(self, x: sp.Expr) -> sp.Expr:
        n, m = BoseEinstein(x), BoseEinstein(-x)
        far = n * m * (3 * (m - n) + x * ((m - n) ** 2 - 2 * n * m))
        return third(x, far, lambda k: sp.bernoulli(k) / sp.factorial(k))


class BoseEinstein(Head):
    """1/(exp(x) - 1)."""

    exact = staticmethod(lambda x: 1 / mp.expm1(x) if x else mp.inf)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return self * BoseEinstein(-x)


# ---------------------------------------------------------------------- coth(x) - 1/x

class Langevin(Head):
    """coth(x) - 1/x."""

    exact = filled(lambda x: mp.coth(x) - 1 / x, lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return LangevinSlope(x)


class LangevinSlope(Head):
    """The derivative of coth(x) - 1/x."""

    exact = filled(lambda x: 1 / x**2 - mp.csch(x) ** 2, lambda: mp.one / 3)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return LangevinCurve(x)


class LangevinCurve(Head):
    """The second derivative of coth(x) - 1/x."""

    exact = filled(lambda x: 2 * mp.coth(x) * mp.csch(x) ** 2 - 2 / x**3, lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        far = 6 / x**4 - 2 * sp.csch(x) ** 2 * (2 * sp.coth(x) ** 2 + sp.csch(x) ** 2)
        return third(x, far, lambda n: 2 ** (n + 1) * sp.bernoulli(n + 1) / sp.factorial(n + 1) if n % 2 else sp.S.Zero)


class LangevinRatio(Head):
    """(coth(x) - 1/x)/x."""

    exact = filled(lambda x: (mp.coth(x) - 1 / x) / x, lambda: mp.one / 3)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return LangevinRatioSlope(x)


class LangevinRatioSlope(Head):
    """The derivative of g = (coth(x) - 1/x)/x: (L' - g)/x with the Langevin function L."""

    exact = filled(lambda x: (1 / x**2 - mp.csch(x) ** 2 - (mp.coth(x) - 1 / x) / x) / x, lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return LangevinRatioCurve(x)


class LangevinRatioCurve(Head):
    """The second derivative of g = (coth(x) - 1/x)/x: (L'' - 2 g')/x."""

    exact = filled(lambda x: (2 * mp.coth(x) * mp.csch(x) ** 2 - 2 / x**3
                              - 2 * (1 / x**2 - mp.csch(x) ** 2 - (mp.coth(x) - 1 / x) / x) / x) / x, lambda: -mp.mpf(2) / 45)

    def slope(self, x: sp.Expr) -> sp.Expr:
        far = (LangevinCurve(x).slope(x) - 3 * self) / x
        return third(x, far, lambda n: 2 ** (n + 2) * sp.bernoulli(n + 2) / sp.factorial(n + 2) if n % 2 == 0 else sp.S.Zero)


# ---------------------------------------------------------------------- log(1 + x)/x

class Log1pRel(Head):
    """log(1 + x)/x."""

    everywhere = False
    exact = filled(lambda x: mp.log1p(x) / x, lambda: mp.one)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return Log1pRelSlope(x)


class Log1pRelSlope(Head):
    """The derivative of log(1 + x)/x."""

    everywhere = False
    exact = filled(lambda x: (1 / (1 + x) - mp.log1p(x) / x) / x, lambda: -mp.one / 2)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return Log1pRelCurve(x)


class Log1pRelCurve(Head):
    """The second derivative of log(1 + x)/x."""

    everywhere = False
    exact = filled(lambda x: (-1 / (1 + x) ** 2 - 2 * (1 / (1 + x) - mp.log1p(x) / x) / x) / x, lambda: mp.mpf(2) / 3)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return third(x, (2 / (1 + x) ** 3 - 3 * self) / x, lambda n: sp.Rational((-1) ** n, n + 1))
