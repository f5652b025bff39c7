"""SymPy heads of the special functions: stable names for quantities whose textbook form cancels or overflows.

Each head knows its definition to any number of digits (`exact`, in mpmath) and its derivative in terms of heads that are
stable too (`slope`).  The double-precision code stands in runtime/special.
"""

from __future__ import annotations

import mpmath
import sympy as sp
from mpmath import mp
from sympy.codegen.cfunctions import expm1, log1p

from symgrad.graph.head import Head, filled, third

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


# ---------------------------------------------------------------------- differences of second order, and logarithms

class ExpM1MinusX(Head):
    """exp(x) - 1 - x."""

    exact = staticmethod(lambda x: mp.expm1(x) - x)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return expm1(x)


class Bennett(Head):
    """(1 + x) log(1 + x) - x, Bennett's function of the concentration inequality."""

    everywhere = False
    exact = staticmethod(lambda x: (1 + x) * mp.log1p(x) - x if x != -1 else mp.one)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return log1p(x)


class XMinusLog1p(Head):
    """x - log(1 + x)."""

    everywhere = False
    exact = staticmethod(lambda x: x - mp.log1p(x))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return sp.Piecewise((1 - 1 / (1 + x), x > 1), (x / (1 + x), True))


class Log1mExp(Head):
    """log(1 - exp(-x)) for x >= 0."""

    everywhere = False
    exact = staticmethod(lambda x: mp.log(-mp.expm1(-x)))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return BoseEinstein(x)


class LogCLogLog(Head):
    """log(1 - exp(-exp(x))); beyond 7 the slope is below exp(-1000)."""

    exact = staticmethod(lambda x: mp.log(-mp.expm1(-mp.exp(x))))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return BernoulliRatio(sp.exp(sp.Min(x, 7)))


class ExpLessExp(Head):
    """exp(n x - exp(x)); beyond 7 it is below exp(7 n - 1000)."""

    nargs = 2
    exact = staticmethod(lambda n, x: mp.exp(n * x - mp.exp(x)))

    def slope(self, n: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return x * self, self * (n - sp.exp(sp.Min(x, 7)))


class LogExpM1(Head):
    """log(exp(x) - 1) for x >= 0."""

    everywhere = False
    exact = staticmethod(lambda x: mp.log(mp.expm1(x)))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return -BoseEinstein(-x)


class XLogX(Head):
    """x log(x), 0 at 0."""

    everywhere = False
    exact = filled(lambda x: x * mp.log(x), lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return sp.log(x) + 1


class XLogY(Head):
    """x log(y), 0 where x is 0."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda x, y: x * mp.log(y) if x else mp.zero)

    def slope(self, x: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return sp.log(y), sp.Piecewise((x / y, sp.Or(sp.Ne(x, 0), sp.Ne(y, 0))), (0, True), evaluate=False)


# ---------------------------------------------------------------------- sums of a few exponentials

def _exp_sum(*terms: mpmath.mpf) -> mpmath.mpf:
    return mp.fsum(c * mp.exp(a) for c, a in zip(terms[0::2], terms[1::2], strict=True))


def _relative_to(terms: tuple, exponent: sp.Expr) -> sp.Expr:
    """exp(a_k) over the sum, as the reciprocal of a sum of exponentials of differences, which carry no rounding of a_k itself."""
    return ReciprocalExpSum(*(part for c, a in zip(terms[0::2], terms[1::2], strict=True) for part in (c, a - exponent)))


class LogExpSum(Head):
    """log(c_1 exp(a_1) + c_2 exp(a_2) + ...), the arguments c_1, a_1, c_2, a_2, ... with c_k > 0."""

    nargs = None
    exact = staticmethod(lambda *terms: mp.log(_exp_sum(*terms)))

    def slope(self, *terms: sp.Expr) -> tuple[sp.Expr, ...]:
        shares = [(_relative_to(terms, a), c) for c, a in zip(terms[0::2], terms[1::2], strict=True)]
        return tuple(part for share, c in shares for part in (share, c * share))


class ReciprocalExpSum(Head):
    """1/(c_1 exp(a_1) + c_2 exp(a_2) + ...), c_k > 0: with a_k - b for the exponents it is exp(b) over the sum."""

    nargs = None
    exact = staticmethod(lambda *terms: 1 / _exp_sum(*terms))

    def slope(self, *terms: sp.Expr) -> tuple[sp.Expr, ...]:
        shares = [(_relative_to(terms, a), c) for c, a in zip(terms[0::2], terms[1::2], strict=True)]
        return tuple(part for share, c in shares for part in (-self * share, -c * self * share))
