"""SymPy heads around the logistic function sigma: its slope, x sigma(x), the entropy of a logit, sigma and softplus with a scale inside."""

from __future__ import annotations

import mpmath
import sympy as sp
from mpmath import mp

from symgrad.graph.heads.head import Head
from symgrad.graph.heads.plain import Logistic


class LogisticSlope(Head):
    """sigma(x) sigma(-x), whose own slope contains the factor 1 - 2 sigma(x) = -tanh(x/2)."""

    exact = staticmethod(lambda x: mp.sech(x / 2) ** 2 / 4)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return -self * sp.tanh(x / 2)


def _scaled_logistic(r: mpmath.mpf, x: mpmath.mpf) -> mpmath.mpf:
    return 1 / (1 + mp.exp(-x) / r)


class ScaledSoftplus(Head):
    """ScaledSoftplus(r, x) = log(1 + r exp(x)) for a number r > 0."""

    nargs = 2
    exact = staticmethod(lambda r, x: mp.log1p(r * mp.exp(x)))

    def slope(self, r: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return ScaledLogistic(r, x) / r, ScaledLogistic(r, x)


class SoftplusGap(Head):
    """SoftplusGap(r, x) = log(1 + r exp(x)) - log(1 + r) for a number r > 0."""

    nargs = 2
    exact = staticmethod(lambda r, x: mp.log1p(r * mp.expm1(x) / (1 + r)))

    def slope(self, r: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return ScaledLogistic(r, x) / r - 1 / (1 + r), ScaledLogistic(r, x) if r != 1 else Logistic(x)


class ScaledLogistic(Head):
    """ScaledLogistic(r, x) = r exp(x)/(1 + r exp(x)) for a number r > 0."""

    nargs = 2
    exact = staticmethod(_scaled_logistic)

    def slope(self, r: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return ScaledLogisticSlope(r, x) / r, ScaledLogisticSlope(r, x)


class ScaledLogisticSlope(Head):
    """The derivative of r exp(x)/(1 + r exp(x)) in x."""

    nargs = 2
    exact = staticmethod(lambda r, x: _scaled_logistic(r, x) * _scaled_logistic(1 / r, -x))

    def slope(self, r: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        bend = -self * sp.tanh((x + sp.log(r)) / 2)
        return bend / r, bend


class LogisticGap(Head):
    """LogisticGap(x, d) = sigma(x + d) - sigma(x), also where the two round to the same number."""

    nargs = 2
    exact = staticmethod(lambda x, d: mp.sinh(d / 2) * mp.sech((x + d) / 2) * mp.sech(x / 2) / 2)

    def slope(self, x: sp.Expr, d: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return self * (Logistic(-x - d) - Logistic(x)), LogisticSlope(x + d)


class PowerSoftplus(Head):
    """PowerSoftplus(b, x) = log(1 + b^x) for a number b > 1."""

    nargs = 2
    exact = staticmethod(lambda b, x: mp.log1p(mp.power(b, x)))

    def slope(self, b: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return x / b * PowerLogistic(b, x), sp.log(b) * PowerLogistic(b, x)


class PowerLogistic(Head):
    """PowerLogistic(b, x) = 1/(1 + b^-x) for a number b > 1."""

    nargs = 2
    exact = staticmethod(lambda b, x: 1 / (1 + mp.power(b, -x)))

    def slope(self, b: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return x / b * PowerLogisticSlope(b, x), sp.log(b) * PowerLogisticSlope(b, x)


class PowerLogisticSlope(Head):
    """The derivative of 1/(1 + b^-x) in x over log(b): the even function b^x/(1 + b^x)^2."""

    nargs = 2
    exact = staticmethod(lambda b, x: 1 / (1 + mp.power(b, -x)) / (1 + mp.power(b, x)))

    def slope(self, b: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        bend = -self * sp.tanh(sp.log(b) * x / 2)
        return x / b * bend, sp.log(b) * bend


class Silu(Head):
    """x sigma(x)."""

    exact = staticmethod(lambda x: x / (1 + mp.exp(-x)))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return SiluSlope(x)


class SiluSlope(Head):
    """The derivative of x sigma(x): sigma(x) sigma(-x) (1 + x + exp(x))."""

    exact = staticmethod(lambda x: (1 + (1 + x) * mp.exp(-x)) / (1 + mp.exp(-x)) ** 2)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return LogisticSlope(x) * (2 - x * sp.tanh(x / 2))


class LogitEntropy(Head):
    """-sigma(x) log(sigma(x)) - sigma(-x) log(sigma(-x))."""

    exact = staticmethod(lambda x: mp.log1p(mp.exp(-x)) / (1 + mp.exp(-x)) + mp.log1p(mp.exp(x)) / (1 + mp.exp(x)))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return LogitEntropySlope(x)


class LogitLoss(Head):
    """log(1 + exp(x)) - y x."""

    nargs = 2
    exact = staticmethod(lambda x, y: (1 - y) * max(x, 0) - y * min(x, 0) + mp.log1p(mp.exp(-abs(x))))

    def slope(self, x: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return (1 - y) * Logistic(x) - y * Logistic(-x), -x


class LogitEntropySlope(Head):
    """-x sigma(x) sigma(-x)."""

    exact = staticmethod(lambda x: -x * mp.sech(x / 2) ** 2 / 4)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return LogisticSlope(x) * (x * sp.tanh(x / 2) - 1)


class TanhSoftplus(Head):
    """tanh(log(1 + exp(x))) = e (e + 2)/(e (e + 2) + 2) with e = exp(x)."""

    exact = staticmethod(lambda x: mp.tanh(mp.log1p(mp.exp(x))))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return TanhSoftplusSlope(x)


class TanhSoftplusSlope(Head):
    """The derivative of tanh(log(1 + exp(x))): 4 e (1 + e)/(e^2 + 2 e + 2)^2 with e = exp(x)."""

    exact = staticmethod(lambda x: mp.sech(mp.log1p(mp.exp(x))) ** 2 / (1 + mp.exp(-x)))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return self * _bend(x)


class Mish(Head):
    """x tanh(log(1 + exp(x)))."""

    exact = staticmethod(lambda x: x * mp.tanh(mp.log1p(mp.exp(x))))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return MishSlope(x)


class MishSlope(Head):
    """The derivative of x tanh(log(1 + exp(x)))."""

    exact = staticmethod(lambda x: mp.tanh(mp.log1p(mp.exp(x))) + x * mp.sech(mp.log1p(mp.exp(x))) ** 2 / (1 + mp.exp(-x)))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return TanhSoftplusSlope(x) * (2 + x * _bend(x))


class LogDiluted(Head):
    """LogDiluted(x, u) = log(p + (1 - p) exp(u)) with p = sigma(x), which is logaddexp(x, u) - softplus(x)."""

    nargs = 2
    exact = staticmethod(lambda x, u: mp.log1p(mp.expm1(u) / (1 + mp.exp(x))))

    def slope(self, x: sp.Expr, u: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return LogisticGap(x, -u), Logistic(u - x)


class LogSoftplus(Head):
    """log(log(1 + exp(x)))."""

    exact = staticmethod(lambda x: mp.log(mp.log1p(mp.exp(x))))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return SoftplusRate(x)


class SoftplusRate(Head):
    """The logarithmic derivative of softplus, sigma(x)/softplus(x)."""

    exact = staticmethod(lambda x: 1 / (1 + mp.exp(-x)) / mp.log1p(mp.exp(x)))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return SoftplusRateSlope(x)


class SoftplusRateSlope(Head):
    """The derivative of r = sigma(x)/softplus(x): r (sigma(-x) - r), or r^2 (softplus(x) exp(-x) - 1)."""

    exact = staticmethod(lambda x: SoftplusRate.exact(x) * (1 / (1 + mp.exp(x)) - SoftplusRate.exact(x)))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return self * (Logistic(-x) - 2 * SoftplusRate(x)) - SoftplusRate(x) * LogisticSlope(x)


def _bend(x: sp.Expr) -> sp.Expr:
    """The logarithmic derivative of the slope of tanh(log(1 + exp(x))): sigma(-x) - 2 sigma(x) tanh(log(1 + exp(x)))."""
    return Logistic(-x) - 2 * Logistic(x) * TanhSoftplus(x)
