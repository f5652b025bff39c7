"""Chebyshev interpolation to many digits, and the polynomials of doubles that it gives."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import mpmath
import sympy as sp
from mpmath import mp

NODES = 28
MOST_COEFFICIENTS = 22
DIGITS = mpmath.mpf(2) ** -57
"""What the polynomial may lack, relative to the function."""
BITS = 300

Here = Callable[[mpmath.mpf], mpmath.mpf | None]
"""A function of the distance from the middle of an interval; None where it is no number."""


def polynomial(here: Here, power: sp.Rational, low: float, high: float) -> list[mpmath.mpf] | None:
    """The function over v^power on an interval as coefficients of powers of v, the lowest first; None where it would need too many."""
    with mp.workprec(BITS):
        series = _series(here, power, low, high)
        return _in_powers(series, low, high) if series is not None and _lacks(series) <= DIGITS else None


@cache
def _angles() -> tuple[list, list[list]]:
    """Chebyshev nodes on [-1, 1], and the cosines that turn values there into coefficients."""
    with mp.workprec(BITS):
        angles = [mp.pi * (2 * j + 1) / (2 * NODES) for j in range(NODES)]
        return [mp.cos(angle) for angle in angles], [[mp.cos(k * angle) for angle in angles] for k in range(NODES)]


def _series(here: Here, power: sp.Rational, low: float, high: float) -> list | None:
    """Chebyshev coefficients of the function over v^power on an interval."""
    nodes, cosines = _angles()
    middle, half, exponent = mp.mpf(low + high) / 2, mp.mpf(high - low) / 2, mp.mpf(power.p) / power.q
    values = []
    for node in nodes:
        v = middle + half * node
        value = here(v)
        if value is None:
            return None
        values.append(value / v**exponent if power else value)
    return [mp.fdot(row, values) * (2 if k else 1) / NODES for k, row in enumerate(cosines)]


def _lacks(series: list) -> mpmath.mpf:
    """What is missing without the last coefficients, relative to the least value that the others leave."""
    rest = mp.fsum(abs(c) for c in series[MOST_COEFFICIENTS:])
    least = abs(series[0]) - mp.fsum(abs(c) for c in series[1:])
    return rest / least if least > 0 else mp.mpf(1)


def _in_powers(series: list, low: float, high: float) -> list[mpmath.mpf]:
    """The series in powers of v, no longer than it has to be."""
    count = MOST_COEFFICIENTS
    while count > 1 and mp.fsum(abs(c) for c in series[count - 1:]) < DIGITS * abs(series[0]) / 8:
        count -= 1
    half, middle = mp.mpf(high - low) / 2, mp.mpf(low + high) / 2
    before, now, total = [mp.mpf(1)], [-middle / half, 1 / half], [series[0]]
    for c in series[1:count]:
        total = [a + c * b for a, b in zip([*total, *[mp.mpf(0)] * (len(now) - len(total))], now, strict=True)]
        shifted = [mp.mpf(0), *(2 * a / half for a in now)]
        straight = [-2 * middle / half * a for a in now]
        after = [a + b for a, b in zip(shifted, [*straight, mp.mpf(0)], strict=True)]
        before, now = now, [a - b for a, b in zip(after, [*before, *[mp.mpf(0)] * (len(after) - len(before))], strict=True)]
    return total
