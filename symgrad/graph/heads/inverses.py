"""Heads around inverse functions near the ends of their domain, and logarithms of what they and hyperbolic functions give."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp
from mpmath import mp

from symgrad.graph.heads.head import Head, filled
from symgrad.graph.heads.hyperbolic import TiltedMean
from symgrad.graph.heads.removable import Langevin


class Acosh1p(Head):
    """acosh(1 + x) for x >= 0."""

    everywhere = False
    exact = staticmethod(lambda x: mp.acosh(1 + x))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return 1 / (sp.sqrt(x) * sp.sqrt(x + 2))


class InverseVersine(Head):
    """acos(1 - x) for 0 <= x <= 2."""

    everywhere = False
    exact = staticmethod(lambda x: mp.acos(1 - x))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return 1 / (sp.sqrt(x) * sp.sqrt(2 - x))


class AsinSqrt(Head):
    """asin(sqrt(x)) for 0 <= x <= 1."""

    everywhere = False
    exact = staticmethod(lambda x: mp.asin(mp.sqrt(x)))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return 1 / (2 * sp.sqrt(x) * sp.sqrt(1 - x))


class AtanExp(Head):
    """atan(exp(x)), up to a number half the Gudermannian."""

    exact = staticmethod(lambda x: mp.atan(mp.exp(x)))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return sp.sech(x) / 2


class LogCauchyCdf(Head):
    """log(1/2 + atan(x)/pi)."""

    exact = staticmethod(lambda x: mp.log(mp.atan2(1, -x) / mp.pi))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return CauchyHazard(x)


class CauchyHazard(Head):
    """The density of the Cauchy distribution over its distribution function."""

    exact = staticmethod(lambda x: 1 / ((1 + x * x) * mp.atan2(1, -x)))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return -self * (2 * x / (1 + x**2) + self)


class LogTanh(Head):
    """log(tanh(x)) for x > 0."""

    everywhere = False
    exact = staticmethod(lambda x: mp.log(mp.tanh(x)))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return sp.Piecewise((sp.csch(x) * sp.sech(x), x > 300), (2 * sp.csch(2 * x), True))


class LogSinhRatio(Head):
    """log(sinh(x)/x)."""

    exact = filled(lambda x: mp.log(mp.sinh(x) / x), lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return Langevin(x)


class LogExpRel(Head):
    """log((exp(x) - 1)/x)."""

    exact = filled(lambda x: mp.log(mp.expm1(x) / x), lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return TiltedMean(x)


class InverseGudermannian(Head):
    """atanh(sin(x)), the latitude of a Mercator chart."""

    exact = staticmethod(lambda x: mp.asinh(mp.sin(x) / abs(mp.cos(x))))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return 1 / sp.cos(x)


# ---------------------------------------------------------------------- of an argument and what rounding has lost of it

def _of_two(name: str, function: Callable) -> type[Head]:
    """f(u + r)."""
    return type(name, (Head,), {"nargs": 2, "exact": staticmethod(lambda u, r: function(u + r)), "everywhere": False,
                                "__doc__": f"{function.__name__}(u + r), where r is what rounding has lost of u."})


Log1pOf, AsinOf, AcosOf = _of_two("Log1pOf", mp.log1p), _of_two("AsinOf", mp.asin), _of_two("AcosOf", mp.acos)
AtanhOf, AcoshOf = _of_two("AtanhOf", mp.atanh), _of_two("AcoshOf", mp.acosh)
