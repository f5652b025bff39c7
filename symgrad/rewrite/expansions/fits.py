"""Expansions of rows of one input where doubles lose their digits.

Beside an end, 0, 1, -1 or infinity, a row is a power of the distance v = x - c or v = 1/x times a function P that is smooth there, although
its terms cancel, as in tan(x) - sin(x), or infinity meets infinity.  The row is computed as doubles would round it and to many digits;
where these differ P is interpolated at Chebyshev nodes.  A polynomial is taken if doubles compute it to 3 ulp at points of every size,
and if no sum in the row changes its leading term on the interval, where something narrow might hide between the nodes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import mpmath
import sympy as sp
from mpmath import mp

from symgrad.rewrite.expansions.chebyshev import Here, polynomial
from symgrad.rewrite.expansions.ends import SLIGHT_LOSS, ZERO_OF_A_SUM, End
from symgrad.rewrite.expansions.values import ONE_AT_A_TIME, Values
from symgrad.rewrite.rules.look import HALF, ONE, ZERO

TWO = sp.Integer(2)
WIDEST, NARROWEST, NARROWEST_FAR = 2.0, 2.0**-10, 2.0**-14
"""The widths of intervals that are tried; an exponential that the formula holds is flat where x is large enough."""
AT_A_POINT = 2.0**-10
"""The width where doubles are right at the nearest distances that are looked at, but not at the end itself."""
MOST_TILES = 6
"""So many more expansions beside one."""
BEYOND = tuple(1 + k * 0.0617 for k in range(1, 9))
"""Where that is looked for, in edges."""
SHARES = 12
"""Powers are multiples of 1 over this."""
ULP = 2.0**-53
SLIGHTLY = 10 * ULP
"""A loss that is seen where an expansion ends."""
STEP = 2.0**-20
"""The relative step of slopes."""
TINY = 2.0**-16
EVEN = 1e-30
"""What odd powers may count where a function is even."""
ROUNDED_AWAY = 80
"""Sums that should be 0, as x - max(x, 0), are so but for the last of these binary digits."""
SAME, EXPONENTIAL = 0.75, 8.0
"""How much the power may change to which a sum is next, and from which power on it counts as an exponential."""
SIZES = 40
"""So many halves of an interval are tried."""
FAR_OUT = (1e-31, 1e-75)
SIDES = (1, -1)
BESIDE, NEAREST = (1.05e-3, 9.7e-7), 1.1e-12
"""Distances at which rows are computed to see whether they lose digits; a root loses half of them."""


class Fit(NamedTuple):
    """v^power times a polynomial of v^step on an interval, the highest power first; v is x - centre - rest, or 1/x - centre.

    With a step of 1/2 v counts by its size.
    """

    centre: float
    rest: float
    turned: bool
    low: float
    high: float
    power: sp.Rational
    step: sp.Rational
    coefficients: tuple[float, ...]

    def piece(self) -> sp.Tuple:
        """As generated code has it: interval, centre, rest, power, step, coefficients."""
        ends = (sp.Rational(self.centre + self.low), sp.Rational(self.centre + self.high), sp.Rational(self.centre), sp.Float(self.rest))
        return sp.Tuple(*ends, self.power, self.step, *(sp.Float(one) for one in self.coefficients))

    def value(self, v: float) -> float:
        total, v = 0.0, abs(v) if self.step == HALF else v
        w = {ONE: v, TWO: v * v}.get(self.step) or math.sqrt(v)
        for coefficient in self.coefficients:
            total = total * w + coefficient
        root, whole = {2: math.sqrt, 3: math.cbrt}.get(self.power.q), int(self.power)
        return total * (v**whole * root(v) ** int((self.power - whole) * self.power.q) if root else v ** float(self.power))


# ---------------------------------------------------------------------- where digits are lost

class Exact:
    """A row as a function of v, with the errors of doubles if asked for; None where it is no real number."""

    def __init__(self, values: Values, end: End) -> None:
        self.values, self.end = values, end
        self._known: dict[tuple[mpmath.mpf, int], mpmath.mpf | None] = {}

    def __call__(self, v: float | mpmath.mpf, errors: int = 0) -> mpmath.mpf | None:
        with mp.workprec(self.values.precision):
            key = (mp.mpf(v), errors)
            if key not in self._known:
                self._known[key] = self._found(*key)
        return self._known[key]

    def _found(self, v: mpmath.mpf, errors: int) -> mpmath.mpf | None:
        return self.values.at(self.end.point(v), errors)

    def noise(self, v: float) -> float:
        """By how much more the rounding of arguments counts here than beside a power of v."""
        return 1.0

    def exponents(self, v: float) -> dict[int, float] | None:
        """The powers of v that the sums in the row are next to, by their places."""
        with mp.workprec(self.values.precision):
            here, beside = (self.values.sums(self.end.point(mp.mpf(v) * step)) for step in (1, 1 + STEP))
        if here is None or beside is None:
            return None
        nothing = mp.mpf(2) ** (ROUNDED_AWAY - self.values.precision)
        return {index: float(mp.log(abs(beside[index] / one)) / STEP) if min(abs(one), abs(beside[index])) > nothing else 0.0
                for index, one in here.items()}


def fits(values: Values, end: End) -> list[Fit] | None:
    """The expansions that an end needs, next to it and beside that; None where one is needed and not found."""
    with ONE_AT_A_TIME:
        return _found(Exact(values, end))


def _found(exact: Exact) -> list[Fit] | None:
    if not exact.end.turned and not exact.values.may_lose(exact.end.point(mp.mpf(0))):
        return []
    loses, widest = _loses(exact), WIDEST
    if not any(loses.values()):
        loses, widest = _ends_alone(exact), AT_A_POINT
    if not any(loses.values()):
        return []
    powers = {side: _power(exact, side) for side in SIDES}
    if _changes_sign(exact, powers) and not any(differs(exact, side * exact.end.scale * BESIDE[-1], ZERO_OF_A_SUM) for side in SIDES):
        return []
    both = _fit(exact, powers[1], -1, 1, widest) if powers[1] == powers[-1] and powers[1] is not None and powers[1].is_Integer else None
    found = [both] if both is not None else [_one_sided(exact, side, powers[side], widest) for side in SIDES if loses[side]]
    known = [one for one in found if one is not None]
    return [*known, *(tile for one in known for edge in (one.low, one.high) for tile in tiles(exact, edge))] or None


def _changes_sign(exact: Exact, powers: Mapping[int, sp.Rational | None]) -> bool:
    """Whether this is a simple zero elsewhere than at 0: there a sum is as exact as its terms are."""
    if exact.end.centre == 0 or set(powers.values()) != {ONE}:
        return False
    above, below = (exact(side * exact.end.scale * BESIDE[-1]) for side in SIDES)
    return above is not None and below is not None and mp.sign(above) != mp.sign(below)


def _one_sided(exact: Exact, side: int, power: sp.Rational | None, widest: float) -> Fit | None:
    found = _fit(exact, power, min(side, 0), max(side, 0), widest) if power is not None and (side > 0 or power.is_Integer) else None
    return found or _fit_of_root(exact, side, widest)


def _loses(exact: Exact) -> dict[int, bool]:
    """Whether doubles on either side of an end are wrong."""
    real, ways = _real_sides(exact), (1, 2) if exact.end.turned else (1, 2, 3)
    wrong = {side: any(differs(exact, side * distance, exact.end.limit, ways) for distance in reversed(_beside(exact))) for side in real}
    return {side: wrong.get(side, False) or (side in real and _is_nothing_far_out(exact, side)) for side in SIDES}


def _ends_alone(exact: Exact) -> dict[int, bool]:
    """Whether doubles are nothing at an end itself where the row tends to a number, on either side."""
    if exact.end.turned or not _is_nothing(exact(0, 1)):
        return dict.fromkeys(SIDES, False)
    powers = {side: _power(exact, side) for side in _real_sides(exact)}
    return {side: (power := powers.get(side)) is not None and power >= 0 for side in SIDES}


def _real_sides(exact: Exact) -> list[int]:
    """The sides of an end on which the row is a number that doubles can hold."""
    found = {side: [exact(side * distance) for distance in _beside(exact)] for side in SIDES}
    return [side for side, values in found.items() if all(map(_is_held, values))]


def _is_held(value: mpmath.mpf | None) -> bool:
    """Whether doubles hold a number with all digits."""
    return value is not None and bool(1e-300 < abs(value) < 1e300)


def _is_nothing_far_out(exact: Exact, side: int) -> bool:
    """Whether a power has overflown, so that infinity meets infinity, where the row is a number."""
    return exact.end.turned and any(_is_nothing(exact(side * v, 1)) and _is_held(exact(side * v)) for v in FAR_OUT)


def _beside(exact: Exact) -> list[float]:
    return [distance * exact.end.scale for distance in ((*BESIDE, NEAREST) if exact.end.limit == SLIGHT_LOSS else BESIDE)]


def _is_nothing(value: mpmath.mpf | None) -> bool:
    return value is None or bool(mp.isinf(value))


def differs(exact: Exact, v: float, limit: float, errors: Sequence[int] = (1, 2)) -> bool:
    """Whether the row as doubles round it is wrong by more than a limit."""
    right, limit = exact(v), limit * exact.noise(v)
    return right is not None and any(_is_nothing(found := exact(v, one)) or abs(found - right) > limit * abs(right)  # type: ignore[operator]
                                     for one in errors)


def _power(exact: Exact, side: int, close: float = 1e-6) -> sp.Rational | None:
    """The power of |v| that a function starts with."""
    near, nearer = (exact(side * exact.end.scale * 2.0**-size) for size in (30, 31))
    if not near or not nearer or mp.isinf(near) or mp.isinf(nearer) or mp.sign(near) != mp.sign(nearer):
        return None
    found = float(mp.log(abs(near / nearer), 2))
    power = sp.Rational(round(found * SHARES), SHARES)
    return power if abs(found - float(power)) < close and abs(found) < 40 else None


# ---------------------------------------------------------------------- polynomials

def _fit(exact: Exact, power: sp.Rational, low: int, high: int, widest: float) -> Fit | None:
    """The function over v^power as a polynomial, on as wide an interval as few coefficients allow: [low, high] times a width."""
    return _widest(lambda width: _on(exact, 0.0, power, low * width, high * width), exact.end, widest)


def _widest(fit: Callable[[float], Fit | None], end: End, width: float) -> Fit | None:
    """The fit of the largest width that has one, if the smallest has."""
    narrowest = NARROWEST_FAR if end.turned else NARROWEST
    least = fit(narrowest * end.scale)
    while least is not None and width > narrowest:
        found = fit(width * end.scale)
        if found is not None:
            return found
        width /= 2
    return least


def _fit_of_root(exact: Exact, side: int, widest: float) -> Fit | None:
    """The function over |v|^power as a polynomial of the root of |v|, as near a turning point."""
    power = _power(exact, side, close=1e-3)
    return _widest(lambda width: _on_root(exact, side, power, width), exact.end, widest) if power is not None and (2 * power).is_Integer else None


def _on_root(exact: Exact, side: int, power: sp.Rational, width: float) -> Fit | None:
    found = polynomial(lambda w: exact(side * w * w), 2 * power, 0.0, math.sqrt(width))
    return _checked(exact, 0.0, min(side * width, 0.0), max(side * width, 0.0), power, HALF, found)


def tiles(exact: Exact, edge: float, most: int = MOST_TILES, widths: Sequence[float] = (1.0, 0.5)) -> Iterator[Fit]:
    """More expansions beyond the edge of one, as long as doubles lose digits there; widths in edges."""
    for _ in range(most if edge else 0):
        if not any(differs(exact, edge * beyond, SLIGHTLY) for beyond in BEYOND):
            return
        halves = (width / 2 for width in widths)
        found = next((one for half in halves if (one := _on(exact, edge * (1 + half), ZERO, -abs(edge) * half, abs(edge) * half))), None)
        if found is None:
            return
        yield found
        edge += math.copysign(found.high - found.low, edge)


def _on(exact: Exact, middle: float, power: sp.Rational, low: float, high: float) -> Fit | None:
    """The polynomial on an interval around a distance; None where it would need too many coefficients."""
    found = polynomial(lambda v: exact(v + middle), power, low, high)
    is_even = found is not None and low == -high and all(abs(c) * mp.mpf(high) ** k < EVEN * abs(found[0]) for k, c in enumerate(found) if k % 2)
    return _checked(exact, middle, low, high, power, TWO if is_even else ONE, found[::2] if found is not None and is_even else found)


def _checked(exact: Exact, middle: float, low: float, high: float, power: sp.Rational, step: sp.Rational,
             coefficients: Sequence[mpmath.mpf] | None) -> Fit | None:
    """The polynomial around a distance if it may be taken."""
    if coefficients is None:
        return None
    fit = Fit(*exact.end.halves(middle), exact.end.turned, low, high, power, step, tuple(float(c) for c in reversed(coefficients)))
    edges = [(edge, edge * TINY if middle == 0 else -edge) for edge in (low, high) if edge]
    may = all(_keeps_its_terms(exact, middle + edge, middle + other) for edge, other in edges)
    return fit if may and _is_right(fit, lambda v: exact(mp.mpf(v) + middle), 1 if middle else SIZES) else None


def _keeps_its_terms(exact: Exact, v: float, other: float) -> bool:
    """Whether the sums in a row are next to the same powers of v at two distances, or to exponentials at both."""
    found, beside = exact.exponents(v), exact.exponents(other)
    if found is None or beside is None:
        return False
    return all(abs(one - beside[index]) < SAME or min(one * (1 if beside[index] > 0 else -1), abs(beside[index])) > EXPONENTIAL
               for index, one in found.items())


def _is_right(fit: Fit, exact: Here, sizes: int) -> bool:
    """Whether doubles keep the function to 3 ulp, to 8 by a root, at points spread evenly and at points of every size."""
    for end in {fit.low, fit.high} - {0.0}:
        for v in (*(end * k / 11 for k in range(1, 12)), *(end * 2.0**-k for k in range(1, sizes))):
            right = exact(v)
            if right is None or not abs(fit.value(v) - right) <= (6 if fit.power.is_Integer and fit.step != HALF else 16) * ULP * abs(right):
                return False
    return True
