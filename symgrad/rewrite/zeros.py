"""What functions do where their first argument is 0, or another number, found by their values beside it."""

from __future__ import annotations

from functools import cache

import mpmath
from mpmath import mp

from symgrad.graph.rows import Row
from symgrad.rewrite.expansions.values import FAILURES, ONE_AT_A_TIME, PRECISION, function_of

NEAR = mpmath.mpf(2) ** -100
STEEP = mpmath.mpf(2) ** 20
"""Slopes above this are infinite at 0."""


def is_singular(row: Row, place: int = 0) -> bool:
    """Whether a function, or its slope, is infinite where its first argument is 0, as a logarithm and a root are, or 1 or -1, as an inverse sine."""
    return any(found is not None and abs(found[1] - found[0]) > STEEP * NEAR for found in (_beside(row, place, side) for side in (1, -1)))


def vanishes(row: Row) -> bool:
    """Whether a function is 0 where its first argument is, as a tangent is."""
    found = _beside(row)
    return found is not None and abs(found[1]) < STEEP * NEAR


def _beside(row: Row, place: int = 0, side: int = 1) -> tuple[mpmath.mpf, mpmath.mpf] | None:
    return _values(row.payload[0], tuple(row.payload[1:]), len(row.args), place, side) if row.op == "map" else None


@cache
def _values(name: str, parameters: tuple, count: int, place: int, side: int) -> tuple[mpmath.mpf, mpmath.mpf] | None:
    """The function at two places beside another, its other arguments at 1; None where it is no real number there."""
    with ONE_AT_A_TIME, mp.workprec(PRECISION):
        try:
            one, other = (function_of(name, parameters, count)(place + side * gap, *[mp.mpf(1)] * (count - 1)) for gap in (NEAR, 2 * NEAR))
        except FAILURES:
            return None
    return (one, other) if isinstance(one, mpmath.mpf) and isinstance(other, mpmath.mpf) else None
