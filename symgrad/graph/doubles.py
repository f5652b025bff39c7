"""A number as a double, and what that lacks."""

from __future__ import annotations

import sympy as sp


def double(number: sp.Expr) -> sp.Expr:
    """The double next to a number."""
    return sp.Rational(float(sp.N(number, 30)))


def lacking(number: sp.Expr) -> sp.Expr:
    """What the double next to a number lacks of it, as a double."""
    return double(number - double(number))
