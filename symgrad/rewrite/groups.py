"""Rows of several inputs that rest on one product of their powers: x = m g(t), m and t products of powers of the inputs.

So is every formula whose inputs have one dimensionless group (E. Buckingham, "On physically similar systems", Physical Review 4
(1914)).  The powers are guessed from the logarithmic slopes z_k = x_k/y dy/dx_k at a few points: in these y is a product of powers and a
function of one if the slopes of any two points differ by multiples of one vector.  Then every row must have a dimension, each input
scaled in turn, and what is found is tried at points where inputs are negative.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import mpmath
import sympy as sp
from mpmath import mp

from symgrad.graph.functions import TABLE
from symgrad.graph.graph import Graph
from symgrad.graph.lower import power
from symgrad.graph.rows import REAL, Ref, Row
from symgrad.rewrite.dimensions import dimension
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.values import ONE_AT_A_TIME, PRECISION, Values

Powers = Mapping[Ref, sp.Rational]

MOST_INPUTS = 5
POINTS = 4
"""So many points' slopes are compared."""
TRIALS = 24
LARGEST_POWER, SHARES = 6, 2
"""Powers are multiples of 1 over SHARES."""
STEP = mpmath.mpf(2) ** -140
CLOSE = mpmath.mpf(2) ** -90


class Group(NamedTuple):
    """A row as m g(t), t = pivot * others^powers and m = inputs^powers, where each input among `positive` is above 0."""

    pivot: Ref
    powers: Powers
    scale: Powers
    positive: tuple[Ref, ...]

    @property
    def is_one_input(self) -> bool:
        return not self.powers and not self.scale

    def turned(self) -> Iterator[Group]:
        """The same with each other input of t as the pivot, that stands there by itself or below the line."""
        powers = {self.pivot: ONE, **self.powers}
        for pivot, p in self.powers.items():
            if abs(p) == 1:
                share = self.scale.get(pivot, ZERO) / p
                scale = {ref: self.scale.get(ref, ZERO) - share * powers.get(ref, ZERO) for ref in {**powers, **self.scale}}
                yield Group(pivot, {ref: one / p for ref, one in powers.items() if ref != pivot},
                            {ref: one for ref, one in scale.items() if one}, self.positive)

    def argument(self, graph: Graph, beyond: sp.Expr) -> Ref:
        """t, or a number where an input is not above 0 that has to be."""
        t = _product(graph, {self.pivot: ONE, **self.powers})
        for ref in self.positive:
            t = graph.select(graph.map("gt", (ref, graph.constant(ZERO))), t, graph.constant(beyond))
        return t

    def factor(self, graph: Graph) -> Ref:
        """m."""
        return _product(graph, self.scale)


def _product(graph: Graph, powers: Powers) -> Ref:
    return look.times(graph, ONE, *(power(graph, ref, exponent) if exponent != 1 else ref for ref, exponent in powers.items()))


def group(graph: Graph, root: Ref, inputs: Sequence[Ref]) -> Group | None:
    """The row as a function of one product of powers; None where it is none, or where choices and kinks stand in the way."""
    if len(inputs) == 1:
        return Group(inputs[0], {}, {}, ())
    if len(inputs) > MOST_INPUTS or not all(_is_smooth(graph.rows[index]) for index in graph.live([root.row])):
        return None
    with ONE_AT_A_TIME, mp.workprec(PRECISION):
        found = _found(_Slopes(graph, root, inputs))
        return found if found is not None and _has_dimensions(graph, root, found) else None


def _has_dimensions(graph: Graph, root: Ref, found: Group) -> bool:
    """Whether scaling each input, and the pivot so that t stays, scales the row by a power."""
    others = {ref for ref in (*found.powers, *found.scale) if ref != found.pivot}
    return all(dimension(graph, root, {one.row: ONE, found.pivot.row: -found.powers.get(one, ZERO)}) == found.scale.get(one, ZERO)
               for one in others)


def _is_smooth(row: Row) -> bool:
    return row.kind == REAL and (row.op != "map" or (TABLE[row.payload[0]].slopes is None and row.payload[0] != "select"))


class _Slopes:
    """A row of several inputs and its logarithmic slopes."""

    def __init__(self, graph: Graph, root: Ref, inputs: Sequence[Ref]) -> None:
        self.inputs = inputs
        self._values = Values(graph, root, inputs[0], inputs[1:])

    def value(self, point: Sequence[mpmath.mpf]) -> mpmath.mpf | None:
        others = dict(zip([ref.row for ref in self.inputs[1:]], point[1:], strict=True))
        found = self._values.at(point[0], others=others)
        return found if found is not None and not mp.isinf(found) else None

    def at(self, point: Sequence[mpmath.mpf]) -> list[mpmath.mpf] | None:
        """x_k/y dy/dx_k; None where the row vanishes or is no number."""
        here = self.value(point)
        beside = [self.value([x * (1 + STEP) if m == k else x for m, x in enumerate(point)]) for k in range(len(point))] if here else [None]
        return [(one / here - 1) / STEP for one in beside] if None not in beside else None  # type: ignore[operator]


def _places(count: int, signs: Sequence[int] = ()) -> Iterator[list[mpmath.mpf]]:
    """Points whose coordinates have different sizes, the same on every machine; those that `signs` names are negative."""
    for k in range(1, TRIALS):
        shares = [(k * (0.754877666 + 0.184160 * m) + 0.137 * m) % 1 for m in range(count)]
        yield [mp.mpf(round(2**20 * 10 ** (2.4 * share - 1.2))) / 2**20 * (-1 if m in signs else 1) for m, share in enumerate(shares)]


def _found(slopes: _Slopes) -> Group | None:
    found: list[list[mpmath.mpf]] = []
    largest, place = None, None
    for point in _places(len(slopes.inputs)):
        here = slopes.at(point)
        if here is None:
            continue
        found.append(here)
        difference = [a - b for a, b in zip(here, found[0], strict=True)]
        if largest is None or place is None:
            largest, place = difference, _pivot(difference)
        elif not _is_multiple(difference, largest, place):
            return None
        if len(found) == POINTS:
            break
    if len(found) < POINTS or largest is None or place is None:
        return None
    powers = [_rational(one / largest[place]) for one in largest]
    if None in powers:
        return None
    scale = [_rational(z - found[0][place] * p.p / p.q) for z, p in zip(found[0], powers, strict=True)]  # type: ignore[union-attr]
    return None if None in scale else _checked(slopes, place, powers, scale)  # type: ignore[arg-type]


def _pivot(vector: Sequence[mpmath.mpf]) -> int | None:
    """Where the vector is least: the others are whole multiples then, if they can."""
    size = max(map(abs, vector))
    if size < CLOSE:
        return None
    return min((k for k, one in enumerate(vector) if abs(one) > CLOSE * size), key=lambda k: (round(float(abs(vector[k])), 9), k))


def _is_multiple(one: Sequence[mpmath.mpf], other: Sequence[mpmath.mpf], place: int) -> bool:
    share, size = one[place] / other[place], max(map(abs, other))
    return all(abs(a - share * b) < CLOSE * size for a, b in zip(one, other, strict=True))


def _rational(value: mpmath.mpf) -> sp.Rational | None:
    found = sp.Rational(int(mp.nint(value * SHARES)), SHARES)
    return found if abs(value - mp.mpf(found.p) / found.q) < CLOSE and abs(found) <= LARGEST_POWER else None


def _checked(slopes: _Slopes, place: int, powers: Sequence[sp.Rational], scale: Sequence[sp.Rational]) -> Group | None:
    """The group if it holds at other points, and what has to be above 0 since it does not hold for both signs."""
    inputs = slopes.inputs
    if not _holds(slopes, place, powers, scale, ()):
        return None
    needed = [k for k in range(len(inputs)) if powers[k] or scale[k]]
    positive = tuple(inputs[k] for k in needed if not _holds(slopes, place, powers, scale, (k,)))
    return Group(inputs[place], {ref: p for k, (ref, p) in enumerate(zip(inputs, powers, strict=True)) if p and k != place},
                 {ref: p for ref, p in zip(inputs, scale, strict=True) if p}, positive)


def _holds(slopes: _Slopes, place: int, powers: Sequence[sp.Rational], scale: Sequence[sp.Rational], negative: Sequence[int]) -> bool:
    """Whether m g(t) is the row at points where some inputs are negative; roots of these are not taken."""
    if any(one[k].q != 1 for k in negative for one in (powers, scale)):
        return False
    compared = 0
    for point in _places(len(powers), negative):
        t, m = _raised(point, powers), _raised(point, scale)
        here, there = slopes.value(point), slopes.value([t if k == place else mp.mpf(1) for k in range(len(point))])
        if (here is None) != (there is None) or (here is not None and there is not None and abs(here - m * there) > CLOSE * abs(here)):
            return False
        compared += here is not None
        if compared == POINTS:
            return True
    return False


def _raised(point: Sequence[mpmath.mpf], powers: Sequence[sp.Rational]) -> mpmath.mpf:
    return mp.fprod(x ** (mp.mpf(p.p) / p.q) if p.q > 1 else x ** int(p) for x, p in zip(point, powers, strict=True))
