"""What doubles hold exactly of numbers, and which functions round nothing."""

from __future__ import annotations

import sympy as sp

EXACT = ("abs", "max", "min", "real", "floor", "ceiling", "sign", "finite")
"""Functions that round nothing."""


def double(number: sp.Expr) -> sp.Expr:
    """The double next to a number."""
    return sp.Rational(float(sp.N(number, 30)))


def lacking(number: sp.Expr) -> sp.Expr:
    """What the double next to a number lacks of it, as a double."""
    return double(number - double(number))


def is_power_of_two(number: sp.Expr) -> bool:
    """Whether a product with the number is exact; so it is with minus a power of two."""
    return bool(number.is_Rational and {abs(number.p) & (abs(number.p) - 1), number.q & (number.q - 1)} == {0})
