"""The exponential that a row of one input tends to, where the input is large, or near 0."""

from __future__ import annotations

from typing import NamedTuple

import mpmath
import sympy as sp
from mpmath import mp

from symgrad.graph.doubles import double, lacking
from symgrad.rewrite.expansions.losses import Exact
from symgrad.rewrite.rules.look import ZERO

LARGEST, END = 720.0, 790.0
"""The exponent at which doubles still hold a row, and where they hold none any more: powers of t may stand beside the exponential."""
SIZES = 24
"""So many doublings of t are tried, from 1/4 on."""
POWERS = (sp.S.Half, sp.S.One, sp.Integer(2))
MOST_SHARES = 10
CLOSE = 0.02
"""So much what an exponential is multiplied by may change what is seen of it."""
CLOSER, FAR_ENOUGH = 0.002, 64
"""The same far out."""
NEARER = (1, 2, 4)
"""Shares of the farthest place that are looked at."""
STEP = mpmath.mpf(2) ** -400


class Decay(NamedTuple):
    """exp(rate |t - shift|^power) where t = x, or 1/x, has this sign; a shift has only a square.

    is_range: whether it is needed only where the code overflows or underflows.
    """

    rate: sp.Rational
    power: sp.Rational
    side: int
    shift: sp.Rational = ZERO
    is_beside_zero: bool = False
    is_range: bool = False

    def parameters(self) -> sp.Tuple:
        """As generated code has it: rate and shift as doubles and what these lack, power, side, and whether t is 1/x."""
        halves = [half for number in (self.rate, self.shift) for half in (double(number), lacking(number))]
        return sp.Tuple(*halves[:2], self.power, *halves[2:], sp.Integer(self.side), sp.Integer(self.is_beside_zero))

    def exponent_at(self, t: mpmath.mpf) -> mpmath.mpf:
        size = abs(t - mp.mpf(self.shift.p) / self.shift.q)
        return mp.mpf(self.rate.p) / self.rate.q * size ** (mp.mpf(self.power.p) / self.power.q)

    @property
    def end(self) -> float:
        """Where doubles hold the row no more, as 1/t."""
        return self.place(END)

    def place(self, exponent: float) -> float:
        """Where the exponent has a size, as 1/t."""
        return self.side / (float((exponent / abs(self.rate)) ** (1 / self.power)) + self.side * float(self.shift))


def decay_of(exact: Exact, side: int) -> Decay | None:
    """The exponential that a row tends to, from its logarithm at t, 2 t and 4 t: z = t y'/y is c k t^k + p there.

    The row is a function of 1/t.
    """
    with mp.workprec(exact.values.precision):
        found = _from_slopes(exact, side)
        return found._replace(is_beside_zero=not exact.end.turned) if found is not None else None


def _from_slopes(exact: Exact, side: int) -> Decay | None:
    """From places nearer by, too, where the farthest have no digits left."""
    t = _place(exact, side)
    found = (_at(exact, t / nearer, side) for nearer in NEARER) if t is not None else ()
    return next((one for one in found if one is not None), None)


def _at(exact: Exact, t: mpmath.mpf, side: int) -> Decay | None:
    slopes = [_slope(exact, t * step) for step in (1, 2, 4)]
    if None in slopes:
        return None
    first, second = slopes[1] - slopes[0], slopes[2] - slopes[1]  # type: ignore[operator]
    if not first or second / first < 1:
        return None
    found = float(mp.log(second / first, 2))
    power = min(POWERS, key=lambda k: abs(found - float(k)))
    rate = _simple(float(second / (4**power - 2**power) / power) / abs(float(t)) ** float(power), float(t))
    if abs(found - float(power)) < CLOSE and rate != 0:
        return Decay(rate, power, side)
    return _shifted(exact, t, float(first), float(second), side)


def _shifted(exact: Exact, t: mpmath.mpf, first: float, second: float, side: int) -> Decay | None:
    """exp(c (t - s)^2): z is 2 c t^2 - 2 c s t + p there, which a fourth place has to confirm."""
    size = float(t)
    rate = _simple((second - 2 * first) / (12 * size * size), size)
    if not rate:
        return None
    c = float(rate)
    shift = _simple((6 * c * size * size - first) / (2 * c * size), size)
    between = [_slope(exact, t * step) for step in (2, 3)]
    if None in between:
        return None
    want = 10 * c * size * size - 2 * c * float(shift) * size
    return Decay(rate, sp.Integer(2), side, shift) if abs(float(between[1] - between[0]) - want) < CLOSE * abs(want) else None  # type: ignore[operator]


def _simple(rate: float, t: float) -> sp.Rational:
    """A fraction beside the rate, told at t: what the exponential lacks the polynomials have."""
    found = sp.Rational(rate).limit_denominator(MOST_SHARES)
    close = CLOSE if abs(t) < FAR_ENOUGH else CLOSER
    return found if abs(float(found) - rate) < close * abs(rate) else sp.Rational(rate).limit_denominator(MOST_SHARES**3)


def _place(exact: Exact, side: int) -> mpmath.mpf | None:
    """t such that doubles just hold the row at 4 t."""
    found = None
    for size in range(SIZES):
        t = side * mp.mpf(2) ** (size - 2)
        value = exact(1 / (4 * t))
        if value and not mp.isinf(value) and abs(mp.log(abs(value))) <= LARGEST:
            found = t
        elif value or (value is None and found is not None):
            break
    return found


def _slope(exact: Exact, t: mpmath.mpf) -> mpmath.mpf | None:
    here, beside = exact(1 / t), exact(1 / (t * (1 + STEP)))
    return (beside / here - 1) / STEP if here and beside else None
