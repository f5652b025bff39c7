"""Heads of the error function's family: tails of the normal distribution, their logarithms, ratios and inverses."""

from __future__ import annotations

import mpmath
import sympy as sp
from mpmath import mp

from symgrad.graph.heads.head import Head

# ---------------------------------------------------------------------- powers of e in squares

class Gauss(Head):
    """exp(-x^2)."""

    exact = staticmethod(lambda x: mp.exp(-x * x))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return -2 * x * self


class HalfGauss(Head):
    """exp(-x^2/2)."""

    exact = staticmethod(lambda x: mp.exp(-x * x / 2))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return -x * self


class ExpSquare(Head):
    """exp(x^2)."""

    exact = staticmethod(lambda x: mp.exp(x * x))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return 2 * x * self


# ---------------------------------------------------------------------- the complementary error function

def _erfcx(x: mpmath.mpf) -> mpmath.mpf:
    return mp.exp(x * x) * mp.erfc(x)


def _erfcx_slope(x: mpmath.mpf) -> mpmath.mpf:
    return 2 * x * _erfcx(x) - 2 / mp.sqrt(mp.pi)


def _hazard(x: mpmath.mpf) -> mpmath.mpf:
    return 2 / (mp.sqrt(mp.pi) * _erfcx(x))


class Erfcx(Head):
    """exp(x^2) erfc(x)."""

    exact = staticmethod(_erfcx)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return ErfcxSlope(x)


class ErfcxSlope(Head):
    """erfcx'(x) = 2x erfcx(x) - 2/sqrt(pi)."""

    exact = staticmethod(_erfcx_slope)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return ErfcxCurve(x)


class ErfcxCurve(Head):
    """erfcx''(x) = 2 erfcx(x) + 2x erfcx'(x)."""

    exact = staticmethod(lambda x: 2 * _erfcx(x) + 2 * x * _erfcx_slope(x))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return 4 * ErfcxSlope(x) + 2 * x * self


class LogErfc(Head):
    """log(erfc(x))."""

    exact = staticmethod(lambda x: mp.log(mp.erfc(x)))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return -ErfcHazard(x)


class ErfcHazard(Head):
    """2/sqrt(pi) exp(-x^2)/erfc(x)."""

    exact = staticmethod(_hazard)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return ErfcHazardSlope(x)


class ErfcHazardSlope(Head):
    """The derivative of erfc's hazard: hazard times excess."""

    exact = staticmethod(lambda x: _hazard(x) * (_hazard(x) - 2 * x))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return ErfcHazardCurve(x)


class ErfcExcess(Head):
    """The hazard of erfc less 2x."""

    exact = staticmethod(lambda x: _hazard(x) - 2 * x)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return ErfcExcessSlope(x)


class ErfcExcessSlope(Head):
    """The derivative of the excess: the slope of the hazard less 2."""

    exact = staticmethod(lambda x: _hazard(x) * (_hazard(x) - 2 * x) - 2)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return ErfcHazardCurve(x)


class ErfcHazardCurve(Head):
    """The second derivative of erfc's hazard h: h (e^2 + e') with the excess e."""

    exact = staticmethod(lambda x: _hazard(x) * ((_hazard(x) - 2 * x) * (2 * _hazard(x) - 2 * x) - 2))

    def slope(self, x: sp.Expr) -> sp.Expr:
        hazard, excess, bend = ErfcHazard(x), ErfcExcess(x), ErfcExcessSlope(x)
        return hazard * (excess * (excess**2 + 3 * bend) + self)


# ---------------------------------------------------------------------- the normal distribution

def _cdf(x: mpmath.mpf) -> mpmath.mpf:
    return mp.erfc(-x / mp.sqrt(2)) / 2


def _mills(x: mpmath.mpf) -> mpmath.mpf:
    return mp.exp(-x * x / 2) / (mp.sqrt(2 * mp.pi) * _cdf(x))


class NormalCdf(Head):
    """The normal distribution function erfc(-x/sqrt(2))/2."""

    exact = staticmethod(_cdf)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return HalfGauss(x) / sp.sqrt(2 * sp.pi)


class LogNormalCdf(Head):
    """The logarithm of the normal distribution function."""

    exact = staticmethod(lambda x: mp.log(_cdf(x)))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return InverseMills(x)


class NormalLoss(Head):
    """x Phi(x) + phi(x) with the normal distribution's Phi and its density phi: the integral of Phi."""

    exact = staticmethod(lambda x: x * _cdf(x) + mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return NormalCdf(x)


class InverseMills(Head):
    """The normal density over the normal distribution function."""

    exact = staticmethod(_mills)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return InverseMillsSlope(x)


class InverseMillsSlope(Head):
    """The derivative of the inverse Mills ratio: minus the ratio times its excess."""

    exact = staticmethod(lambda x: -_mills(x) * (x + _mills(x)))

    def slope(self, x: sp.Expr) -> sp.Expr:
        ratio, excess = InverseMills(x), MillsExcess(x)
        return sp.Piecewise((ErfcHazardCurve(-x / sp.sqrt(2)) / sp.sqrt(8), x < 0), (ratio * (excess * (ratio + excess) - 1), True))


class MillsExcess(Head):
    """x plus the inverse Mills ratio."""

    exact = staticmethod(lambda x: x + _mills(x))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return -ErfcExcessSlope(-x / sp.sqrt(2)) / 2


class NormalCdfx(Head):
    """exp(x^2/2) times the normal distribution function: the Mills ratio of -x over sqrt(2 pi)."""

    exact = staticmethod(lambda x: mp.exp(x * x / 2) * _cdf(x))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return self * MillsExcess(x)


def _quantile(p: mpmath.mpf) -> mpmath.mpf:
    """Newton's method on the logarithm of the distribution function, which is concave."""
    if not 0 <= p <= 1:
        return mp.nan
    if p in (0, 0.5, 1):
        return {0: -mp.inf, 0.5: mp.zero, 1: mp.inf}[p]
    if p > 0.5:
        return -_quantile(1 - p)
    x, step, goal = -mp.sqrt(-2 * mp.log(p)), mp.one, mp.log(p)
    while abs(step) > 2**10 * mp.eps * max(1, abs(x)):
        cdf = _cdf(x)
        step = (mp.log(cdf) - goal) * cdf * mp.sqrt(2 * mp.pi) * mp.exp(x * x / 2)
        x -= step
    return x


def _quantile_slope(p: mpmath.mpf) -> mpmath.mpf:
    x = _quantile(p)
    return mp.sqrt(2 * mp.pi) * mp.exp(x * x / 2)


class Probit(Head):
    """The normal quantile: NormalCdf(Probit(p)) = p."""

    everywhere = False
    exact = staticmethod(_quantile)

    def slope(self, p: sp.Expr) -> sp.Expr:
        return ProbitSlope(p)


class ProbitSlope(Head):
    """sqrt(2 pi) exp(probit(p)^2/2)."""

    everywhere = False
    exact = staticmethod(_quantile_slope)

    def slope(self, p: sp.Expr) -> sp.Expr:
        return Probit(p) * self**2


class ErfinvSlope(Head):
    """sqrt(pi)/2 exp(erfinv(y)^2)."""

    everywhere = False
    exact = staticmethod(lambda y: _quantile_slope((1 + y) / 2) / mp.sqrt(8))

    def slope(self, y: sp.Expr) -> sp.Expr:
        return 2 * sp.erfinv(y) * self**2


class ErfcinvSlope(Head):
    """-sqrt(pi)/2 exp(erfcinv(p)^2)."""

    everywhere = False
    exact = staticmethod(lambda p: -_quantile_slope(p / 2) / mp.sqrt(8))

    def slope(self, p: sp.Expr) -> sp.Expr:
        return 2 * sp.erfcinv(p) * self**2


class ExpErfc(Head):
    """exp(u) erfc(v)."""

    nargs = 2
    exact = staticmethod(lambda u, v: mp.exp(u) * mp.erfc(v))

    def slope(self, u: sp.Expr, v: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return self, -2 / sp.sqrt(sp.pi) * sp.exp(u - v**2)


class ExpNormalCdf(Head):
    """exp(u) times the normal distribution function of v."""

    nargs = 2
    exact = staticmethod(lambda u, v: mp.exp(u) * _cdf(v))

    def slope(self, u: sp.Expr, v: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return self, sp.exp(u - v**2 / 2) / sp.sqrt(2 * sp.pi)
