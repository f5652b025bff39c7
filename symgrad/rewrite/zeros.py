"""What functions do where their first argument is 0, found by their values beside it."""

from __future__ import annotations

from functools import cache

import mpmath
from mpmath import mp

from symgrad.graph.rows import Row
from symgrad.rewrite.expansions.values import FAILURES, ONE_AT_A_TIME, PRECISION, function_of

NEAR = mpmath.mpf(2) ** -100
STEEP = mpmath.mpf(2) ** 20
"""Slopes above this are infinite at 0."""


def is_singular(row: Row) -> bool:
    """Whether a function, or its slope, is infinite where its first argument is 0, as a logarithm and a root are."""
    found = _beside_zero(row)
    return found is not None and abs(found[1] - found[0]) > STEEP * NEAR


def vanishes(row: Row) -> bool:
    """Whether a function is 0 where its first argument is, as a tangent is."""
    found = _beside_zero(row)
    return found is not None and abs(found[1]) < STEEP * NEAR


def _beside_zero(row: Row) -> tuple[mpmath.mpf, mpmath.mpf] | None:
    return _values(row.payload[0], tuple(row.payload[1:]), len(row.args)) if row.op == "map" else None


@cache
def _values(name: str, parameters: tuple, count: int) -> tuple[mpmath.mpf, mpmath.mpf] | None:
    """The function at two places beside 0, its other arguments at 1; None where it is no real number there."""
    with ONE_AT_A_TIME, mp.workprec(PRECISION):
        try:
            one, other = (function_of(name, parameters, count)(place, *[mp.mpf(1)] * (count - 1)) for place in (NEAR, 2 * NEAR))
        except FAILURES:
            return None
    return (one, other) if isinstance(one, mpmath.mpf) and isinstance(other, mpmath.mpf) else None
