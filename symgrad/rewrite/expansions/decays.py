"""Rows of one input that decay or grow like an exponential and lose their digits far out, as 1 - tanh(x) and exp(x)/(exp(2 x) - 1) do.

Far out such a row is exp(c |x|^k) times a function of 1/x, of which the pieces are polynomials.  Where doubles cannot hold the row the
exponential says so itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import mpmath
import sympy as sp
from mpmath import mp

from symgrad.graph.graph import Graph
from symgrad.graph.lower import power
from symgrad.graph.rows import Ref
from symgrad.rewrite.expansions.ends import INFINITY
from symgrad.rewrite.expansions.fits import Fit, tile, tiles
from symgrad.rewrite.expansions.losses import SIDES, SLIGHTLY, ULP, Exact, differs
from symgrad.rewrite.expansions.values import DEEP, FAR, ONE_AT_A_TIME, Values
from symgrad.rewrite.in_doubles import value_at
from symgrad.rewrite.rests import Rests
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO

AT_LEAST, PER_EXPONENT = 320, 4.5
"""Binary digits where the row has its known exponential: so many, and this times the logarithm of that."""
LEAST, LARGEST, OVERFLOW = 8.0, 720.0, 709.78
"""Logarithms of what is looked at."""
END = 790.0
"""The exponent where doubles hold no row any more: powers of x may stand beside the exponential."""
SIZES = 24
"""So many doublings of x are tried, from 1/4 on."""
POWERS = (sp.S.Half, ONE, sp.Integer(2))
MOST_SHARES = 10
CLOSE = 0.02
"""So much what an exponential is multiplied by may change what is seen of it."""
CANCELS, LIMIT = 8, 4 * ULP
"""So many times as large a term is as a sum that loses digits; and a loss, times an exponent, that is more than the rounding of that."""
PLACES = (0.884, 0.73, 0.456, 0.182, 0.073)
"""Where that is looked for, in shares of the largest exponent."""
MOST_TILES, WIDTHS = 12, (1.0, 0.5, 0.25)
HALVINGS, MARGIN = 40, 1.01
"""So many tell where a row overflows; by so much a piece begins before."""
GLANCES = (1, 5, 9, 13, 17, 21)
"""Sizes of x, as powers of 2, at which doubles are looked at."""
STEP = mpmath.mpf(2) ** -400


class Decay(NamedTuple):
    """exp(rate |x - shift|^power) where x has this sign, and whether it is needed only where the code overflows; a shift has only a square."""

    rate: sp.Rational
    power: sp.Rational
    side: int
    shift: sp.Rational = ZERO
    overflows: bool = False

    def exponent(self, graph: Graph, x: Ref) -> tuple[Ref, Ref]:
        """The exponent as a row, and what rounding loses of it."""
        x = look.shifted(graph, x, -self.shift)
        size = x if self.side > 0 or self.power == 2 else look.negative(graph, x)
        found = look.times(graph, self.rate, power(graph, size, self.power) if self.power != 1 else size)
        lost = Rests().of(graph, found)
        return found, lost if lost is not None else graph.constant(ZERO)

    def exponent_at(self, x: mpmath.mpf) -> mpmath.mpf:
        size = abs(x - mp.mpf(self.shift.p) / self.shift.q)
        return mp.mpf(self.rate.p) / self.rate.q * size ** (mp.mpf(self.power.p) / self.power.q)

    @property
    def end(self) -> float:
        """Where doubles hold the row no more, as 1/x."""
        return self.side / (float((END / abs(self.rate)) ** (1 / self.power)) + self.side * float(self.shift))


class _Scaled(Exact):
    """A row of 1/x without its exponential, computed to so many binary digits at most."""

    def __init__(self, values: Values, decay: Decay, most: int) -> None:
        super().__init__(values, INFINITY)
        self.decay, self._most = decay, most

    def _found(self, v: mpmath.mpf, errors: int) -> mpmath.mpf | None:
        needed = int(AT_LEAST + PER_EXPONENT * (1 + abs(self.decay.exponent_at(1 / v)))) if v else DEEP
        self.values.precision = min(needed, self._most)
        found = super()._found(v, errors)
        return found * mp.exp(-self.decay.exponent_at(1 / v)) if found is not None and v else found


def decays(graph: Graph, ref: Ref, source: Ref) -> Iterator[tuple[Decay, list[Fit]]]:
    """For either infinity where digits are lost that an exponential hides, or it overflows: this, and the pieces of what it is multiplied by."""
    glance = Exact(Values(graph, ref, source, far_out=True), INFINITY)
    with ONE_AT_A_TIME:
        found = [_decayed(graph, ref, source, glance, side) for side in SIDES]
    yield from ((decay, pieces) for decay, pieces in found if decay is not None and pieces)


def _decayed(graph: Graph, ref: Ref, source: Ref, glance: Exact, side: int) -> tuple[Decay | None, list[Fit]]:
    """The exponential and the pieces of one side; what overflows alone hides no digits."""
    place = _where_wrong(glance, side)
    if place is not None:
        values = Values(graph, ref, source, precision=DEEP, far_out=True)
        decay = _decay(values, side)
        return decay, _pieces(_Scaled(values, decay, DEEP)) if decay is not None else []
    place = _overflow(graph, ref, source, glance, side)
    if place is not None:
        values = Values(graph, ref, source, precision=FAR)
        decay = _decay(values, side)
        if decay is not None:
            return decay._replace(overflows=True), _piece(_Scaled(values, decay, FAR), place)
    return None, []


def _where_wrong(exact: Exact, side: int) -> float | None:
    """Where doubles are wrong by more than the rounding of exponents, as 1/x: a glance at few points, the last of which they just hold."""
    size = next((size for size in GLANCES if not _is_held(exact, side * 2.0**-size)), None)
    sizes = [*GLANCES] if size is None else [*GLANCES[:GLANCES.index(size)], *_last_held(exact, side, size)]
    return next((v for v in (side * 2.0**-size for size in reversed(sizes)) if _is_wrong(exact, v)), None)


def _is_held(exact: Exact, v: float) -> bool:
    right = exact(v)
    return bool(right) and abs(mp.log(abs(right))) < 0.93 * LARGEST


def _last_held(exact: Exact, side: int, size: int) -> list[float]:
    """Where doubles hold the row for the last time between two sizes, and a little before, as sizes."""
    low, high = size - float(GLANCES[1] - GLANCES[0]), float(size)
    for _ in range(5):
        middle = (low + high) / 2
        low, high = (middle, high) if _is_held(exact, side * 2.0**-middle) else (low, middle)
    return [low - 0.3, low]


def _overflow(graph: Graph, ref: Ref, source: Ref, exact: Exact, side: int) -> float | None:
    """Where the code overflows although doubles hold the row, as 1/x."""
    def is_finite(x: float) -> bool:
        return math.isfinite(value_at(graph, ref, {source.row: side * x}))

    size = next((size for size in range(GLANCES[-1]) if not is_finite(2.0**size)), 0)
    if not size:
        return None
    low, high = 2.0 ** (size - 1), 2.0**size
    for _ in range(HALVINGS):
        low, high = (middle, high) if is_finite(middle := (low + high) / 2) else (low, middle)
    right = exact(side / high)
    return side / high if right and LEAST < abs(mp.log(abs(right))) < OVERFLOW else None


def _is_wrong(exact: Exact, v: float) -> bool:
    """Whether doubles are wrong where the row is small or large enough for an exponential, or too small to be seen."""
    right = exact(v)
    if right is None or not right:
        return right is not None
    size = abs(float(mp.log(abs(right))))
    limit = SLIGHTLY if exact.cancels(v, CANCELS) else LIMIT * (1 + size)
    return size > LEAST and differs(exact, v, limit, (1,))


def _pieces(exact: _Scaled) -> list[Fit]:
    """The pieces that are needed from the end on."""
    end = exact.decay.end
    if not any(differs(exact, end / share, SLIGHTLY) for share in PLACES):
        return []
    return _with_what_is_beyond(exact, list(tiles(exact, end, MOST_TILES, WIDTHS)))


def _piece(exact: _Scaled, place: float) -> list[Fit]:
    """From the end to a place."""
    end = exact.decay.end
    return _with_what_is_beyond(exact, [one] if (one := tile(exact, end, MARGIN * place / end - 1)) is not None else [])


def _with_what_is_beyond(exact: _Scaled, found: list[Fit]) -> list[Fit]:
    end, last = exact.decay.end, exact(exact.decay.end)
    if not found or last is None:
        return []
    return [Fit(end, 0.0, True, min(-end, 0.0), max(-end, 0.0), ZERO, ONE, (float(last),)), *found]


def _decay(values: Values, side: int) -> Decay | None:
    """The exponential that a row tends to, from its logarithm at x, 2 x and 4 x: z = x y'/y is c k x^k + p there."""
    with mp.workprec(values.precision):
        return _from_slopes(values, side)


def _from_slopes(values: Values, side: int) -> Decay | None:
    x = _place(values, side)
    if x is None:
        return None
    slopes = [_slope(values, x * step) for step in (1, 2, 4)]
    if None in slopes:
        return None
    first, second = slopes[1] - slopes[0], slopes[2] - slopes[1]  # type: ignore[operator]
    if not first or second / first < 1:
        return None
    found = float(mp.log(second / first, 2))
    power = min(POWERS, key=lambda k: abs(found - float(k)))
    rate = _simple(float(second / (4**power - 2**power) / power) / abs(float(x)) ** float(power))
    if abs(found - float(power)) < CLOSE and rate != 0:
        return Decay(rate, power, side)
    return _shifted(values, x, float(first), float(second), side)


def _shifted(values: Values, x: mpmath.mpf, first: float, second: float, side: int) -> Decay | None:
    """exp(c (x - s)^2): z is 2 c x^2 - 2 c s x + p there, which a fourth place has to confirm."""
    rate = _simple((second - 2 * first) / float(12 * x * x))
    if not rate:
        return None
    c, size = float(rate), float(x)
    shift = _simple((6 * c * size * size - first) / (2 * c * size))
    between = [_slope(values, x * step) for step in (2, 3)]
    if None in between:
        return None
    want = 10 * c * size * size - 2 * c * float(shift) * size
    return Decay(rate, sp.Integer(2), side, shift) if abs(float(between[1] - between[0]) - want) < CLOSE * abs(want) else None  # type: ignore[operator]


def _simple(rate: float) -> sp.Rational:
    """A fraction beside the rate: what the exponential lacks the polynomials have."""
    found = sp.Rational(rate).limit_denominator(MOST_SHARES)
    return found if abs(float(found) - rate) < CLOSE * abs(rate) else sp.Rational(rate).limit_denominator(MOST_SHARES**3)


def _place(values: Values, side: int) -> mpmath.mpf | None:
    """x such that doubles just hold the row at 4 x."""
    found = None
    for size in range(SIZES):
        x = side * mp.mpf(2) ** (size - 2)
        value = values.at(4 * x)
        if not value or mp.isinf(value) or abs(mp.log(abs(value))) > LARGEST:
            break
        found = x
    return found


def _slope(values: Values, x: mpmath.mpf) -> mpmath.mpf | None:
    here, beside = values.at(x), values.at(x * (1 + STEP))
    return (beside / here - 1) / STEP if here and beside else None
