"""What lists of formulas have in common: the normal distribution, the entropy of a coin, and the sigmoid, as books print them."""

from __future__ import annotations

import sympy as sp
from sympy import erf, exp, log, pi, sqrt

R = sp.Rational


def Phi(z: sp.Expr) -> sp.Expr:
    return (1 + erf(z / sqrt(2))) / 2


def phi(z: sp.Expr) -> sp.Expr:
    return exp(-(z**2) / 2) / sqrt(2 * pi)


def H2(p: sp.Expr) -> sp.Expr:
    return -p * log(p) - (1 - p) * log(1 - p)


def S(z: sp.Expr) -> sp.Expr:
    return 1 / (1 + exp(-z))
