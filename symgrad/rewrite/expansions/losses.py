"""Where rows of one input lose their digits: computed as doubles would round them, and to many digits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

import mpmath
import sympy as sp
from mpmath import mp

from symgrad.rewrite.expansions.ends import INFINITY, SLIGHT_LOSS, End
from symgrad.rewrite.expansions.values import ONE_AT_A_TIME, Values
from symgrad.rewrite.rules.look import ONE

ULP = 2.0**-53
SLIGHTLY = 10 * ULP
"""A loss that is seen where an expansion ends."""
SHARES = 24
"""Powers are multiples of 1 over this."""
STEP = 2.0**-20
"""The relative step of slopes."""
FAR_OUT = (1e-31, 1e-75)
SIDES = (1, -1)
FARTHEST = tuple(side * mpmath.mpf(2) ** 54 for side in SIDES)
"""Where an expansion at infinity is looked at last."""
FARTHER, CONFIRM = range(6, 32), 2
"""Sizes of x, as powers of 2, at which it is looked for the last one where a row has digits, and so many that have to agree."""
BESIDE, NEAREST = (1.05e-3, 9.7e-7), 1.1e-12
"""Distances at which rows are computed to see whether they lose digits; a root loses half of them."""


class Exact:
    """A row as a function of v, with the errors of doubles if asked for; None where it is no real number.

    taken: intervals of x on which it is written as something else.
    """

    def __init__(self, values: Values, end: End, taken: Iterable[tuple[float, float]] = ()) -> None:
        self.values, self.end, self._taken = values, end, [*taken]
        self._known: dict[tuple[mpmath.mpf, int], mpmath.mpf | None] = {}

    def __call__(self, v: float | mpmath.mpf, errors: int = 0) -> mpmath.mpf | None:
        with mp.workprec(self.values.precision):
            key = (mp.mpf(v), errors)
            if key not in self._known:
                self._known[key] = self._found(*key)
        return self._known[key]

    def _found(self, v: mpmath.mpf, errors: int) -> mpmath.mpf | None:
        return self.values.at(self.end.point(v), errors)

    def may_lose(self) -> bool:
        """Whether a row may lose digits beside the end: anything may far out."""
        with mp.workprec(self.values.precision):
            return self.end.turned or self.end.is_singular or self.values.may_lose(self.end.point(mp.mpf(0)))

    def cancels(self, v: float, much: int) -> bool:
        """Whether a sum is so many times smaller here than its largest term."""
        with mp.workprec(self.values.precision):
            return self.values.cancels(self.end.point(mp.mpf(v)), much)

    def is_taken(self, v: float) -> bool:
        """Whether it is written as something else here."""
        x = float(self.end.point(mp.mpf(v)))
        return any(low <= x <= high for low, high in self._taken)

    def exponents(self, v: float | mpmath.mpf) -> dict[int, float] | None:
        """The powers of v that the sums in the row are next to, by their places."""
        with mp.workprec(self.values.precision):
            here, beside = (self.values.sums(self.end.point(mp.mpf(v) * step)) for step in (1, 1 + STEP))
        if here is None or beside is None:
            return None
        return {index: float(mp.log(abs(beside[index] / one)) / STEP) if one and beside.get(index) else 0.0 for index, one in here.items()}


class Continued(Exact):
    """A row far out; where it has no digits left, but was a power of x to all of them before, it goes on as that."""

    def __init__(self, values: Values, end: End, taken: Iterable[tuple[float, float]] = ()) -> None:
        super().__init__(values, end, taken)
        self._last = {side: _last_power(Exact(values, end), side) for side in SIDES}

    def _found(self, v: mpmath.mpf, errors: int) -> mpmath.mpf | None:
        last = self._beyond(v) if not errors else None
        if last is None:
            return super()._found(v, errors)
        place, value, power = last
        return value * (v / place) ** power

    def exponents(self, v: float | mpmath.mpf) -> dict[int, float] | None:
        last = self._beyond(v)
        return super().exponents(v if last is None else last[0])

    def _beyond(self, v: float | mpmath.mpf) -> tuple[mpmath.mpf, mpmath.mpf, int] | None:
        """The last place where v lies beyond it."""
        last = self._last[1 if v > 0 else -1] if v else None
        return last if last is not None and abs(v) < abs(last[0]) else None


def _last_power(exact: Exact, side: int) -> tuple[mpmath.mpf, mpmath.mpf, int] | None:
    """The last place at which a row is a power, its value there, and the power of v; None where it is a number farther out."""
    places = [side * mp.mpf(2) ** -size for size in FARTHER]
    farthest = exact(places[-1])
    if farthest and not mp.isinf(farthest):
        return None
    values = [value for value in takewhile(is_held, map(exact, places)) if value is not None]
    if len(values) <= CONFIRM:
        return None
    with mp.workprec(exact.values.precision):
        *before, last = values[-CONFIRM - 1:-1]  # the last of all may have lost digits
        power = int(mp.nint(mp.log(abs(before[-1] / last), 2)))
        is_power = all(abs(value / last - mp.mpf(2) ** (power * k)) < ULP**2 for k, value in enumerate(reversed(before), 1))
    return (places[len(values) - 2], last, power) if is_power else None


def loses(exact: Exact) -> dict[int, bool]:
    """Whether doubles on either side of an end are wrong."""
    real, ways = _real_sides(exact), (1, 2) if exact.end.turned else (1, 2, 3)
    wrong = {side: any(differs(exact, side * distance, exact.end.limit, ways) for distance in reversed(_beside(exact))) for side in real}
    return {side: wrong.get(side, False) or (side in real and _is_nothing_far_out(exact, side)) for side in SIDES}


def ends_alone(exact: Exact) -> dict[int, bool]:
    """Whether doubles are nothing at an end itself where the row tends to a number, on either side."""
    if exact.end.turned or not _is_nothing(exact(0, 1)):
        return dict.fromkeys(SIDES, False)
    powers = {side: power_beside(exact, side) for side in _real_sides(exact)}
    return {side: (power := powers.get(side)) is not None and power >= 0 for side in SIDES}


def _real_sides(exact: Exact) -> list[int]:
    """The sides of an end on which the row is a number that doubles can hold."""
    found = {side: [exact(side * distance) for distance in _beside(exact)] for side in SIDES}
    return [side for side, values in found.items() if all(map(is_held, values))]


def is_held(value: mpmath.mpf | None) -> bool:
    """Whether doubles hold a number with all digits."""
    return value is not None and bool(1e-300 < abs(value) < 1e300)


def _is_nothing_far_out(exact: Exact, side: int) -> bool:
    """Whether a power has overflown, so that infinity meets infinity, where the row is a number."""
    return exact.end.turned and any(_is_nothing(exact(side * v, 1)) and is_held(exact(side * v)) for v in FAR_OUT)


def _beside(exact: Exact) -> list[float]:
    return [distance * exact.end.scale for distance in ((*BESIDE, NEAREST) if exact.end.limit == SLIGHT_LOSS else BESIDE)]


def _is_nothing(value: mpmath.mpf | None) -> bool:
    return value is None or bool(mp.isinf(value))


def differs(exact: Exact, v: float, limit: float, errors: Sequence[int] = (1, 2)) -> bool:
    """Whether the row as doubles round it is wrong by more than a limit."""
    right = exact(v)
    return right is not None and any(_is_nothing(found := exact(v, one)) or abs(found - right) > limit * abs(right)  # type: ignore[operator]
                                     for one in errors)


def power_beside(exact: Exact, side: int, close: float = 1e-6) -> sp.Rational | None:
    """The power of |v| that a function starts with."""
    near, nearer = (exact(side * exact.end.scale * 2.0**-size) for size in (30, 31))
    if not near or not nearer or mp.isinf(near) or mp.isinf(nearer) or mp.sign(near) != mp.sign(nearer):
        return None
    found = float(mp.log(abs(near / nearer), 2))
    power = sp.Rational(round(found * SHARES), SHARES)
    return power if abs(found - float(power)) < close and abs(found) < 40 else None


def changes_sign(exact: Exact, powers: Mapping[int, sp.Rational | None]) -> bool:
    """Whether this is a simple zero elsewhere than at 0, also for doubles: there a sum is as exact as its terms are."""
    if exact.end.centre == 0 or set(powers.values()) != {ONE} or _is_nothing(exact(0, 1)):
        return False
    above, below = (exact(side * exact.end.scale * BESIDE[-1]) for side in SIDES)
    return above is not None and below is not None and mp.sign(above) != mp.sign(below)


def without_digits(values: Values, end: End = INFINITY) -> list[mpmath.mpf]:
    """Where a row may have no digits left beside an end, as 1 - tanh(x) far out: it is no number, or a sum in it is 0."""
    with ONE_AT_A_TIME:
        return [x for side in SIDES if not is_held(values.at(x := end.point(side * end.scale * mp.mpf(BESIDE[0])))) or values.lost(x)]


def agree(values: Values, others: Values, places: Iterable[mpmath.mpf]) -> bool:
    """Whether a row has the same values with more digits, where it has any then."""
    with ONE_AT_A_TIME:
        return all(_is_same(values.at(x), more) for x in places if (more := others.at(x)) is not None)


def _is_same(one: mpmath.mpf | None, other: mpmath.mpf) -> bool:
    return one is not None and abs(one - other) <= ULP * abs(other)
