"""Expansions of rows of one input where doubles lose their digits.

Beside an end, 0, 1, -1 or infinity, a row is a power of the distance v = x - c or v = 1/x times a function P that is smooth there, although
its terms cancel, as in tan(x) - sin(x), or infinity meets infinity.  The row is computed as doubles would round it and to many digits;
where these differ P is interpolated at Chebyshev nodes.  A polynomial is taken if doubles compute it to 3 ulp at points of every size,
and if no sum in the row changes its leading term on the interval, where something narrow might hide between the nodes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import mpmath
import sympy as sp
from mpmath import mp

from symgrad.rewrite.expansions.chebyshev import Here, polynomial
from symgrad.rewrite.expansions.ends import ORIGIN, ZERO_OF_A_SUM, End
from symgrad.rewrite.expansions.losses import BESIDE, SIDES, SLIGHTLY, ULP, Continued, Exact, changes_sign, differs, ends_alone, loses, power_beside
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
TINY = 2.0**-16
EVEN = 1e-30
"""What odd powers may count where a function is even."""
SAME, ALIKE, EXPONENTIAL = 0.75, 2.6, 8.0
"""By how much the power may change to which a sum is next, how many times as large it may be, and from where on it counts as an exponential."""
ROOTS = (1, 2, 4, 8)
"""Of which the power of a turning point may be."""
SIZES = 40
"""So many halves of an interval are tried."""
BETWEEN, BEFORE = range(-3, 11), 0.75
"""Sizes of x, as powers of 2, at which rows are looked at between the ends, and where an expansion begins that is needed there."""


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

    def interval(self) -> tuple[float, float]:
        """Where it holds, as x."""
        low, high = self.centre + self.low, self.centre + self.high
        if not self.turned:
            return low, high
        return 1 / high if high > 0 else -math.inf, 1 / low if low < 0 else math.inf

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


def fits(values: Values, end: End, taken: Iterable[Fit] = ()) -> list[Fit] | None:
    """The expansions that an end needs, next to it and beside that; None where one is needed and not found."""
    with ONE_AT_A_TIME:
        return _found((Continued if end.turned else Exact)(values, end, (one.interval() for one in taken)))


def fits_between(values: Values, taken: Iterable[Fit]) -> list[Fit]:
    """Expansions between the ends, where sums cancel."""
    with ONE_AT_A_TIME:
        return [one for side in SIDES for one in _between(values, side, taken)] if values.has_differences else []


def _between(values: Values, side: int, taken: Iterable[Fit]) -> list[Fit]:
    """The same of one sign, until there is one that is needed and not found."""
    found: list[Fit] = []
    for place in (side * 2.0**size for size in BETWEEN):
        exact = Exact(values, ORIGIN, (one.interval() for one in (*taken, *found)))
        if not exact.is_taken(place) and values.cancels(mp.mpf(place)) and differs(exact, place, SLIGHTLY, (1, 2, 3)):
            more = list(tiles(exact, place * BEFORE))
            if not more:
                break
            found += more
    return found


def _found(exact: Exact) -> list[Fit] | None:
    if not exact.may_lose():
        return []
    lost, widest = loses(exact), WIDEST
    if not any(lost.values()):
        lost, widest = ends_alone(exact), AT_A_POINT
    if not any(lost.values()):
        return []
    powers = {side: power_beside(exact, side) for side in SIDES}
    is_zero = not exact.end.is_singular and changes_sign(exact, powers)
    if is_zero and not any(differs(exact, side * exact.end.scale * BESIDE[-1], ZERO_OF_A_SUM) for side in SIDES):
        return []
    both = _fit(exact, powers[1], -1, 1, widest) if powers[1] == powers[-1] and powers[1] is not None and powers[1].is_Integer else None
    found = [both] if both is not None else [_one_sided(exact, side, powers[side], widest) for side in SIDES if lost[side]]
    known = [one for one in found if one is not None]
    return [*known, *(tile for one in known for edge in (one.low, one.high) for tile in tiles(exact, edge))] or None


def _one_sided(exact: Exact, side: int, power: sp.Rational | None, widest: float) -> Fit | None:
    found = _fit(exact, power, min(side, 0), max(side, 0), widest) if power is not None and (side > 0 or power.is_Integer) else None
    return found or _fit_of_root(exact, side, widest)


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
    power = power_beside(exact, side, close=1e-3)
    return _widest(lambda width: _on_root(exact, side, power, width), exact.end, widest) if power is not None and power.q in ROOTS else None


def _on_root(exact: Exact, side: int, power: sp.Rational, width: float) -> Fit | None:
    found = polynomial(lambda w: exact(side * w * w), 2 * power, 0.0, math.sqrt(width))
    return _checked(exact, 0.0, min(side * width, 0.0), max(side * width, 0.0), power, HALF, found)


def tiles(exact: Exact, edge: float, most: int = MOST_TILES, widths: Sequence[float] = (1.0, 0.5)) -> Iterator[Fit]:
    """More expansions beyond the edge of one, as long as doubles lose digits there; widths in edges."""
    for _ in range(most if edge else 0):
        if exact.is_taken(edge * BEYOND[0]) or not any(differs(exact, edge * beyond, SLIGHTLY, (1, 2, 3)) for beyond in BEYOND):
            return
        found = next((one for width in widths if (one := tile(exact, edge, width)) is not None), None)
        if found is None:
            return
        yield found
        edge += math.copysign(found.high - found.low, edge)


def tile(exact: Exact, edge: float, width: float) -> Fit | None:
    """An expansion beyond an edge, of a width in edges."""
    half = width / 2
    return _on(exact, edge * (1 + half), ZERO, -abs(edge) * half, abs(edge) * half)


def from_end(exact: Exact, place: float) -> Fit | None:
    """An expansion from the end to a place, a whole power times a polynomial."""
    power = power_beside(exact, 1 if place > 0 else -1)
    return _on(exact, 0.0, power, min(place, 0.0), max(place, 0.0)) if power is not None and power.is_Integer else None


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
    if found is None or beside is None or found.keys() != beside.keys():
        return False
    return all(_is_alike(one, beside[index]) for index, one in found.items())


def _is_alike(one: float, other: float) -> bool:
    """Whether two powers are the same, or of one sign and of about the same size, or large: an exponential's double while v does."""
    size, beside = sorted((abs(one), abs(other)))
    return abs(one - other) < SAME or (one * other > 0 and (size > EXPONENTIAL or beside < ALIKE * size))


def _is_right(fit: Fit, exact: Here, sizes: int) -> bool:
    """Whether doubles keep the function to 3 ulp, to 8 by a root, at points spread evenly and at points of every size."""
    for end in {fit.low, fit.high} - {0.0}:
        for v in (*(end * k / 11 for k in range(1, 12)), *(end * 2.0**-k for k in range(1, sizes))):
            right = exact(v)
            if right is None or not abs(fit.value(v) - right) <= (6 if fit.power.is_Integer and fit.step != HALF else 16) * ULP * abs(right):
                return False
    return True
