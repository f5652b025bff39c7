"""Heads of quotients of x and a hyperbolic function; with L(x) = coth(x) - 1/x none of their slopes cancels."""

from __future__ import annotations

import sympy as sp
from mpmath import mp

from symgrad.graph.heads.head import NEAR, Head, filled
from symgrad.graph.heads.removable import BoseEinstein, Langevin, LangevinCurve, LangevinSlope


class SinhRatio(Head):
    """sinh(x)/x."""

    exact = filled(lambda x: mp.sinh(x) / x, lambda: mp.one)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return self * Langevin(x)


class XOverSinh(Head):
    """x/sinh(x)."""

    exact = filled(lambda x: x / mp.sinh(x), lambda: mp.one)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return -self * Langevin(x)


class XOverTanh(Head):
    """x/tanh(x)."""

    exact = filled(lambda x: x / mp.tanh(x), lambda: mp.one)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return XOverTanhSlope(x)


class XTimesLangevin(Head):
    """x/tanh(x) - 1."""

    exact = filled(lambda x: x * mp.coth(x) - 1, lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return XOverTanhSlope(x)


class XOverTanhSlope(Head):
    """The derivative of x/tanh(x), L(x) + x L'(x)."""

    exact = filled(lambda x: mp.coth(x) - x * mp.csch(x) ** 2, lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        far = 2 * XOverSinh(x) * sp.csch(x) * Langevin(x)
        return sp.Piecewise((far, sp.Abs(x) > NEAR), (2 * LangevinSlope(x) + x * LangevinCurve(x), True))


class TanhRatio(Head):
    """tanh(x)/x."""

    exact = filled(lambda x: mp.tanh(x) / x, lambda: mp.one)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return -(self**2) * XOverTanhSlope(x)


class TiltedMean(Head):
    """1/(1 - exp(-x)) - 1/x, the mean of the density on 0 to 1 that is proportional to exp(x t)."""

    exact = filled(lambda x: -1 / mp.expm1(-x) - 1 / x, lambda: mp.one / 2)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return LangevinSlope(x / 2) / 4


# ---------------------------------------------------------------------- k coth(k x) - coth(x) for a number k > 1

class CothGap(Head):
    """CothGap(k, x) = k coth(k x) - coth(x), of which the Brillouin function of magnetism is a multiple."""

    nargs = 2
    exact = staticmethod(lambda k, x: k * mp.coth(k * x) - mp.coth(x) if x else mp.zero)

    def slope(self, k: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return sp.coth(k * x) - k * x * sp.csch(k * x) ** 2, CothGapSlope(k, x)


class CothGapSlope(Head):
    """The derivative of k coth(k x) - coth(x) in x."""

    nargs = 2
    exact = staticmethod(lambda k, x: mp.csch(x) ** 2 - (k * mp.csch(k * x)) ** 2 if x else mp.mpf(k**2 - 1) / 3)

    def slope(self, k: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return 2 * k * sp.csch(k * x) ** 2 * (k * x * sp.coth(k * x) - 1), CothGapCurve(k, x)


class CothGapCurve(Head):
    """The second derivative of k coth(k x) - coth(x) in x."""

    nargs = 2
    exact = staticmethod(lambda k, x: 2 * k**3 * mp.coth(k * x) * mp.csch(k * x) ** 2 - 2 * mp.coth(x) * mp.csch(x) ** 2 if x else mp.zero)

    def slope(self, k: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return sp.S.Zero, k**4 * LangevinCurve(k * x).slope(k * x) - LangevinCurve(x).slope(x)


# ---------------------------------------------------------------------- (1 - exp(-x))/(1 - exp(-k x)) for a number k > 1

def _rate(k: sp.Expr, x: sp.Expr, order: int) -> sp.Expr:
    """The logarithmic derivative 1/(exp(x) - 1) - k/(exp(k x) - 1) and its own derivatives, none of which has a pole at 0."""
    if order == 0:
        return k * TiltedMean(-k * x) - TiltedMean(-x)
    part = (LangevinSlope, LangevinCurve)[order - 1]
    return (part(x / 2) - k ** (order + 1) * part(k * x / 2)) / 2 ** (order + 1)


def _exact_rates(k: mp.mpf, x: mp.mpf) -> tuple[mp.mpf, mp.mpf]:
    if not x:
        return mp.mpf(k - 1) / 2, mp.mpf(1 - k**2) / 12
    one, other = 1 / mp.expm1(x), k / mp.expm1(k * x)
    return one - other, other * (k + other) - one * (1 + one)


class Fixation(Head):
    """Fixation(k, x) = (1 - exp(-x))/(1 - exp(-k x)), the probability that a mutant takes over a population (Kimura 1962)."""

    nargs = 2
    exact = staticmethod(lambda k, x: mp.expm1(-x) / mp.expm1(-k * x) if x else mp.one / k)

    def slope(self, k: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return -x * BoseEinstein(k * x) * self, FixationSlope(k, x)


class FixationSlope(Head):
    """The derivative of (1 - exp(-x))/(1 - exp(-k x)) in x."""

    nargs = 2
    exact = staticmethod(lambda k, x: Fixation.exact(k, x) * _exact_rates(k, x)[0])

    def slope(self, k: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        n, m = BoseEinstein(k * x), BoseEinstein(-k * x)
        return Fixation(k, x) * (-x * n * _rate(k, x, 0) - n - k * x * n * m), FixationCurve(k, x)


class FixationCurve(Head):
    """The second derivative of (1 - exp(-x))/(1 - exp(-k x)) in x."""

    nargs = 2
    exact = staticmethod(lambda k, x: Fixation.exact(k, x) * (_exact_rates(k, x)[0] ** 2 + _exact_rates(k, x)[1]))

    def slope(self, k: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        rate, bend, twist = (_rate(k, x, order) for order in range(3))
        return sp.S.Zero, Fixation(k, x) * (rate**3 + 3 * rate * bend + twist)
