"""Heads of powers: of one and a little, as in compound interest, (x^y - 1)/y, as in the transformation of Box and Cox, and of one and exp(u)."""

from __future__ import annotations

import sympy as sp
from mpmath import mp
from sympy.codegen.cfunctions import log1p

from symgrad.graph.heads.head import Head
from symgrad.graph.heads.plain import Logistic, Softplus
from symgrad.graph.heads.removable import ExpRel, ExpRelCurve, ExpRelSlope, Log1pRel, Log1pRelCurve, Log1pRelSlope
from symgrad.graph.slopes import gate

# ---------------------------------------------------------------------- powers of 1 + x, as in compound interest

def _compound_slopes(x: sp.Expr, y: sp.Expr, power: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """As of powers in general: nothing that is not finite leaks from where a base of 0 does not matter."""
    return gate(y * Compound(x, y - 1), sp.Ne(y, 0)), gate(power * log1p(x), x > -1)


class Compound(Head):
    """(1 + x)^y, the name that IEEE 754 has for it."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda x, y: (1 + x) ** y)

    def slope(self, x: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return _compound_slopes(x, y, self)


class CompoundLessOne(Head):
    """(1 + x)^y - 1."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda x, y: (1 + x) ** y - 1)

    def slope(self, x: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return _compound_slopes(x, y, Compound(x, y))


class Annuity(Head):
    """((1 + x)^y - 1)/x, what y payments of 1 are worth after the last at the interest x."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda x, y: ((1 + x) ** y - 1) / x if x else y)

    def slope(self, x: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return AnnuitySlope(x, y), Log1pRel(x) * Compound(x, y)


class AnnuitySlope(Head):
    """The derivative of ((1 + x)^y - 1)/x in x.

    The function is y R(y log(1 + x)) L(x) with R(x) = (exp(x) - 1)/x and L(x) = log(1 + x)/x, and no term of its second derivative cancels.
    """

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda x, y: (y * (1 + x) ** (y - 1) - ((1 + x) ** y - 1) / x) / x if x else y * (y - 1) / 2)

    def slope(self, x: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        power, rate = y * log1p(x), y / (1 + x)
        bend = ExpRelCurve(power) * rate**2 - ExpRelSlope(power) * rate / (1 + x)
        curve = y * (Log1pRel(x) * bend + 2 * Log1pRelSlope(x) * ExpRelSlope(power) * rate + Log1pRelCurve(x) * ExpRel(power))
        return curve, Log1pRelSlope(x) * Compound(x, y) + Log1pRel(x) * y * Compound(x, y - 1)


class CompoundOver(Head):
    """(1 + x)^(c/x), continuous compounding: exp(c) at 0."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda x, c: (1 + x) ** (c / x) if x else mp.exp(c))

    def slope(self, x: sp.Expr, c: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return c * Log1pRelSlope(x) * self, Log1pRel(x) * self


# ---------------------------------------------------------------------- (x^y - 1)/y, as in the transformation of Box and Cox

class BoxCox(Head):
    """(x^y - 1)/y, log(x) where y is 0 (Box and Cox 1964); it is L R(y L) with L = log(x) and R(x) = (exp(x) - 1)/x."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda x, y: (x**y - 1) / y if y else mp.log(x))

    def slope(self, x: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return x ** (y - 1), BoxCoxSlope(x, y)


class BoxCoxSlope(Head):
    """The derivative of (x^y - 1)/y in y."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda x, y: (x**y * mp.log(x) - (x**y - 1) / y) / y if y else mp.log(x) ** 2 / 2)

    def slope(self, x: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return sp.log(x) * x ** (y - 1), BoxCoxCurve(x, y)


class BoxCoxCurve(Head):
    """The second derivative of (x^y - 1)/y in y."""

    nargs = 2
    everywhere = False
    exact = staticmethod(
        lambda x, y: (x**y * mp.log(x) ** 2 - 2 * (x**y * mp.log(x) - (x**y - 1) / y) / y) / y if y else mp.log(x) ** 3 / 3)

    def slope(self, x: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return sp.log(x) ** 2 * x ** (y - 1), _third_in_exponent(sp.log(x), y)


class BoxCox1p(Head):
    """((1 + x)^y - 1)/y, log(1 + x) where y is 0."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda x, y: BoxCox.exact(1 + x, y))

    def slope(self, x: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return Compound(x, y - 1), BoxCox1pSlope(x, y)


class BoxCox1pSlope(Head):
    """The derivative of ((1 + x)^y - 1)/y in y."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda x, y: BoxCoxSlope.exact(1 + x, y))

    def slope(self, x: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return log1p(x) * Compound(x, y - 1), BoxCox1pCurve(x, y)


class BoxCox1pCurve(Head):
    """The second derivative of ((1 + x)^y - 1)/y in y."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda x, y: BoxCoxCurve.exact(1 + x, y))

    def slope(self, x: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return log1p(x) ** 2 * Compound(x, y - 1), _third_in_exponent(log1p(x), y)


def _third_in_exponent(log: sp.Expr, y: sp.Expr) -> sp.Expr:
    """The third derivative of L R(y L) in y, L being the logarithm."""
    return log**4 * ExpRelCurve(y * log).slope(y * log)


# ---------------------------------------------------------------------- powers of 1 + exp(u), whatever exp(u) is

class CompoundExp(Head):
    """(1 + exp(u))^y, the power -y of a sigmoid of -u."""

    nargs = 2
    exact = staticmethod(lambda u, y: mp.exp(y * Softplus.exact(u)))

    def slope(self, u: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return y * Logistic(u) * self, Softplus(u) * self


class CompoundExpLessOne(Head):
    """(1 + exp(u))^y - 1."""

    nargs = 2
    exact = staticmethod(lambda u, y: mp.expm1(y * Softplus.exact(u)))

    def slope(self, u: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return y * Logistic(u) * CompoundExp(u, y), Softplus(u) * CompoundExp(u, y)


class BoxCoxExp(Head):
    """((1 + exp(u))^y - 1)/y, log(1 + exp(u)) where y is 0."""

    nargs = 2
    exact = staticmethod(lambda u, y: mp.expm1(y * Softplus.exact(u)) / y if y else Softplus.exact(u))

    def slope(self, u: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return Logistic(u) * CompoundExp(u, y), BoxCoxExpSlope(u, y)


class BoxCoxExpSlope(Head):
    """The derivative of ((1 + exp(u))^y - 1)/y in y."""

    nargs = 2
    exact = staticmethod(lambda u, y: BoxCoxSlope.exact(1 + mp.exp(u), y))

    def slope(self, u: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return Softplus(u) * Logistic(u) * CompoundExp(u, y), BoxCoxExpCurve(u, y)


class BoxCoxExpCurve(Head):
    """The second derivative of ((1 + exp(u))^y - 1)/y in y."""

    nargs = 2
    exact = staticmethod(lambda u, y: BoxCoxCurve.exact(1 + mp.exp(u), y))

    def slope(self, u: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return Softplus(u) ** 2 * Logistic(u) * CompoundExp(u, y), _third_in_exponent(Softplus(u), y)


# ---------------------------------------------------------------------- powers of what underflows long before they do

class PowerByLog(Head):
    """PowerByLog(x, l, y) = x^y with l = log(x); far out, where x itself is no number of full digits, it is exp(y l)."""

    nargs = 3
    everywhere = False
    exact = staticmethod(lambda x, log, y: x**y if abs(log) < 700 else mp.exp(y * log))

    def slope(self, x: sp.Expr, log: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
        return sp.S.Zero, y * self, log * self
